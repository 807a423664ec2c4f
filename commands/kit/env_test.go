package kit

import (
	"context"
	"errors"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/output"
)

func TestNote(t *testing.T) {
	var out strings.Builder
	env := &Env{Err: &out}
	env.Note("%d card(s) of \x1b[31m%s", 2, "Novák")
	env.Flags.Quiet = true
	env.Note("not shown")
	if got := out.String(); got != "2 card(s) of \\x1b[31mNovák\n" {
		t.Errorf("%q", got)
	}
}

func TestPrinterFollowsTheFlags(t *testing.T) {
	var out strings.Builder
	env := &Env{Out: &out, Terminal: output.NewTerminal(strings.NewReader(""), &out, &out)}
	env.Flags = Flags{Output: output.CSV, Columns: []string{"card"}, NoHeaders: true, RawCSV: true, Color: "always"}
	p := env.Printer()
	if p.Out != &out || p.Format != output.CSV || len(p.Columns) != 1 || !p.NoHeaders || !p.RawCSV || !p.Color || p.Width != 0 {
		t.Errorf("%+v", p)
	}
}

func TestWhyIsWhatTheUserGave(t *testing.T) {
	env := &Env{Flags: Flags{Purpose: "debt", Reason: "T-17"}}
	if got := env.Why(); got != (client.Why{Purpose: "debt", Reason: "T-17"}) {
		t.Errorf("%+v", got)
	}
}

func TestWhereToConnect(t *testing.T) {
	t.Setenv("PATRONCTL_DSN", "host=environment")
	openDemo := func(context.Context, string, bool) (string, error) { return "host=demo", nil }
	for want, flags := range map[string]Flags{
		"host=environment": {},
		"host=flag":        {DSN: "host=flag"},
		"host=demo":        {Demo: true},
	} {
		env := &Env{Flags: flags, OpenDemo: openDemo}
		if got, err := env.config(t.Context(), true); err != nil || got.DSN != want {
			t.Errorf("%+v: %q, %v; want %q", flags, got.DSN, err, want)
		}
	}
}

func TestDemoIsOpenedForTheLogin(t *testing.T) {
	missing := &Error{Code: ExitCannotConnect, Message: "no PostgreSQL here"}
	env := &Env{Flags: Flags{Demo: true, As: "clerk"}}
	env.OpenDemo = func(_ context.Context, login string, start bool) (string, error) {
		if login != "clerk" || !start {
			t.Errorf("opened for %q, start %v", login, start)
		}
		return "", missing
	}
	if _, err := env.Client(t.Context()); !errors.Is(err, missing) {
		t.Errorf("got %v", err)
	}
}

func TestCompletionIsSilentAndStartsNothing(t *testing.T) {
	var errs strings.Builder
	env := &Env{Err: &errs, Flags: Flags{Demo: true, Debug: true}}
	env.OpenDemo = func(ctx context.Context, _ string, start bool) (string, error) {
		if _, bounded := ctx.Deadline(); start || !bounded {
			t.Errorf("start %v, bounded %v", start, bounded)
		}
		return "", errors.New("not running")
	}
	names, directive := CompleteNames(env, "authority")(nil, nil, "")
	if len(names) != 0 || directive != 4 || errs.Len() != 0 {
		t.Errorf("%q, directive %d, stderr %q", names, directive, errs.String())
	}
}
