package people_test

import (
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
	"patronctl/client/people"
)

// 0001-01-01 is how programs write that there is no day. Taken for one, it would stand for today, or for no limit.
func TestNoDayIsNotADay(t *testing.T) {
	t.Parallel()
	for _, said := range []string{"0001-01-01", "", "infinity", "-infinity", "2026-02-30", "31.1.2026", "Today"} {
		if day, err := client.ParseDate(said); err == nil {
			t.Errorf("%q is read as %+v", said, day)
		}
	}
	for _, said := range []string{"0001-01-02", "1900-01-01", "9999-12-31", "today"} {
		if day, err := client.ParseDate(said); err != nil || day.String() != said {
			t.Errorf("%q is read as %q, %v", said, day, err)
		}
	}
	clerk := pgtest.New(t).Client(t, "clerk.cam")
	_, err := people.AnonymizeHistory(t.Context(), clerk, client.Why{}, sample.CardLongHistory, people.AnonymizeOptions{})
	pgtest.OfKind(t, err, client.KindUsage)
}

// An argument that is missing must not be taken for a yes, a no or a day. The number can be used afterwards, once.
func TestAnonymizingNeedsEveryArgument(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "clerk.cam")
	before := contents(super)
	id := clerk.Open("history anonymize", pgtest.Bookworm)
	whole := []string{"'infinity'", "FALSE", "FALSE", "FALSE"}
	for n := range whole {
		lacking := append([]string{}, whole...)
		lacking[n] = "NULL"
		if _, err := clerk.Run("SELECT desk.anonymize_history(%s, %s)", id, strings.Join(lacking, ", ")); pgtest.Code(err) != "LB400" {
			t.Errorf("with %s: %v", lacking, err)
		}
	}
	if after := contents(super); after != before {
		t.Error("a call without all arguments wrote something")
	}
	call := "SELECT desk.anonymize_history(%s, " + strings.Join(whole, ", ") + ")"
	if outcome := clerk.Must(call, id); !strings.Contains(outcome, `"before": "`+pgtest.Day+`"`) || strings.Contains(outcome, `"loans": 0`) {
		t.Errorf("before infinity: %s", outcome)
	}
	_, err := clerk.Run(call, id)
	pgtest.Refused(t, "anonymizing again with the same number", err)
	_, err = clerk.Run("SELECT desk.anonymize_history(%s, 'infinity', FALSE, FALSE, NULL)", id)
	if err == nil {
		t.Error("a used number works without saying whether it is a dry run")
	}
}
