package client_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
)

// erase forgets people as a rule does.
func erase(super *session, patrons ...string) {
	super.t.Helper()
	super.must("SELECT desk.erase(ARRAY[%s]::bigint[], 'deleted')", strings.Join(patrons, ", "))
}

// choose names patrons of all authorities with their cards.
func choose(super *session, n int) []string {
	super.t.Helper()
	ids, err := super.run("SELECT id FROM lms.patron WHERE status = 'active' ORDER BY md5(id::text) LIMIT %d", n)
	if err != nil || len(ids) != n {
		super.t.Fatal(len(ids), err)
	}
	return ids
}

// remembering is a client that keeps the newest ledger it saw.
func remembering(t *testing.T, db *pgtest.DB, login, dir string) *client.Client {
	t.Helper()
	c, err := client.Open(t.Context(), client.Config{
		DSN: db.DSN(login), Observers: watching(), StateDir: dir, Debug: func(line string) { t.Log(line) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func exported(t *testing.T, db *pgtest.DB) *client.Ledger {
	t.Helper()
	ledger, err := db.Client(t, "job").ExportLedger(t.Context(), client.Why{})
	if err != nil {
		t.Fatal(err)
	}
	return ledger
}

// Erasures since the restore keep their numbers, and hide nothing: a head that was overtaken is missed all the same.
func TestAnOvertakenLedgerIsMissed(t *testing.T) {
	t.Parallel()
	db, dir := pgtest.New(t), t.TempDir()
	super := connect(t, db, "postgres")
	ids := choose(super, 12)
	super.conn.Close(t.Context()) //nolint:errcheck // a template has no sessions
	backup := db.Copy(t)
	super = connect(t, db, "postgres")
	erase(super, ids[:3]...)
	remembering(t, db, "clerk.cam", dir).Close()
	ledger := exported(t, db)

	restored := connect(t, backup, "postgres")
	erase(restored, ids[3:8]...) // the nightly job, before anybody who knows better
	remembering(t, backup, "clerk.cam", dir).Close()
	if closed := restored.must("SELECT quarantined_at IS NOT NULL AND replay_to = 3 FROM patronctl.ledger"); closed != "t" {
		t.Fatal("an overtaken ledger was not missed")
	}
	if _, err := backup.Client(t, "job").Replay(t.Context(), client.Why{}, ledger, nil); err != nil {
		t.Fatal(err)
	}
	if numbers := restored.must("SELECT string_agg(number::text, ' ' ORDER BY number) FROM patronctl.erasure"); numbers != "1 2 3 4 5 6 7 8" {
		t.Errorf("numbers %s", numbers)
	}
	if _, err := backup.Client(t, "job").SetQuarantine(t.Context(), client.Why{}, false); err != nil {
		t.Fatal(err)
	}
	remembering(t, backup, "clerk.cam", dir).Close()
	if closed := restored.must("SELECT quarantined_at IS NOT NULL FROM patronctl.ledger"); closed != "f" {
		t.Error("closed again after the replay")
	}
	erase(restored, ids[8:]...)
	if head := restored.must("SELECT number FROM patronctl.ledger"); head != "12" {
		t.Errorf("head %s", head)
	}
}

// Of several computers the one that saw most says how far the ledger must be replayed, also when another closed the database
// before.
func TestTheLatestHeadSeenCounts(t *testing.T) {
	t.Parallel()
	db, early, late := pgtest.New(t), t.TempDir(), t.TempDir()
	super := connect(t, db, "postgres")
	ids := choose(super, 5)
	super.conn.Close(t.Context()) //nolint:errcheck // a template has no sessions
	backup := db.Copy(t)
	super = connect(t, db, "postgres")
	erase(super, ids[:2]...)
	remembering(t, db, "clerk.cam", early).Close()
	short := exported(t, db)
	erase(super, ids[2:]...)
	remembering(t, db, "clerk.cam", late).Close()

	restored, job := connect(t, backup, "postgres"), backup.Client(t, "job")
	for _, c := range []struct{ dir, outstanding string }{{early, "2"}, {late, "5"}, {early, "5"}} {
		remembering(t, backup, "clerk.cam", c.dir).Close()
		if to := restored.must("SELECT replay_to FROM patronctl.ledger WHERE quarantined_at IS NOT NULL"); to != c.outstanding {
			t.Errorf("replayed as far as %s, want %s", to, c.outstanding)
		}
	}
	if _, err := job.Replay(t.Context(), client.Why{}, short, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := job.SetQuarantine(t.Context(), client.Why{}, false); kind(err) != client.KindRefused {
		t.Errorf("opened without the last three erasures: %v", err)
	}
}

// Nobody closes the database by inventing what he saw.
func TestAnInventedHeadClosesNothing(t *testing.T) {
	t.Parallel()
	db, dir := pgtest.New(t), t.TempDir()
	super := connect(t, db, "postgres")
	erase(super, choose(super, 3)...)
	remembering(t, db, "clerk.cam", dir).Close()
	files, _ := filepath.Glob(filepath.Join(dir, "ledgers", "*"))
	if len(files) != 1 {
		t.Fatal(files)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	part := strings.Fields(string(text))
	if len(part) != 4 || part[1] != "3" {
		t.Fatalf("kept: %s", text)
	}
	clerk := connect(t, db, "clerk.cam")
	for _, head := range []string{
		part[0] + " 4 " + part[2] + " " + part[3], part[0] + " 3 " + part[3] + " " + part[2], part[0] + " 3 " + part[2],
		part[0] + " 999999999999999999999 " + part[2] + " " + part[3], "", strings.Repeat("x", 10000),
	} {
		if told := clerk.must("SELECT quarantined FROM desk.heads(ARRAY['%s'])", head); told != "f" {
			t.Errorf("closed by %q", head)
		}
	}
	if told := clerk.must("SELECT quarantined FROM desk.heads(NULL)"); told != "f" {
		t.Error("closed by nothing")
	}
}

// The file of the state never goes back, and none is written where nobody was erased.
func TestStateGoesForwardOnly(t *testing.T) {
	t.Parallel()
	db, dir := pgtest.New(t), filepath.Join(t.TempDir(), "state")
	super := connect(t, db, "postgres")
	remembering(t, db, "clerk.cam", dir).Close()
	if _, err := os.Stat(dir); err == nil {
		t.Error("a state of nothing was written")
	}
	ids := choose(super, 3)
	erase(super, ids[:2]...)
	remembering(t, db, "clerk.cam", dir).Close()
	path := filepath.Join(dir, "ledgers", super.must("SELECT database FROM patronctl.ledger"))
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatal(info, err)
	}
	text, _ := os.ReadFile(path)
	higher := strings.Replace(string(text), " 2 ", " 9 ", 1)
	if err := os.WriteFile(path, []byte(higher), 0o600); err != nil {
		t.Fatal(err)
	}
	remembering(t, db, "clerk.cam", dir).Close()
	if text, _ := os.ReadFile(path); string(text) != higher {
		t.Errorf("went back: %s", text)
	}
	// A place that cannot be written stops nobody.
	block := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(block, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	remembering(t, db, "clerk.cam", block)
}

func TestListErasures(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := connect(t, db, "postgres")
	super.must("SELECT desk.erase(ARRAY(SELECT id FROM lms.patron WHERE id > 100 AND id < 1900), 'lapsed')")
	super.must("UPDATE patronctl.erasure SET at = at - interval '1 day' WHERE number <= 100")
	all := super.must("SELECT count(*) FROM patronctl.erasure")
	list := func(login string, f client.ErasureFilter) (count int, err error) {
		last := int64(0)
		for e, err := range db.Client(t, login).ListErasures(t.Context(), client.Why{}, f) {
			if err != nil {
				return count, err
			}
			if e.Number <= last || f.Authority != "" && e.Authority != f.Authority {
				t.Errorf("%s: %+v after %d", login, e, last)
			}
			last = e.Number
			count++
		}
		return count, nil
	}
	if n, err := list("auditor", client.ErasureFilter{}); err != nil || fmt.Sprint(n) != all {
		t.Errorf("%d of %s, %v", n, all, err)
	}
	home := super.must("SELECT count(*) FROM patronctl.erasure WHERE authority = 'CAM'")
	if n, err := list("officer.cam", client.ErasureFilter{}); err != nil || fmt.Sprint(n) != home {
		t.Errorf("%d of %s, %v", n, home, err)
	}
	if n, err := list("job", client.ErasureFilter{Authority: "CAM"}); err != nil || fmt.Sprint(n) != home {
		t.Errorf("%d of %s, %v", n, home, err)
	}
	if n, err := list("job", client.ErasureFilter{Since: client.Date{Today: true}}); err != nil || fmt.Sprint(n+100) != all {
		t.Errorf("%d of %s, %v", n, all, err)
	}
	if n, err := list("job", client.ErasureFilter{Since: date(t, "2026-02-01")}); err != nil || n != 0 {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := list("officer.cam", client.ErasureFilter{Authority: "KEN"}); kind(err) != client.KindRefused {
		t.Errorf("another authority's ledger: %v", err)
	}
	if _, err := list("clerk.cam", client.ErasureFilter{}); kind(err) != client.KindRefused {
		t.Errorf("a clerk: %v", err)
	}
	if _, err := db.Client(t, "officer.cam").ExportLedger(t.Context(), client.Why{}); kind(err) != client.KindRefused {
		t.Errorf("an export of one authority: %v", err)
	}
	if lines := exported(t, db).Lines; !slices.IsSorted(lines[:9]) || fmt.Sprint(len(lines)) != all {
		t.Errorf("%d lines of %s", len(lines), all)
	}
}

// The numbers of the ledger have no gaps, also when a list names somebody twice.
func TestTheLedgerHasNoGaps(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := connect(t, db, "postgres")
	super.must("SELECT desk.erase('{41,41,43}', 'request'); SELECT desk.erase('{}', 'request')")
	if got := super.must("SELECT l.number, count(*), max(e.number) FROM patronctl.ledger AS l, patronctl.erasure AS e GROUP BY 1"); got != "2\n2\n2" {
		t.Errorf("head, entries and last entry: %s", got)
	}
}
