package forgetting_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/forgetting"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/people"
)

// values are what identifies people in any table, in texts long enough to be found by.
func values(super *pgtest.Session, ids []string) []string {
	super.T.Helper()
	found, err := super.Run(`SELECT DISTINCT v FROM (
			SELECT unnest(i.emails || i.phones || i.document_number) FROM lms.identity AS i WHERE i.patron IN (%[1]s)
			UNION ALL SELECT c.number FROM lms.card AS c WHERE c.patron IN (%[1]s)
		) AS x(v) WHERE length(v) > 5
			AND (SELECT count(*) FROM lms.identity AS o WHERE v = ANY (o.emails || o.phones || o.document_number)) < 2`, strings.Join(ids, ", "))
	if err != nil || len(found) < len(ids) {
		super.T.Fatal(len(found), err)
	}
	return found
}

// The restore drill: a backup, a hundred erasures, the restore. Whoever saw the newer ledger closes the database; the
// replay forgets everybody again.
func TestRestoreDrill(t *testing.T) {
	t.Parallel()
	db, dir := pgtest.New(t), t.TempDir()
	super := pgtest.Connect(t, db, "postgres")
	ids := choose(super, 101)
	erase(super, ids[100]) // the backup knows of this one
	words := values(super, ids[:100])
	super.Conn.Close(t.Context()) //nolint:errcheck // a template has no sessions
	backup := db.Copy(t)

	super = pgtest.Connect(t, db, "postgres")
	erase(super, ids[:60]...)
	erase(super, ids[60:100]...)
	late := super.Must(`
		INSERT INTO lms.patron (authority, branch, category, registered_on)
		SELECT authority, branch, category, '2020-01-01'
		FROM lms.patron LIMIT 1
		RETURNING id`)
	erase(super, late) // registered after the backup
	head, ledger := super.Must("SELECT number FROM patronctl.ledger"), exported(t, db)
	if head != "102" || len(ledger.Lines) != 102 {
		t.Fatalf("head %s, %d lines", head, len(ledger.Lines))
	}
	remembering(t, db, "clerk.cam", dir).Close()

	// From here on the backup is the library.
	restored := pgtest.Connect(t, backup, "postgres")
	if left := pgtest.RowsWith(restored, words[:5]...); len(left) == 0 {
		t.Fatal("the backup holds nothing about anybody: the search is of no use")
	}
	stranger := remembering(t, backup, "clerk.cam", t.TempDir())
	if _, err := people.Find(t.Context(), stranger, client.Why{},
		people.FindQuery{Words: []string{"smith"}}); pgtest.Kind(err) == client.KindRefused {
		t.Errorf("closed before anybody knew better: %v", err)
	}
	clerk := remembering(t, backup, "clerk.cam", dir)
	for _, c := range []*client.Client{clerk, stranger} {
		_, err := people.Find(t.Context(), c, client.Why{}, people.FindQuery{Words: []string{"smith"}})
		if pgtest.Kind(err) != client.KindRefused || !strings.Contains(err.Error(), "quarantine") {
			t.Errorf("a restored database answers: %v", err)
		}
	}
	job := remembering(t, backup, "job", dir)
	if _, err := forgetting.SetQuarantine(t.Context(), job, client.Why{}, false); pgtest.Kind(err) != client.KindRefused {
		t.Errorf("opened before the replay: %v", err)
	}
	first, err := forgetting.Replay(t.Context(), job, client.Why{}, ledger, nil)
	if err != nil || first.Erased != 100 || first.Absent != 1 || first.Known != 1 || len(first.Reused) != 0 {
		t.Fatalf("%+v, %v", first, err)
	}
	if left := pgtest.RowsWith(restored, words...); len(left) != 0 {
		t.Errorf("%d of 100 people can be read, such as %s", len(left), left[0])
	}
	if q, err := forgetting.SetQuarantine(t.Context(), job, client.Why{}, false); err != nil || q.Since != nil {
		t.Fatalf("%+v, %v", q, err)
	}
	before := forgotten(restored)
	second, err := forgetting.Replay(t.Context(), job, client.Why{}, ledger, nil)
	if err != nil || second.Known != 102 || second.Erased+second.Absent != 0 {
		t.Errorf("%+v, %v", second, err)
	}
	if after := forgotten(restored); after != before {
		t.Error("the second replay changed something")
	}
	if forgotten(restored) != forgotten(pgtest.Connect(t, db, "postgres")) {
		t.Errorf("the ledger differs from the one before the restore:\n%s\n%s", forgotten(restored), forgotten(pgtest.Connect(t, db, "postgres")))
	}
	next, _ := strconv.ParseInt(restored.Must("SELECT nextval('lms.patron_number')"), 10, 64)
	if most, _ := strconv.ParseInt(late, 10, 64); next <= most {
		t.Errorf("patron number %d is given out again", next)
	}
	again := remembering(t, backup, "clerk.cam", dir)
	if _, err := people.Find(t.Context(), again, client.Why{},
		people.FindQuery{Words: []string{"smith"}}); pgtest.Kind(err) == client.KindRefused {
		t.Errorf("closed after the replay: %v", err)
	}
}

// forgotten is all that a replay changes.
func forgotten(super *pgtest.Session) string {
	var all strings.Builder
	for _, query := range []string{
		"SELECT number, patron, authority, rule, at FROM patronctl.erasure", "SELECT number FROM patronctl.ledger",
		`SELECT id
			FROM lms.patron
			WHERE status = 'erased' AND registered_on IS DISTINCT FROM '2020-01-01'`, "SELECT * FROM lms.identity", "SELECT * FROM lms.card",
		"SELECT n.patron, n.surname, w.word FROM lms.named AS n JOIN lms.word AS w ON w.id = n.word",
		"SELECT * FROM patronctl.imported_patron",
	} {
		fmt.Fprintln(&all, query, super.Must("SELECT count(*), md5(string_agg(s::text, '|' ORDER BY s::text)) FROM (%s) AS s", query))
	}
	return all.String()
}

// Somebody who has the number of an erased person by now is told, not erased.
func TestReusedNumbersAreTold(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	super.Conn.Close(t.Context()) //nolint:errcheck // a template has no sessions
	backup := db.Copy(t)
	super = pgtest.Connect(t, db, "postgres")
	added := `
		INSERT INTO lms.patron (authority, branch, category, registered_on)
		SELECT authority, branch, category, '%s'
		FROM lms.patron LIMIT 1
		RETURNING id`
	gone := super.Must(added, "2025-01-01")
	erase(super, gone)
	ledger := exported(t, db)
	restored := pgtest.Connect(t, backup, "postgres")
	if id := restored.Must(added, pgtest.Day); id != gone {
		t.Fatalf("%s was given out, not %s", id, gone)
	}
	done, err := forgetting.Replay(t.Context(), backup.Client(t, "job"), client.Why{}, ledger, nil)
	if err != nil || len(done.Reused) != 1 || done.Erased+done.Absent != 0 || fmt.Sprint(done.Reused[0]) != gone {
		t.Errorf("%+v, %v", done, err)
	}
	if state := restored.Must("SELECT status FROM lms.patron WHERE id = %s", gone); state != "active" {
		t.Error("somebody else was erased")
	}
	erase(restored, gone) // on request, say
	if n := restored.Must("SELECT number FROM patronctl.erasure"); n != "2" {
		t.Errorf("entered as %s", n)
	}
}

// The database itself refuses lines that it never wrote, and patrons that were not opened.
func TestReplayTrustsNobody(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, job := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "job")
	ids := choose(super, 3)
	erase(super, ids[:2]...)
	lines := exported(t, db).Lines
	replay := func(opened, head, line string) error {
		_, err := job.Run("SELECT desk.replay(%s, '%s', ARRAY['%s'])", job.Open("erasure replay", `{"erased": [`+opened+`]}`), head, line)
		return err
	}
	patron := strings.Fields(lines[0])[1]
	if err := replay(patron, lines[1], lines[0]); err != nil {
		t.Error(err)
	}
	if err := replay(ids[2], lines[1], strings.Replace(lines[0], " "+patron+" ", " "+ids[2]+" ", 1)); pgtest.Code(err) != "LB409" {
		t.Errorf("a forged line: %v", err)
	}
	if err := replay(patron, strings.Replace(lines[1], "2 ", "9 ", 1), lines[0]); pgtest.Code(err) != "LB409" {
		t.Errorf("a forged head: %v", err)
	}
	pgtest.Refused(t, "a patron that was not opened", replay(ids[2], lines[1], lines[0]))
	if state := super.Must("SELECT status FROM lms.patron WHERE id = %s", ids[2]); state != "active" {
		t.Error("erased by a forged line")
	}
	for _, criteria := range []string{`{}`, `{"erased": []}`, `{"ref": "id:1"}`} {
		if _, err := job.Run("SELECT %s", pgtest.OpenCall("erasure replay", criteria)); pgtest.Code(err) != "LB400" {
			t.Errorf("%s: %v", criteria, err)
		}
	}
}

// Somebody at work on one of the patrons holds the replay up, and nothing behind it counts as replayed.
func TestReplayWaitsForNobody(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	ids := choose(super, 2)
	super.Conn.Close(t.Context()) //nolint:errcheck // a template has no sessions
	backup := db.Copy(t)
	erase(pgtest.Connect(t, db, "postgres"), ids...)
	ledger := exported(t, db)
	job, restored := backup.Client(t, "job"), pgtest.Connect(t, backup, "postgres")
	foreign := *ledger
	foreign.Database = "6cfe9ec1-0000-4000-8000-000000000000"
	if _, err := forgetting.Replay(t.Context(), job, client.Why{}, &foreign, nil); pgtest.Kind(err) != client.KindRefused ||
		!strings.Contains(err.Error(), "another database") {
		t.Errorf("another database's ledger: %v", err)
	}
	restored.Must("BEGIN; SELECT FROM lms.patron WHERE id = %s FOR UPDATE", ids[0])
	if _, err := forgetting.Replay(t.Context(), job, client.Why{}, ledger, nil); pgtest.Kind(err) != client.KindBusy {
		t.Errorf("%v, want it busy", err)
	}
	restored.Must("ROLLBACK")
	if at := restored.Must("SELECT number, replayed_to, (SELECT count(*) FROM patronctl.erasure) FROM patronctl.ledger"); at != "0\n0\n0" {
		t.Errorf("counted as replayed: %s", at)
	}
	if done, err := forgetting.Replay(t.Context(), job, client.Why{}, ledger, nil); err != nil || done.Erased != 2 {
		t.Errorf("%+v, %v", done, err)
	}
}

// However often a replay is cut, run again it ends as if nobody had disturbed it.
func TestInterruptedReplayEndsTheSame(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	ids := choose(super, 1200)
	super.Conn.Close(t.Context()) //nolint:errcheck // a template has no sessions
	calm, rough := db.Copy(t), db.Copy(t)
	super = pgtest.Connect(t, db, "postgres")
	for chunk := range slices.Chunk(ids, 100) {
		erase(super, chunk...)
	}
	ledger := exported(t, db)
	if _, err := forgetting.Replay(t.Context(), calm.Client(t, "job"), client.Why{}, ledger, nil); err != nil {
		t.Fatal(err)
	}
	kills, grown := 0, map[string]bool{}
	ctx := context.WithoutCancel(t.Context())
	observer := pgtest.Connect(t, rough, "postgres")
	pause := 0.01 // seconds: it swings around the moment of the commit
	for round := 1; kills < 40 && round <= 120; round++ {
		part := *ledger
		part.Lines = ledger.Lines[:10*round]
		ended := make(chan error, 1)
		c := rough.Client(t, "job")
		go func() { _, err := forgetting.Replay(ctx, c, client.Why{}, &part, nil); ended <- err }()
		observer.Must("SELECT pg_sleep(%f)", pause)
		observer.Must("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'job'")
		if err := <-ended; err != nil {
			kills++
			pause *= 1.3
		} else {
			pause /= 2
		}
		c.Close()
		grown[observer.Must("SELECT count(*) FROM patronctl.erasure")] = true
	}
	t.Log(kills, "kills, at", len(grown), "lengths of the ledger")
	if kills < 40 || len(grown) < 2 {
		t.Error("too few, or all of them at the same place")
	}
	if _, err := forgetting.Replay(ctx, rough.Client(t, "job"), client.Why{}, ledger, nil); err != nil {
		t.Fatal(err)
	}
	quiet, noisy := forgotten(pgtest.Connect(t, calm, "postgres")), forgotten(observer)
	if quiet != noisy {
		t.Errorf("undisturbed:\n%sdisturbed:\n%s", quiet, noisy)
	}
}
