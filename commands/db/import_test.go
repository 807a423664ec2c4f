package db

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"patronctl/client/delivery"
	"patronctl/client/install"
	"patronctl/commands/kit"
	"patronctl/output"
)

func testEnv(errs io.Writer) *kit.Env {
	in := strings.NewReader("")
	return &kit.Env{In: in, Out: io.Discard, Err: errs, Terminal: output.NewTerminal(in, io.Discard, errs)}
}

func TestBadRowsAreListedAlsoWhenQuiet(t *testing.T) {
	var errs bytes.Buffer
	o := &importOptions{env: testEnv(&errs)}
	o.env.Flags.Quiet = true
	o.listBad(
		[]delivery.BadRow{
			{File: "loan.csv", Line: 12, Column: "patron", Reason: "no patron \x1b]0;x\a"},
			{File: "fee.csv", Line: 2, Column: "amount", Reason: "not an amount"},
		},
	)
	if want := "loan.csv:12: patron: no patron \\x1b]0;x\\a\nfee.csv:2: amount: not an amount\n"; errs.String() != want {
		t.Errorf("got %q", errs.String())
	}
}

func TestProgressPerRelation(t *testing.T) {
	var errs bytes.Buffer
	b := &bars{env: testEnv(&errs)}
	b.set("patron", 5, 10)
	b.set("patron", 10, 10)
	b.set("loan", 7, 0)
	b.done()
	if want := "patron: 5 of 10\npatron: 10 of 10\nloan: 7\n"; errs.String() != want {
		t.Errorf("got %q", errs.String())
	}
}

func TestImportScreen(t *testing.T) {
	var out bytes.Buffer
	i := &delivery.Imported{
		Relations: []delivery.ImportedRelation{{Relation: "patron", Read: 10, Added: 7, Known: 2, Bad: 1}},
		Warnings:  []delivery.Warning{{Relation: "loan", Warning: "returned before lent", Count: 3}},
	}
	if err := output.Document(&output.Printer{Out: &out, Format: output.Table}, i, importScreen(i)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"patron      10      7      2    1\n", "returned before lent     3\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, out.String())
		}
	}
}

func TestStatusScreenSaysWhatToRun(t *testing.T) {
	for current, want := range map[bool]string{true: "those of this program", false: "patronctl db upgrade"} {
		var out bytes.Buffer
		s := &install.Status{DeskCurrent: current, Pending: []install.Migration{{Schema: "lms", Version: 4, Name: "tables"}}}
		if err := output.Document(&output.Printer{Out: &out, Format: output.Table}, s, statusScreen(s)); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); !strings.Contains(got, want) || !strings.Contains(got, "lms 4  tables") {
			t.Errorf("screen:\n%s", got)
		}
	}
}
