package client_test

import (
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
)

func TestAddingAnAuthority(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, owner := connect(t, db, "postgres"), db.Client(t, "library")
	before := super.must("SELECT count(*) FROM pg_class WHERE relnamespace = 'lms'::regnamespace")
	for _, bad := range []client.Authority{
		{Code: "ABC", Name: "Abbey", Currency: "GBP", TimeZone: "BST"}, // knows no winter
		{Code: "ABC", Name: "Abbey", Currency: "GBP", TimeZone: "Europe/Atlantis"},
		{Code: "ABC", Name: "Abbey", Currency: "GBP", TimeZone: ""},
		{Code: "ABC", Name: "", Currency: "GBP", TimeZone: "Europe/London"},
		{Code: "ABC", Name: " \t", Currency: "GBP", TimeZone: "Europe/London"},
		{Code: "ABC", Name: "Abbey", Currency: "gbp", TimeZone: "Europe/London"},
		{Code: "abc", Name: "Abbey", Currency: "GBP", TimeZone: "Europe/London"},
		{Code: "", Name: "Abbey", Currency: "GBP", TimeZone: "Europe/London"},
	} {
		err := owner.AddAuthority(t.Context(), bad)
		if kind(err) != client.KindUsage {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if after := super.must("SELECT count(*) FROM pg_class WHERE relnamespace = 'lms'::regnamespace"); after != before {
		t.Error("a refused authority left a relation behind")
	}
	// Codes that are words of the tables, and one as long as may be.
	for _, code := range []string{"EMAIL", "PHONE", "PKEY", "DEFAULT", "ABCDEFGHIJKLMNOP"} {
		if err := owner.AddAuthority(t.Context(), client.Authority{Code: code, Name: "Abbey", Currency: "GBP", TimeZone: "Europe/London"}); err != nil {
			t.Errorf("%s: %v", code, err)
		}
		super.must("INSERT INTO lms.branch VALUES ('%[1]s-1', '%[1]s', 'One')", code)
		super.patron(code, "card"+code, "Newmember", code, "")
	}
	err := owner.AddAuthority(t.Context(), client.Authority{Code: "CAM", Name: "Again", Currency: "GBP", TimeZone: "Europe/London"})
	ofKind(t, err, client.KindRefused)
	found, err := db.Client(t, "clerk.cam").FindPatrons(t.Context(), client.Why{}, client.FindQuery{Words: []string{"newmember"}})
	if err != nil || len(found) != 5 {
		t.Errorf("patrons of the new authorities: %s, %v", text(t, found), err)
	}
}
