package forgetting_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/forgetting"
	"patronctl/client/localpg/pgtest"
)

// erase forgets people as a rule does.
func erase(super *pgtest.Session, patrons ...string) {
	super.T.Helper()
	super.Must("SELECT desk.erase(ARRAY[%s]::bigint[], 'deleted')", strings.Join(patrons, ", "))
}

// choose names patrons of all authorities with their cards.
func choose(super *pgtest.Session, n int) []string {
	super.T.Helper()
	ids, err := super.Run("SELECT id FROM lms.patron WHERE status = 'active' ORDER BY md5(id::text) LIMIT %d", n)
	if err != nil || len(ids) != n {
		super.T.Fatal(len(ids), err)
	}
	return ids
}

// remembering is a client that keeps the newest ledger it saw.
func remembering(t *testing.T, db *pgtest.DB, login, dir string) *client.Client {
	t.Helper()
	c, err := client.Open(t.Context(), client.Config{
		DSN: db.DSN(login), Observers: pgtest.Watching(), StateDir: dir, Debug: func(line string) { t.Log(line) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func exported(t *testing.T, db *pgtest.DB) *forgetting.Ledger {
	t.Helper()
	ledger, err := forgetting.ExportLedger(t.Context(), db.Client(t, "job"), client.Why{})
	if err != nil {
		t.Fatal(err)
	}
	return ledger
}

// Erasures since the restore keep their numbers, and hide nothing: a head that was overtaken is missed all the same.
func TestAnOvertakenLedgerIsMissed(t *testing.T) {
	t.Parallel()
	db, dir := pgtest.New(t), t.TempDir()
	super := pgtest.Connect(t, db, "postgres")
	ids := choose(super, 12)
	super.Conn.Close(t.Context()) //nolint:errcheck // a template has no sessions
	backup := db.Copy(t)
	super = pgtest.Connect(t, db, "postgres")
	erase(super, ids[:3]...)
	remembering(t, db, "clerk.cam", dir).Close()
	ledger := exported(t, db)

	restored := pgtest.Connect(t, backup, "postgres")
	erase(restored, ids[3:8]...) // the nightly job, before anybody who knows better
	remembering(t, backup, "clerk.cam", dir).Close()
	if closed := restored.Must("SELECT quarantined_at IS NOT NULL AND replay_to = 3 FROM patronctl.ledger"); closed != "t" {
		t.Fatal("an overtaken ledger was not missed")
	}
	if _, err := forgetting.Replay(t.Context(), backup.Client(t, "job"), client.Why{}, ledger, nil); err != nil {
		t.Fatal(err)
	}
	if numbers := restored.Must("SELECT string_agg(number::text, ' ' ORDER BY number) FROM patronctl.erasure"); numbers != "1 2 3 4 5 6 7 8" {
		t.Errorf("numbers %s", numbers)
	}
	if _, err := forgetting.SetQuarantine(t.Context(), backup.Client(t, "job"), client.Why{}, false); err != nil {
		t.Fatal(err)
	}
	remembering(t, backup, "clerk.cam", dir).Close()
	if closed := restored.Must("SELECT quarantined_at IS NOT NULL FROM patronctl.ledger"); closed != "f" {
		t.Error("closed again after the replay")
	}
	erase(restored, ids[8:]...)
	if head := restored.Must("SELECT number FROM patronctl.ledger"); head != "12" {
		t.Errorf("head %s", head)
	}
}

// Of several computers the one that saw most says how far the ledger must be replayed, also when another closed the database
// before.
func TestTheLatestHeadSeenCounts(t *testing.T) {
	t.Parallel()
	db, early, late := pgtest.New(t), t.TempDir(), t.TempDir()
	super := pgtest.Connect(t, db, "postgres")
	ids := choose(super, 5)
	super.Conn.Close(t.Context()) //nolint:errcheck // a template has no sessions
	backup := db.Copy(t)
	super = pgtest.Connect(t, db, "postgres")
	erase(super, ids[:2]...)
	remembering(t, db, "clerk.cam", early).Close()
	short := exported(t, db)
	erase(super, ids[2:]...)
	remembering(t, db, "clerk.cam", late).Close()

	restored, job := pgtest.Connect(t, backup, "postgres"), backup.Client(t, "job")
	for _, c := range []struct{ dir, outstanding string }{{early, "2"}, {late, "5"}, {early, "5"}} {
		remembering(t, backup, "clerk.cam", c.dir).Close()
		if to := restored.Must("SELECT replay_to FROM patronctl.ledger WHERE quarantined_at IS NOT NULL"); to != c.outstanding {
			t.Errorf("replayed as far as %s, want %s", to, c.outstanding)
		}
	}
	if _, err := forgetting.Replay(t.Context(), job, client.Why{}, short, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := forgetting.SetQuarantine(t.Context(), job, client.Why{}, false); pgtest.Kind(err) != client.KindRefused {
		t.Errorf("opened without the last three erasures: %v", err)
	}
}

// Nobody closes the database by inventing what he saw.
func TestAnInventedHeadClosesNothing(t *testing.T) {
	t.Parallel()
	db, dir := pgtest.New(t), t.TempDir()
	super := pgtest.Connect(t, db, "postgres")
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
	clerk := pgtest.Connect(t, db, "clerk.cam")
	for _, head := range []string{
		part[0] + " 4 " + part[2] + " " + part[3], part[0] + " 3 " + part[3] + " " + part[2], part[0] + " 3 " + part[2],
		part[0] + " 999999999999999999999 " + part[2] + " " + part[3], "", strings.Repeat("x", 10000),
	} {
		if told := clerk.Must("SELECT quarantined FROM desk.heads(ARRAY['%s'])", head); told != "f" {
			t.Errorf("closed by %q", head)
		}
	}
	if told := clerk.Must("SELECT quarantined FROM desk.heads(NULL)"); told != "f" {
		t.Error("closed by nothing")
	}
}

// The file of the state never goes back, and none is written where nobody was erased.
func TestStateGoesForwardOnly(t *testing.T) {
	t.Parallel()
	db, dir := pgtest.New(t), filepath.Join(t.TempDir(), "state")
	super := pgtest.Connect(t, db, "postgres")
	remembering(t, db, "clerk.cam", dir).Close()
	if _, err := os.Stat(dir); err == nil {
		t.Error("a state of nothing was written")
	}
	ids := choose(super, 3)
	erase(super, ids[:2]...)
	remembering(t, db, "clerk.cam", dir).Close()
	path := filepath.Join(dir, "ledgers", super.Must("SELECT database FROM patronctl.ledger"))
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
	super := pgtest.Connect(t, db, "postgres")
	super.Must("SELECT desk.erase(ARRAY(SELECT id FROM lms.patron WHERE id > 100 AND id < 1900), 'lapsed')")
	super.Must("UPDATE patronctl.erasure SET at = at - interval '1 day' WHERE number <= 100")
	all := super.Must("SELECT count(*) FROM patronctl.erasure")
	list := func(login string, f forgetting.ErasureFilter) (count int, err error) {
		last := int64(0)
		for e, err := range forgetting.ListErasures(t.Context(), db.Client(t, login), client.Why{}, f) {
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
	if n, err := list("auditor", forgetting.ErasureFilter{}); err != nil || fmt.Sprint(n) != all {
		t.Errorf("%d of %s, %v", n, all, err)
	}
	home := super.Must("SELECT count(*) FROM patronctl.erasure WHERE authority = 'CAM'")
	if n, err := list("officer.cam", forgetting.ErasureFilter{}); err != nil || fmt.Sprint(n) != home {
		t.Errorf("%d of %s, %v", n, home, err)
	}
	if n, err := list("job", forgetting.ErasureFilter{Authority: "CAM"}); err != nil || fmt.Sprint(n) != home {
		t.Errorf("%d of %s, %v", n, home, err)
	}
	if n, err := list("job", forgetting.ErasureFilter{Since: client.Date{Today: true}}); err != nil || fmt.Sprint(n+100) != all {
		t.Errorf("%d of %s, %v", n, all, err)
	}
	if n, err := list("job", forgetting.ErasureFilter{Since: pgtest.Date(t, "2026-02-01")}); err != nil || n != 0 {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := list("officer.cam", forgetting.ErasureFilter{Authority: "KEN"}); pgtest.Kind(err) != client.KindRefused {
		t.Errorf("another authority's ledger: %v", err)
	}
	if _, err := list("clerk.cam", forgetting.ErasureFilter{}); pgtest.Kind(err) != client.KindRefused {
		t.Errorf("a clerk: %v", err)
	}
	if _, err := forgetting.ExportLedger(t.Context(), db.Client(t, "officer.cam"), client.Why{}); pgtest.Kind(err) != client.KindRefused {
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
	super := pgtest.Connect(t, db, "postgres")
	super.Must("SELECT desk.erase('{41,41,43}', 'request'); SELECT desk.erase('{}', 'request')")
	if got := super.Must(`
		SELECT l.number, count(*), max(e.number)
		FROM patronctl.ledger AS l, patronctl.erasure AS e
		GROUP BY 1`); got != "2\n2\n2" {
		t.Errorf("head, entries and last entry: %s", got)
	}
}
