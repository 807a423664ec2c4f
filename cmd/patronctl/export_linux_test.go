package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"patronctl/client/exchange"
	"patronctl/client/localpg/pgtest"
)

// TestExportOfManyGoesOn cuts an export of many people, by Ctrl-C and by killing it; the same command ends it, exporting
// nobody twice.
func TestExportOfManyGoesOn(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	rows, err := db.Super(t).Query(t.Context(),
		"SELECT id FROM lms.patron WHERE authority = 'CAM' AND status <> 'erased' ORDER BY id LIMIT 60")
	must(t, err)
	people, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	must(t, err)
	dir := t.TempDir()
	var list strings.Builder
	for _, id := range people {
		fmt.Fprintf(&list, "id:%d\n", id)
	}
	listed, to := filepath.Join(dir, "people"), filepath.Join(dir, "files")
	must(t, os.WriteFile(listed, []byte(list.String()), 0o600))
	must(t, os.Mkdir(to, 0o700))
	program := func() *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), "patronctl", "export", "--file", listed, "--to", to, "-q", "-o", "jsonl")
		cmd.Env = append(os.Environ(), "PATRONCTL_DSN="+db.DSN("officer.cam"))
		return cmd
	}
	finished := func() int {
		files, err := filepath.Glob(filepath.Join(to, "patron-*.json"))
		must(t, err)
		return len(files)
	}
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGKILL} {
		cmd := program()
		var said strings.Builder
		cmd.Stderr = &said
		before := finished()
		must(t, cmd.Start())
		eventually(t, "some files", func() bool { return finished() > before+3 })
		must(t, cmd.Process.Signal(signal))
		_ = cmd.Wait()
		if left, err := filepath.Glob(filepath.Join(to, ".*")); err != nil || left != nil {
			t.Errorf("%v left %v behind: %v", signal, left, err)
		}
		if signal == os.Interrupt && (cmd.ProcessState.ExitCode() != 130 || !strings.Contains(said.String(), "done before")) {
			t.Errorf("interrupted: exit %d, %s", cmd.ProcessState.ExitCode(), said.String())
		}
	}
	left := len(people) - finished()
	if left == 0 {
		t.Fatal("nothing was left to do")
	}
	cmd := program()
	out, err := cmd.Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		t.Fatalf("%v: %s", err, failed.Stderr)
	}
	must(t, err)
	if done := strings.Count(string(out), "\n"); done != left {
		t.Errorf("%d were exported, %d were left", done, left)
	}
	for _, id := range people {
		file, err := os.Open(filepath.Join(to, fmt.Sprintf("patron-%d.json", id)))
		must(t, err)
		head, err := exchange.Read(file, func(string, json.RawMessage) error { return nil })
		if err != nil || head.Patron != id {
			t.Errorf("%d: %+v, %v", id, head, err)
		}
		must(t, file.Close())
	}
}

// TestTwoExportsIntoOneDirectory lets a second run begin while the first one waits for its next line: it is told so, opens
// nobody's data, and does what is left when the first one has ended.
func TestTwoExportsIntoOneDirectory(t *testing.T) {
	db := pgtest.New(t)
	to := t.TempDir()
	listed := filepath.Join(t.TempDir(), "people")
	var people []int64
	must(t, db.Super(t).QueryRow(t.Context(),
		"SELECT ARRAY(SELECT id FROM lms.patron WHERE authority = 'CAM' AND status <> 'erased' ORDER BY id LIMIT 3)").Scan(&people))
	must(t, os.WriteFile(listed, fmt.Appendf(nil, "id:%d\nid:%d\nid:%d\n", people[0], people[1], people[2]), 0o600))
	run := func(file string) *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), "patronctl", "export", "--file", file, "--to", to)
		cmd.Env = append(os.Environ(), "PATRONCTL_DSN="+db.DSN("officer.cam"))
		return cmd
	}
	opened := func() (n int) {
		must(t, db.Super(t).QueryRow(t.Context(), "SELECT count(*) FROM patronctl.access WHERE operation = 'export'").Scan(&n))
		return n
	}
	first := run("-")
	lines, err := first.StdinPipe()
	must(t, err)
	must(t, first.Start())
	_, err = fmt.Fprintf(lines, "id:%d\n", people[0])
	must(t, err)
	eventually(t, "the first file", func() bool {
		_, err := os.Stat(filepath.Join(to, fmt.Sprintf("patron-%d.json", people[0])))
		return err == nil
	})
	said, err := run(listed).CombinedOutput()
	if failed, ok := errors.AsType[*exec.ExitError](err); !ok || failed.ExitCode() != 6 ||
		!strings.Contains(string(said), "another export is writing into "+to) {
		t.Errorf("%v: %s", err, said)
	}
	if opened() != 1 {
		t.Errorf("%d accesses", opened())
	}
	_, err = fmt.Fprintf(lines, "id:%d\n", people[1])
	must(t, errors.Join(err, lines.Close(), first.Wait()))
	said, err = run(listed).CombinedOutput()
	if err != nil || !strings.Contains(string(said), "2 were done before") || opened() != 3 {
		t.Errorf("%d accesses, %v: %s", opened(), err, said)
	}
}
