package kit

import (
	"errors"
	"strings"
	"testing"

	"patronctl/client"
)

func TestEach(t *testing.T) {
	gone := &client.Error{Kind: client.KindConnect, Message: "the connection broke", Hint: "try again"}
	unknown := &client.Error{Kind: client.KindUnknown, Message: "outcome unknown"}
	nobody := &client.Error{Kind: client.KindNotFound, Message: "nothing found"}
	stopped := &Error{Code: ExitInterrupted, Message: "interrupted"}
	for name, test := range map[string]struct {
		outcomes []error
		code     ExitCode
		says     string // the error that ends it
		reports  string
		tried    int
	}{
		"all done":                    {[]error{nil, nil, nil}, ExitOK, "", "", 3},
		"nobody reads":                {[]error{nil, ErrOutputClosed, nil}, ExitOK, "", "", 3},
		"one is unknown":              {[]error{nil, nobody, nil}, ExitPartlyDone, "1 of 3 could not be done", "error: entry 2: nothing found\n", 3},
		"a break":                     {[]error{nil, nil, gone}, ExitPartlyDone, "2 done before this: the connection broke", "", 3},
		"a break at once":             {[]error{gone, nil, nil}, ExitCannotConnect, "the connection broke", "", 1},
		"an interruption":             {[]error{nil, stopped, nil}, ExitPartlyDone, "1 done before", "", 2},
		"a commit of unknown outcome": {[]error{nil, unknown, nil}, ExitUnexpected, "outcome unknown", "", 2},
	} {
		var reports strings.Builder
		env := &Env{In: strings.NewReader("a\nb\nc\n"), Err: &reports}
		tried := 0
		err := env.Each([]string{"-"}, func(string) error {
			tried++
			return test.outcomes[tried-1]
		})
		if Exit(err) != test.code || err != nil && err.Error() != test.says || reports.String() != test.reports || tried != test.tried {
			t.Errorf("%s: %v (exit %d) after %d, reported %q", name, err, Exit(err), tried, reports.String())
		}
	}
	if err := new(Env).Each([]string{"anna", "novak"}, func(ref string) error {
		if ref != "anna novak" {
			t.Errorf("reference %q", ref)
		}
		return nobody
	}); !errors.Is(err, nobody) {
		t.Errorf("the error about the only reference became %v", err)
	}
}
