package kit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/output"
)

func TestExit(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want int
	}{
		"nothing":             {nil, 0},
		"anything else":       {errors.New("boom"), 1},
		"usage":               {Usage("write %s", "a"), 2},
		"unknown column":      {output.UsageError("no such column"), 2},
		"file exists":         {fmt.Errorf("out.csv: %w", output.ErrExists), 2},
		"client: usage":       {&client.Error{Kind: client.KindUsage}, 2},
		"client: not found":   {&client.Error{Kind: client.KindNotFound}, 3},
		"client: connect":     {&client.Error{Kind: client.KindConnect}, 4},
		"declined":            {&Error{Code: ExitNotConfirmed}, 5},
		"client: busy":        {&client.Error{Kind: client.KindBusy}, 6},
		"timeout":             {fmt.Errorf("waiting: %w", context.DeadlineExceeded), 6},
		"client: partly":      {&client.Error{Kind: client.KindPartly}, 7},
		"client: refused":     {fmt.Errorf("patron 3: %w", &client.Error{Kind: client.KindRefused}), 8},
		"client: unknown":     {&client.Error{Kind: client.KindUnknown}, 1},
		"client: internal":    {&client.Error{Kind: client.KindInternal}, 1},
		"condition":           {ErrCondition, 10},
		"nobody reads":        {fmt.Errorf("row 3: %w", ErrOutputClosed), 0},
		"half done, no pipe ": {errors.Join(&client.Error{Kind: client.KindPartly}, ErrOutputClosed), 7},
	} {
		if got := int(Exit(c.err)); got != c.want {
			t.Errorf("%s: exit %d, want %d", name, got, c.want)
		}
	}
}

func TestCodesAreTheDocumentedOnes(t *testing.T) {
	want := []ExitCode{0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 130, 143}
	if len(Codes) != len(want) {
		t.Fatalf("%d codes, want %d", len(Codes), len(want))
	}
	names := map[string]bool{}
	for i, c := range Codes {
		if c.Exit != want[i] || c.Exit.Name() != c.Name || names[c.Name] || c.Meaning == "" {
			t.Errorf("code %d: %+v", i, c)
		}
		names[c.Name] = true
		if !strings.Contains(CodesMarkdown(), fmt.Sprintf("| %d | `%s` |", c.Exit, c.Name)) {
			t.Errorf("%s is not in the Markdown table", c.Name)
		}
	}
}

func TestHint(t *testing.T) {
	for want, err := range map[string]error{
		"":                            errors.New("boom"),
		"try the demo":                fmt.Errorf("first: %w", &client.Error{Hint: "try the demo"}),
		"add --yes":                   &Error{Hint: "add --yes"},
		"add --force to overwrite it": output.ErrExists,
	} {
		if got := Hint(err); got != want {
			t.Errorf("hint %q, want %q", got, want)
		}
	}
}
