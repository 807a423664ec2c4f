package audit_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/audit"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
	"patronctl/client/people"
)

func quiet(int64) {}

func open(t testing.TB, db *pgtest.DB, login, state string) (*client.Client, error) {
	t.Helper()
	c, err := client.Open(t.Context(), client.Config{DSN: db.DSN(login), Observers: pgtest.Watching(), StateDir: state})
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

// Tests that seal run alone: a record is sealed once no older transaction of the whole server is open.
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
	c, err := client.Open(s.t.Context(), client.Config{
		DSN:       s.db.DSN("job"),
		Observers: pgtest.Watching(),
		StateDir:  s.state,
		Restored:  restored,
	})
	if err != nil {
		return "", err
	}
	defer c.Close()
	head, err := audit.Seal(s.t.Context(), c, client.Why{}, s.key, quiet)
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
		if _, err := people.Show(s.t.Context(), clerk, client.Why{}, "id:36", people.ShowOptions{}); err != nil {
			s.t.Fatal(err)
		}
	}
	if _, err := people.ResetPassword(s.t.Context(), clerk, client.Why{}, sample.CardLongHistory); err != nil {
		s.t.Fatal(err)
	}
}

// start connects from the other workstation and tells what it was told.
func (s *sealer) start() (notices []string, err error) {
	c, err := client.Open(s.t.Context(), client.Config{
		DSN: s.db.DSN("clerk.ken"), Observers: pgtest.Watching(), StateDir: s.workstation,
		Notice: func(line string) { notices = append(notices, line) },
	})
	if err == nil {
		c.Close()
	}
	return notices, err
}

// verify compares the records with the tree as the auditor, who has no state.
func (s *sealer) verify(printed string, full bool) []audit.Tampered {
	s.t.Helper()
	v, err := audit.Verify(s.t.Context(), s.db.Client(s.t, "auditor"), client.Why{}, printed, full, quiet)
	if err != nil {
		return []audit.Tampered{{What: err.Error()}}
	}
	return v.Wrong
}

// A head that cannot be written down is told of, and stops nobody.
func TestAHeadThatCannotBeKept(t *testing.T) {
	s := newSealer(t)
	s.work()
	s.mustSeal()
	if err := os.WriteFile(filepath.Join(s.workstation, "audit"), nil, 0o600); err != nil { // where a directory should be
		t.Fatal(err)
	}
	notices, err := s.start()
	if err != nil || len(notices) != 1 || !strings.HasPrefix(notices[0], "the newest head of the audit tree could not be kept: ") {
		t.Errorf("%q, %v", notices, err)
	}
}

// A tree that grows is witnessed without a word, and every record fits it.
func TestSealing(t *testing.T) {
	s := newSealer(t)
	super := pgtest.Connect(t, s.db, "postgres")
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
	left := super.Must(`SELECT count(*) FROM patronctl.access AS a, patronctl.tree AS t
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
	s := newSealer(t)
	super := pgtest.Connect(t, s.db, "postgres")
	var late []*pgtest.Session
	var ids []string
	for n := range 6 { // each opened before, and committed after others
		clerk := pgtest.Connect(t, s.db, "clerk.cam")
		ids = append(ids, clerk.Must("BEGIN; SELECT %s", pgtest.OpenCall("patron show", `{"ref": "id:36"}`)))
		late = append(late, clerk)
		s.work()
		s.mustSeal()
		if n%2 == 1 {
			late[n-1].Must("COMMIT")
			s.mustSeal()
		}
	}
	for n := 5; n > 0; n -= 2 {
		late[n].Must("COMMIT")
		s.work()
		s.mustSeal()
	}
	for _, id := range ids {
		if times := super.Must("SELECT count(*) FROM patronctl.leaf WHERE access = %s AND NOT result", id); times != "1" {
			t.Errorf("access %s was sealed %s times", id, times)
		}
	}
	if gaps := super.Must("SELECT count(*) - max(number) - 1 FROM patronctl.leaf"); gaps != "0" {
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
