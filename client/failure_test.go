package client_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"patronctl/client"
)

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("the paper is out") }

// What fails here is not the connection's fault, and nothing counts as added that was taken back.
func TestAFailureHereIsNoBrokenConnection(t *testing.T) {
	db := installed(t)
	owner, super := db.Client(t, "library"), connect(t, db, "postgres")
	before := withoutSequences(super.must("%s", everything))
	dir := write(t, consortium, map[string]string{"card": "number,patron\nC1,1\nC2,99\n"})
	closed, err := os.Create(filepath.Join(t.TempDir(), "bad.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		opt  client.ImportOptions
		kind client.Kind
		says string
	}{
		"a writer":              {client.ImportOptions{SkipBad: brokenWriter{}}, client.KindInternal, "nothing was changed"},
		"a file":                {client.ImportOptions{SkipBad: closed}, client.KindInternal, closed.Name()},
		"bad rows, no skipping": {client.ImportOptions{}, client.KindUsage, "nothing was loaded"},
	} {
		out, err := owner.Import(t.Context(), dir, test.opt)
		if kind(err) != test.kind || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "connection") {
			t.Errorf("%s: %s, %v", name, kind(err), err)
		}
		if len(out.Relations) == 0 {
			t.Errorf("%s: nothing was counted", name)
		}
		for _, r := range out.Relations {
			if r.Added != 0 {
				t.Errorf("%s: %+v, but nothing was added", name, r)
			}
		}
		if after := withoutSequences(super.must("%s", everything)); after != before {
			t.Errorf("%s: something was loaded", name)
		}
	}
	if _, err := owner.Import(t.Context(), dir, client.ImportOptions{SkipBad: &strings.Builder{}}); err != nil {
		t.Errorf("the same connection afterwards: %v", err)
	}
}
