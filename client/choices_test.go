package client_test

import (
	"slices"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
	"patronctl/client/people"
)

func TestChoices(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), db.Client(t, "clerk.cam")
	ctx, why, yes, no := t.Context(), client.Why{}, true, false
	state := `
		SELECT concat_ws('|', p.keeps_history, i.language)
		FROM lms.patron AS p JOIN lms.identity AS i ON i.patron = p.id
		WHERE p.id = 14`
	for _, test := range []struct {
		keeps    *bool
		language string
		want     string
	}{
		{&yes, "-", "t|en"},
		{nil, "cy", "t|cy"},
		{&no, "-", "f|cy"},
		{&yes, " Zh-Hant ", "t|zh-hant"},
		{nil, "", "t"},
	} {
		var language *string
		if test.language != "-" {
			language = &test.language
		}
		set, err := people.SetChoices(ctx, clerk, why, "id:14", test.keeps, language)
		got := super.Must("%s", state)
		if err != nil || got != test.want || set.KeepsHistory != strings.HasPrefix(got, "t") {
			t.Errorf("%v %q: %s, want %s (%v)", test.keeps, test.language, got, test.want, err)
		}
	}
	for _, bad := range []string{"Welsh, mostly", "e", "en_GB", "en-", "en\x1b"} {
		if _, err := people.SetChoices(ctx, clerk, why, "id:14", nil, &bad); pgtest.Kind(err) != client.KindUsage {
			t.Errorf("%q: %v", bad, err)
		}
	}
	_, err := people.SetChoices(ctx, clerk, why, "id:14", nil, nil)
	pgtest.OfKind(t, err, client.KindUsage)
	super.Must("SELECT lms.erase_patrons('{14}')")
	_, err = people.SetChoices(ctx, clerk, why, "id:14", &yes, nil)
	pgtest.OfKind(t, err, client.KindRefused)
	_, err = people.SetSpecial(ctx, clerk, why, "id:14", people.SpecialChange{Faith: &[]string{"x"}[0]})
	pgtest.OfKind(t, err, client.KindRefused)
	given := people.Consent{Purpose: "marketing", Channel: "email", Wording: "mk-1", Source: "desk"}
	_, err = people.GiveConsent(ctx, clerk, why, "id:14", "", given)
	pgtest.OfKind(t, err, client.KindRefused)
	_, err = people.PlaceBlock(ctx, clerk, why, "id:14", "", "warn", "conduct")
	pgtest.OfKind(t, err, client.KindRefused)
}

// Special categories go in by any desk at home, and come out to an officer at home with a reason, and in that person's own
// copy: nowhere else, whoever asks whatever.
func TestSpecialCategoriesAreNowhere(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk, officer := pgtest.Connect(t, db, "postgres"), db.Client(t, "clerk.cam"), db.Client(t, "officer.cam")
	ctx, why := t.Context(), client.Why{Reason: "ticket 4711"}
	words := []string{"qzxfaith", "qzxsexuality", "qzxdisability", "qzxorigin"}
	all := people.SpecialChange{Faith: &words[0], Sexuality: &words[1], Disability: &words[2], EthnicOrigin: &words[3]}
	for _, patron := range []string{"id:36", "id:14"} {
		if set, err := people.SetSpecial(ctx, clerk, why, patron, all); err != nil || set.Fields != 4 {
			t.Fatal(set, err)
		}
	}
	special := map[string]bool{"patron show special": true, "export": true}
	exported := officerSpecial(t, officer)
	if exported != "qzxfaith qzxsexuality qzxdisability qzxorigin" {
		t.Errorf("an officer reads %s", exported)
	}

	logins := []string{"support", "admin", "job", "auditor", "opac"}
	for _, role := range []string{"clerk", "supervisor", "officer"} {
		logins = append(logins, role+".cam", role+".ken", role+".pbk")
	}
	answers := 0
	for _, login := range logins {
		staff := pgtest.Connect(t, db, login)
		for _, op := range operations {
			if op.writes || special[op.name] && login == "officer.cam" {
				continue
			}
			number := "0"
			if opened, err := staff.Run("SELECT %s", pgtest.OpenCall(op.name, op.criteria)); err == nil {
				number = opened[0]
			}
			said, err := staff.Run("SELECT "+op.call, number)
			if err == nil {
				answers++
			}
			for _, word := range words {
				if strings.Contains(strings.Join(said, " ")+pgtest.Details(err), word) {
					t.Errorf("%s reads %s by %s", login, word, op.call)
				}
			}
			if special[op.name] && err == nil {
				t.Errorf("%s: %s answers", login, op.call)
			}
		}
		// Nor can anybody look past the functions.
		for _, attempt := range []string{
			"SELECT faith FROM lms.special", "UPDATE lms.special SET faith = 'x'", "SELECT * FROM lms.special_of_cam", "TABLE lms.consent",
			"UPDATE lms.consent SET withdrawn_at = now()",
			`INSERT INTO lms.block (patron, authority, level, reason_code, placed_on)
				VALUES (36, 'CAM', 'warn', 'x', '2026-01-01')`, "DELETE FROM lms.block",
			"SELECT lms.set_special(36, 'x', '', '', '')", "SELECT lms.give_consent(36, 'CAM', 'x', 'x', 'x', now(), 'x')",
			"SELECT lms.lift_blocks(36, '{1}', '2026-01-01')",
			"SELECT desk.consented('CAM', 'marketing', '{}')", "SELECT desk.contact(36, 'CAM', 'email')",
			"SELECT lms.withdraw_consent(36, 'CAM', 'joining', NULL, now())",
		} {
			_, err := staff.Run("%s", attempt)
			pgtest.Forbidden(t, login+": "+attempt, err)
		}
	}
	if answers < 100 {
		t.Errorf("%d answers are too few for a test", answers)
	}
	t.Logf("%d logins, %d operations, %d answers without special categories", len(logins), len(operations), answers)

	// Words cannot be searched for, tables of the tool do not have them, and anonymous patrons neither.
	if _, err := people.Find(ctx, clerk, why, people.FindQuery{Words: words[:1]}); pgtest.Kind(err) != client.KindNotFound {
		t.Errorf("found by faith: %v", err)
	}
	if _, err := people.AnonymizeHistory(ctx, clerk, why, "id:36", people.AnonymizeOptions{Before: client.Date{Today: true}}); err != nil {
		t.Fatal(err)
	}
	for _, row := range pgtest.RowsWith(super, words...) {
		if !strings.HasPrefix(row, "lms.special_of_cam ") {
			t.Errorf("left in %s", row)
		}
	}
	// The desk clears without seeing, and who has nothing left has no row.
	none := ""
	if _, err := people.SetSpecial(ctx, clerk, why, "id:36", people.SpecialChange{Faith: &none, Sexuality: &none}); err != nil {
		t.Fatal(err)
	}
	if left := officerSpecial(t, officer); left != "  qzxdisability qzxorigin" {
		t.Errorf("left: %q", left)
	}
	if _, err := people.SetSpecial(ctx, clerk, why, "id:36", people.SpecialChange{Disability: &none, EthnicOrigin: &none}); err != nil {
		t.Fatal(err)
	}
	if n := super.Must("SELECT count(*) FROM lms.special WHERE patron = 36"); n != "0" {
		t.Error("an empty row stays")
	}
	// Erasing takes them first.
	super.Must("SELECT lms.erase_patrons('{14}')")
	if rows := pgtest.RowsWith(super, words...); len(rows) > 0 {
		t.Errorf("left after erasing: %s", rows)
	}
	if first := super.Must("SELECT relation FROM lms.personal_relations() LIMIT 1"); first != "special" {
		t.Errorf("%s is erased first", first)
	}
	for _, bad := range []string{"two\nlines", strings.Repeat("x", 201), "esc\x1b[0m"} {
		if _, err := people.SetSpecial(ctx, clerk, why, "id:36", people.SpecialChange{Faith: &bad}); pgtest.Kind(err) != client.KindUsage {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
	_, err := people.SetSpecial(ctx, clerk, why, "id:36", people.SpecialChange{})
	pgtest.OfKind(t, err, client.KindUsage)
}

// officerSpecial are the special categories of patron 36 in order.
func officerSpecial(t *testing.T, officer *client.Client) string {
	t.Helper()
	p, err := people.Show(t.Context(), officer, client.Why{Reason: "ticket 4711"}, sample.CardLongHistory, people.ShowOptions{Special: true})
	if err != nil || p.Special == nil || p.Surname == "" || p.Special.Access == p.Access {
		t.Fatal(p, err)
	}
	return strings.Join([]string{p.Special.Faith, p.Special.Sexuality, p.Special.Disability, p.Special.EthnicOrigin}, " ")
}

// Without a reason, elsewhere, or by another role special categories are refused, and the refusal is recorded where the
// role exists.
func TestSpecialNeedsAReason(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	why := client.Why{Reason: "ticket 4711"}
	for _, test := range []struct {
		login string
		why   client.Why
		want  client.Kind
	}{
		{"officer.pbk", client.Why{}, client.KindUsage},
		{"officer.pbk", client.Why{Reason: "about Citlivá"}, client.KindUsage},
		{"officer.cam", why, client.KindRefused},
		{"clerk.pbk", why, client.KindRefused},
		{"supervisor.pbk", why, client.KindRefused},
		{"support", why, client.KindRefused},
		{"auditor", why, client.KindRefused},
		{"officer.pbk", why, ""},
	} {
		p, err := people.Show(t.Context(), db.Client(t, test.login), test.why, sample.CardSpecial, people.ShowOptions{Special: true})
		if pgtest.Kind(err) != test.want || test.want == "" && p.Special.Faith != "Evangelical" {
			t.Errorf("%s: %v", test.login, err)
		}
	}
	said := pgtest.Connect(t, db, "postgres").Must(`
		SELECT string_agg(login || ' ' || outcome, ', ' ORDER BY id)
		FROM patronctl.access
		WHERE operation = 'patron show special'`)
	if said != "officer.pbk denied, officer.cam denied, officer.pbk allowed" {
		t.Errorf("recorded: %s", said)
	}
}

// A block counts at every desk until it is lifted.
func TestBlocksCountEverywhere(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), db.Client(t, "clerk.cam")
	ctx, why := t.Context(), client.Why{}
	super.Patron("KEN", "77000001", "Clear", "Clara", "")
	verdict := func(want string) {
		t.Helper()
		for _, desk := range []string{"clerk.cam", "clerk.ken", "clerk.pbk"} {
			check, err := people.CheckDebt(ctx, db.Client(t, desk), why, "77000001", false)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(append([]string{string(check.Verdict)}, check.Reasons...), " "); got != want {
				t.Errorf("%s: %s, want %s", desk, got, want)
			}
		}
	}
	verdict("clear")
	first, err := people.PlaceBlock(ctx, clerk, why, "77000001", "", "warn", "address_unknown")
	if err != nil || first.PlacedOn.String() != pgtest.Day {
		t.Fatal(pgtest.Text(t, first), err)
	}
	verdict("warn warning")
	second, err := people.PlaceBlock(ctx, clerk, why, "77000001", "", "refuse", "conduct")
	if err != nil {
		t.Fatal(err)
	}
	verdict("refuse blocked warning")
	_, err = people.PlaceBlock(ctx, clerk, why, "77000001", "", "refuse", "conduct")
	pgtest.OfKind(t, err, client.KindRefused)
	if lifted, err := people.LiftBlocks(ctx, clerk, why, "77000001", "", second.ID); err != nil || len(lifted) != 1 ||
		lifted[0].ID != second.ID || lifted[0].InForce {
		t.Errorf("%s, %v", pgtest.Text(t, lifted), err)
	}
	verdict("warn warning")
	_, err = people.LiftBlocks(ctx, clerk, why, "77000001", "", second.ID)
	pgtest.OfKind(t, err, client.KindRefused)
	if lifted, err := people.LiftBlocks(ctx, clerk, why, "77000001", "", 0); err != nil || len(lifted) != 1 {
		t.Errorf("%s, %v", pgtest.Text(t, lifted), err)
	}
	verdict("clear")
	_, history, err := people.ListBlocks(ctx, clerk, why, "77000001")
	if err != nil || len(history) != 2 ||
		slices.ContainsFunc(history, func(b people.PlacedBlock) bool { return b.InForce || b.LiftedOn == nil }) {
		t.Errorf("%s, %v", pgtest.Text(t, history), err)
	}
	if _, err = people.PlaceBlock(ctx, clerk, why, "77000001", "", "refuse", "conduct"); err != nil { // again
		t.Error(err)
	}
	verdict("refuse blocked")
}
