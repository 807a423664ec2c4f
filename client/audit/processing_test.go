package audit_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/audit"
	"patronctl/client/forgetting"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/staff"
)

// The register follows what is there: a rule, a setting, a purpose and a column appear in it as soon as they exist.
func TestProcessingFollowsTheDatabase(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	ctx, why := t.Context(), client.Why{}
	read := func(login, authority string) *audit.Processing {
		t.Helper()
		p, err := audit.ReportProcessing(ctx, db.Client(t, login), why, authority)
		if err != nil {
			t.Fatal(login, err)
		}
		return p
	}
	own := func(p *audit.Processing) (codes string) {
		for _, c := range p.Controllers {
			if c.Own {
				codes += c.Code
			}
		}
		return codes
	}
	p := read("officer.cam", "")
	if own(p) != "CAM" || len(p.Controllers) != 3 || len(p.Rules) != 0 || len(p.Due) != 0 || len(p.Purposes) < 6 ||
		p.Protection.Staff["clerk"] == 0 {
		t.Errorf("%+v", p)
	}
	if all := own(read("auditor", "")); all != "CAMKENPBK" {
		t.Error(all)
	}
	if ken := own(read("auditor", "KEN")); ken != "KEN" {
		t.Error(ken)
	}
	_, err := audit.ReportProcessing(ctx, db.Client(t, "officer.cam"), why, "KEN")
	pgtest.OfKind(t, err, client.KindRefused)

	super.Must(`CREATE TABLE lms.shoe (patron bigint, size text);
		INSERT INTO patronctl.catalogue VALUES ('lms', 'shoe', 'size', 'personal');
		INSERT INTO patronctl.purpose VALUES ('postcards', 'CAM', TRUE), ('elsewhere', 'KEN', TRUE)`)
	admin := db.Client(t, "admin")
	for name, value := range map[string]string{
		"recipients": "Printers <b>Ltd</b>", "privacy_contact": "The officer, 1 High Street",
		"law": "uk",
	} {
		if _, err := staff.SetSetting(ctx, admin, why, "CAM", name, value); err != nil {
			t.Fatal(err)
		}
	}
	for _, value := range []string{strings.Repeat("x", 501), "two\nlines"} {
		_, err := staff.SetSetting(ctx, admin, why, "CAM", "recipients", value)
		pgtest.OfKind(t, err, client.KindUsage)
	}
	for _, rule := range []string{"lapsed", "deleted", "history"} {
		if _, err := forgetting.EnableRule(ctx, db.Client(t, "officer.cam"), why, rule, "CAM", true); err != nil {
			t.Fatal(err)
		}
	}
	p = read("officer.cam", "CAM")
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, there := range []string{
		`"relation":"shoe","class":"personal","columns":["size"]`, `"purpose":"postcards"`,
		`"recipients":"Printers`, "1 High Street", `"rule":"lapsed","action":"erase-lapsed","after":"18 months"`, `1 High Street","law":"uk"`,
		`"contact":"","law":"eu"`,
	} {
		if !strings.Contains(string(text), there) {
			t.Errorf("%s is not there", there)
		}
	}
	if strings.Contains(string(text), "elsewhere") {
		t.Error("a purpose of another authority")
	}
	// By hand, for the rule lapsed: everybody due by the end of a month, and in the first month everybody due before.
	want := super.Must(`
		SELECT to_char(greatest(date '2026-01-01', date_trunc('month', expires_on + interval '18 months')), 'YYYY-MM-DD'),
			count(*)
		FROM lms.patron
		WHERE authority = 'CAM' AND status = 'active' AND NOT protected AND expires_on + interval '18 months' < '2028-01-01'
		GROUP BY 1
		ORDER BY 1`)
	var got []string
	for _, d := range p.Due {
		if d.Rule == "lapsed" {
			got = append(got, d.Month.String(), strconv.Itoa(d.People))
		}
	}
	if strings.Join(got, "\n") != want || len(got) < 20 {
		t.Errorf("got %v\nwant %s", got, want)
	}
	if public := p.Public(); public.Protection != nil || public.Due != nil || p.Protection == nil {
		t.Error("what is for the public")
	}
}

// What five people or fewer would give away is left out, and follows from nothing else.
func TestSharingHidesSmallGroups(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	ctx, why := t.Context(), client.Why{}
	super.Must("SET session_replication_role = replica; TRUNCATE patronctl.access CASCADE")
	of := func(authority string) string {
		return "ARRAY(SELECT id FROM lms.patron WHERE authority = '" + authority + "' AND status = 'active' ORDER BY id)"
	}
	look := func(by, home string, first, last int, operation, purpose, outcome, at string) {
		super.Must(`
			INSERT INTO patronctl.access (
				xid, written_at, at, login, authority, operation, purpose, outcome, facts, patrons, nonce, row_hash
			)
			SELECT '1', '0/0', '%s', 'x', nullif('%s', ''), '%s', '%s', '%s', FALSE, ARRAY[(%s)[n], NULL], uuid_send(gen_random_uuid()), ''
			FROM generate_series(%d, %d) AS n`, at, by, operation, purpose, outcome, of(home), first, last)
	}
	day := "2026-01-15 12:00Z"
	look("KEN", "CAM", 1, 9, "patron show", "service", "allowed", day)
	look("KEN", "CAM", 1, 3, "patron find", "service", "allowed", day) // again: 12 lookups of 9 people
	look("KEN", "CAM", 1, 4, "debt check", "debt", "allowed", day)     // hidden
	look("PBK", "CAM", 1, 5, "debt check", "debt", "allowed", day)
	look("PBK", "CAM", 6, 8, "patron find", "debt", "allowed", day) // leaves three of whom no debts were told: the debts are hidden
	look("CAM", "CAM", 1, 9, "patron show", "service", "allowed", day)
	look("CAM", "KEN", 1, 6, "patron find", "service", "allowed", day)
	look("KEN", "PBK", 1, 7, "patron show", "service", "allowed", day)
	look("", "CAM", 1, 8, "debt check bulk", "debt", "allowed", day)
	look("KEN", "CAM", 20, 29, "patron show", "service", "denied", day)
	look("KEN", "CAM", 20, 29, "history show", "service", "allowed", day)
	look("KEN", "CAM", 20, 29, "patron show", "service", "allowed", "2026-01-14 23:59:59Z")
	look("KEN", "CAM", 20, 29, "patron show", "service", "allowed", "2026-01-16 00:00Z")
	read := func(login string) string {
		t.Helper()
		s, err := audit.ReportSharing(ctx, db.Client(t, login), why, pgtest.Date(t, "2026-01-15"), pgtest.Date(t, "2026-01-15"))
		if err != nil {
			t.Fatal(login, err)
		}
		var lines []string
		for _, r := range s.Rows {
			number := func(n *int) string {
				if n == nil {
					return "?"
				}
				return strconv.Itoa(*n)
			}
			lines = append(lines, strings.Join([]string{r.Home, r.Looked, r.Purpose, number(r.Lookups), number(r.People), number(r.Debts)}, " "))
			if r.Hidden != (r.People == nil) {
				t.Errorf("%+v", r)
			}
		}
		return strings.Join(lines, "\n")
	}
	cam := "CAM  debt 8 8 8\nCAM KEN debt ? ? ?\nCAM KEN service 12 9 9\nCAM PBK debt 8 8 ?\nKEN CAM service 6 6 0"
	for login, want := range map[string]string{
		"officer.cam": cam, "supervisor.cam": cam, "auditor": cam + "\nPBK KEN service 7 7 7",
		"officer.ken": "CAM KEN debt ? ? ?\nCAM KEN service 12 9 9\nKEN CAM service 6 6 0\nPBK KEN service 7 7 7",
	} {
		if got := read(login); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", login, got, want)
		}
	}
	_, err := audit.ReportSharing(ctx, db.Client(t, "officer.cam"), why, pgtest.Date(t, "2026-01-15"), pgtest.Date(t, "2026-01-14"))
	pgtest.OfKind(t, err, client.KindUsage)
	if s, err := audit.ReportSharing(ctx, db.Client(t, "auditor"), why, pgtest.Date(t, "today"), pgtest.Date(t, "today")); err != nil ||
		s.From != s.To || s.From.Today {
		t.Error(s, err)
	}
}
