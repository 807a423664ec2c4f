//go:build linux

package bench

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"patronctl/client/localpg"
)

// cost is what one run of a program took.
type cost struct {
	time   time.Duration
	memory int64 // the most it held at a time, in bytes
}

// ours runs patronctl as a login on a database, with what it prints going to the file out.
func (x *bench) ours(login, database, out string, args ...string) cost {
	x.Helper()
	cmd := exec.CommandContext(x.ctx, x.program, args...)
	cmd.Env = []string{"PATRONCTL_DSN=" + x.cluster.DSN(login, database)}
	return x.run(cmd, out)
}

// psql runs a script, of testdata unless its path is given, with the server's own psql; variables are name=value.
func (x *bench) psql(login, database, out, script string, variables ...string) cost {
	x.Helper()
	path := script
	if !filepath.IsAbs(script) {
		var err error
		path, err = filepath.Abs(filepath.Join("testdata", script))
		x.must(err)
	}
	args := []string{"-XqAt", "-v", "ON_ERROR_STOP=1", "-f", path, "-d", x.cluster.DSN(login, database)}
	for _, v := range variables {
		args = append(args, "-v", v)
	}
	return x.run(exec.CommandContext(x.ctx, filepath.Join(x.bin, "psql"), args...), out)
}

// typed runs a script as the superuser of a database, and drops what it prints.
func (x *bench) typed(database, script string, variables ...string) cost {
	x.Helper()
	return x.psql(localpg.Superuser, database, "out", script, variables...)
}

// answer is what a script prints for the superuser.
func (x *bench) answer(database, script string, variables ...string) string {
	x.Helper()
	x.psql(localpg.Superuser, database, "answer.txt", script, variables...)
	text, err := os.ReadFile(filepath.Join(x.dir, "answer.txt"))
	x.must(err)
	return strings.TrimSpace(string(text))
}

// sql runs a statement as the superuser of a database.
func (x *bench) sql(database, statement string) {
	x.Helper()
	x.must(x.cluster.SQL(x.ctx, database, statement))
}

func (x *bench) run(cmd *exec.Cmd, out string) cost {
	x.Helper()
	stdout, err := os.Create(filepath.Join(x.dir, out))
	x.must(err)
	defer stdout.Close() //nolint:errcheck // whoever reads it will see
	var stderr bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = x.dir, stdout, &stderr
	cmd.Env = append(cmd.Env, "PATH="+os.Getenv("PATH"), "HOME="+x.dir, "LC_ALL=C.UTF-8")
	started := time.Now()
	x.must(cmd.Start())
	memory := watch(cmd.Process.Pid)
	err = cmd.Wait()
	took := time.Since(started)
	if err != nil {
		err = fmt.Errorf("%s: %w: %s", filepath.Base(cmd.Path), err, bytes.TrimSpace(stderr.Bytes()))
	}
	x.must(err)
	return cost{took, memory()}
}

// watch returns a function that tells the most memory a process held up to its end, in bytes, but for growth within its
// last moment. What the system itself reports in the end (ru_maxrss) also counts the parent that it was forked from.
func watch(pid int) func() int64 {
	ended, most := make(chan struct{}), make(chan int64, 1)
	status := fmt.Sprintf("/proc/%d/status", pid)
	go func() {
		var kib int64
		for {
			if text, err := os.ReadFile(status); err == nil {
				_, rest, _ := strings.Cut(string(text), "VmHWM:") // of a process that has ended it is missing
				_, _ = fmt.Sscan(rest, &kib)
			}
			select {
			case <-ended:
				most <- kib << 10
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	}()
	return func() int64 {
		close(ended)
		return <-most
	}
}

// way is one way of doing some work, for the nth time.
type way func(run int) cost

// compare does the same work in several ways in turn and returns, for each, the median time and the most memory: of 11
// runs, of 3 when a way takes 5 s, of one when it takes a minute.
func (x *bench) compare(ways ...way) []cost {
	all := make([][]cost, len(ways))
	for run, runs := 0, 11; run < runs; run++ {
		for i, do := range ways {
			all[i] = append(all[i], do(run))
			switch took := all[i][0].time; {
			case took > time.Minute:
				runs = 1
			case took > 5*time.Second:
				runs = min(runs, 3)
			}
		}
	}
	typical := make([]cost, len(ways))
	for i, costs := range all {
		var times []time.Duration
		for _, c := range costs {
			times = append(times, c.time)
			typical[i].memory = max(typical[i].memory, c.memory)
		}
		typical[i].time = percentile(times, 50)
	}
	return typical
}

// percentile returns the value that so many percent do not exceed.
func percentile(times []time.Duration, percent int) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[(len(sorted)-1)*percent/100]
}
