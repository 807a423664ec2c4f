package kit

import (
	"errors"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/output"
)

func TestEach(t *testing.T) {
	gone := &client.Error{Kind: client.KindConnect, Message: "the connection broke", Hint: "try again"}
	unknown := &client.Error{Kind: client.KindUnknown, Message: "outcome unknown"}
	nobody := &client.Error{Kind: client.KindNotFound, Message: "nothing found"}
	declined := &Error{Code: ExitNotConfirmed, Message: "declined"}
	stopped := &Error{Code: ExitInterrupted, Message: "interrupted"}
	for name, test := range map[string]struct {
		outcomes []error
		code     ExitCode
		says     string // the error that ends it
		reports  string
		tried    int
	}{
		"all done":        {[]error{nil, nil, nil}, ExitOK, "", "", 3},
		"nobody reads":    {[]error{nil, ErrOutputClosed, nil}, ExitOK, ErrOutputClosed.Error(), "", 2},
		"one is declined": {[]error{nil, declined, nil}, ExitPartlyDone, "1 of 3 could not be done", "error: entry 2: declined\n", 3},
		"none can be done": {
			[]error{nobody, declined, nobody},
			ExitNotFound, "3 of 3 could not be done",
			"error: entry 1: nothing found\nerror: entry 2: declined\nerror: entry 3: nothing found\n", 3,
		},
		"one is unknown": {
			[]error{nil, nobody, nil}, ExitPartlyDone, "1 of 3 could not be done", "error: entry 2: nothing found\n", 3,
		},
		"a break":                     {[]error{nil, nil, gone}, ExitPartlyDone, "2 done before this: the connection broke", "", 3},
		"a break at once":             {[]error{gone, nil, nil}, ExitCannotConnect, "the connection broke", "", 1},
		"an interruption":             {[]error{nil, stopped, nil}, ExitPartlyDone, "1 done before", "", 2},
		"a commit of unknown outcome": {[]error{nil, unknown, nil}, ExitUnexpected, "outcome unknown", "", 2},
	} {
		var reports strings.Builder
		env := &Env{In: strings.NewReader("a\nb\nc\n"), Err: &reports}
		tried := 0
		err := env.each(Lines(env.In), true, func(string) error {
			tried++
			return test.outcomes[tried-1]
		})
		if Exit(err) != test.code || err != nil && err.Error() != test.says ||
			reports.String() != test.reports || tried != test.tried {
			t.Errorf("%s: %v (exit %d) after %d, reported %q", name, err, Exit(err), tried, reports.String())
		}
	}
	one := output.Slice([]string{"anna novak"})
	if err := new(Env).each(one, false, func(string) error { return nobody }); !errors.Is(err, nobody) {
		t.Errorf("the error about the only reference became %v", err)
	}
}

func TestRows(t *testing.T) {
	var reports strings.Builder
	env := &Env{In: strings.NewReader("a\nb\nc\n"), Err: &reports}
	ask := func(ref string) ([]string, error) {
		if ref == "b" {
			return nil, &client.Error{Kind: client.KindNotFound, Message: "nothing found"}
		}
		return []string{ref + "1", ref + "2"}, nil
	}
	var got []string
	var end error
	for row, err := range Rows(env, People{Words: []string{"-"}}, ask) {
		if err != nil {
			end = err
			continue
		}
		got = append(got, row)
	}
	if strings.Join(got, " ") != "a1 a2 c1 c2" || Exit(end) != ExitPartlyDone || reports.String() != "error: entry 2: nothing found\n" {
		t.Errorf("rows %q, then %v, reported %q", got, end, reports.String())
	}
	asked := 0
	env.In = strings.NewReader("a\nb\nc\n")
	counted := func(ref string) ([]string, error) {
		asked++
		return ask(ref)
	}
	for _, err := range Rows(env, People{Words: []string{"-"}}, counted) {
		if err != nil {
			t.Error(err)
		}
		break
	}
	if asked != 1 {
		t.Errorf("%d were asked for after nobody read any more", asked-1)
	}
}
