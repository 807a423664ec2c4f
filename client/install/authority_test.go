package install_test

import (
	"testing"

	"patronctl/client"
	"patronctl/client/install"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/people"
)

func TestAddingAnAuthority(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, owner := pgtest.Connect(t, db, "postgres"), db.Client(t, "library")
	before := super.Must("SELECT count(*) FROM pg_class WHERE relnamespace = 'lms'::regnamespace")
	for _, bad := range []install.Authority{
		{Code: "ABC", Name: "Abbey", Currency: "GBP", TimeZone: "BST"}, // knows no winter
		{Code: "ABC", Name: "Abbey", Currency: "GBP", TimeZone: "Europe/Atlantis"},
		{Code: "ABC", Name: "Abbey", Currency: "GBP", TimeZone: ""},
		{Code: "ABC", Name: "", Currency: "GBP", TimeZone: "Europe/London"},
		{Code: "ABC", Name: " \t", Currency: "GBP", TimeZone: "Europe/London"},
		{Code: "ABC", Name: "Abbey", Currency: "gbp", TimeZone: "Europe/London"},
		{Code: "abc", Name: "Abbey", Currency: "GBP", TimeZone: "Europe/London"},
		{Code: "", Name: "Abbey", Currency: "GBP", TimeZone: "Europe/London"},
	} {
		err := install.AddAuthority(t.Context(), owner, bad)
		if pgtest.Kind(err) != client.KindUsage {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if after := super.Must("SELECT count(*) FROM pg_class WHERE relnamespace = 'lms'::regnamespace"); after != before {
		t.Error("a refused authority left a relation behind")
	}
	// Codes that are words of the tables, and one as long as may be.
	for _, code := range []string{"EMAIL", "PHONE", "PKEY", "DEFAULT", "ABCDEFGHIJKLMNOP"} {
		if err := install.AddAuthority(t.Context(), owner,
			install.Authority{Code: code, Name: "Abbey", Currency: "GBP", TimeZone: "Europe/London"}); err != nil {
			t.Errorf("%s: %v", code, err)
		}
		super.Must("INSERT INTO lms.branch VALUES ('%[1]s-1', '%[1]s', 'One')", code)
		super.Patron(code, "card"+code, "Newmember", code, "")
	}
	err := install.AddAuthority(t.Context(), owner, install.Authority{Code: "CAM", Name: "Again", Currency: "GBP", TimeZone: "Europe/London"})
	pgtest.OfKind(t, err, client.KindRefused)
	found, err := people.Find(t.Context(), db.Client(t, "clerk.cam"), client.Why{}, people.FindQuery{Words: []string{"newmember"}})
	if err != nil || len(found) != 5 {
		t.Errorf("patrons of the new authorities: %s, %v", pgtest.Text(t, found), err)
	}
}
