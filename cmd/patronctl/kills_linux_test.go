package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"patronctl/client/localpg/pgtest"
)

// work is a command that is killed over and over, and what must hold once it was let come to its end.
type work struct {
	login   string
	command []string
	prepare func(k *killer)        // makes the database ready for the command
	ended   func(k *killer) string // what an undisturbed command leaves behind
	crashes bool                   // every tenth kill is kill -9 of the server process, after which the whole server recovers
}

var works = map[string]work{
	"plan": {
		login: "officer.cam", command: []string{"retention", "plan", "accounts", "deleted", "history", "lapsed"},
		prepare: func(*killer) {},
		ended:   func(k *killer) string { return k.value(`SELECT hash FROM patronctl.plan ORDER BY id DESC LIMIT 1`) },
	},
	"run": {
		login: "officer.cam", command: []string{"retention", "run", "1", "--yes", "--batch", "4"},
		prepare: func(k *killer) {
			k.done("officer.cam", "retention", "plan", "accounts", "deleted", "history", "lapsed")
		},
		ended: func(k *killer) string {
			return k.db.Fingerprint(k.t) + k.value(`SELECT format('%s, %s left out', sum(done), sum(left_out)) FROM patronctl.plan_part`)
		},
	},
	"scrub": {
		login: "job", command: []string{"erasure", "scrub"},
		prepare: func(k *killer) {
			k.value(`SELECT desk.erase(ARRAY(SELECT id FROM lms.patron ORDER BY id LIMIT 60), 'request')::text`)
		},
		ended: func(k *killer) string {
			return k.db.Fingerprint(k.t) + k.value(`SELECT format('%s scrubbed', count(scrubbed_at)) FROM patronctl.erasure`)
		},
	},
	"replay": {
		login: "job", command: []string{"erasure", "replay", "erasures.ledger"},
		prepare: func(k *killer) {
			backup := k.db.Copy(k.t)
			k.value(`SELECT desk.erase(ARRAY(SELECT id FROM lms.patron ORDER BY id LIMIT 900), 'request')::text`)
			k.done("job", "erasure", "export", "erasures.ledger", "--force")
			k.db = backup
		},
		ended: func(k *killer) string { return k.db.Fingerprint(k.t) },
	},
}

// killer has a database and a folder for one work.
type killer struct {
	t   *testing.T
	db  *pgtest.DB
	dir string
}

func (k *killer) value(query string) (value string) {
	k.t.Helper()
	super := k.db.Connect(k.t, "postgres")
	must(k.t, super.QueryRow(k.t.Context(), query).Scan(&value))
	must(k.t, super.Close(k.t.Context())) // a database that is copied has no sessions
	return value
}

func (k *killer) program(login string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	var said bytes.Buffer
	cmd := exec.CommandContext(k.t.Context(), "patronctl", args...)
	cmd.Dir, cmd.Stderr = k.dir, &said
	cmd.Env = append(os.Environ(), "PATRONCTL_DSN="+k.db.DSN(login), "PATRONCTL_STATE_DIR="+filepath.Join(k.dir, "state"))
	return cmd, &said
}

// done runs a command that must succeed.
func (k *killer) done(login string, args ...string) {
	k.t.Helper()
	if cmd, said := k.program(login, args...); cmd.Run() != nil {
		k.t.Fatalf("%v: %s", args, said)
	}
}

// fresh makes a database ready for a work.
func fresh(t *testing.T, w work) *killer {
	k := &killer{t: t, db: pgtest.New(t), dir: t.TempDir()}
	w.prepare(k)
	return k
}

// TestKills kills each work 50 times, its program and its server process in turn, at any moment. Let run to its end, it
// leaves behind what an undisturbed one does.
func TestKills(t *testing.T) {
	const enough = 50
	for name, w := range works {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kill(t, w, enough, uint64(len(name)))
		})
	}
}

func kill(t *testing.T, w work, enough int, seed uint64) {
	t.Helper()
	k := fresh(t, w)
	started := time.Now()
	k.done(w.login, w.command...)
	length, want := time.Since(started), w.ended(k)
	dice := rand.New(rand.NewPCG(7, seed))
	for kills := 0; kills < enough; {
		k := fresh(t, w)
		kills += k.disturb(w, dice, min(length, time.Second), enough-kills)
		if got := w.ended(k); got != want {
			t.Fatalf("after %d kills: %s, undisturbed: %s", kills, got, want)
		}
	}
}

// TestSealingKilled is TestKills for the sealer. It runs alone: any open transaction of the server holds sealing up, and a
// server process that is killed outright takes the others with it. However often it was killed, the records that there were
// have the same tree, and each of all is sealed once.
func TestSealingKilled(t *testing.T) {
	const records = 45_000 // three transactions
	begun := pgtest.New(t)
	super := begun.Connect(t, "postgres")
	_, err := super.Exec(t.Context(), fmt.Sprintf(`SET session_replication_role = replica;
		INSERT INTO patronctl.access (xid, written_at, at, login, operation, purpose, outcome, facts, patrons, nonce, row_hash)
		SELECT pg_current_xact_id(), '0/0', now(), 'clerk.cam', 'patron show', 'service', 'allowed', FALSE, ARRAY[n %% 2000],
			uuid_send(gen_random_uuid()), ''
		FROM generate_series(1, %d) AS n;
		UPDATE patronctl.access AS a SET row_hash = desk.access_hash(a) WHERE row_hash = ''`, records))
	must(t, err)
	must(t, super.Close(t.Context()))
	kill(t, work{
		login: "job", command: []string{"audit", "seal", "-q"}, crashes: true,
		prepare: func(k *killer) { k.db = begun.Copy(k.t) },
		ended: func(k *killer) string {
			k.done("job", "audit", "seal", "-q")
			k.done("auditor", "audit", "verify", "--full", "-q")
			return k.value(fmt.Sprintf(`
				SELECT format(
					'leaves %%s, nodes %%s; %%s not sealed; %%s gaps',
					md5(string_agg(hash::text, '' ORDER BY number) FILTER (WHERE number < %[1]d)),
					(
						SELECT md5(string_agg(hash::text, '' ORDER BY level, number))
						FROM patronctl.node
						WHERE (number + 1) << level <= %[1]d
					),
					(
						SELECT count(*)
						FROM patronctl.access AS a, patronctl.tree AS t
						WHERE a.xid < t.xid AND NOT EXISTS (SELECT FROM patronctl.leaf AS l WHERE l.access = a.id)
					),
					max(number) + 1 - count(*)
				)
				FROM patronctl.leaf`, records))
		},
	}, 50, 5)
}

// disturb runs a work until it comes to its end, and kills it at most that many times before.
func (k *killer) disturb(w work, dice *rand.Rand, length time.Duration, most int) (kills int) {
	k.t.Helper()
	for range 500 {
		cmd, said := k.program(w.login, w.command...)
		must(k.t, cmd.Start())
		var err error
		over := make(chan struct{})
		go func() {
			err = cmd.Wait()
			close(over)
		}()
		wait := time.Duration(dice.Int64N(int64(length)))
		if kills >= most {
			wait = time.Minute
		}
		select {
		case <-over:
			if err == nil {
				return kills
			}
			// 4: the connection broke. 6: what was killed before has not ended yet.
			if ended, ok := errors.AsType[*exec.ExitError](err); !ok || !slices.Contains([]int{4, 6}, ended.ExitCode()) {
				k.t.Fatalf("%v: %s", err, said)
			}
		case <-time.After(wait):
			if kills%2 == 0 {
				if err := cmd.Process.Kill(); !errors.Is(err, os.ErrProcessDone) {
					must(k.t, err)
					kills++
				}
			} else if k.endServerProcess(over, w.crashes && kills%10 == 9) {
				kills++
			}
			<-over
		}
	}
	k.t.Fatal("it does not come to its end")
	return kills
}

// endServerProcess ends the one that the program is connected to, as soon as there is one; false when the program was faster.
func (k *killer) endServerProcess(over <-chan struct{}, crash bool) bool {
	end := `coalesce(bool_or(pg_terminate_backend(pid)), FALSE)::int`
	if crash {
		end = `coalesce(max(pid), 0)`
	}
	for {
		found := k.value(`SELECT (` + end +
			`)::text FROM pg_stat_activity WHERE datname = current_database() AND usename IN ('officer.cam', 'job')`)
		if pid, err := strconv.Atoi(found); err != nil || pid > 0 {
			must(k.t, err)
			return !crash || k.crash(pid)
		}
		select {
		case <-over:
			return false
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// crash kills a server process, and waits until the server has recovered from that; false when the process had ended.
func (k *killer) crash(pid int) bool {
	k.t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); errors.Is(err, syscall.ESRCH) {
		return false
	} else if must(k.t, err); true {
		time.Sleep(100 * time.Millisecond) // the server needs to notice
	}
	for range 600 {
		if conn, err := pgx.Connect(k.t.Context(), k.db.DSN("postgres")); err == nil {
			must(k.t, conn.Close(k.t.Context()))
			return true
		}
		time.Sleep(100 * time.Millisecond)
	}
	k.t.Fatal("the server did not recover")
	return false
}
