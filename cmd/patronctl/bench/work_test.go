//go:build linux

package bench

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"patronctl/client/localpg"
)

// startUp measures what every command costs before it does anything.
func (x *bench) startUp() {
	for _, args := range [][2]string{{"version", "--version"}, {"--help", "--help"}} {
		x.report.atMost(args[0], 15*time.Millisecond, x.compare(
			func(int) cost { return x.ours(localpg.Owner, "postgres", "out", args[0]) },
			func(int) cost { return x.run(exec.CommandContext(x.ctx, filepath.Join(x.bin, "psql"), args[1]), "out") }))
	}
}

// importing fills fresh databases in both ways; the last ones that patronctl filled stay.
func (x *bench) importing() {
	const plain = "plain" // what psql fills
	c := x.compare(
		func(int) cost { return x.fill(x.big) },
		func(int) cost {
			x.step("the same in psql")
			x.database(plain)
			x.typed(plain, "authorities.sql", "files="+x.big.name)
			return x.typed(plain, "import.sql", "files="+x.big.name)
		},
		func(int) cost { return x.fill(x.small) })
	x.same("db import and \\copy", x.answer(x.big.name, "count.sql"), x.answer(plain, "count.sql"))
	x.drop(plain)
	x.report.within("db import of everything", 2, c)
	x.report.memory("db import, peak memory", 512<<20, c)
}

func (x *bench) show() {
	x.filled(x.big)
	x.filled(x.small)
	x.step("showing patrons")
	show := func(l *library) way {
		return func(run int) cost { return x.ours("clerk", l.name, "out", "patron", "show", l.cards[run]) }
	}
	x.report.within("patron show CARD", 1.3, x.compare(show(x.big),
		func(run int) cost { return x.psql("clerk", x.big.name, "out", "show.sql", "card="+x.big.cards[run]) },
		show(x.small)))
}

// debts checks many cards; both answers must be the same.
func (x *bench) debts() {
	big, small := x.filled(x.big), x.filled(x.small)
	x.step("checking debts")
	check := func(database, out string) way {
		return func(int) cost {
			return x.ours("job", database, out, "debt", "check", "--file", database+"/cards.txt", "-o", "csv", "--quiet")
		}
	}
	c := x.compare(check(big, "ours.csv"),
		func(int) cost { return x.psql(localpg.Superuser, big, "psql.csv", "debts.sql", "files="+big) },
		check(small, "out"))
	x.sameRows("ours.csv", "psql.csv")
	work := fmt.Sprintf("debt check --file of %d cards (%d)", len(x.big.cards), len(x.small.cards))
	x.report.within(work, 3, c)
	x.report.memory("debt check --file, peak memory", 64<<20, c)
}

// historyCopies is how many equal patrons with a long history there are: one for each run of patronctl and of psql.
const historyCopies = 22

// anonymizing moves the history of equal patrons; the same must be left of each.
func (x *bench) anonymizing() {
	x.filled(x.big)
	x.filled(x.small)
	x.step("anonymizing histories")
	card := func(n int) string { return fmt.Sprintf("bench-%d", n) }
	anonymize := func(l *library) way {
		return func(run int) cost {
			return x.ours("clerk", l.name, "out", "history", "anonymize", card(1+2*run), "--before", "today", "--yes")
		}
	}
	c := x.compare(anonymize(x.big),
		func(run int) cost { return x.typed(x.big.name, "anonymize.sql", "card="+card(2+2*run)) },
		anonymize(x.small))
	left := func(n int) string { return x.answer(x.big.name, "left.sql", "card="+card(n)) }
	x.same("history anonymize and the statements in psql", left(1), left(2))
	x.report.within(fmt.Sprintf("history anonymize, %d loans", longHistory), 1.5, c)
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
	if len(lines[0]) != len(lines[1]) || len(lines[0]) < len(x.big.cards) {
		x.Fatalf("%s has %d lines, %s %d", ours, len(lines[0]), theirs, len(lines[1]))
	}
	for i := range lines[0] {
		if !bytes.Equal(bytes.TrimSpace(lines[0][i]), bytes.TrimSpace(lines[1][i])) {
			x.Fatalf("line %d of %s and %s: %s and %s", i+1, ours, theirs, lines[0][i], lines[1][i])
		}
	}
}
