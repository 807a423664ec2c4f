//go:build linux

package bench

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"patronctl/client/localpg"
)

// durable are the settings of the server that everything is measured on: fsync and the rest as PostgreSQL has them, and
// memory as one would give a server of its own.
var durable = map[string]string{
	"shared_buffers":       "1GB",
	"effective_cache_size": "4GB",
	"maintenance_work_mem": "256MB",
	"max_wal_size":         "4GB",
	"max_connections":      "50",
}

// BenchmarkBesidePsql measures the program beside the server's own psql doing the same work, on a database of its own
// with PATRONCTL_BENCH_PATRONS patrons and ten times as many loans, and what could grow with it also on a small one. It
// prints one table at the end. `make bench` runs it; -bench /erasing measures one part.
func BenchmarkBesidePsql(b *testing.B) {
	patrons, err := strconv.Atoi(os.Getenv("PATRONCTL_BENCH_PATRONS"))
	if err != nil {
		b.Fatal("PATRONCTL_BENCH_PATRONS is not a number of patrons: run make bench PATRONS=100000")
	}
	ctx, stop := signal.NotifyContext(b.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	x := &bench{B: b, ctx: ctx, big: &library{name: "big", patrons: patrons}, small: &library{name: "small", patrons: smallLibrary}}
	x.setUp()
	x.part("start", x.startUp)
	x.part("import", x.importing)
	x.part("show", x.show)
	x.part("find", x.find)
	x.part("debts", x.debts)
	x.part("anonymize", x.anonymizing)
	x.part("export", x.exporting)
	x.part("gate", x.gate)
	x.part("processes", x.wholeProcesses)
	x.part("mixed", x.mixing)
	x.part("sweep", x.sweeping)
	x.part("erase", x.erasing)
	x.part("audit", x.auditing)
	table, err := x.report.table(x.facts())
	x.must(err)
	_, err = os.Stdout.WriteString(table)
	x.must(err)
	b.ReportMetric(0, "ns/op") // of the whole means nothing
}

// bench is one run of the benchmark: a cluster, and a directory with the files that go in and out.
type bench struct {
	*testing.B
	ctx        context.Context
	dir        string
	program    string
	bin        string // directory of PostgreSQL's own programs
	cluster    *localpg.Cluster
	big, small *library
	report     report
}

// part measures one thing, unless others were asked for.
func (x *bench) part(name string, measure func()) {
	whole := x.B
	defer func() { x.B = whole }()
	ok := whole.Run(name, func(b *testing.B) {
		x.B = b
		measure()
		b.ReportMetric(0, "ns/op")
	})
	if !ok {
		whole.FailNow()
	}
}

// setUp starts the server and makes the libraries up.
func (x *bench) setUp() {
	x.program = x.binary()
	bin, err := localpg.Locate()
	x.must(err)
	x.bin = bin
	// Not in /tmp, which may be memory: this needs 20 GB for 1,000,000 patrons.
	x.dir, err = os.MkdirTemp(cmp.Or(os.Getenv("TMPDIR"), "/var/tmp"), "patronctl-bench-")
	x.must(err)
	x.Cleanup(func() { _ = os.RemoveAll(x.dir) })
	x.must(os.Chmod(x.dir, 0o711)) // the server's account passes through
	x.cluster = &localpg.Cluster{Dir: filepath.Join(x.dir, "pg"), Settings: durable}
	x.Cleanup(func() {
		if err := x.cluster.Remove(context.WithoutCancel(x.ctx)); err != nil {
			x.Error(err)
		}
	})
	x.step("starting PostgreSQL in %s", x.dir)
	x.must(x.cluster.Start(x.ctx))
	x.must(x.cluster.CreateOwner(x.ctx))
	x.sql("postgres", `CREATE ROLE admin LOGIN; CREATE ROLE clerk LOGIN; CREATE ROLE job LOGIN; CREATE ROLE auditor LOGIN;
		CREATE ROLE cam LOGIN; CREATE ROLE ken LOGIN; CREATE ROLE pbk LOGIN`)
	for _, l := range []*library{x.big, x.small} {
		x.step("making up %d patrons", l.patrons)
		x.makeUp(l)
	}
}

// binary is what make build left.
func (x *bench) binary() string {
	path, err := filepath.Abs("../../../bin/patronctl")
	x.must(err)
	info, err := os.Stat(path)
	if err != nil {
		x.Fatal("there is no bin/patronctl: run make bench, which builds it")
	}
	const limit = 18 << 20
	x.report.add(line{work: "size of the binary", ours: mebibytes(info.Size()), target: mebibytes(limit), met: info.Size() <= limit})
	return path
}

// facts say what the figures were measured on.
func (x *bench) facts() string {
	memory := "unknown"
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		fields := strings.Fields(string(text)) // MemTotal: 24681036 kB
		if kib, err := strconv.ParseInt(fields[1], 10, 64); err == nil {
			memory = mebibytes(kib << 10)
		}
	}
	settings := "fsync=on"
	for _, name := range []string{"shared_buffers", "effective_cache_size", "maintenance_work_mem", "max_wal_size"} {
		settings += " " + name + "=" + durable[name]
	}
	counts := strings.Split(x.answer(x.filled(x.big), "count.sql"), "|")
	return fmt.Sprintf("%d cores, %s of memory, PostgreSQL %s (%s)\n"+
		"%s patrons, %s loans, %s fees; medians of 11 runs, of 3 where one takes 5 s, one run where it takes a minute",
		runtime.NumCPU(), memory, x.cluster.Status().Version, settings, counts[0], counts[3], counts[5])
}

// must ends the benchmark at an error; what was set up is removed.
func (x *bench) must(err error) {
	x.Helper()
	if x.ctx.Err() != nil {
		x.Fatal("interrupted")
	}
	if err != nil {
		x.Fatal(err)
	}
}

// step tells what takes long.
func (x *bench) step(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "\n%s  "+format, append([]any{time.Now().Format(time.TimeOnly)}, args...)...)
}
