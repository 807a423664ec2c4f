package people_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/exchange"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
	"patronctl/client/people"
)

// finds are words and the patrons they lead to, in any order; some are added by TestFinding.
var finds = []struct{ words, patrons string }{
	{sample.CardLongHistory, "36"},
	{sample.CardLongHistory + " 2006-01-15", "36"},
	{"2006-01-15 " + sample.CardLongHistory, "36"},
	{sample.CardLongHistory + " 2006-01-16", ""},
	{sample.CardLongHistory + " bookworm", "36"},
	{sample.CardLongHistory + " farrow", ""},
	{"  " + sample.CardLongHistory + "\r", "36"},
	{"farrow   owen\r\n", "14"},
	{"\tOWEN\tFarrow", "14"},
	{"cisarova zofia", "31"},
	{"Císařová Žofia", "31"},
	{"watanabe", "2"},
	{"obrien aoife", "26"},
	{"O’Brien Aoife", "26"},
	{"ng wai", "24"},
	{"featherstone-haugh", "27"},
	{"haugh featherstone", "27"},
	{"reader14@example.org", "14"},
	{"READER14@Example.org farrow", "14"},
	{"peta@example.org", "9001"}, // not the preferred one
	{"+44 20 7946 0958", "9001"},
	{"020 7946 0958", "9001"},
	{"(020) 7946-0958", "9001"},
	{"02079460958", "9001"},
	{"020 7946 0959", ""},
	{"Le-Zzyzxbury", "9002"},
	{"zzyzxbury le", "9002"},
	{"zzyzx", "9002"},
	{"quo frobnicat", "9003"}, // words that begin so are many, and this one is longest
	{"frobnicate quo", "9003"},
	{"zzyzxburry", "9002"},      // a letter too many
	{"zzyxzbury", "9002"},       // swapped
	{"zyzxbury le", "9002"},     // one missing, beside another part
	{"frobnicste quox", "9003"}, // one wrong, beside another part
	{"frobbnicatte", "9003"},    // two slips
	{"qxy", "9004"},             // too short to be similar
	{"bokworm matilda", "36"},
	{"2099-99-99 bookworm", ""}, // no day, and no name either
}

func TestFinding(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), db.Client(t, "clerk.cam")
	known := map[string]string{
		"9001": super.Patron("KEN", "77000001", "Phonely", "Peta", ""),
		"9002": super.Patron("CAM", "77000002", "Le-Zzyzxbury", "Zoltan", ""),
		"9003": super.Patron("PBK", "77000003", "Quoxalotandmuchlonger", "Frobnicate", ""),
		"9004": super.Patron("CAM", "77000004", "Qyx", "Ed", ""),
	}
	super.Must(`
		UPDATE lms.identity SET phones = '{0100 1,+44 (0)20 7946 0958}', emails = '{p@example.org,Peta@Example.org}'
		WHERE patron = %s`, known["9001"])
	for n := range 60 {
		super.Patron("KEN", fmt.Sprint("7800", n), fmt.Sprintf("Quo%c%c", 'a'+n/26, 'a'+n%26), "Other", "")
	}
	for _, test := range finds {
		found, err := people.Find(t.Context(), clerk, client.Why{}, people.FindQuery{Words: strings.Split(test.words, " ")})
		var got []string
		for _, p := range found {
			got = append(got, fmt.Sprint(p.Patron))
		}
		want := test.patrons
		if number, ok := known[want]; ok {
			want = number
		}
		if strings.Join(got, " ") != want || want == "" && pgtest.Kind(err) != client.KindNotFound || want != "" && err != nil {
			t.Errorf("%q: %s, %v, want %s", test.words, got, err, want)
		}
	}
}

func TestFindingAtAnAuthority(t *testing.T) {
	t.Parallel()
	clerk := pgtest.New(t).Client(t, "clerk.cam")
	for authority, want := range map[string]int{"": 2, "CAM": 1, "KEN": 1} {
		found, err := people.Find(t.Context(), clerk, client.Why{},
			people.FindQuery{Words: []string{"ellison", "margaret"}, Authority: authority})
		if err != nil || len(found) != want || authority != "" && found[0].Authority != authority {
			t.Errorf("%q: %s, %v", authority, pgtest.Text(t, found), err)
		}
	}
	for authority, want := range map[string]client.Kind{"PBK": client.KindNotFound, "XYZ": client.KindUsage, "cam": client.KindUsage} {
		_, err := people.Find(t.Context(), clerk, client.Why{}, people.FindQuery{Words: []string{"ellison", "margaret"}, Authority: authority})
		if pgtest.Kind(err) != want || want == client.KindUsage && !strings.Contains(err.Error(), "CAM, KEN, PBK") {
			t.Errorf("%q: %v", authority, err)
		}
	}
}

// Whatever is done to one patron says the same about a reference that leads to none, or to several.
func TestReferences(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	c, why := db.Client(t, "officer.cam"), client.Why{Reason: "ticket 4711"}
	verbs := map[string]func(ref string) error{
		"patron show": func(ref string) error {
			_, err := people.Show(t.Context(), c, why, ref, people.ShowOptions{})
			return err
		},
		"password reset": func(ref string) error {
			_, err := people.ResetPassword(t.Context(), c, why, ref)
			return err
		},
		"before a reset": func(ref string) error {
			_, err := people.PreviewReset(t.Context(), c, why, ref)
			return err
		},
		"history show": func(ref string) error {
			_, _, err := people.ShowHistory(t.Context(), c, why, ref)
			return err
		},
		"history anonymize": func(ref string) error {
			_, err := people.AnonymizeHistory(t.Context(), c, why, ref, people.AnonymizeOptions{Before: pgtest.Date(t, "1990-01-01")})
			return err
		},
		"export": func(ref string) error {
			_, err := exchange.Open(t.Context(), c, why, ref, exchange.Portability)
			return err
		},
	}
	for _, test := range []struct {
		ref           string
		kind          client.Kind
		message, hint string
	}{
		{"99999999", client.KindNotFound, "no such patron", "patron find"},
		{"qqqqqqq", client.KindNotFound, "no such patron", "patron find"},
		{"id:999999", client.KindNotFound, "no such patron", "patron find"},
		{"id:999999999999999999", client.KindNotFound, "no such patron", "patron find"},
		{strings.Repeat("9", 400), client.KindNotFound, "no such patron", "patron find"},
		{"ellison margaret", client.KindNotFound, "several people match; name one by card number or id:N", ""},
		{"id:", client.KindUsage, "not a patron: write a card number, id:123, or a name", ""},
		{"id:abc", client.KindUsage, "not a patron: write a card number, id:123, or a name", ""},
		{"id: 36", client.KindUsage, "not a patron: write a card number, id:123, or a name", ""},
		{"id:-36", client.KindUsage, "not a patron: write a card number, id:123, or a name", ""},
		{"id:9223372036854775808", client.KindUsage, "not a patron: write a card number, id:123, or a name", ""},
		{"", client.KindUsage, "not a patron: write a card number, id:123, or a name", ""},
		{" \r\n", client.KindUsage, "not a patron: write a card number, id:123, or a name", ""},
	} {
		for verb, try := range verbs {
			err := try(test.ref)
			var known *client.Error
			if !errors.As(err, &known) || known.Kind != test.kind || known.Message != test.message || !strings.Contains(known.Hint, test.hint) {
				t.Errorf("%s %.40q: %+v, %v", verb, test.ref, known, err)
			}
		}
	}
	for _, ref := range []string{
		"36", "id:36", "ID:36", "Id:036", " id:36\r\n", sample.CardLongHistory, "\t" + sample.CardLongHistory + "\r",
		"matilda  bookworm",
	} {
		shown, err := people.Show(t.Context(), c, why, ref, people.ShowOptions{})
		if ref == "36" { // a card number, which nobody has
			if err == nil {
				t.Errorf("%q shows %d", ref, shown.Patron)
			}
		} else if err != nil || shown.Patron != 36 {
			t.Errorf("%q: %v", ref, err)
		}
	}
}

// A check of debts takes nobody for an answer, but not several, nor what is no reference.
func TestCheckingNobody(t *testing.T) {
	t.Parallel()
	clerk := pgtest.New(t).Client(t, "clerk.cam")
	for _, ref := range []string{"99999999", "id:999999", "qqqqqqq"} {
		check, err := people.CheckDebt(t.Context(), clerk, client.Why{}, ref, true)
		if err != nil || check.Verdict != people.NotFound || check.Input != ref || check.Patron != 0 || check.Debts == nil ||
			check.Reasons == nil {
			t.Errorf("%s: %s, %v", ref, pgtest.Text(t, check), err)
		}
	}
	for ref, want := range map[string]client.Kind{"ellison margaret": client.KindNotFound, "id:abc": client.KindUsage, "": client.KindUsage} {
		if _, err := people.CheckDebt(t.Context(), clerk, client.Why{}, ref, true); pgtest.Kind(err) != want {
			t.Errorf("%q: %v, want %s", ref, err, want)
		}
	}
	_, err := people.ShowItem(t.Context(), clerk, client.Why{}, "999", false)
	if pgtest.Kind(err) != client.KindNotFound || err.Error() != "no such item" {
		t.Errorf("an unknown barcode: %v", err)
	}
	_, err = people.Find(t.Context(), clerk, client.Why{}, people.FindQuery{Words: []string{"qqqqqqq"}})
	if pgtest.Kind(err) != client.KindNotFound || err.Error() != "nobody found" {
		t.Errorf("an unknown name: %v", err)
	}
}
