package people_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/people"
)

// listed are the rows of a list, one a line.
func listed(t *testing.T, c *client.Client, purpose string, filter people.ConsentFilter) (rows []string, err error) {
	t.Helper()
	for r, err := range people.ListConsented(t.Context(), c, client.Why{Purpose: purpose}, filter) {
		if err != nil {
			return rows, err
		}
		rows = append(rows, r.Name+"|"+r.Channel+"|"+r.Address)
	}
	return rows, nil
}

// A list holds those at home whose consent is in force, and of each the name and the address of a channel chosen.
func TestListOfConsented(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer := pgtest.Connect(t, db, "postgres"), db.Client(t, "officer.cam")
	person := func(card, surname, sql string) {
		id := super.Patron("CAM", card, surname, "Ann", "")
		super.Must(`
			UPDATE lms.identity
			SET emails = '{" %s@example.org ",other@example.org}', phones = '{0100 %s}'
			WHERE patron = %s`, strings.ToLower(surname), card, id)
		super.Must(`
			INSERT INTO lms.address
			VALUES (%[1]s, 'CAM', 'permanent', 2, 'y', 'y', 'y', 'y'),
				(%[1]s, 'CAM', 'permanent', 1, E'The Mill\n2 Low Street\n', 'Millbeck', 'CQ1 0AA', 'GB'),
				(%[1]s, 'CAM', 'temporary', 1, 'x', 'x', 'x', 'x')`, id)
		super.Must("%s", strings.ReplaceAll(sql, "$p", id))
	}
	gives := func(purpose, channel, given, withdrawn string) string {
		return fmt.Sprintf(`
			INSERT INTO lms.consent (patron, authority, purpose, channel, given_at, withdrawn_at)
			VALUES ($p, 'CAM', '%s', '%s', '%s', %s);`, purpose, channel, given, withdrawn)
	}
	super.Must("INSERT INTO patronctl.setting VALUES ('consent_purposes', 'CAM', 'book-club')")
	club := gives("book-club", "email", "2026-01-01", "NULL")
	person("77000001", "Able", club)
	person("77000002", "Baker", club+gives("book-club", "post", "2026-01-02", "NULL")+gives("book-club", "email", "2026-01-03", "NULL"))
	person("77000003", "Charlie", gives("book-club", "sms", "2026-01-01", "NULL"))
	person("77000004", "Dog", gives("book-club", "phone", "2026-01-01", "'2026-02-01'"))
	const expired = "UPDATE lms.patron SET expires_on = '2026-01-30' WHERE id = $p;"
	person("77000005", "Member", club+expired+"INSERT INTO lms.membership (patron, authority, basis) VALUES ($p, 'CAM', 'work')")
	person("77000006", "Today", club+"UPDATE lms.patron SET expires_on = '2026-01-31' WHERE id = $p")
	person("77000007", "Untiltoday", club+expired+"INSERT INTO lms.membership VALUES ($p, 'CAM', 'work', '2020-01-01', '2026-01-31')")
	for n, sql := range []string{
		gives("book-club", "email", "2026-02-01", "NULL"),         // for later
		gives("book-club", "email", "2026-01-01", "'2026-01-30'"), // withdrawn
		gives("marketing", "email", "2026-01-01", "NULL"),         // to something else
		strings.Replace(club, "'CAM'", "'KEN'", 1),                // to somebody else
		club + expired, // expired
		club + expired + "INSERT INTO lms.membership VALUES ($p, 'CAM', 'work', '2020-01-01', '2026-01-30')",    // so is the membership
		club + "UPDATE lms.patron SET status = 'deleted' WHERE id = $p",                                         // deleted
		club + "UPDATE lms.identity SET emails = '{\" \"}' WHERE patron = $p",                                   // no address
		club + "UPDATE lms.patron SET authority = 'KEN' WHERE id = $p",                                          // at home elsewhere
		"UPDATE lms.patron SET branch = 'CAM-NOR' WHERE id = $p",                                                // never asked
		"INSERT INTO lms.consent (patron, authority, purpose, given_at) VALUES ($p, 'CAM', 'book-club', now())", // no channel
	} {
		person(fmt.Sprint("7800000", n), fmt.Sprintf("Nobody%c", 'a'+n), sql)
	}
	want := []string{
		"Ann Able|email|able@example.org", "Ann Baker|email|baker@example.org", "Ann Baker|post|The Mill, 2 Low Street, CQ1 0AA Millbeck, GB",
		"Ann Charlie|sms|0100 77000003", "Ann Dog|phone|0100 77000004", "Ann Member|email|member@example.org",
		"Ann Today|email|today@example.org", "Ann Untiltoday|email|untiltoday@example.org",
	}
	all, err := listed(t, officer, "book-club", people.ConsentFilter{})
	if err != nil || !slices.Equal(all, want) {
		t.Errorf("%v\n%s\nwant\n%s", err, strings.Join(all, "\n"), strings.Join(want, "\n"))
	}
	if post, err := listed(t, officer, "book-club", people.ConsentFilter{Channel: "post", Authority: "CAM"}); err != nil ||
		!slices.Equal(post, want[2:3]) {
		t.Errorf("post: %s, %v", post, err)
	}
	if none, err := listed(t, officer, "book-club", people.ConsentFilter{Branch: "CAM-NOR"}); err != nil || len(none) != 0 {
		t.Errorf("elsewhere: %s, %v", none, err)
	}
	// The access says for what, and who was on the list.
	if said := super.Must(`
		SELECT purpose || ' ' || outcome || ' ' || cardinality(patrons)
		FROM patronctl.access
		WHERE operation = 'patron list'
		ORDER BY id LIMIT 1`); said != "book-club allowed 7" {
		t.Errorf("recorded: %s", said)
	}

	// Whom a part of a list opens: those after the last one of the part before, whom the channel reaches.
	staff := pgtest.Connect(t, db, "officer.cam")
	opened := func(consented string) string {
		id := staff.Must(`SELECT desk.open_access('patron list', 'book-club', '', '{"consented": %s}')`, consented)
		return super.Must(`
			SELECT string_agg(i.surname, ' ' ORDER BY i.patron)
			FROM patronctl.access AS a, lms.identity AS i
			WHERE a.id = %s AND i.patron = ANY (a.patrons)`, id)
	}
	for consented, want := range map[string]string{
		`{}`:                  "Able Baker Charlie Dog Member Today Untiltoday",
		`{"channel": "post"}`: "Baker", `{"channel": "sms"}`: "Charlie",
		`{"after": ` + super.Must("SELECT patron FROM lms.identity WHERE surname = 'Dog' AND forenames = 'Ann'") + `}`: "Member Today Untiltoday",
	} {
		if got := opened(consented); got != want {
			t.Errorf("%s opens %s, want %s", consented, got, want)
		}
	}

	// Consent that ends between the two calls counts.
	id := staff.Must(`SELECT desk.open_access('patron list', 'book-club', '', '{"consented": {}}')`)
	super.Must("UPDATE lms.consent SET withdrawn_at = '2026-01-15' WHERE withdrawn_at IS NULL AND purpose = 'book-club'")
	if said := staff.Must("SELECT desk.list_consented(%s, NULL)", id); strings.Contains(said, "Able") || !strings.Contains(said, "Dog") {
		t.Errorf("after everybody withdrew: %s", said)
	}
	// So does an account that ended, or a home that is another one by then, whatever was consented to there.
	super.Must("UPDATE lms.patron SET status = 'deleted' WHERE id = (SELECT patron FROM lms.identity WHERE surname = 'Dog')")
	if said := staff.Must("SELECT desk.list_consented(%s, NULL)", id); strings.Contains(said, "Dog") {
		t.Errorf("after an account ended: %s", said)
	}
	super.Must(`
		UPDATE lms.patron SET status = 'active', authority = 'KEN', branch = 'KEN-CEN'
		WHERE id = (SELECT patron FROM lms.identity WHERE surname = 'Dog');
		UPDATE lms.identity SET authority = 'KEN' WHERE surname = 'Dog';
		INSERT INTO lms.consent (patron, authority, purpose, channel, given_at)
		SELECT patron, 'KEN', 'book-club', 'phone', '2026-01-01'
		FROM lms.identity
		WHERE surname = 'Dog'`)
	if said := staff.Must("SELECT desk.list_consented(%s, NULL)", id); strings.Contains(said, "Dog") {
		t.Errorf("after somebody moved: %s", said)
	}
}

// Nobody else gets a list, nobody gets one for another purpose, and none of people elsewhere.
func TestListsAreForOfficers(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for _, login := range []string{"clerk.cam", "supervisor.cam", "support", "admin", "job", "auditor", "opac"} {
		if rows, err := listed(t, db.Client(t, login), "marketing", people.ConsentFilter{}); pgtest.Kind(err) != client.KindRefused &&
			pgtest.Kind(err) != client.KindUsage || len(rows) > 0 {
			t.Errorf("%s: %d rows, %v", login, len(rows), err)
		}
		plain := pgtest.Connect(t, db, login)
		_, err := plain.Run("SELECT desk.list_consented(1, NULL)")
		pgtest.Forbidden(t, login+" calls it", err)
	}
	officer, staff := db.Client(t, "officer.cam"), pgtest.Connect(t, db, "officer.cam")
	for purpose, want := range map[string]client.Kind{
		"": client.KindUsage, "service": client.KindUsage, "legal": client.KindUsage, "joining": client.KindUsage, "curiosity": client.KindUsage,
	} {
		_, err := listed(t, officer, purpose, people.ConsentFilter{})
		if pgtest.Kind(err) != want {
			t.Errorf("%q: %v", purpose, err)
		}
	}
	for filter, want := range map[people.ConsentFilter]client.Kind{
		{Authority: "KEN"}: client.KindRefused, {Authority: "XXX"}: client.KindUsage, {Branch: "KEN-CEN"}: client.KindUsage,
		{Branch: "x"}: client.KindUsage, {Channel: "fax"}: client.KindUsage,
	} {
		if rows, err := listed(t, officer, "marketing", filter); pgtest.Kind(err) != want || len(rows) > 0 {
			t.Errorf("%v: %v", filter, err)
		}
	}
	// A number for one person opens no list, and a list has three columns.
	id := staff.Open("patron show", pgtest.Bookworm)
	_, err := staff.Run("SELECT desk.list_consented(%s, NULL)", id)
	pgtest.Refused(t, "a number of patron show", err)
	id = staff.Open("patron list", `{"consented": {"channel": "email", "after": 1900}}`)
	if keys := staff.Must(`
		SELECT string_agg(DISTINCT k, ' ' ORDER BY k)
		FROM jsonb_array_elements(desk.list_consented(%s, NULL) -> 'people') AS p, jsonb_object_keys(p) AS k`,
		id); keys != "address channel name" {
		t.Errorf("columns: %s", keys)
	}
	// Whether anybody elsewhere consented is not told either, and who is an officer of two authorities says whose list it is.
	super := pgtest.Connect(t, db, "postgres")
	super.Must("SET session_replication_role = replica; DELETE FROM lms.consent WHERE authority = 'KEN'; RESET session_replication_role")
	if _, err := listed(t, officer, "marketing", people.ConsentFilter{Authority: "KEN"}); pgtest.Kind(err) != client.KindRefused {
		t.Errorf("a list of nobody elsewhere: %v", err)
	}
	super.Must(`
		INSERT INTO patronctl.staff (login, authority, role, valid_from)
		SELECT login, 'KEN', role, valid_from FROM patronctl.staff WHERE login = 'officer.cam'`)
	if _, err := listed(t, officer, "marketing", people.ConsentFilter{}); pgtest.Kind(err) != client.KindUsage {
		t.Errorf("a list of either authority: %v", err)
	}
}

// A long list is read in parts, each with a record of the people in it.
func TestLongList(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	super.Must("INSERT INTO patronctl.setting VALUES ('consent_purposes', 'CAM', 'book-club')")
	super.Must(`
		INSERT INTO lms.patron (id, authority, branch, category) SELECT 100000 + n, 'CAM', 'CAM-CEN', 'ADULT' FROM generate_series(1, 4000) AS n;
		INSERT INTO lms.identity (patron, authority, surname, emails)
		SELECT 100000 + n, 'CAM', 'Reader', ARRAY['r' || n || '@example.org']
		FROM generate_series(1, 4000) AS n;
		INSERT INTO lms.consent (patron, authority, purpose, channel, given_at)
		SELECT 100000 + n, 'CAM', 'book-club', 'email', '2026-01-01'
		FROM generate_series(1, 4000) AS n`)
	rows, err := listed(t, db.Client(t, "officer.cam"), "book-club", people.ConsentFilter{})
	slices.Sort(rows)
	if err != nil || len(rows) != 4000 || len(slices.Compact(rows)) != 4000 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	if said := super.Must(`
		SELECT string_agg(cardinality(patrons)::text, ' ' ORDER BY id)
		FROM patronctl.access
		WHERE operation = 'patron list'`); said != "2000 2000 0" {
		t.Errorf("people in each record: %s", said)
	}
}
