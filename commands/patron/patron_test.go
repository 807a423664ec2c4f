package patron

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"patronctl/client"
	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

func TestRefusesBeforeConnecting(t *testing.T) {
	for _, line := range []string{
		"find", "show", "find x --limit 0", "find x --limit 21", "find x --limit many",
		"find x --columns nosuch", "find x -o json --columns owes", "show x --columns nosuch", "show x -o jsonl --columns owes",
	} {
		var out, errs bytes.Buffer
		in := strings.NewReader("")
		env := &kit.Env{In: in, Out: &out, Err: &errs, Terminal: output.NewTerminal(in, &out, &errs)}
		env.Flags.Demo = true // OpenDemo is nil: connecting panics
		cmd := New(env)
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		kit.BindGlobal(cmd, &env.Flags)
		cmd.SetArgs(append(strings.Fields(line), "--demo"))
		if err := cmd.ExecuteContext(t.Context()); err == nil || strings.Contains(err.Error(), "\n") || out.Len() > 0 {
			t.Errorf("%q: error %v, stdout %q", line, err, out.String())
		}
	}
}

func day(t *testing.T, s string) *client.Date {
	t.Helper()
	d, err := client.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return &d
}

func debtor(t *testing.T) people.Patron {
	due := time.Date(2026, 1, 9, 23, 59, 0, 0, time.Local)
	return people.Patron{
		Patron: 17, Authority: "NOR", Branch: "NOR-1", Category: "adult", Surname: "Evil\x1b[31m", Forenames: "Anna\nMaria",
		BirthDate: day(t, "1980-02-03"), Emails: []string{"anna@example.org", "a@example.org"}, Status: "active", ExpiresOn: day(t, "2027-01-01"),
		Verdict: people.Refuse, Reasons: []string{"debt_own", "overdue"},
		Cards:     []people.Card{{Number: "20000000000012", Status: "active"}, {Number: "20000000000013", Status: "lost"}},
		Addresses: []people.Address{{Kind: "permanent", Lines: "1 High Street\nFlat 2", Town: "Norwich", Postcode: "NR1 1AA"}},
		Loans: []people.Loan{
			{Barcode: "300", Title: "A\u202eBook", Authority: "NOR", Branch: "NOR-2", DueAt: &due, Overdue: true},
			{Barcode: "301", Title: "B", DueAt: &due},
		},
		Debts:    []people.Debt{{Authority: "NOR", Currency: "GBP", Outstanding: "12.50", OverdueItems: 1}},
		Password: &people.PasswordState{State: "card"}, Access: 99,
	}
}

func render(t *testing.T, p people.Patron, width int) string {
	t.Helper()
	var out bytes.Buffer
	if err := output.Document(&output.Printer{Out: &out, Format: output.Table, Width: width}, p, screen(&p)); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestScreenTellsTheVerdictFirst(t *testing.T) {
	text := render(t, debtor(t), 0)
	lines := strings.Split(text, "\n")
	if !strings.HasSuffix(lines[0], "refuse") || !strings.Contains(lines[1], "owes more here") ||
		!strings.Contains(lines[2], "items are overdue") {
		t.Errorf("first lines: %q", lines[:3])
	}
	for _, want := range []string{
		`Evil\x1b[31m, Anna\nMaria`, "1980-02-03", "id:17", "NOR-1", "20000000000013  lost", "1 High Street, Flat 2, NR1 1AA Norwich",
		"loans (2, overdue 1)", "2026-01-09 overdue  NOR-2", `A\u202eBook`, "12.50", "nothing in  memberships, blocks\n",
		"the card number opens the account", "recorded as 99",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in:\n%s", want, text)
		}
	}
	if strings.Contains(text, "\x1b") {
		t.Errorf("unclean:\n%s", text)
	}
}

func TestScreenFitsTheTerminal(t *testing.T) {
	for _, width := range []int{80, 200} {
		for line := range strings.Lines(render(t, debtor(t), width)) {
			if len([]rune(strings.TrimSuffix(line, "\n"))) > width {
				t.Errorf("wider than %d: %q", width, line)
			}
		}
	}
}

func TestFactsShowNoPersonalValue(t *testing.T) {
	year := 1980
	p := people.Patron{
		Patron: 17, Authority: "NOR", Status: "active", Verdict: people.Clear, Facts: true, BirthYear: &year,
		Loans: []people.Loan{{Authority: "NOR", Branch: "NOR-2"}},
	}
	text := render(t, p, 0)
	if !strings.Contains(text, "name    left out") || !strings.Contains(text, "1980") {
		t.Errorf("facts:\n%s", text)
	}
	for _, header := range []string{"title", "barcode", "cards"} {
		if strings.Contains(text, header) {
			t.Errorf("%q stands for something left out:\n%s", header, text)
		}
	}
}

func TestRowOfAList(t *testing.T) {
	var out bytes.Buffer
	printer := &output.Printer{Out: &out, Format: output.CSV}
	if err := output.List(printer, columns, output.Slice([]people.Patron{debtor(t)})); err != nil {
		t.Fatal(err)
	}
	want := "patron,card,name,born,home,category,expires,status,owes\n" +
		"17,20000000000012,\"Evil\x1b[31m, Anna\nMaria\",1980-02-03,NOR,adult,2027-01-01,active,NOR 12.50 GBP\n"
	if out.String() != want {
		t.Errorf("got\n%q\nwant\n%q", out.String(), want)
	}
}
