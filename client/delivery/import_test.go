package delivery_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/delivery"
	"patronctl/client/install"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
)

// installed returns an installation without any rows.
func installed(t *testing.T) *pgtest.DB {
	t.Helper()
	db := pgtest.Empty(t)
	pgtest.Connect(t, db, "postgres").Must(`DO $$BEGIN IF to_regrole('admin') IS NULL THEN CREATE ROLE admin LOGIN; END IF; END$$`)
	if err := install.Init(t.Context(), db.Client(t, "library"), "admin", func(string) {}); err != nil {
		t.Fatal(err)
	}
	return db
}

// directories are what the tests import: the sample, and where it lies beside the repository an untidy one of real origin.
func directories(t *testing.T) map[string]string {
	t.Helper()
	made := t.TempDir()
	if err := sample.Write(made, sample.Demo(pgtest.Date(t, pgtest.Day).Time)); err != nil {
		t.Fatal(err)
	}
	dirs := map[string]string{"sample": made}
	if concerto := filepath.Join("..", "..", "shared", "data", "concerto"); exists(concerto) {
		dirs["concerto"] = concerto
	}
	return dirs
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// records reads a CSV file as a map per row.
func records(t *testing.T, path string) (rows []map[string]string) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // only read
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			row[name] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// everything is a fingerprint of each table of the library and of the mapping, and of the sequences.
const everything = `
	SELECT string_agg(format('%s %s', c.oid::regclass, CASE c.relkind
		WHEN 'S' THEN pg_sequence_last_value(c.oid)::text
		ELSE (xpath('/row/f/text()', query_to_xml(format(
			'SELECT md5(string_agg(r::text, E''\n'' ORDER BY r::text)) AS f FROM %s AS r', c.oid::regclass), FALSE, TRUE, '')))[1]::text
	END), E'\n' ORDER BY c.oid)
	FROM pg_class AS c
	WHERE (c.relnamespace = 'lms'::regnamespace OR c.relnamespace = 'patronctl'::regnamespace AND c.relname LIKE 'imported%')
		AND c.relkind IN ('r', 'S')`

func TestImportTwice(t *testing.T) {
	for name, dir := range directories(t) {
		t.Run(name, func(t *testing.T) {
			db := installed(t)
			owner, super := db.Client(t, "library"), pgtest.Connect(t, db, "postgres")
			first, err := delivery.Import(t.Context(), owner, dir, delivery.Options{})
			if err != nil {
				t.Fatal(err, first.Bad)
			}
			agree(t, super, dir, first)
			before := super.Must("%s", everything)
			second, err := delivery.Import(t.Context(), owner, dir, delivery.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range second.Relations {
				if r.Known != r.Read || r.Added != 0 || r.Bad != 0 {
					t.Errorf("again: %+v", r)
				}
			}
			if after := super.Must("%s", everything); after != before {
				t.Errorf("importing again changed something:\n%s\n%s", before, after)
			}
		})
	}
}

// agree compares what was loaded with the files: rows, sums of money, and what the desk counts.
func agree(t *testing.T, super *pgtest.Session, dir string, imported *delivery.Imported) {
	t.Helper()
	if len(imported.Relations) < 13 {
		t.Errorf("only %d relations", len(imported.Relations))
	}
	for _, r := range imported.Relations {
		rows := records(t, filepath.Join(dir, r.Relation+".csv"))
		want := delivery.ImportedRelation{Relation: r.Relation, Read: int64(len(rows)), Added: int64(len(rows))}
		if r != want {
			t.Errorf("counted %+v, want %+v", r, want)
		}
		if loaded := super.Must("SELECT count(*) FROM lms.%s", r.Relation); loaded != fmt.Sprint(len(rows)) {
			t.Errorf("%s rows of %s, want %d", loaded, r.Relation, len(rows))
		}
	}
	fees, payments, owed, active := new(big.Rat), new(big.Rat), map[string]string{}, 0
	for _, fee := range records(t, filepath.Join(dir, "fee.csv")) {
		fees.Add(fees, rat(t, fee["amount"]))
		owed[fee["id"]] = fee["authority"]
	}
	for _, payment := range records(t, filepath.Join(dir, "payment.csv")) {
		payments.Add(payments, rat(t, payment["amount"]))
	}
	for _, loan := range records(t, filepath.Join(dir, "loan.csv")) {
		if loan["returned_at"] == "" {
			active++
		}
	}
	want := fmt.Sprintf("%s\n%s\n%d", fees.FloatString(2), payments.FloatString(2), active)
	got := super.Must(`
		SELECT (SELECT sum(amount) FROM lms.fee), (SELECT sum(amount) FROM lms.payment),
			(SELECT count(*) FROM lms.loan WHERE returned_at IS NULL)`)
	if got != want {
		t.Errorf("fees, payments and active loans are %q, in the files %q", got, want)
	}
	if n := super.Must(`SELECT count(*) FROM lms.payment AS y JOIN lms.fee AS f ON f.id = y.fee WHERE f.patron <> y.patron`); n != "0" {
		t.Errorf("%s payments went to another patron than their fee", n)
	}
}

func rat(t *testing.T, amount string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(amount)
	if !ok {
		t.Fatalf("amount %q", amount)
	}
	return r
}

// The first import takes constraints and indexes away for speed; it must put back exactly what was there.
func TestImportKeepsTheStructure(t *testing.T) {
	const structure = `
		SELECT string_agg(line, E'\n' ORDER BY line)
		FROM (
			SELECT format('%s %s %s %s', conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid))
			FROM pg_constraint WHERE connamespace IN ('lms'::regnamespace, 'patronctl'::regnamespace) AND conparentid = 0
				AND conrelid NOT IN (SELECT inhrelid FROM pg_inherits)
			UNION ALL
			SELECT pg_get_indexdef(i.indexrelid) FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
			WHERE c.relnamespace IN ('lms'::regnamespace, 'patronctl'::regnamespace) AND NOT c.relispartition
		) AS s(line)`
	db := installed(t)
	super := pgtest.Connect(t, db, "postgres")
	before := super.Must("%s", structure)
	if _, err := delivery.Import(t.Context(), db.Client(t, "library"), directories(t)["sample"], delivery.Options{}); err != nil {
		t.Fatal(err)
	}
	if after := super.Must("%s", structure); after != before || !strings.Contains(before, "loan_patron_fkey") {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}

// What was moved to the anonymous or erased stays away, and what staff changed since stays changed.
func TestImportBringsNothingBack(t *testing.T) {
	dir := write(t, consortium)
	db := installed(t)
	owner, super := db.Client(t, "library"), pgtest.Connect(t, db, "postgres")
	if _, err := delivery.Import(t.Context(), owner, dir, delivery.Options{}); err != nil {
		t.Fatal(err)
	}
	super.Must(`
		UPDATE lms.identity SET surname = 'Married' WHERE surname = 'Hall';
		UPDATE lms.consent SET withdrawn_at = '2026-01-30Z';
		UPDATE lms.patron SET branch = 'B-2' WHERE id = (SELECT id FROM patronctl.imported_patron WHERE source = 1);
		-- loan 1 of patron 1 is moved
		UPDATE lms.fee SET loan = NULL WHERE loan = (SELECT id FROM patronctl.imported_loan WHERE source = 1);
		DELETE FROM lms.loan WHERE id = (SELECT id FROM patronctl.imported_loan WHERE source = 1);
		UPDATE patronctl.imported_loan SET id = NULL WHERE source = 1;
		-- patron 2 is erased, with fee and payment moved
		DELETE FROM lms.payment; DELETE FROM lms.card WHERE number = 'C2';
		DELETE FROM lms.fee WHERE patron = (SELECT id FROM patronctl.imported_patron WHERE source = 2);
		DELETE FROM lms.identity WHERE patron = (SELECT id FROM patronctl.imported_patron WHERE source = 2);
		UPDATE patronctl.imported_fee SET id = NULL WHERE source = 2;
		UPDATE patronctl.imported_patron SET id = NULL WHERE source = 2;
	`)
	before := super.Must("%s", everything)
	again, err := delivery.Import(t.Context(), owner, dir, delivery.Options{})
	if err != nil {
		t.Fatal(err, again.Bad)
	}
	if after := super.Must("%s", everything); after != before {
		t.Errorf("importing again changed something:\n%s\n%s", before, after)
	}
	// Files that have grown bring what is new: a fee of the moved loan comes without it, nothing comes for the erased.
	grown := write(t, consortium, map[string]string{
		"fee":      "id,patron,authority,kind,amount,raised_on,loan\n3,1,B,overdue,7.00,2026-01-03,1\n4,2,B,overdue,8.00,2026-01-03,\n",
		"payment":  "id,fee,amount,paid_on\n2,2,1.00,2026-01-04\n3,4,1.00,2026-01-04\n",
		"identity": "patron,surname\n2,Erased\n",
		"card":     "number,patron\nC2,2\nC9,2\n",
	})
	out, err := delivery.Import(t.Context(), owner, grown, delivery.Options{SkipBad: &strings.Builder{}})
	if err != nil {
		t.Fatal(err)
	}
	if got := super.Must(`SELECT amount, loan IS NULL FROM lms.fee WHERE amount > 6`); got != "7.00\nt" {
		t.Errorf("the new fees are %q", got)
	}
	if got := super.Must(`
		SELECT count(*) FROM lms.identity WHERE surname = 'Erased'
		UNION ALL SELECT count(*) FROM lms.card WHERE number IN ('C2', 'C9')
		UNION ALL SELECT count(*) FROM lms.payment`); got != "0\n0\n0" {
		t.Errorf("rows of an erased patron: %q", got)
	}
	wantBad(t, out.Bad, "payment.csv:3: fee: unknown fee 4") // the fee of an erased patron never came
}

func TestImportDerivesAndWarns(t *testing.T) {
	db := installed(t)
	out, err := delivery.Import(t.Context(), db.Client(t, "library"), write(t, consortium, map[string]string{
		"loan": "id,patron,item,branch,lent_at,due_at,returned_at\n" +
			"1,1,1,B-2,2026-01-02 10:00:00+01,2026-01-01T10:00:00Z,2026-01-01T10:00:00.5Z\n",
		"hold": "id,patron,authority,placed_at\n1,1,B,2026-01-02T10:00:00+0100\n",
		// What sources lack.
		"block": "id,patron,authority,level,reason_code\n1,1,B,warn,noise\n",
		"item":  "id,title,branch\n1,A book,B-1\n2,,B-2\n",
	}), delivery.Options{})
	if err != nil {
		t.Fatal(err, out.Bad)
	}
	super := pgtest.Connect(t, db, "postgres")
	for _, said := range [][2]string{
		{`SELECT birth_year FROM lms.patron ORDER BY id`, "1980\n"},
		{`SELECT authority, renewals, lent_at AT TIME ZONE 'UTC' FROM lms.loan`, "B\n0\n2026-01-02 09:00:00"},
		{`SELECT placed_on IS NULL FROM lms.block`, "t"},
		{`SELECT count(*) - count(barcode) FROM lms.item`, "2"},
		{`SELECT kind, item IS NULL, placed_at AT TIME ZONE 'UTC' FROM lms.hold`, "reservation\nt\n2026-01-02 09:00:00"},
		{`SELECT authority FROM lms.address UNION SELECT authority FROM lms.special`, "B"},
		{`SELECT y.paid_by = p.id FROM lms.payment AS y, lms.patron AS p WHERE birth_year = 1980 AND fee > 0`, "t"},
		{`SELECT f.patron = y.patron FROM lms.payment AS y JOIN lms.fee AS f ON f.id = y.fee`, "t"},
		{`SELECT status, login, keeps_history, protected FROM lms.patron LIMIT 1`, "active\nlocal\nf\nf"},
		{`SELECT lines FROM lms.address WHERE place = 1`, "1 Mill \"Lane\",\nCambermere"},
		{`SELECT lines FROM lms.address WHERE place = 2`, "2 Mill Lane"},
		{`SELECT emails, phones IS NULL FROM lms.identity ORDER BY patron`, "{a@example.org,b@example.org}\nt\n\nt"},
		{`SELECT count(*) FROM lms.word WHERE word IN ('hall', 'cisarova')`, "2"},
	} {
		if query, want := said[0], said[1]; super.Must("%s", query) != want {
			t.Errorf("%s: %q, want %q", query, super.Must("%s", query), want)
		}
	}
	want := []delivery.Warning{
		{"loan", "due before it was lent", 1},
		{"loan", "returned before it was lent", 1},
		{"patron", "expires before it was registered", 1},
		{"payment", "more paid than the fee", 1},
	}
	if fmt.Sprint(out.Warnings) != fmt.Sprint(want) {
		t.Errorf("warnings %v, want %v", out.Warnings, want)
	}
}

func TestImportInterruptedLeavesNothing(t *testing.T) {
	dir := directories(t)["sample"]
	for _, when := range []string{"patron", "loan", "payment"} {
		db := installed(t)
		super := pgtest.Connect(t, db, "postgres")
		before := super.Must("%s", everything)
		ctx, cancel := context.WithCancelCause(t.Context())
		interrupted := errors.New("interrupted")
		_, err := delivery.Import(ctx, db.Client(t, "library"), dir, delivery.Options{Progress: func(relation string, _, _ int64) {
			if relation == when {
				cancel(interrupted)
			}
		}})
		if !errors.Is(err, interrupted) {
			t.Errorf("%s: %v", when, err)
		}
		if after := super.Must("%s", everything); strings.ReplaceAll(after, "\n", "") == "" ||
			withoutSequences(after) != withoutSequences(before) {
			t.Errorf("%s: something was left behind:\n%s", when, after)
		}
		if _, err := delivery.Import(t.Context(), db.Client(t, "library"), dir, delivery.Options{}); err != nil {
			t.Errorf("%s: import after an interruption: %v", when, err)
		}
		cancel(nil)
	}
}

// withoutSequences drops what no transaction takes back.
func withoutSequences(fingerprint string) string {
	var kept []string
	for line := range strings.Lines(fingerprint) {
		if !strings.Contains(line, "_seq ") && !strings.Contains(line, "patron_number ") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

func TestImportIsForTheOwner(t *testing.T) {
	db := pgtest.New(t)
	dir := write(t, consortium)
	for _, login := range []string{"clerk.cam", "admin"} {
		_, err := delivery.Import(t.Context(), db.Client(t, login), dir, delivery.Options{})
		pgtest.OfKind(t, err, client.KindRefused)
	}
	first, second := db.Client(t, "library"), db.Client(t, "library")
	var meanwhile error
	_, err := delivery.Import(t.Context(), first, dir, delivery.Options{Progress: func(string, int64, int64) {
		if meanwhile == nil {
			_, meanwhile = delivery.Import(t.Context(), second, dir, delivery.Options{})
		}
	}})
	if err != nil {
		t.Error(err)
	}
	pgtest.OfKind(t, meanwhile, client.KindBusy)
	if got := pgtest.Connect(t, db, "postgres").Must(`SELECT count(*) FROM pg_roles
		WHERE NOT rolsuper AND rolname <> 'patronctl_owner' AND pg_has_role(oid, 'patronctl_owner', 'USAGE')`); got != "0" {
		t.Error("somebody is still a member of the owner")
	}
}
