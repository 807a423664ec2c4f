package client_test

import (
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
)

// A one-time code is good for a day; afterwards the desk is told that it is of no use any more.
func TestAnExpiredCodeIsTold(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := connect(t, db, "postgres"), db.Client(t, "clerk.cam")
	password := func() *client.PasswordState {
		t.Helper()
		shown, err := clerk.ShowPatron(t.Context(), client.Why{}, sample.CardLongHistory, client.ShowOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return shown.Password
	}
	if p := password(); p.State != "own" || p.Expired || p.ExpiresAt != nil {
		t.Errorf("before: %s", text(t, p))
	}
	if _, err := clerk.ResetPassword(t.Context(), client.Why{}, sample.CardLongHistory); err != nil {
		t.Fatal(err)
	}
	for _, later := range []struct {
		by      string
		expired bool
	}{{"0", false}, {"23 hours", false}, {"2 hours", true}} {
		super.must("UPDATE patronctl.installation SET clock_offset = clock_offset + interval '%s'", later.by)
		if p := password(); p.State != "one_time" || p.Expired != later.expired || p.ExpiresAt == nil {
			t.Errorf("%s later: %s", later.by, text(t, p))
		}
	}
	if _, err := clerk.ResetPassword(t.Context(), client.Why{}, sample.CardLongHistory); err != nil {
		t.Fatal(err)
	}
	if p := password(); p.Expired {
		t.Errorf("a new code: %s", text(t, p))
	}
}
