package commands

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/commands/kit"
	"patronctl/output"
)

// run executes a command line without a terminal.
func run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Run(t.Context(), testEnv(&out, &errs), args)
	return code, out.String(), errs.String()
}

func testEnv(out, errs io.Writer) *kit.Env {
	in := strings.NewReader("")
	return &kit.Env{In: in, Out: pipe{out}, Err: errs, Terminal: output.NewTerminal(in, out, errs)}
}

func TestUsageErrors(t *testing.T) {
	for _, line := range []string{
		"nosuch", "nosuch --help", "completion nosuch", "completion nosuch -h", "help nosuch", "help version nosuch",
		"version extra", "version --nosuch", "version -o xml", "version --as jan", "bad\xff", "version bad\x00",
	} {
		code, out, errs := run(t, strings.Split(line, " ")...)
		if code != 2 || out != "" || strings.Count(errs, "\n") != 1 || !strings.HasPrefix(errs, "error: ") {
			t.Errorf("%q: exit %d, stdout %q, stderr %q", line, code, out, errs)
		}
	}
}

func TestHelpGoesToStdout(t *testing.T) {
	for _, line := range []string{
		"", "--help", "help", "help version", "version --help", "completion", "help exit-codes", "help formatting",
		"help environment",
	} {
		code, out, errs := run(t, strings.Fields(line)...)
		if code != 0 || len(out) < 100 || errs != "" {
			t.Errorf("%q: exit %d, %d bytes, stderr %q", line, code, len(out), errs)
		}
	}
}

func TestErrorsAsJSON(t *testing.T) {
	for _, line := range []string{
		"nosuch -o json", "version --nosuch -ojson", "-o=jsonl version --nosuch", "--output json --nosuch",
		"version extra --output=json",
	} {
		code, out, errs := run(t, strings.Fields(line)...)
		var got struct {
			Error struct {
				Code, Message string
				Hint          *string
				Exit          int
			}
		}
		if err := json.Unmarshal([]byte(errs), &got); err != nil || strings.Count(errs, "\n") != 1 {
			t.Errorf("%q: stderr %q: %v", line, errs, err)
			continue
		}
		if e := got.Error; code != 2 || e.Exit != 2 || e.Code != "usage" || e.Message == "" || e.Hint == nil || out != "" {
			t.Errorf("%q: exit %d, stdout %q, error %+v", line, code, out, e)
		}
	}
	if _, _, errs := run(t, "nosuch", "-o", "csv"); !strings.HasPrefix(errs, "error: ") {
		t.Errorf("csv is not JSON: %q", errs)
	}
}

// withVerb runs f as the verb of a tree that has all of the root's behaviour.
func withVerb(ctx context.Context, env *kit.Env, f func(ctx context.Context) error, args ...string) int {
	before := groups
	defer func() { groups = before }()
	groups = append(groups[:len(groups):len(groups)], group{"test", "Test", []noun{func(*kit.Env) *cobra.Command {
		return &cobra.Command{Use: "test", RunE: func(cmd *cobra.Command, _ []string) error { return f(cmd.Context()) }}
	}}})
	return Run(ctx, env, append([]string{"test"}, args...))
}

func TestWhatAVerbReturns(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		args   []string
		code   int
		stderr string
	}{
		"nothing": {nil, nil, 0, ""},
		"not found": {
			&client.Error{Kind: client.KindNotFound, Message: "no card \x1b[1m7", Hint: "scan it"}, nil, 3,
			"error: no card \\x1b[1m7\nhint: scan it\n",
		},
		"as JSON": {
			&client.Error{Kind: client.KindNotFound, Message: "no card", Hint: "scan it"},
			[]string{"-o", "json"},
			3,
			`{"error":{"code":"not_found","exit":3,"message":"no card","hint":"scan it"}}` + "\n",
		},
		"unknown": {
			&client.Error{Kind: client.KindUnknown, Message: "unknown"},
			[]string{"-o", "json"},
			1,
			`{"error":{"code":"outcome_unknown","exit":1,"message":"unknown","hint":""}}` + "\n",
		},
		"a condition":   {kit.ErrCondition, nil, 10, ""},
		"nobody reads":  {kit.ErrOutputClosed, nil, 0, ""},
		"cobra's words": {errors.New("accepts 1 arg(s)"), nil, 1, "error: accepts 1 arg(s)\n"},
	} {
		var errs bytes.Buffer
		code := withVerb(t.Context(), testEnv(io.Discard, &errs), func(context.Context) error { return c.err }, c.args...)
		if code != c.code || errs.String() != c.stderr {
			t.Errorf("%s: exit %d, stderr %q; want %d, %q", name, code, errs.String(), c.code, c.stderr)
		}
	}
}

func TestPanicIsReportedWithoutItsValue(t *testing.T) {
	for _, debug := range []bool{false, true} {
		var errs bytes.Buffer
		args := map[bool][]string{true: {"--debug"}}[debug]
		code := withVerb(t.Context(), testEnv(io.Discard, &errs), func(context.Context) error { panic("Jana Nováková") }, args...)
		if code != 1 || strings.Contains(errs.String(), "Jana") != debug || !strings.Contains(errs.String(), "--debug") {
			t.Errorf("debug %v: exit %d, stderr %q", debug, code, errs.String())
		}
	}
}

func TestInterruptedRunIsNeverASuccess(t *testing.T) {
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for signal, want := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143} {
		for name, result := range map[string]error{
			"success": nil,
			"partly":  &client.Error{Kind: client.KindPartly, Message: "done 3 of 10"},
			"failure": &client.Error{Kind: client.KindBusy, Message: "canceled"},
		} {
			var errs bytes.Buffer
			ctx, stop := onSignal(t.Context())
			code := withVerb(ctx, testEnv(io.Discard, &errs), func(ctx context.Context) error {
				if err := self.Signal(signal); err != nil {
					t.Error(err)
				}
				<-ctx.Done()
				return result
			})
			stop()
			if code != want || strings.Contains(errs.String(), "3 of 10") != (name == "partly") {
				t.Errorf("%v, %s: exit %d, stderr %q", signal, name, code, errs.String())
			}
		}
	}
}

func TestInterruptEndsABlockedRead(t *testing.T) {
	blocked, open := io.Pipe()
	defer func() { _ = open.Close() }()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	if _, err := (interruptible{ctx, blocked}).Read(make([]byte, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestClosedPipeIsToldFromABrokenConnection(t *testing.T) {
	if _, err := (pipe{failing{syscall.EPIPE}}).Write(nil); !errors.Is(err, kit.ErrOutputClosed) {
		t.Errorf("EPIPE on the output: %v", err)
	}
	if _, err := (pipe{failing{syscall.ENOSPC}}).Write(nil); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a full disk: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
