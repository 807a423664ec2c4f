package audit_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"patronctl/client"
	"patronctl/client/audit"
	"patronctl/client/localpg/pgtest"
)

func collected(t *testing.T, c *client.Client, login string) (counts *audit.LoginCounts, of []audit.LoginCount) {
	t.Helper()
	counts, err := audit.CollectLogins(context.WithoutCancel(t.Context()), c, client.Why{})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range counts.Logins {
		if l.Login == login {
			of = append(of, l)
		}
	}
	return counts, of
}

// Counts are sealed, each login is counted once, and what was counted stays when the log is written over.
func TestLoginCountsAreSealed(t *testing.T) {
	s := newSealer(t)
	super, job := pgtest.Connect(t, s.db, "postgres"), s.db.Client(t, "job")
	login := "anna." + s.db.Name
	super.Must(`CREATE ROLE "%s" LOGIN IN ROLE patronctl_clerk`, login)
	lines := []string{
		logLine(super, "2026-01-02 23:59:59.999", login, authorized), logLine(super, "2026-01-03 00:00:00.000", login, authorized),
		logLine(super, "2026-01-03 08:00:00.000", login, mistyped), logLine(super, "2026-01-03 08:00:01.000", login, mistyped),
		logLine(super, "2026-01-03 08:01:00.000", login, unallowed), logLine(super, "2026-01-03 08:02:00.000", "kettles", mistyped),
	}
	logFile(super, "days", lines...)

	// Ended in the middle, it has counted nothing.
	killed := pgtest.Connect(t, s.db, "job")
	killed.Must("BEGIN; SELECT desk.collect_logins(%s)", killed.Open("audit collect", "{}"))
	super.Must("SELECT pg_terminate_backend(%s)", killed.Must("SELECT pg_backend_pid()"))
	first, of := collected(t, job, login)
	want := []audit.LoginCount{{Login: login, Day: "2026-01-02", OK: 1}, {Login: login, Day: "2026-01-03", OK: 1, Failed: 2, Denied: 1}}
	if !slices.Equal(of, want) || first.From != nil {
		t.Errorf("%+v from %v, want %+v", of, first.From, want)
	}
	if !slices.Contains(first.Logins, audit.LoginCount{Day: "2026-01-03", Failed: 1}) {
		t.Errorf("a login that does not exist is not counted, or by its name: %+v", first.Logins)
	}
	second, of := collected(t, job, login)
	if len(of) > 0 || second.From == nil || !second.From.Equal(first.Until) || first.Gap || second.Gap {
		t.Errorf("counted twice: %+v from %v after %v", of, second.From, first.Until)
	}
	logFile(super, "days")
	if gone, of := collected(t, job, login); len(of) > 0 || gone.From == nil || gone.Gap {
		t.Errorf("after the log was written over: %+v", gone)
	}

	// Something new is counted once, however many count at once.
	if !attempt(t, s.db, login, "", s.db.Name) {
		t.Fatal("cannot log in")
	}
	jobs := []*client.Client{job, s.db.Client(t, "job"), s.db.Client(t, "job")}
	var times int
	pgtest.Eventually(t, "count of a login", func() bool {
		found := make([]*audit.LoginCounts, len(jobs))
		done := make(chan error)
		for n, c := range jobs {
			go func() {
				var err error
				found[n], err = audit.CollectLogins(t.Context(), c, client.Why{})
				done <- err
			}()
		}
		for range jobs {
			if err := <-done; err != nil && pgtest.Kind(err) != client.KindBusy {
				t.Fatal(err)
			}
		}
		for _, counts := range found {
			if counts == nil {
				continue
			}
			for _, l := range counts.Logins {
				if l.Login == login {
					times += l.OK + l.Failed + l.Denied
				}
			}
		}
		return times > 0
	})
	if times != 1 {
		t.Errorf("counted %d times", times)
	}
	const kept = `
		FROM patronctl.result AS r JOIN patronctl.access AS a ON a.id = r.access,
			jsonb_to_recordset(r.counts -> 'logins') AS l(login text, ok integer, failed integer, denied integer)
		WHERE a.operation = 'audit collect' AND l.login = '%s'`
	if sums := super.Must("SELECT concat_ws(' ', sum(ok), sum(failed), sum(denied)) "+kept, login); sums != "3 2 1" {
		t.Errorf("kept: %s", sums)
	}

	// The last counting is in the log itself: when the log begins later, lines were lost.
	super.Must(`
		SET session_replication_role = replica;
		UPDATE patronctl.result SET at = '2026-01-01'
		WHERE access = (SELECT access FROM patronctl.collected)`)
	if lost, _ := collected(t, job, login); !lost.Gap {
		t.Error("the log begins after the last counting, and nothing is said")
	}
	if after, _ := collected(t, job, login); after.Gap {
		t.Error("a gap is told twice")
	}
	super.Must("DELETE FROM patronctl.result WHERE at = '2026-01-01'; RESET session_replication_role")

	s.mustSeal()
	if wrong := s.verify("", true); len(wrong) > 0 {
		t.Error(wrong)
	}
	access := super.Must("SELECT min(a.id) "+kept, login)
	super.Must(`
		SET session_replication_role = replica;
		UPDATE patronctl.result SET counts = jsonb_set(counts, '{logins,0,failed}', '0') || '{"failed": 0}'
		WHERE access = %s`, access)
	wrong := s.verify("", true)
	if len(wrong) != 1 || fmt.Sprint(wrong[0].Access) != access || wrong[0].What != "result edited" {
		t.Errorf("counts of access %s were edited: %v", access, wrong)
	}
}
