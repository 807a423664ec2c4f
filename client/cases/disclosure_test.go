package cases_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/audit"
	"patronctl/client/cases"
	"patronctl/client/exchange"
	"patronctl/client/forgetting"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/people"
	"patronctl/client/staff"
)

// secondOfficer registers one more officer of CAM and returns the login.
func secondOfficer(t *testing.T, db *pgtest.DB) string {
	t.Helper()
	login := "second." + db.Name
	super := pgtest.Connect(t, db, "postgres")
	super.Must(`CREATE ROLE "%s" LOGIN IN ROLE patronctl_officer`, login)
	super.Must("INSERT INTO patronctl.staff (login, authority, role, valid_from) VALUES ('%s', 'CAM', 'officer', '2020-01-01')", login)
	return login
}

func TestDisclosuresAreRefused(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	super.Must(`
		SET session_replication_role = replica;
		DELETE FROM lms.consent WHERE patron = 43;
		RESET session_replication_role;
		UPDATE lms.patron SET authority = 'CAM', status = 'active' WHERE id = 43;
		INSERT INTO lms.consent (patron, authority, purpose, channel, wording, given_at, withdrawn_at, source) VALUES
			(43, 'CAM', 'housing', 'form', 'h-1', '2025-01-01', NULL, 'desk'),
			(43, 'CAM', 'events', 'form', 'e-1', '2025-01-01', '2025-06-01', 'desk'),
			(43, 'CAM', 'later', 'form', 'l-1', '2026-02-02', NULL, 'desk'), (43, 'KEN', 'elsewhere', 'form', 'x-1', '2025-01-01', NULL, 'desk'),
			(43, 'CAM', 'joining', NULL, 'j-1', '2025-01-01', NULL, 'desk')`)
	surname := super.Must("SELECT surname FROM lms.identity WHERE patron = 43")
	card := super.Must("SELECT min(number) FROM lms.card WHERE patron = 12")
	officer := db.Client(t, "officer.cam")
	ctx, why := t.Context(), client.Why{Reason: "ticket 4711"}
	export, err := exchange.Open(ctx, officer, why, "id:43", exchange.FullAccess)
	if err != nil {
		t.Fatal(err)
	}
	another, err := exchange.Open(ctx, officer, why, "id:36", exchange.FullAccess)
	if err != nil {
		t.Fatal(err)
	}
	preview, err := forgetting.PreviewErase(ctx, officer, why, "id:43", []string{"loans", "reservations", "orders", "fees", "memberships"}, 0)
	if err != nil && pgtest.Kind(err) != client.KindRefused {
		t.Fatal(err)
	}
	facts, err := people.Show(ctx, officer, why, "id:43", people.ShowOptions{Facts: true})
	if err != nil {
		t.Fatal(err)
	}
	within := func(purpose string) func(*cases.NewDisclosure) {
		return func(d *cases.NewDisclosure) {
			d.To, d.Rank, d.Necessity, d.Consent = "within-authority", "manager", "service", purpose
		}
	}
	for what, c := range map[string]struct {
		change func(*cases.NewDisclosure)
		kind   client.Kind // empty: recorded
		says   string
	}{
		"all is well":       {func(*cases.NewDisclosure) {}, "", ""},
		"read by an export": {func(d *cases.NewDisclosure) { d.ReleasedBy = &export.Head.Access }, "", ""},
		"consented":         {within("housing"), "", ""},
		"a constable":       {func(d *cases.NewDisclosure) { d.Rank = "constable" }, client.KindRefused, "a constable cannot sign"},
		"a sergeant":        {func(d *cases.NewDisclosure) { d.Rank = "sergeant" }, client.KindRefused, "a sergeant cannot sign"},
		"a judge of police": {func(d *cases.NewDisclosure) { d.Rank = "judge" }, client.KindUsage, "the rank: use one of constable"},
		"no rank":           {func(d *cases.NewDisclosure) { d.Rank = "" }, client.KindUsage, "the rank"},
		"a clerk of court":  {func(d *cases.NewDisclosure) { d.To, d.Rank = "court", "clerk" }, client.KindRefused, "a clerk cannot sign"},
		"a low officer": {
			func(d *cases.NewDisclosure) { d.To, d.Rank = "security-service", "officer" }, client.KindRefused,
			"cannot sign",
		},
		"a partner's employee": {func(d *cases.NewDisclosure) { d.To, d.Rank = "partner", "employee" }, client.KindRefused, "cannot sign"},
		"no recipient":         {func(d *cases.NewDisclosure) { d.To = "" }, client.KindUsage, "the recipient: use one of police"},
		"another recipient":    {func(d *cases.NewDisclosure) { d.To = "newspaper" }, client.KindUsage, "the recipient"},
		"no organisation":      {func(d *cases.NewDisclosure) { d.Organisation = " " }, client.KindUsage, "the organisation takes"},
		"no reference":         {func(d *cases.NewDisclosure) { d.Reference = "" }, client.KindUsage, "the reference takes"},
		"no power":             {func(d *cases.NewDisclosure) { d.Power = "" }, client.KindUsage, "the legal power takes"},
		"no necessity":         {func(d *cases.NewDisclosure) { d.Necessity = "" }, client.KindUsage, "the necessity: use one of"},
		"another necessity":    {func(d *cases.NewDisclosure) { d.Necessity = "curiosity" }, client.KindUsage, "the necessity"},
		"nothing":              {func(d *cases.NewDisclosure) { d.Released = nil }, client.KindUsage, "what was released"},
		"everything":           {func(d *cases.NewDisclosure) { d.Released = []string{"credential"} }, client.KindUsage, "what was released"},
		"a long reference":     {func(d *cases.NewDisclosure) { d.Reference = strings.Repeat("x", 101) }, client.KindUsage, "1 to 100"},
		"two lines":            {func(d *cases.NewDisclosure) { d.Organisation = "a\nb" }, client.KindUsage, "1 to 100"},
		"the patron's name":    {func(d *cases.NewDisclosure) { d.Reference = "about " + surname }, client.KindUsage, "never about a person"},
		"a card":               {func(d *cases.NewDisclosure) { d.Power = "card " + card }, client.KindUsage, "never about a person"},
		"an e-mail address":    {func(d *cases.NewDisclosure) { d.Organisation = "pc@police.example" }, client.KindUsage, "never about a person"},
		"consent withdrawn":    {within("events"), client.KindRefused, "none in force for events"},
		"consent not yet":      {within("later"), client.KindRefused, "none in force for later"},
		"consent elsewhere":    {within("elsewhere"), client.KindRefused, "none in force for elsewhere"},
		"consent of joining":   {within("joining"), client.KindRefused, "none in force for joining"},
		"no consent":           {within(""), client.KindRefused, "needs the patron's consent"},
		"read about another": {
			func(d *cases.NewDisclosure) { d.ReleasedBy = &another.Head.Access }, client.KindRefused,
			"is not one by which your authority read",
		},
		"read facts only": {func(d *cases.NewDisclosure) { d.ReleasedBy = &facts.Access }, client.KindRefused, "is not one by which"},
		"not read":        {func(d *cases.NewDisclosure) { d.ReleasedBy = &preview.Access }, client.KindRefused, "is not one by which"},
	} {
		asked := toThePolice()
		c.change(&asked)
		before := super.Must("SELECT count(*) FROM patronctl.disclosure")
		d, err := cases.RecordDisclosure(ctx, officer, why, "id:43", asked)
		switch {
		case c.kind == "" && (err != nil || d.State != "released" || d.Receipt == ""):
			t.Errorf("%s: %+v, %v", what, d, err)
		case c.kind != "" && (pgtest.Kind(err) != c.kind || !strings.Contains(err.Error(), c.says)):
			t.Errorf("%s: %v, want %s: %s", what, err, c.kind, c.says)
		case c.kind != "" && super.Must("SELECT count(*) FROM patronctl.disclosure") != before:
			t.Errorf("%s: recorded all the same", what)
		}
	}

	// Refusals need no rank, power or necessity, and never release.
	refusal := cases.NewDisclosure{
		To:           "police",
		Organisation: "Northshire Police",
		Reference:    "DP7/2026/41",
		Because:      "trawl",
		Released:     []string{"identity"},
	}
	d, err := cases.RefuseDisclosure(ctx, officer, why, "", refusal)
	if err != nil || d.State != "refused" || d.Patron != nil || d.Authority != "CAM" || len(d.Released) != 0 || d.Because != "trawl" {
		t.Errorf("%+v, %v", d, err)
	}
	d, err = cases.RefuseDisclosure(ctx, officer, why, "id:43", refusal)
	if err != nil || d.State != "refused" || *d.Patron != 43 {
		t.Errorf("%+v, %v", d, err)
	}
	for what, change := range map[string]func(*cases.NewDisclosure){
		"no reason": func(d *cases.NewDisclosure) { d.Because = "" }, "a free reason": func(d *cases.NewDisclosure) { d.Because = "I know them" },
		"a free necessity": func(d *cases.NewDisclosure) { d.Necessity = surname },
		"a free rank":      func(d *cases.NewDisclosure) { d.Rank = surname },
		"a name as power":  func(d *cases.NewDisclosure) { d.Power = surname },
	} {
		wrong := refusal
		change(&wrong)
		if _, err = cases.RefuseDisclosure(ctx, officer, why, "id:43", wrong); pgtest.Kind(err) != client.KindUsage {
			t.Errorf("refuse with %s: %v", what, err)
		}
	}
	listed, err := cases.Disclosures(ctx, officer, why, "", false)
	if err != nil || len(listed) != 5 || !slices.ContainsFunc(listed, func(d cases.Disclosure) bool { return d.State == "refused" }) {
		t.Errorf("%d listed, %v", len(listed), err)
	}
	for _, sql := range []string{
		"'null'", "'[]'", "'{}'", "NULL", `'{"to": 7}'`,
		`'{"to": "police", "organisation": "x", "reference": "y", "rank": "inspector", "power": "z", "necessity": "tax", ` +
			`"released": "identity"}'`,
		`'{"to": "police", "organisation": "x", "reference": "y", "rank": "inspector", "power": "z", "necessity": "tax", ` +
			`"released": ["identity"], "released_by": "x"}'`,
	} {
		psql := pgtest.Connect(t, db, "officer.cam")
		if _, err := psql.Run("SELECT desk.record_disclosure(%s, %s)", psql.Open("disclosure record", `{"ref": "id:43"}`),
			sql); pgtest.Code(err) != "LB400" && pgtest.Code(err) != "LB409" {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

// Where two must agree, a disclosure waits for another officer of the home, and preserves the account meanwhile.
func TestTwoOfficersDisclose(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	second := secondOfficer(t, db)
	super.Must(`UPDATE lms.patron SET authority = 'CAM', branch = 'CAM-CEN', status = 'active' WHERE id = 43;
		SET session_replication_role = replica; DELETE FROM lms.consent WHERE patron = 43; RESET session_replication_role;
		INSERT INTO lms.consent (patron, authority, purpose, channel, wording, given_at, source)
		VALUES (43, 'CAM', 'housing', 'form', 'h-1', '2025-01-01', 'desk'),
			(43, 'CAM', 'joining', NULL, 'j-1', '2025-01-01', 'desk')`)
	admin, officer, other, away := db.Client(t, "admin"), db.Client(t, "officer.cam"), db.Client(t, second), db.Client(t, "officer.ken")
	ctx, why := t.Context(), client.Why{Reason: "ticket 4711"}
	set := func(name, value string) {
		t.Helper()
		if _, err := staff.SetSetting(ctx, admin, client.Why{}, "CAM", name, value); err != nil {
			t.Fatal(err)
		}
	}
	wants := func(what string, err error, kinds client.Kind, says string) {
		t.Helper()
		if pgtest.Kind(err) != kinds || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %s: %s", what, err, kinds, says)
		}
	}
	set("disclosure_two_people", "yes")
	waiting, err := cases.RecordDisclosure(ctx, officer, why, "id:43", toThePolice())
	if err != nil || waiting.State != "pending" {
		t.Fatal(waiting, err)
	}
	everything := []string{"loans", "reservations", "orders", "fees", "memberships"}
	_, err = forgetting.PreviewErase(ctx, officer, why, "id:43", everything, 0)
	wants("erase", err, client.KindRefused, "disclosure at CAM")
	_, err = people.AnonymizeHistory(ctx, officer, why, "id:43", people.AnonymizeOptions{Before: pgtest.Date(t, "2025-01-01")})
	wants("anonymize", err, client.KindRefused, "kept for disclosure")
	_, err = people.AnonymizeHistory(ctx, db.Client(t, "clerk.cam"), why, "id:43",
		people.AnonymizeOptions{Before: pgtest.Date(t, "2025-01-01")})
	wants("a clerk is not told of it", err, client.KindRefused, "the history is kept for now")
	left, err := people.WithdrawConsent(ctx, db.Client(t, "clerk.cam"), why, "id:43", "", "joining", "")
	if err != nil || left.Leaving == nil || strings.Contains(fmt.Sprint(left.Leaving.Keeps), "disclosure") {
		t.Errorf("a clerk is told of it when somebody leaves: %+v, %v", left, err)
	}
	_, err = cases.ApproveDisclosure(ctx, officer, why, waiting.ID, "")
	wants("one's own", err, client.KindRefused, "is your own")
	_, err = cases.ApproveDisclosure(ctx, officer, why, waiting.ID, "no-power")
	wants("decline one's own", err, client.KindRefused, "is your own")
	_, err = cases.ApproveDisclosure(ctx, away, why, waiting.ID, "")
	wants("from elsewhere", err, client.KindNotFound, "of your authority")
	_, err = cases.ShowDisclosure(ctx, away, why, waiting.ID)
	wants("show from elsewhere", err, client.KindNotFound, "of your authority")

	// The home may leave it to some of its officers: then whoever agrees must be one of them, and whoever records need not.
	set("disclosure_officers", "officer.cam, somebody")
	_, err = cases.ApproveDisclosure(ctx, other, why, waiting.ID, "")
	wants("not one of them", err, client.KindRefused, "leaves disclosures to officer.cam, somebody")
	reversed, err := cases.RecordDisclosure(ctx, other, why, "id:43", toThePolice())
	if err == nil {
		reversed, err = cases.ApproveDisclosure(ctx, officer, why, reversed.ID, "")
	}
	if err != nil || reversed.State != "released" || reversed.SecondLogin != "officer.cam" || reversed.Receipt == "" {
		t.Errorf("%+v, %v", reversed, err)
	}
	set("disclosure_two_people", "no")
	_, err = cases.RecordDisclosure(ctx, other, why, "id:43", toThePolice())
	wants("alone, and not one of them", err, client.KindRefused, "leaves disclosures to")
	if _, err = cases.RecordDisclosure(ctx, officer, why, "id:43", toThePolice()); err != nil {
		t.Error(err)
	}
	set("disclosure_officers", "default")
	set("disclosure_two_people", "yes")

	super.Must("UPDATE lms.patron SET authority = 'KEN', branch = 'KEN-CEN' WHERE id = 43")
	_, err = cases.ApproveDisclosure(ctx, other, why, waiting.ID, "")
	wants("of somebody who moved", err, client.KindRefused, "no longer at home at CAM")
	super.Must("UPDATE lms.patron SET authority = 'CAM', branch = 'CAM-CEN' WHERE id = 43")
	agreed, err := cases.ApproveDisclosure(ctx, other, why, waiting.ID, "") // it waited before the setting changed
	if err != nil || agreed.State != "released" || agreed.SecondLogin != second || agreed.Login != "officer.cam" {
		t.Fatal(agreed, err)
	}
	_, err = cases.ApproveDisclosure(ctx, other, why, waiting.ID, "no-power")
	wants("again", err, client.KindRefused, "is released, and waits for nobody")
	if _, err = forgetting.PreviewErase(ctx, officer, why, "id:43", everything, 0); err != nil && strings.Contains(err.Error(), "disclosure") {
		t.Error("a released one preserves nothing:", err)
	}

	// A consent that was withdrawn meanwhile.
	asked := toThePolice()
	asked.To, asked.Rank, asked.Necessity, asked.Consent = "within-authority", "manager", "service", "housing"
	within, err := cases.RecordDisclosure(ctx, officer, why, "id:43", asked)
	if err != nil || within.State != "pending" {
		t.Fatal(within, err)
	}
	super.Must("UPDATE lms.consent SET withdrawn_at = '2026-01-31 10:00+00' WHERE patron = 43 AND purpose = 'housing'")
	_, err = cases.ApproveDisclosure(ctx, other, why, within.ID, "")
	wants("a consent withdrawn", err, client.KindRefused, "none in force for housing")
	pending, err := cases.Disclosures(ctx, other, why, "CAM", true)
	if err != nil || len(pending) != 1 || pending[0].ID != within.ID {
		t.Errorf("%+v, %v", pending, err)
	}
	declined, err := cases.ApproveDisclosure(ctx, other, why, within.ID, "no-consent")
	if err != nil || declined.State != "declined" || declined.Because != "no-consent" {
		t.Errorf("%+v, %v", declined, err)
	}
}

// What was written about requests and disclosures stays as it is, whoever tries.
func TestRequestsAndDisclosuresAreOnlyAddedTo(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	officer, super := db.Client(t, "officer.cam"), pgtest.Connect(t, db, "postgres")
	ctx, why := t.Context(), client.Why{Reason: "ticket 4711"}
	super.Must("INSERT INTO patronctl.setting VALUES ('law', 'CAM', 'uk'), ('disclosure_two_people', 'CAM', 'true')")
	r, err := cases.OpenRequest(ctx, officer, why, cases.NewRequest{Ref: "id:36", Kind: "access", Received: pgtest.Date(t, "2026-01-31")})
	if err == nil {
		_, err = cases.PauseRequest(ctx, officer, why, r.ID, "identity", client.Date{})
	}
	if err == nil {
		_, err = cases.RecordDisclosure(ctx, officer, why, "id:36", toThePolice())
	}
	var d *cases.Disclosure
	if err == nil {
		if d, err = cases.RecordDisclosure(ctx, officer, why, "id:36", toThePolice()); err == nil {
			_, err = cases.ApproveDisclosure(ctx, db.Client(t, secondOfficer(t, db)), why, d.ID, "rank")
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		"UPDATE patronctl.request SET received_on = '2026-01-30'", "DELETE FROM patronctl.request", "TRUNCATE patronctl.request CASCADE",
		"UPDATE patronctl.request_step SET on_day = '2026-01-30'", "DELETE FROM patronctl.request_step", "TRUNCATE patronctl.request_step",
		"UPDATE patronctl.disclosure SET decision = 'refuse'", "DELETE FROM patronctl.disclosure", "TRUNCATE patronctl.disclosure CASCADE",
		"UPDATE patronctl.disclosure_step SET step = 'approve'", "DELETE FROM patronctl.disclosure_step", "TRUNCATE patronctl.disclosure_step",
	} {
		if _, err := super.Run("%s", sql); pgtest.Code(err) != "LB409" {
			t.Errorf("%s: %v", sql, err)
		}
	}
	// Every write left its result.
	if n := super.Must(`
		SELECT count(*)
		FROM (SELECT access FROM patronctl.request UNION ALL SELECT access FROM patronctl.request_step UNION ALL
		SELECT access FROM patronctl.disclosure
		UNION ALL SELECT access
		FROM patronctl.disclosure_step) AS w
		WHERE NOT EXISTS (SELECT FROM patronctl.result AS r
		WHERE r.access = w.access)`); n != "0" {
		t.Errorf("%s writes without a result", n)
	}
}

// What the person is told: to whom the data went, but nothing of the police.
func TestAnExportDoesNotWarnOfThePolice(t *testing.T) {
	db := pgtest.New(t)
	officer, ctx := db.Client(t, "officer.cam"), t.Context()
	within := toThePolice()
	within.To, within.Organisation, within.Rank, within.Necessity = "partner", "Museum of Ships", "manager", "service"
	police := toThePolice()
	for _, d := range []*cases.NewDisclosure{&police, &within} {
		read, err := people.Show(ctx, officer, client.Why{Purpose: "legal"}, "id:43", people.ShowOptions{})
		if err != nil {
			t.Fatal(err)
		}
		d.ReleasedBy = &read.Access
		if _, err := cases.RecordDisclosure(ctx, officer, client.Why{}, "id:43", *d); err != nil {
			t.Fatal(err)
		}
	}
	export, err := exchange.Open(ctx, officer, client.Why{}, "id:43", exchange.FullAccess)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for relation := range export.Relations {
		for row, err := range relation.Rows {
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&all, "%s %s\n", relation.Name, row)
		}
	}
	if !strings.Contains(all.String(), "Museum of Ships") || strings.Count(all.String(), "\ndisclosure ") != 1 {
		t.Errorf("the partner is missing: %s", all.String())
	}
	consulted := func(access *int64) bool { return strings.Contains(all.String(), fmt.Sprintf(`"access":%d,`, *access)) }
	if consulted(police.ReleasedBy) || !consulted(within.ReleasedBy) {
		t.Errorf("the accesses by which it was read, %d and %d: %s", *police.ReleasedBy, *within.ReleasedBy, all.String())
	}
	days, err := audit.ReportSubject(ctx, officer, client.Why{}, "id:43")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range days {
		if d.Purpose == "legal" && d.Accesses != 1 {
			t.Errorf("%+v", d)
		}
	}
	for _, word := range []string{"olice", "DP7", "disclosure record"} {
		if strings.Contains(all.String(), word) {
			t.Errorf("%q is in %s", word, all.String())
		}
	}
}

// toThePolice is a disclosure that nothing forbids.
func toThePolice() cases.NewDisclosure {
	return cases.NewDisclosure{
		To: "police", Organisation: "Northshire Police", Reference: "DP7/2026/41", Rank: "inspector", Power: "DPA 2018 Sch. 2 para. 2",
		Necessity: "detect-crime", Released: []string{"identity", "address"},
	}
}
