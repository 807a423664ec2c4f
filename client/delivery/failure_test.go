package delivery_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/delivery"
	"patronctl/client/localpg/pgtest"
)

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("the paper is out") }

// What fails here is not the connection's fault, and nothing counts as added that was taken back.
func TestAFailureHereIsNoBrokenConnection(t *testing.T) {
	db := installed(t)
	owner, super := db.Client(t, "library"), pgtest.Connect(t, db, "postgres")
	before := withoutSequences(super.Must("%s", everything))
	dir := write(t, consortium, map[string]string{"card": "number,patron\nC1,1\nC2,99\n"})
	closed, err := os.Create(filepath.Join(t.TempDir(), "bad.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		opt  delivery.Options
		kind client.Kind
		says string
	}{
		"a writer":              {delivery.Options{SkipBad: brokenWriter{}}, client.KindInternal, "nothing was changed"},
		"a file":                {delivery.Options{SkipBad: closed}, client.KindInternal, closed.Name()},
		"bad rows, no skipping": {delivery.Options{}, client.KindUsage, "nothing was loaded"},
	} {
		out, err := delivery.Import(t.Context(), owner, dir, test.opt)
		if pgtest.Kind(err) != test.kind || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "connection") {
			t.Errorf("%s: %s, %v", name, pgtest.Kind(err), err)
		}
		if len(out.Relations) == 0 {
			t.Errorf("%s: nothing was counted", name)
		}
		for _, r := range out.Relations {
			if r.Added != 0 {
				t.Errorf("%s: %+v, but nothing was added", name, r)
			}
		}
		if after := withoutSequences(super.Must("%s", everything)); after != before {
			t.Errorf("%s: something was loaded", name)
		}
	}
	if _, err := delivery.Import(t.Context(), owner, dir, delivery.Options{SkipBad: &strings.Builder{}}); err != nil {
		t.Errorf("the same connection afterwards: %v", err)
	}
}
