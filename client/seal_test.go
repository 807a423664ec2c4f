package client_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
)

func quiet(int64) {}

func open(t testing.TB, db *pgtest.DB, login, state string) (*client.Client, error) {
	t.Helper()
	c, err := client.Open(t.Context(), client.Config{DSN: db.DSN(login), StateDir: state})
	if err == nil {
		c.Close()
	}
	return c, err
}

// sealer is a database whose records are sealed, and a workstation beside the sealer's.
type sealer struct {
	t           testing.TB
	db          *pgtest.DB
	key         string
	state       string // of the sealer
	workstation string // of somebody else
}

func newSealer(t testing.TB) *sealer {
	t.Helper()
	key, err := client.NewKey(client.AuditKey)
	if err != nil {
		t.Fatal(err)
	}
	return &sealer{t, pgtest.New(t), key, t.TempDir(), t.TempDir()}
}

// seal connects, seals and returns the head as it is printed.
func (s *sealer) seal(restored bool) (printed string, err error) {
	s.t.Helper()
	c, err := client.Open(s.t.Context(), client.Config{DSN: s.db.DSN("job"), StateDir: s.state, Restored: restored})
	if err != nil {
		return "", err
	}
	defer c.Close()
	head, err := c.Seal(s.t.Context(), client.Why{}, s.key, quiet)
	if err != nil {
		return "", err
	}
	return strings.Join(head.Lines, "\n"), nil
}

func (s *sealer) mustSeal() string {
	s.t.Helper()
	printed, err := s.seal(false)
	if err != nil {
		s.t.Fatal(err)
	}
	return printed
}

// work makes a few records: reads, and a write.
func (s *sealer) work() {
	s.t.Helper()
	clerk, err := client.Open(s.t.Context(), client.Config{DSN: s.db.DSN("clerk.cam")}) // closed before a backup is made
	if err != nil {
		s.t.Fatal(err)
	}
	defer clerk.Close()
	for range 3 {
		if _, err := clerk.ShowPatron(s.t.Context(), client.Why{}, "id:36", client.ShowOptions{}); err != nil {
			s.t.Fatal(err)
		}
	}
	if _, err := clerk.ResetPassword(s.t.Context(), client.Why{}, sample.CardLongHistory); err != nil {
		s.t.Fatal(err)
	}
}

// start connects from the other workstation and tells what it was told.
func (s *sealer) start() (notices []string, err error) {
	c, err := client.Open(s.t.Context(), client.Config{
		DSN: s.db.DSN("clerk.ken"), StateDir: s.workstation, Notice: func(line string) { notices = append(notices, line) },
	})
	if err == nil {
		c.Close()
	}
	return notices, err
}

// verify compares the records with the tree as the auditor, who has no state.
func (s *sealer) verify(printed string, full bool) []client.Tampered {
	s.t.Helper()
	v, err := s.db.Client(s.t, "auditor").VerifyAudit(s.t.Context(), client.Why{}, printed, full, quiet)
	if err != nil {
		return []client.Tampered{{What: err.Error()}}
	}
	return v.Wrong
}

// A tree that grows is witnessed without a word, and every record fits it.
func TestSealing(t *testing.T) {
	t.Parallel()
	s := newSealer(t)
	super := connect(t, s.db, "postgres")
	if _, err := s.start(); err != nil {
		t.Fatal("nothing is sealed yet: ", err)
	}
	var first string
	for n := range 4 {
		s.work()
		printed := s.mustSeal()
		if n == 0 {
			first = printed
		}
		for range 2 {
			if notices, err := s.start(); err != nil || len(notices) > 0 {
				t.Fatal(notices, err)
			}
		}
		for _, head := range []string{"", printed, first} {
			if wrong := s.verify(head, true); len(wrong) > 0 {
				t.Errorf("head %d: %v", n, wrong)
			}
		}
	}
	left := super.must(`SELECT count(*) FROM patronctl.access AS a, patronctl.tree AS t
		WHERE a.xid < t.xid AND NOT EXISTS (SELECT FROM patronctl.leaf AS l WHERE l.access = a.id)`)
	if left != "0" {
		t.Errorf("%s records were left out", left)
	}
	files, _ := filepath.Glob(filepath.Join(s.workstation, "audit", "*"))
	if len(files) != 2 {
		t.Errorf("files: %v", files)
	}
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", file, info.Mode(), err)
		}
	}
}

// A record whose transaction was open while later ones were sealed is sealed once, when it has ended.
func TestLateCommitsAreSealedOnce(t *testing.T) {
	t.Parallel()
	s := newSealer(t)
	super := connect(t, s.db, "postgres")
	var late []*session
	var ids []string
	for n := range 6 { // each opened before, and committed after others
		clerk := connect(t, s.db, "clerk.cam")
		ids = append(ids, clerk.must("BEGIN; SELECT %s", openCall("patron show", `{"ref": "id:36"}`)))
		late = append(late, clerk)
		s.work()
		s.mustSeal()
		if n%2 == 1 {
			late[n-1].must("COMMIT")
			s.mustSeal()
		}
	}
	for n := 5; n > 0; n -= 2 {
		late[n].must("COMMIT")
		s.work()
		s.mustSeal()
	}
	for _, id := range ids {
		if times := super.must("SELECT count(*) FROM patronctl.leaf WHERE access = %s AND NOT result", id); times != "1" {
			t.Errorf("access %s was sealed %s times", id, times)
		}
	}
	if gaps := super.must("SELECT count(*) - max(number) - 1 FROM patronctl.leaf"); gaps != "0" {
		t.Errorf("gaps: %s", gaps)
	}
	if wrong := s.verify("", true); len(wrong) > 0 {
		t.Error(wrong)
	}
	if _, err := s.start(); err != nil {
		t.Error(err)
	}
}

// After a restore every computer stops until the sealer names what was lost; then it says so once.
func TestRestoreIsSealedAndToldOnce(t *testing.T) {
	t.Parallel()
	s := newSealer(t)
	s.work()
	s.mustSeal()
	backup := s.db.Copy(t)
	s.work()
	lost := s.mustSeal()
	if _, err := s.start(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.seal(true); err == nil {
		t.Error("a successor was signed although nothing was lost")
	}
	newcomer, idle := t.TempDir(), t.TempDir()
	for _, dir := range []string{idle} { // saw the head that was lost, and sleeps until long after
		if _, err := open(t, s.db, "clerk.cam", dir); err != nil {
			t.Fatal(err)
		}
	}
	s.db = backup
	if _, err := s.start(); err == nil {
		t.Error("a workstation went on with a tree that was shortened")
	}
	if _, err := s.seal(false); err == nil {
		t.Error("a timer sealed a tree that was shortened")
	}
	for n := range 2 {
		if _, err := s.seal(true); (err == nil) != (n == 0) {
			t.Fatalf("restored, time %d: %v", n+1, err)
		}
	}
	for n := range 3 {
		notices, err := s.start()
		if err != nil || (len(notices) == 1) != (n == 0) {
			t.Errorf("start %d: %v %v", n, notices, err)
		}
		s.work()
		s.mustSeal()
	}
	for _, dir := range []string{idle, newcomer} {
		if _, err := open(t, s.db, "clerk.cam", dir); err != nil {
			t.Error(err)
		}
	}
	if wrong := s.verify("", true); len(wrong) > 0 {
		t.Error(wrong)
	}
	if wrong := s.verify(lost, true); len(wrong) == 0 {
		t.Error("a head of records that were lost fits")
	}
}

// A copy that lost its tail and went on behind the sealer's back is a fork, however long it is; so is a head of somebody else's key.
func TestForksStop(t *testing.T) {
	t.Parallel()
	s := newSealer(t)
	s.work()
	s.mustSeal()
	forged := s.db.Copy(t)
	s.work()
	s.mustSeal()
	if _, err := s.start(); err != nil {
		t.Fatal(err)
	}
	honest := s.state
	s.db, s.state = forged, t.TempDir() // with the key, but not what it saw
	for range 3 {
		s.work()
	}
	s.mustSeal()
	s.work()
	s.mustSeal()
	_, err := s.start()
	if err == nil || !strings.Contains(err.Error(), "not the one it was") {
		t.Errorf("a fork: %v", err)
	}
	evidence, _ := filepath.Glob(filepath.Join(s.workstation, "audit", "evidence-*"))
	if len(evidence) != 1 {
		t.Fatalf("evidence: %v", evidence)
	}
	text, err := os.ReadFile(evidence[0])
	if err != nil || strings.Count(string(text), "— patronctl-audit ") != 2 {
		t.Errorf("both heads: %s %v", text, err)
	}
	if _, err := open(t, s.db, "job", honest); err == nil {
		t.Error("the sealer went on with a fork")
	}
	if other, err := client.NewKey(client.AuditKey); err != nil {
		t.Fatal(err)
	} else if s.key = other; true {
		if _, err := s.seal(false); err == nil {
			t.Error("sealed with another key")
		}
	}
}

// A receipt is proven when its write was sealed, and proves nothing else.
func TestReceipts(t *testing.T) {
	t.Parallel()
	s := newSealer(t)
	s.mustSeal()
	ctx, why := t.Context(), client.Why{}
	officer, clerk := s.db.Client(t, "officer.cam"), s.db.Client(t, "clerk.pbk")
	connect(t, s.db, "postgres").must("UPDATE lms.loan SET returned_at = due_at WHERE patron = 36; UPDATE lms.fee SET amount = 0 WHERE patron = 36; DELETE FROM lms.payment WHERE patron = 36; UPDATE lms.hold SET closed_at = placed_at WHERE patron = 36")
	var receipts []string
	add := func(receipt string, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		receipts = append(receipts, receipt)
	}
	erased, err := officer.ErasePatron(ctx, why, "id:36", []string{"memberships"})
	add(erased.Receipt, err)
	rule, err := officer.SetRule(ctx, why, "mine", client.RuleChange{"action": "erase-deleted", "age": "500 days", "cap": 1, "authority": "CAM"})
	add(rule.Receipt, err)
	rule, err = officer.EnableRule(ctx, why, "mine", "CAM", true)
	add(rule.Receipt, err)
	rule, err = officer.RemoveRule(ctx, why, "mine")
	add(rule.Receipt, err)
	staff, err := s.db.Client(t, "admin").AddStaff(ctx, why, client.Staff{Login: "clerk.pbk", Authority: "PBK", Role: "clerk"})
	if err != nil {
		t.Fatal(err)
	}
	add(staff.Receipt, err)
	for _, sealed := range []bool{false, true} {
		for _, receipt := range receipts {
			_, err := clerk.ProveReceipt(ctx, why, receipt)
			if own, _ := errors.AsType[*client.Error](err); sealed && err != nil || !sealed && (own == nil || own.Kind != client.KindBusy) {
				t.Errorf("sealed %v: %s: %v", sealed, receipt, err)
			}
		}
		s.mustSeal()
	}
	last := receipts[0]
	digit := map[bool]string{true: "1", false: "0"}[strings.HasSuffix(last, "0")]
	for receipt, kind := range map[string]client.Kind{
		last[:len(last)-1] + digit: client.KindRefused, "9" + last: client.KindRefused, "": client.KindUsage, last + "0": client.KindUsage,
		strings.Split(receipts[1], "-")[0] + "-" + strings.Split(last, "-")[1]: client.KindRefused,
	} {
		_, err := clerk.ProveReceipt(ctx, why, receipt)
		if own, _ := errors.AsType[*client.Error](err); own == nil || own.Kind != kind {
			t.Errorf("%s: %v", receipt, err)
		}
	}
}

// No owner's mistake changes a record.
func TestRecordsAreAppendOnly(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := connect(t, db, "postgres")
	for _, statement := range []string{
		"UPDATE patronctl.access SET login = 'x'", "DELETE FROM patronctl.access WHERE id = 1", "TRUNCATE patronctl.access CASCADE",
		"UPDATE patronctl.result SET counts = '{}'", "DELETE FROM patronctl.result", "TRUNCATE patronctl.result",
	} {
		if _, err := super.run("SET ROLE patronctl_owner; %s", statement); code(err) != "LB409" {
			t.Errorf("%s: %v", statement, err)
		}
		super.must("RESET ROLE")
	}
}

// tamperings are what a superuser may do to sealed records, and how the next look finds it. The tree is built anew where the
// superuser would hide it, as well as can be done without the key.
var tamperings = []struct {
	name, sql string
	verify    string // what audit verify --full finds
	start     bool   // the next start of a workstation stops
	unhashed  bool   // found without --full too
}{
	{"edit what a record says", "UPDATE patronctl.access SET login = login || '2' WHERE id = $id", "record edited", false, false},
	{"edit a record and its hash", "UPDATE patronctl.access SET patrons = '{1}' WHERE id = $id; UPDATE patronctl.access AS a SET row_hash = desk.access_hash(a) WHERE id = $id", "record edited", false, true},
	{"edit a result", "UPDATE patronctl.result SET counts = '{}' WHERE access = $written", "result edited", false, false},
	{"delete a record", "DELETE FROM patronctl.paging WHERE access = $id; DELETE FROM patronctl.access WHERE id = $id", "record deleted", false, true},
	{"delete a result", "DELETE FROM patronctl.result WHERE access = $written", "result deleted", false, true},
	{"insert a record", "INSERT INTO patronctl.access OVERRIDING SYSTEM VALUE SELECT (jsonb_populate_record(a, '{\"id\": 1000000, \"login\": \"clerk.pbk\"}')).* FROM patronctl.access AS a WHERE id = $id", "record inserted", false, true},
	{"reorder the leaves", "UPDATE patronctl.leaf SET number = -1 - number WHERE number IN (4, 5); UPDATE patronctl.leaf SET number = CASE number WHEN -5 THEN 5 ELSE 4 END WHERE number < 0", "not those that were sealed", false, true},
	{"edit record, hash and leaf", "UPDATE patronctl.access SET patrons = '{1}' WHERE id = $id; UPDATE patronctl.access AS a SET row_hash = desk.access_hash(a) WHERE id = $id; UPDATE patronctl.leaf AS l SET hash = a.row_hash FROM patronctl.access AS a WHERE l.access = a.id AND NOT l.result AND a.id = $id", "not those that were sealed", false, true},
	{"build the tree anew over an edited record", "UPDATE patronctl.access SET patrons = '{1}' WHERE id = $id; UPDATE patronctl.access AS a SET row_hash = desk.access_hash(a) WHERE id = $id; UPDATE patronctl.leaf AS l SET hash = a.row_hash FROM patronctl.access AS a WHERE l.access = a.id AND NOT l.result; DELETE FROM patronctl.node; SELECT desk.add_nodes(0, size) FROM patronctl.tree", "not those that were sealed", false, true},
	{"truncate everything", "TRUNCATE patronctl.access, patronctl.result, patronctl.paging, patronctl.leaf, patronctl.node, patronctl.head; UPDATE patronctl.tree SET size = 0, verifier = NULL", "nothing was sealed", true, true},
	{"roll the tree back to an earlier head", "DELETE FROM patronctl.head WHERE size = $size", "the tree ends at", true, true},
	{"empty the records, keep the tree", "TRUNCATE patronctl.access, patronctl.result, patronctl.paging", "record deleted", false, true},
	{"forge a head", "UPDATE patronctl.head SET signed = replace(signed, 'patronctl-audit-head', 'patronctl-audit-head ') WHERE size = $size", "not signed with its key", true, true},
	{"another database's number", "UPDATE patronctl.ledger SET database = gen_random_uuid()", "", true, true},
	{"drop the functions that tell", "DROP FUNCTION desk.heads(text[])", "lacks functions", true, true},
}

func TestTampering(t *testing.T) {
	t.Parallel()
	for _, c := range tamperings {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newSealer(t)
			super := connect(t, s.db, "postgres")
			s.work()
			s.mustSeal()
			s.work()
			printed := s.mustSeal()
			if _, err := s.start(); err != nil {
				t.Fatal(err)
			}
			id := super.must("SELECT min(a.id) FROM patronctl.access AS a WHERE NOT EXISTS (SELECT FROM patronctl.result AS r WHERE r.access = a.id)")
			fill := strings.NewReplacer("$id", id, "$written", super.must("SELECT min(access) FROM patronctl.result"), "$size", super.must("SELECT max(size) FROM patronctl.head"))
			super.must("SET session_replication_role = replica; %s; RESET session_replication_role", fill.Replace(c.sql))

			_, err := s.start()
			if own, ok := errors.AsType[*client.Error](err); (err != nil) != c.start || err != nil && (!ok || own.Kind != client.KindRefused && own.Kind != client.KindInternal) {
				t.Errorf("the next start: %v", err)
			}
			find := func(full bool) bool {
				for _, f := range s.verify(printed, full) {
					if c.verify != "" && strings.Contains(f.What, c.verify) {
						return true
					}
				}
				return c.verify == ""
			}
			if full, hashes := find(true), find(false); !full || hashes != c.unhashed {
				t.Errorf("found by audit verify --full: %v, without: %v; %v", full, hashes, s.verify(printed, true))
			}
		})
	}
}
