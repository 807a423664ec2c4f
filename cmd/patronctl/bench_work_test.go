//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"patronctl/client"
	"patronctl/client/localpg"
	"patronctl/client/localpg/sample"
)

// library is the database that patronctl imported and that everything else works on, plain the one that psql filled.
const library, plain = "library", "plain"

// startUp measures what every command costs before it does anything.
func (x *bench) startUp() {
	for _, args := range [][2]string{{"version", "--version"}, {"--help", "--help"}} {
		us, them := x.compare(
			func(int) cost { return x.ours(localpg.Owner, "postgres", "out", args[0]) },
			func(int) cost { return x.run(exec.CommandContext(x.ctx, filepath.Join(x.bin, "psql"), args[1]), "out") })
		x.report.atMost(args[0], us.time, them.time, 15*time.Millisecond)
	}
}

// importing fills fresh databases both ways; the last one that patronctl filled stays.
func (x *bench) importing() {
	fresh := func(database string) {
		x.must(x.cluster.SQL(x.ctx, "postgres", "DROP DATABASE IF EXISTS "+database))
		x.must(x.cluster.CreateDatabase(x.ctx, database, "", localpg.Owner))
		owner, err := client.Open(x.ctx, client.Config{DSN: x.cluster.DSN(localpg.Owner, database)})
		x.must(err)
		defer owner.Close()
		x.must(owner.Init(x.ctx, "admin", func(string) {}))
	}
	us, them := x.compare(func(run int) cost {
		x.step("importing, run %d", run+1)
		fresh(library)
		x.must(x.cluster.SQL(x.ctx, "postgres", "CHECKPOINT"))
		return x.ours(localpg.Owner, library, "out", "db", "import", "csv", "--quiet")
	}, func(int) cost {
		fresh(plain)
		x.psql(localpg.Superuser, plain, "out", "authorities.sql")
		x.must(x.cluster.SQL(x.ctx, "postgres", "CHECKPOINT"))
		return x.psql(localpg.Superuser, plain, "out", "import.sql")
	})
	x.same("db import and \\copy", x.answer(library, "count.sql"), x.answer(plain, "count.sql"))
	x.must(x.cluster.SQL(x.ctx, "postgres", "DROP DATABASE "+plain))
	x.report.within("db import of everything", us.time, them.time, 2)
	x.report.memory("db import, peak memory", us.memory, them.memory, 512<<20)
}

// prepare registers staff and leaves the database as autovacuum would in time.
func (x *bench) prepare() {
	x.step("preparing the database")
	admin, err := client.Open(x.ctx, client.Config{DSN: x.cluster.DSN("admin", library)})
	x.must(err)
	defer admin.Close()
	staff := []client.Staff{{Login: "clerk", Authority: "CAM", Role: "clerk"}, {Login: "job", Role: "job"}, {Login: "auditor", Role: "auditor"}}
	for _, login := range officers {
		staff = append(staff, client.Staff{Login: login, Authority: strings.ToUpper(login), Role: "officer"})
	}
	for _, s := range staff {
		_, err := admin.AddStaff(x.ctx, client.Why{}, s)
		x.must(err)
	}
	x.psql(localpg.Superuser, library, "out", "copies.sql", "card="+sample.CardLongHistory, fmt.Sprintf("copies=%d", 2*manyRuns))
	x.psql(localpg.Superuser, library, "out", "ungated.sql")
	x.must(x.cluster.SQL(x.ctx, library, "VACUUM ANALYZE"))
	x.must(x.cluster.SQL(x.ctx, library, "CHECKPOINT"))
}

func (x *bench) show() {
	x.step("showing patrons")
	us, them := x.compare(
		func(run int) cost { return x.ours("clerk", library, "out", "patron", "show", x.cards[run]) },
		func(run int) cost { return x.psql("clerk", library, "out", "show.sql", "card="+x.cards[run]) })
	x.report.within("patron show CARD", us.time, them.time, 1.3)
}

// debts checks many cards; both answers must be the same.
func (x *bench) debts() {
	x.step("checking debts")
	us, them := x.compare(
		func(int) cost {
			return x.ours("job", library, "ours.csv", "debt", "check", "--file", "cards.txt", "-o", "csv", "--quiet")
		},
		func(int) cost { return x.psql(localpg.Superuser, library, "psql.csv", "debts.sql") })
	x.sameRows("ours.csv", "psql.csv")
	x.report.within(fmt.Sprintf("debt check --file of %d cards", len(x.cards)), us.time, them.time, 3)
	x.report.memory("debt check --file, peak memory", us.memory, them.memory, 64<<20)
}

// anonymizing moves the history of equal patrons; the same must be left of each.
func (x *bench) anonymizing() {
	x.step("anonymizing histories")
	card := func(n int) string { return fmt.Sprintf("bench-%d", n) }
	us, them := x.compare(
		func(run int) cost {
			return x.ours("clerk", library, "out", "history", "anonymize", card(1+2*run), "--before", "today", "--yes")
		},
		func(run int) cost {
			return x.psql(localpg.Superuser, library, "out", "anonymize.sql", "card="+card(2+2*run))
		})
	x.same("history anonymize and the statements in psql", x.answer(library, "left.sql", "card="+card(1)), x.answer(library, "left.sql", "card="+card(2)))
	x.report.within(fmt.Sprintf("history anonymize, %d loans", longHistory), us.time, them.time, 1.5)
}

// same fails when two ways of doing something had different outcomes: then their times tell nothing.
func (x *bench) same(what, ours, theirs string) {
	x.Helper()
	if ours != theirs || ours == "" {
		x.Fatalf("%s have different outcomes: %s and %s", what, ours, theirs)
	}
}

func (x *bench) sameRows(ours, theirs string) {
	x.Helper()
	var lines [2][][]byte
	for i, name := range []string{ours, theirs} {
		text, err := os.ReadFile(filepath.Join(x.dir, name))
		x.must(err)
		lines[i] = bytes.Split(bytes.ReplaceAll(text, []byte(`"`), nil), []byte("\n"))
	}
	if len(lines[0]) != len(lines[1]) || len(lines[0]) < len(x.cards) {
		x.Fatalf("%s has %d lines, %s %d", ours, len(lines[0]), theirs, len(lines[1]))
	}
	for i := range lines[0] {
		if !bytes.Equal(bytes.TrimSpace(lines[0][i]), bytes.TrimSpace(lines[1][i])) {
			x.Fatalf("line %d of %s and %s: %s and %s", i+1, ours, theirs, lines[0][i], lines[1][i])
		}
	}
}
