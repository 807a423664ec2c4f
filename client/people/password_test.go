package people_test

import (
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
	"patronctl/client/people"
)

// A one-time code is good for a day; afterwards the desk is told that it is of no use any more.
func TestAnExpiredCodeIsTold(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), db.Client(t, "clerk.cam")
	password := func() *people.PasswordState {
		t.Helper()
		shown, err := people.Show(t.Context(), clerk, client.Why{}, sample.CardLongHistory, people.ShowOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return shown.Password
	}
	if p := password(); p.State != "own" || p.Expired || p.ExpiresAt != nil {
		t.Errorf("before: %s", pgtest.Text(t, p))
	}
	if _, err := people.ResetPassword(t.Context(), clerk, client.Why{}, sample.CardLongHistory); err != nil {
		t.Fatal(err)
	}
	for _, later := range []struct {
		by      string
		expired bool
	}{{"0", false}, {"23 hours", false}, {"2 hours", true}} {
		super.Must("UPDATE patronctl.installation SET clock_offset = clock_offset + interval '%s'", later.by)
		if p := password(); p.State != "one_time" || p.Expired != later.expired || p.ExpiresAt == nil {
			t.Errorf("%s later: %s", later.by, pgtest.Text(t, p))
		}
	}
	if _, err := people.ResetPassword(t.Context(), clerk, client.Why{}, sample.CardLongHistory); err != nil {
		t.Fatal(err)
	}
	if p := password(); p.Expired {
		t.Errorf("a new code: %s", pgtest.Text(t, p))
	}
}
