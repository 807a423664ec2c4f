package people_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/forgetting"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
	"patronctl/client/people"
	"patronctl/client/staff"
)

var marketing = people.Consent{Purpose: "marketing", Channel: "email", Wording: "mk-1", Source: "desk"}

// Giving adds, withdrawing ends once, and nothing that was written is ever different.
func TestConsentsAreKept(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), db.Client(t, "clerk.cam")
	ctx, why := t.Context(), client.Why{}
	const patron = "id:14"
	written := `
		SELECT string_agg(
			concat_ws('|', authority, purpose, channel, wording, given_at, source), E'\n' ORDER BY given_at, wording
		)
		FROM lms.consent
		WHERE patron = 14`
	give := func(c people.Consent) {
		t.Helper()
		if given, err := people.GiveConsent(ctx, clerk, why, patron, "", c); err != nil || !given.InForce || given.Authority != "CAM" ||
			given.Patron != 14 {
			t.Fatal(given, err)
		}
	}
	give(marketing)
	again := marketing
	again.Wording, again.Channel = "mk-2", "post"
	give(again)
	give(again) // the same once more
	before := super.Must("%s", written)
	if n := super.Must("SELECT count(*) FROM lms.consent WHERE patron = 14 AND purpose = 'marketing'"); n != "3" {
		t.Errorf("%s rows after three consents", n)
	}

	done, err := people.WithdrawConsent(ctx, clerk, why, patron, "", "marketing", "post")
	if err != nil || done.Withdrawn != 2 || done.Leaving != nil {
		t.Errorf("%s, %v", pgtest.Text(t, done), err)
	}
	_, err = people.WithdrawConsent(ctx, clerk, why, patron, "", "marketing", "post")
	pgtest.OfKind(t, err, client.KindRefused)
	first := super.Must("SELECT withdrawn_at FROM lms.consent WHERE patron = 14 AND wording = 'mk-2' LIMIT 1")
	if done, err = people.WithdrawConsent(ctx, clerk, why, patron, "", "marketing", ""); err != nil || done.Withdrawn != 1 {
		t.Errorf("the other channel: %s, %v", pgtest.Text(t, done), err)
	}
	if now := super.Must("SELECT withdrawn_at FROM lms.consent WHERE patron = 14 AND wording = 'mk-2' LIMIT 1"); now != first {
		t.Errorf("withdrawn at %s, and then at %s", first, now)
	}
	give(marketing)
	_, listed, err := people.ListConsents(ctx, clerk, why, patron)
	if err != nil || len(listed) != 5 || listed[0].Purpose != "joining" || !listed[0].InForce || listed[1].InForce || !listed[4].InForce {
		t.Errorf("%s, %v", pgtest.Text(t, listed), err)
	}
	if after := super.Must("%s", written); !strings.HasPrefix(after, before[:strings.LastIndex(before, "|")]) {
		t.Errorf("was\n%s\nis\n%s", before, after)
	}
	if n := super.Must(`
		SELECT string_agg(counts::text, ' ' ORDER BY access)
		FROM patronctl.result JOIN patronctl.access AS a ON a.id = access
		WHERE a.operation LIKE 'consent %%' AND a.patrons = '{14}'`); strings.Count(n, `"marketing"`) != 6 {
		t.Errorf("results: %s", n)
	}
}

// A purpose is withdrawn at one authority: what was given up to this moment, and nothing that is given later.
func TestWhichConsentsAreWithdrawn(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	db.Freeze(t, "2026-02-28 12:00Z")
	for n, given := range []string{
		"'CAM', 'marketing', 'email', '2026-02-28 12:00Z'", "'CAM', 'marketing', 'post', '2026-01-01'",
		"'CAM', 'marketing', 'email', '2026-02-28 12:00:00.000001Z'", "'KEN', 'marketing', 'email', '2026-01-01'",
		"'CAM', 'housing', 'email', '2026-01-01'",
	} {
		super.Must("INSERT INTO lms.consent (patron, authority, purpose, channel, given_at, wording) VALUES (14, %s, 'w-%d')", given, n)
	}
	done, err := people.WithdrawConsent(t.Context(), db.Client(t, "clerk.cam"), client.Why{}, "id:14", "", "marketing", "")
	if err != nil || done.Withdrawn != 2 {
		t.Errorf("%s, %v", pgtest.Text(t, done), err)
	}
	if ended := super.Must(`
		SELECT string_agg(wording, ' ' ORDER BY wording)
		FROM lms.consent
		WHERE patron = 14 AND withdrawn_at IS NOT NULL`); ended != "w-0 w-1" {
		t.Errorf("withdrawn: %s", ended)
	}
}

// Not even the owner of the tables changes the history by mistake; it leaves with the person.
func TestOwnerCannotRewriteConsents(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	everything := "SELECT md5(string_agg(c::text, ' ' ORDER BY c::text)) FROM lms.consent AS c"
	before := super.Must("%s", everything)
	super.Must("SET ROLE patronctl_owner")
	for _, attempt := range []string{
		"DELETE FROM lms.consent WHERE patron = 40",
		"TRUNCATE lms.consent",
		"UPDATE lms.consent SET withdrawn_at = NULL WHERE withdrawn_at IS NOT NULL",
		"UPDATE lms.consent SET withdrawn_at = withdrawn_at - interval '1 day' WHERE withdrawn_at IS NOT NULL",
		"UPDATE lms.consent SET withdrawn_at = now(), given_at = '2020-01-01' WHERE patron = 40",
		"UPDATE lms.consent SET wording = 'other', withdrawn_at = now() WHERE patron = 40",
		"UPDATE lms.consent SET patron = 41 WHERE patron = 40",
		"UPDATE lms.consent SET channel = NULL WHERE patron = 40",
		"UPDATE lms.consent SET source = 'x', withdrawn_at = now() WHERE patron = 36",
	} {
		_, err := super.Run("%s", attempt)
		pgtest.Refused(t, attempt, err)
	}
	super.Must("RESET ROLE")
	if after := super.Must("%s", everything); after != before {
		t.Error("something was changed")
	}
	super.Must("SELECT lms.erase_patrons('{40}')")
	if n := super.Must("SELECT count(*) FROM lms.consent WHERE patron = 40"); n != "0" {
		t.Errorf("%s consents of an erased person", n)
	}
}

// A consent or block belongs to its authority: the others neither see it in their lists, nor end it, nor write in its name.
func TestRowsBelongToAnAuthority(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	ctx, why := t.Context(), client.Why{}
	cam, ken := db.Client(t, "clerk.cam"), db.Client(t, "clerk.ken")
	const patron = "id:13" // at home at KEN
	if _, err := people.GiveConsent(ctx, cam, why, patron, "", marketing); err != nil {
		t.Fatal(err)
	}
	block, err := people.PlaceBlock(ctx, cam, why, patron, "", "warn", "conduct")
	if err != nil || block.Authority != "CAM" || !block.InForce {
		t.Fatal(pgtest.Text(t, block), err)
	}
	_, consents, err := people.ListConsents(ctx, ken, why, patron)
	if err != nil || slices.ContainsFunc(consents, func(c people.Consent) bool { return c.Authority != "KEN" }) || len(consents) == 0 {
		t.Errorf("%s, %v", pgtest.Text(t, consents), err)
	}
	_, blocks, err := people.ListBlocks(ctx, ken, why, patron)
	if err != nil || len(blocks) != 0 {
		t.Errorf("%s, %v", pgtest.Text(t, blocks), err)
	}
	for name, try := range map[string]func() error{
		"withdraw": func() error { _, err := people.WithdrawConsent(ctx, ken, why, patron, "", "marketing", ""); return err },
		"withdraw as CAM": func() error {
			_, err := people.WithdrawConsent(ctx, ken, why, patron, "CAM", "marketing", "")
			return err
		},
		"give as CAM":    func() error { _, err := people.GiveConsent(ctx, ken, why, patron, "CAM", marketing); return err },
		"lift":           func() error { _, err := people.LiftBlocks(ctx, ken, why, patron, "", 0); return err },
		"lift by number": func() error { _, err := people.LiftBlocks(ctx, ken, why, patron, "", block.ID); return err },
		"lift as CAM":    func() error { _, err := people.LiftBlocks(ctx, ken, why, patron, "CAM", block.ID); return err },
		"place as CAM": func() error {
			_, err := people.PlaceBlock(ctx, ken, why, patron, "CAM", "refuse", "conduct")
			return err
		},
		"another's number": func() error { _, err := people.LiftBlocks(ctx, cam, why, "id:12", "", block.ID); return err },
		"count CAM":        func() error { _, err := people.CountMissingConsents(ctx, ken, why, "CAM"); return err },
	} {
		if err := try(); pgtest.Kind(err) != client.KindRefused {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := super.Must("SELECT count(*) FROM lms.consent WHERE authority = 'CAM' AND patron = 13 AND withdrawn_at IS NULL"); n != "1" {
		t.Errorf("%s consents to CAM in force", n)
	}
	if n := super.Must("SELECT count(*) FROM lms.block WHERE id = %d AND lifted_on IS NULL", block.ID); n != "1" {
		t.Error("the block is gone")
	}
	// Who works for both says for which, when it is not the home.
	super.Must("INSERT INTO patronctl.staff VALUES ('clerk.ken', 'CAM', 'clerk', '2020-01-01')")
	given, err := people.GiveConsent(ctx, ken, why, patron, "", marketing)
	if err != nil || given.Authority != "KEN" {
		t.Errorf("%s, %v", pgtest.Text(t, given), err)
	}
	if done, err := people.WithdrawConsent(ctx, ken, why, patron, "CAM", "marketing", ""); err != nil || done.Authority != "CAM" {
		t.Errorf("%s, %v", pgtest.Text(t, done), err)
	}
}

// What is accepted is on a list; what is said about a person in free words is stored nowhere.
func TestConsentsAndBlocksInCodes(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk, admin := pgtest.Connect(t, db, "postgres"), db.Client(t, "clerk.cam"), db.Client(t, "admin")
	ctx, why := t.Context(), client.Why{}
	for name, change := range map[string]func(*people.Consent){
		"no purpose":            func(c *people.Consent) { c.Purpose = "" },
		"unknown purpose":       func(c *people.Consent) { c.Purpose = "curiosity" },
		"everyday purpose":      func(c *people.Consent) { c.Purpose = "service" },
		"no channel":            func(c *people.Consent) { c.Channel = "" },
		"unknown channel":       func(c *people.Consent) { c.Channel = "fax" },
		"joining by fax":        func(c *people.Consent) { c.Purpose, c.Channel = "joining", "fax" },
		"no wording":            func(c *people.Consent) { c.Wording = "" },
		"words about a person":  func(c *people.Consent) { c.Wording = "she hesitated" },
		"no source":             func(c *people.Consent) { c.Source = "" },
		"a source with an name": func(c *people.Consent) { c.Source = "her brother Owen" },
		"a long source":         func(c *people.Consent) { c.Source = strings.Repeat("a", 41) },
		"a line break":          func(c *people.Consent) { c.Source = "desk\n" },
	} {
		bad := marketing
		change(&bad)
		if _, err := people.GiveConsent(ctx, clerk, why, "id:14", "", bad); pgtest.Kind(err) != client.KindUsage {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, bad := range [][2]string{{"stop", "conduct"}, {"", "conduct"}, {"warn", ""}, {"warn", "is rude"}, {"refuse", "fees"}} {
		if _, err := people.PlaceBlock(ctx, clerk, why, "id:14", "", bad[0], bad[1]); pgtest.Kind(err) != client.KindUsage {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if n := super.Must(`
		SELECT (SELECT count(*) FROM lms.consent WHERE patron = 14) || ' '
			|| (SELECT count(*) FROM lms.block WHERE patron = 14)`); n != "1 0" {
		t.Errorf("written all the same: %s", n)
	}
	for value, want := range map[string]string{
		"art-club, book_club,art-club": "art-club,book_club", "": "", "service": "!", "joining": "!", "Book Club": "!", "a,,b": "!",
		"ann's list": "!", "debt,x": "!",
	} {
		set, err := staff.SetSetting(ctx, admin, why, "CAM", "consent_purposes", value)
		if want == "!" && pgtest.Kind(err) != client.KindUsage || want != "!" && (err != nil || set.Value != want) {
			t.Errorf("purposes %q: %v, %v", value, set, err)
		}
	}
	for name, value := range map[string]string{"consent_purposes": "art-club", "block_reasons": "noise"} {
		if _, err := staff.SetSetting(ctx, admin, why, "CAM", name, value); err != nil {
			t.Fatal(err)
		}
	}
	club := marketing
	club.Purpose = "art-club"
	_, allowed := people.GiveConsent(ctx, clerk, why, "id:14", "", club)
	_, gone := people.GiveConsent(ctx, clerk, why, "id:14", "", marketing)
	_, noise := people.PlaceBlock(ctx, clerk, why, "id:14", "", "warn", "noise")
	_, conduct := people.PlaceBlock(ctx, clerk, why, "id:14", "", "warn", "conduct")
	_, elsewhere := people.GiveConsent(ctx, db.Client(t, "clerk.ken"), why, "id:14", "", club)
	if allowed != nil || pgtest.Kind(gone) != client.KindUsage || noise != nil || pgtest.Kind(conduct) != client.KindUsage ||
		pgtest.Kind(elsewhere) != client.KindUsage {
		t.Error(allowed, gone, noise, conduct, elsewhere)
	}
}

// Whether somebody who joined said yes to it is on the screen of every library the person joined, and in its numbers.
func TestConsentOfJoining(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk, officer := pgtest.Connect(t, db, "postgres"), db.Client(t, "clerk.cam"), db.Client(t, "officer.cam")
	ctx, why := t.Context(), client.Why{}
	id := super.Patron("CAM", "77000001", "Newcomb", "Nell", "")
	shown := func(c *client.Client, want string) {
		t.Helper()
		if p, err := people.Show(ctx, c, why, "77000001", people.ShowOptions{}); err != nil || p.Joining != want {
			t.Errorf("%q, want %q (%v)", p.Joining, want, err)
		}
	}
	joining := people.Consent{Purpose: "joining", Wording: "joining-2", Source: "paper"}
	shown(clerk, "missing")
	shown(db.Client(t, "support"), "missing")
	shown(db.Client(t, "clerk.ken"), "") // never joined there
	super.Must("INSERT INTO lms.membership (patron, authority, basis) VALUES (%s, 'KEN', 'work')", id)
	shown(db.Client(t, "clerk.ken"), "missing")
	for range 2 {
		if _, err := people.GiveConsent(ctx, clerk, why, "77000001", "", joining); err != nil {
			t.Fatal(err)
		}
	}
	shown(clerk, "given")
	shown(db.Client(t, "clerk.ken"), "missing")

	super.Must("INSERT INTO lms.fee (patron, authority, kind, amount, raised_on) VALUES (%s, 'CAM', 'lost', 5, '2026-01-01')", id)
	done, err := people.WithdrawConsent(ctx, clerk, why, "77000001", "", "joining", "")
	if err != nil || done.Leaving == nil || done.Leaving.Forecast != nil || fmt.Sprint(done.Leaving.Keeps) != "[fees CAM memberships KEN]" ||
		done.Leaving.Fees != 1 {
		t.Errorf("a clerk: %s, %v", pgtest.Text(t, done), err)
	}
	shown(clerk, "withdrawn")
	if _, err = people.GiveConsent(ctx, clerk, why, "77000001", "", joining); err != nil {
		t.Fatal(err)
	}
	shown(clerk, "given")
	done, err = people.WithdrawConsent(ctx, officer, why, "77000001", "", "joining", "")
	if err != nil || done.Leaving == nil || done.Leaving.Forecast == nil {
		t.Fatalf("an officer: %s, %v", pgtest.Text(t, done), err)
	}
	_, err = forgetting.PreviewErase(ctx, officer, why, "77000001", []string{"fees"}, 0)
	pgtest.OfKind(t, err, client.KindRefused) // the membership at KEN is not the home's to waive
	super.Must("DELETE FROM lms.membership WHERE patron = %s", id)
	if forecast, err := forgetting.PreviewErase(ctx, officer, why, "77000001", []string{"fees"}, 0); err != nil ||
		fmt.Sprint(forecast.Goes) != fmt.Sprint(done.Leaving.Forecast.Goes) {
		t.Errorf("%s, %s, %v", pgtest.Text(t, forecast), pgtest.Text(t, done.Leaving), err)
	}
	// Elsewhere nothing is said about the home's account.
	if _, err = people.GiveConsent(ctx, db.Client(t, "officer.ken"), why, "77000001", "", joining); err != nil {
		t.Fatal(err)
	}
	if done, err = people.WithdrawConsent(ctx, db.Client(t, "officer.ken"), why, "77000001", "", "joining", ""); err != nil ||
		done.Leaving != nil || done.Home != "CAM" {
		t.Errorf("elsewhere: %s, %v", pgtest.Text(t, done), err)
	}

	counts, err := people.CountMissingConsents(ctx, clerk, why, "")
	var whom, missing, withdrawn int
	for _, branch := range counts {
		whom, missing, withdrawn = whom+branch.People, missing+branch.Missing, withdrawn+branch.Withdrawn
		if branch.Authority != "CAM" {
			t.Errorf("%s of %s", branch.Branch, branch.Authority)
		}
	}
	want := super.Must(`SELECT count(*) || ' ' || count(*) FILTER (WHERE n = 0) || ' ' || count(*) FILTER (WHERE n > 0 AND open = 0) FROM (
		SELECT p.id, count(c.patron) AS n, count(c.patron) FILTER (WHERE c.withdrawn_at IS NULL) AS open
		FROM lms.patron AS p LEFT JOIN lms.consent AS c ON c.patron = p.id AND c.authority = 'CAM' AND c.purpose = 'joining'
		WHERE p.authority = 'CAM' AND p.status = 'active' GROUP BY p.id) AS one`)
	if got := fmt.Sprint(whom, missing, withdrawn); err != nil || got != want || missing == 0 || withdrawn < 2 {
		t.Errorf("%s, want %s (%v)", got, want, err)
	}
	if _, err = people.Show(ctx, clerk, why, sample.CardNoConsent, people.ShowOptions{}); err != nil {
		t.Error(err)
	}
}
