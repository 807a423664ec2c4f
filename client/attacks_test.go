package client_test

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"patronctl/client/install"
	"patronctl/client/localpg/pgtest"
)

// attackTable is what comes of every attack by every role:
//
//	refused CODE      the server said no, with this SQLSTATE
//	recorded          done, and the record of it stands
//	refusal recorded  opened, and the refusal stands in the records
//	shows nothing     done, without a value about anybody and without a change
//	changes TABLE     done, and this table of the server says something else now: about the login itself
const attackTable = "testdata/attacks.csv"

// attack is what somebody with a password tries in psql. Each step is a message. $mine is the number that a step before
// returned last; $other that of an access which another login has just opened to the marked person.
type attack struct {
	name  string
	steps []string
	plain bool // several statements in a message, which only the simple protocol takes
	stays bool // everybody else must be able to work while the session stays as it is
	undo  string
}

// attackers are a login of each role at the home of the marked person, one whose registrations ended yesterday, and one
// that was let in without any group.
var attackers = []struct{ role, login string }{
	{"clerk", "clerk.cam"},
	{"supervisor", "supervisor.cam"},
	{"officer", "officer.cam"},
	{"support", "support"},
	{"admin", "admin"},
	{"job", "job"},
	{"auditor", "auditor"},
	{"opac", "opac"},
	{"late", "late.attacker"},
	{"outsider", "out.attacker"},
}

// The marked people: farrow is at home in CAM, the other one in KEN. Nothing but their own values holds the mark.
const mark = "Qxvz"

const markThem = `
	UPDATE lms.identity
	SET surname = 'Qxvzson', forenames = 'Qxvzanne', title = 'Qxvz', birth_date = '1899-11-11',
		emails = ARRAY['qxvz' || patron || '@example.org'],
		phones = '{+Qxvz}', document_number = 'Qxvz1', guardian = 'Qxvz2', language = 'Qxvz3' WHERE patron IN (14, 3);
	UPDATE lms.address SET lines = 'Qxvz4', town = 'Qxvz5', postcode = 'Qxvz6', country = 'Qxvz7' WHERE patron IN (14, 3);
	INSERT INTO lms.special SELECT patron, authority, 'Qxvz8', 'Qxvz9', 'Qxvz10', 'Qxvz11' FROM lms.identity WHERE patron IN (14, 3)
		ON CONFLICT (patron, authority) DO UPDATE SET faith = 'Qxvz8', sexuality = 'Qxvz9', disability = 'Qxvz10', ethnic_origin = 'Qxvz11';
	UPDATE lms.credential SET secret_hash = '$argon2id$v=19$m=19456,t=2,p=1$Qxvz$Qxvz' WHERE patron IN (14, 3);
	UPDATE lms.card SET number = 'Qxvz-' || patron WHERE patron IN (14, 3);
	SET session_replication_role = replica; -- a consent is never changed
	UPDATE lms.consent SET channel = 'Qxvz12', source = 'Qxvz13' WHERE patron IN (14, 3);
	RESET session_replication_role`

// marks are the forms in which the server might show a marked value.
var marks = []string{"qxvz", hex.EncodeToString([]byte(mark)), hex.EncodeToString([]byte("qxvz")), "81 120 118 122", "1899-11-11"}

// The server as its administrator was asked to leave it, and who is about while the attackers try.
func newBattle(t *testing.T) *battle {
	db := pgtest.New(t)
	b := &battle{t: t, db: db, super: pgtest.Connect(t, db, "postgres"), other: pgtest.Connect(t, db, "clerk.ken"), wires: map[string]*wire{}}
	b.super.Must("SET max_parallel_workers_per_gather = 0; %s", revokes(t))
	b.super.Must("%s", markThem)
	b.super.Must(`
		CREATE ROLE "late.attacker" LOGIN IN ROLE patronctl_clerk, patronctl_supervisor, patronctl_officer;
		CREATE ROLE "door.attacker";
		CREATE ROLE "out.attacker" LOGIN IN ROLE "door.attacker";
		GRANT CONNECT ON DATABASE %s TO "door.attacker";
		INSERT INTO patronctl.staff
		SELECT 'late.attacker', 'CAM', r, '2020-01-01', patronctl.today('CAM') - 1
		FROM unnest('{clerk,supervisor,officer}'::text[]) AS r`, db.Name)
	// Sessions and statements of others that hold the mark.
	b.other.Must("SELECT '%s'; PREPARE theirs AS SELECT '%[1]s'", mark)
	b.super.Must("SELECT 1 AS %s", mark)
	super := pgtest.Connect(t, db, "postgres")
	super.Must("BEGIN; DECLARE held CURSOR FOR SELECT surname FROM lms.identity WHERE surname LIKE '%s%%'", mark)
	super.Must("FETCH held")
	if pgtest.CountsStatements(t) {
		b.super.Must("CREATE EXTENSION pg_stat_statements")
	}
	b.see()
	return b
}

// revokes are what the administrator's script takes away from everybody in a database.
func revokes(t *testing.T) string {
	t.Helper()
	_, rest, found := strings.Cut(install.AdminSQL(), "\nDO $$")
	what, _, ended := strings.Cut(rest, "$$;")
	if !found || !ended || !strings.Contains(what, "FROM PUBLIC") {
		t.Fatal("the script of the administrator takes nothing away")
	}
	return "DO $$" + what + "$$"
}

type battle struct {
	t            *testing.T
	db           *pgtest.DB
	super, other *pgtest.Session
	wires        map[string]*wire  // by login
	query        string            // counts and versions of rows, or what they say
	rows         map[string]string // by table
	next         int               // the number of the next transaction
}

// see remembers what the database looks like.
func (b *battle) see() {
	if b.query == "" {
		b.query = b.super.Must("%s",
			`SELECT string_agg(format('SELECT %L, concat(count(*), '' '', sum(hashtext(%s::text))) FROM %s AS r%s', c.oid::regclass,
				CASE c.relnamespace WHEN 'pg_catalog'::regnamespace THEN 'r' ELSE 'r.xmin' END, c.oid::regclass,
				CASE c.oid::regclass::text WHEN 'patronctl.access' THEN ' WHERE id <= $id' ELSE '' END), ' UNION ALL ')
			FROM pg_class AS c
			WHERE c.relkind = 'r'
				AND (
					c.relnamespace::regnamespace::text IN ('lms', 'patronctl') OR c.relnamespace = 'pg_catalog'::regnamespace
					AND c.relname <> 'pg_statistic'
				)
				AND c.oid::regclass::text <> 'patronctl.paging'`) +
			" UNION ALL SELECT 'pg_prepared_xacts', count(*)::text FROM pg_prepared_xacts WHERE database = current_database()"
		b.query = strings.Replace(b.query, "$id", b.lastAccess(), 1)
	}
	values, err := b.super.Run("%s", b.query)
	if err != nil {
		b.t.Fatal(err)
	}
	b.rows = map[string]string{}
	for n := 0; n < len(values); n += 2 {
		b.rows[values[n]] = values[n+1]
	}
	b.next = b.nextXid()
}

func (b *battle) lastAccess() string { return b.super.Must("SELECT max(id) FROM patronctl.access") }

// flush brings to the disk what others committed without waiting for it.
func (b *battle) flush() {
	b.super.Must("SELECT pg_logical_emit_message(TRUE, 'flush', '')")
	b.next++
}

func (b *battle) nextXid() (xid int) {
	if _, err := fmt.Sscan(b.super.Must("SELECT pg_snapshot_xmax(pg_current_snapshot())"), &xid); err != nil {
		b.t.Fatal(err)
	}
	return xid
}

// changed names the tables that differ since see. Without a further transaction number nothing can differ.
func (b *battle) changed() (tables []string) {
	if b.nextXid() == b.next {
		return nil
	}
	before := b.rows
	b.see()
	for table, rows := range b.rows {
		if before[table] != rows {
			tables = append(tables, table)
		}
	}
	slices.Sort(tables)
	return tables
}

// try lets a login attack in one protocol and tells what came of it.
func (b *battle) try(a attack, login string, extended bool) string {
	own := b.wires[login]
	if own == nil {
		own = newWire(b.t, b.db, login)
		b.wires[login] = own
	}
	_, _ = own.say("ROLLBACK", false)
	if _, failure := own.say("DISCARD ALL", false); failure != "" {
		b.t.Fatalf("%s begins anew: %s", login, failure)
	}
	_, _ = own.say("SELECT set_config('my.id', '0', FALSE)", extended) // a number of nobody's keeps steps from failing on an unset value
	before, mine, opened := b.lastAccess(), "0", ""
	var said, failure string
	for _, step := range a.steps {
		if strings.Contains(step, "$other") && opened == "" {
			opened = b.other.Open("patron show", farrow)
			before = b.lastAccess()
		}
		got, state := own.say(strings.NewReplacer("$other", opened, "$mine", mine, "$login", `"`+login+`"`).Replace(step), extended)
		if n := number.FindAllString(got, -1); n != nil {
			mine = n[len(n)-1]
		}
		said += got
		failure = cmp.Or(failure, state) // what follows the first one, fails for that
		b.flush()
	}
	var tables []string
	if a.undo != "" {
		if tables = b.changed(); tables != nil {
			b.super.Must("%s", strings.ReplaceAll(a.undo, "$login", `"`+login+`"`))
			b.see()
		}
	}
	allowed, denied, shown := 0, 0, 0
	records := b.super.Must(`SELECT count(*) FILTER (WHERE outcome <> 'denied'), count(*) FILTER (WHERE outcome = 'denied'),
		count(*) FILTER (WHERE outcome = 'allowed' AND (patrons || others) && '{14,3}'::bigint[])
		FROM patronctl.access
		WHERE id > %s AND login = '%s'`, before, login)
	if _, err := fmt.Sscan(records, &allowed, &denied, &shown); err != nil {
		b.t.Fatal(err)
	}
	if a.stays && failure == "" { // what was refused holds nothing up
		b.othersWork(a.name, login)
		b.see()
	}
	if b.marked(said) && shown == 0 {
		b.t.Errorf("%s: %s shows a marked value without a record: %.300s", login, a.name, said)
	}
	var cell []string
	if allowed > 0 {
		cell = append(cell, "recorded")
	}
	if denied > 0 {
		cell = append(cell, "refusal recorded")
	}
	if failure != "" {
		cell = append(cell, "refused "+failure)
	}
	for _, table := range tables {
		cell = append(cell, "changes "+table)
	}
	if cell == nil {
		cell = []string{"shows nothing"}
	}
	return strings.Join(cell, ", ")
}

var number = regexp.MustCompile(`(?m)^[0-9]+$`)

func (b *battle) marked(said string) bool {
	said = strings.ToLower(said)
	return slices.ContainsFunc(marks, func(m string) bool { return strings.Contains(said, m) })
}

// Every login attacks with everything. Runs alone, because it sees every change.
func TestAttacks(t *testing.T) {
	b := newBattle(t)
	// The protocols differ in where a transaction begins and ends.
	inBoth := slices.Concat(gateAttacks, numberAttacks)
	all := slices.Concat(inBoth, valueAttacks, rightsAttacks, serverAttacks, roleAttacks, objectAttacks)
	lines := [][]string{{"attack"}}
	for _, who := range attackers {
		lines[0] = append(lines[0], who.role)
	}
	tried := 0
	for n, a := range all {
		line := []string{a.name}
		for _, who := range attackers {
			cell := b.try(a, who.login, false)
			tried++
			if n < len(inBoth) && !a.plain {
				tried++
				if extended := b.try(a, who.login, true); extended != cell {
					cell += " / " + extended
				}
			}
			line = append(line, cell)
		}
		if tables := b.changed(); tables != nil {
			t.Errorf("%s changes %s", a.name, tables)
		}
		lines = append(lines, line)
	}
	replication, more := attackReplication(t)
	lines = append(lines, replication...)
	var found bytes.Buffer
	if err := csv.NewWriter(&found).WriteAll(lines); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(attackTable, found.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	differences := compare(t, attackTable, found.String())
	t.Logf("%d attacks, %d attempts, %d differences from %s\n%s", len(lines)-1, tried+more, differences, attackTable, table(lines))
}

// table sets lines in columns.
func table(lines [][]string) string {
	var text strings.Builder
	columns := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, line := range lines {
		_, _ = fmt.Fprintln(columns, strings.Join(line, "\t"))
	}
	_ = columns.Flush() // a builder takes everything
	return text.String()
}
