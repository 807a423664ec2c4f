package kit

import (
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// parse runs a command line against a tree with one noun and one verb and returns the message of its error.
func parse(t *testing.T, f *Flags, args ...string) string {
	t.Helper()
	var before DateFlag
	var scope string
	verb := &cobra.Command{Use: "verb", Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error { return f.Check() }}
	verb.Flags().Var(&before, "before", "before this day")
	verb.Flags().Int("limit", 20, "at most")
	EnumVar(verb, &scope, "scope", "what", "access", "portability")
	root := Group("patronctl", "", Group("noun", "", verb))
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetFlagErrorFunc(FlagError)
	root.SetOut(io.Discard)
	BindGlobal(root, f)
	root.SetArgs(args)
	err := root.Execute()
	if err == nil {
		return ""
	}
	if Exit(err) != ExitUsage || strings.Contains(err.Error(), "\n") {
		t.Errorf("%q: exit %d, message %q: want one line and exit 2", args, Exit(err), err)
	}
	return err.Error()
}

func TestUsageErrorsNameWhatIsAccepted(t *testing.T) {
	for line, want := range map[string][]string{
		"nosuch":                          {`"nosuch"`, "noun"},
		"noun nosuch":                     {`"nosuch"`, `"patronctl noun"`, "verb"},
		"noun nosuch --flag":              {`"nosuch"`, "verb"},
		"noun verb --nosuch":              {"--nosuch", "--before", "--scope", "--output", "--reason"},
		"noun verb -x":                    {"-x", "--before"},
		"noun verb -o xml":                {`"xml"`, "--output", "table, json, jsonl, csv or markdown"},
		"noun verb --color blue":          {"auto, always or never"},
		"noun verb --scope all":           {"access or portability"},
		"noun verb --scope":               {"--scope", "access, portability"},
		"noun verb --before 31.1.2026":    {`"31.1.2026"`, "--before", "2026-01-31", "today"},
		"noun verb --before 2026-02-30":   {"2026-01-31"},
		"noun verb --limit many":          {"whole number"},
		"noun verb --yes=perhaps":         {"true or false"},
		"noun verb --timeout soon":        {"30s"},
		"noun verb --timeout 0":           {"--timeout"},
		"noun verb --timeout -5s":         {"--timeout"},
		"noun verb --as jan":              {"--demo"},
		"noun verb --demo --dsn host=a":   {"--dsn", "--demo"},
		"noun verb --dsn password=secret": {"--dsn"},
	} {
		got := parse(t, &Flags{}, strings.Fields(line)...)
		for _, part := range want {
			if !strings.Contains(got, part) {
				t.Errorf("%q: %q lacks %q", line, got, part)
			}
		}
		if strings.Contains(got, "secret") {
			t.Errorf("%q shows the password: %q", line, got)
		}
	}
}

func TestGlobalFlags(t *testing.T) {
	var f Flags
	got := parse(t, &f, "-o", "csv", "noun", "verb", "--columns", "card,name", "--csv-raw", "--demo", "--as", "jan",
		"--reason", "T-17", "--purpose", "marketing", "--before", "today", "-q", "--scope", "portability", "--timeout", "5s")
	if got != "" {
		t.Fatal(got)
	}
	if f.Output != "csv" || len(f.Columns) != 2 || !f.RawCSV || !f.Demo || f.As != "jan" || f.Reason != "T-17" ||
		f.Purpose != "marketing" || !f.Quiet || f.Timeout.Seconds() != 5 {
		t.Errorf("flags read as %+v", f)
	}
}

func TestGroupAloneShowsHelp(t *testing.T) {
	if got := parse(t, &Flags{}, "noun"); got != "" {
		t.Error(got)
	}
}

func TestDateFlag(t *testing.T) {
	var d DateFlag
	if d.String() != "" {
		t.Errorf("an unset day is %q", d.String())
	}
	if err := d.Set("2024-02-29"); err != nil || d.String() != "2024-02-29" || d.Today {
		t.Errorf("%q, %v", d.String(), err)
	}
	if err := d.Set("today"); err != nil || !d.Today {
		t.Errorf("today stays for the database to resolve: %+v, %v", d, err)
	}
	for _, wrong := range []string{"", "Today", "2026-1-31", "2026-01-31T00:00:00Z", "20260131", "٢٠٢٦-01-31"} {
		if err := d.Set(wrong); err == nil {
			t.Errorf("%q was taken for a day", wrong)
		}
	}
}

func TestPasswordInDSN(t *testing.T) {
	for _, dsn := range []string{
		"password=x", "host=a password=x", "host=a PASSWORD = 'x y'", "sslpassword=x",
		"postgres://u:x@h/db", "postgresql://u:x@h1:1,h2:2/db", "postgres://u:a@b@h/db", "postgres://h/db?password=x",
		"postgres://h/db?user=u&pass%77ord=x", "postgres://u:p?x@h/db",
	} {
		if !hasPassword(dsn) {
			t.Errorf("%s: not noticed", dsn)
		}
	}
	for _, dsn := range []string{
		"", "host=a user=u", "passfile=/home/u/.pgpass", "postgres://u@h:5432/db", "postgres://h:5432/db?application_name=a@b",
		"postgres:///db?host=/tmp/socket", "service=library", "host=a dbname=password",
	} {
		if hasPassword(dsn) {
			t.Errorf("%s: no password there", dsn)
		}
	}
}
