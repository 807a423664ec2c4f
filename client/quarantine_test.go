package client_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/delivery"
	"patronctl/client/forgetting"
	"patronctl/client/install"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
	"patronctl/client/people"
)

// In quarantine every function that any login may call refuses with the one clear line, but those that lead out of it.
func TestQuarantineRefusesEverything(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "clerk.cam")
	opened := clerk.Open("patron show", farrow)
	if _, err := forgetting.SetQuarantine(t.Context(), db.Client(t, "job"), client.Why{}, true); err != nil {
		t.Fatal(err)
	}
	closed := func(err error) bool {
		return pgtest.Code(err) == "LB409" && strings.Contains(err.Error(), "in quarantine")
	}
	if _, err := clerk.Run("SELECT desk.show_patron(%s, FALSE)", opened); !closed(err) {
		t.Errorf("an access opened before: %v", err)
	}
	leadsOut, out := map[string]bool{"heads": true, "tree_hashes": true}, map[string]bool{}
	for _, o := range client.Operations() {
		out[o.Name] = slices.Contains(o.Marks, "in-quarantine")
		for _, function := range o.Functions {
			leadsOut[function] = leadsOut[function] || out[o.Name]
		}
	}
	called := 0
	for _, login := range []string{"clerk.cam", "supervisor.cam", "officer.cam", "support", "admin", "job", "auditor"} {
		staff := pgtest.Connect(t, db, login)
		functions, err := super.Run(`SELECT oid::regprocedure FROM pg_proc
			WHERE pronamespace::regnamespace::text IN ('lms', 'patronctl', 'desk') AND has_function_privilege('%s', oid, 'EXECUTE')
				AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = pg_proc.oid AND d.deptype = 'e')`, login)
		if err != nil {
			t.Fatal(err)
		}
		for _, function := range functions {
			_, err := staff.Run("%s", attempts(super, "function", function)["X"])
			name, _, _ := strings.Cut(strings.TrimPrefix(function, "desk."), "(")
			if called++; closed(err) == leadsOut[name] {
				t.Errorf("%s calls %s: %v", login, function, err)
			}
		}
		for operation := range out {
			_, err := staff.Run("SELECT %s", pgtest.OpenCall(operation, `{}`))
			if called++; closed(err) == out[operation] {
				t.Errorf("%s opens %s: %v", login, operation, err)
			}
		}
	}
	if called < 7*20 {
		t.Errorf("only %d calls", called)
	}
	t.Log(called, "calls")
}

// The owner may look and upgrade, and loads nothing.
func TestQuarantineAndTheOwner(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	job, owner := db.Client(t, "job"), db.Client(t, "library")
	if _, err := forgetting.SetQuarantine(t.Context(), job, client.Why{Reason: "ticket 4711"}, true); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*client.Client{owner, job} {
		if s, err := install.ShowStatus(t.Context(), c, client.Why{}); err != nil || s.Quarantined == nil {
			t.Errorf("status %+v: %v", s, err)
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "category.csv"), []byte("code,name\nNEW,New\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := delivery.Import(t.Context(), owner, dir, delivery.Options{}); pgtest.Kind(err) != client.KindRefused ||
		!strings.Contains(err.Error(), "quarantine") {
		t.Errorf("imported: %v", err)
	}
	if _, err := install.Upgrade(t.Context(), owner, func(string) {}); err != nil {
		t.Error(err)
	}
	super := pgtest.Connect(t, db, "postgres")
	recorded := super.Must(`
		SELECT a.login || r.counts::text
		FROM patronctl.access AS a JOIN patronctl.result AS r ON r.access = a.id
		WHERE a.operation = 'erasure quarantine'`)
	if recorded != `job{"quarantine": "on"}` {
		t.Errorf("recorded: %s", recorded)
	}
	for range 2 { // switched off twice is off
		if q, err := forgetting.SetQuarantine(t.Context(), job, client.Why{}, false); err != nil || q.Since != nil {
			t.Errorf("%+v, %v", q, err)
		}
	}
	if shown, err := people.Show(t.Context(), db.Client(t, "clerk.cam"), client.Why{}, sample.CardOwesElsewhere,
		people.ShowOptions{}); err != nil || shown.Surname == "" {
		t.Errorf("closed: %v", err)
	}
}

// An export that is not exactly as it was signed is refused, in one line.
func TestAlteredExportsAreRefused(t *testing.T) {
	t.Parallel()
	ledger := &forgetting.Ledger{Database: "6cfe9ec1-0000-4000-8000-000000000000"}
	for n := range 3 {
		ledger.Lines = append(ledger.Lines, fmt.Sprintf("%d %d CAM deleted 2026-01-31T12:00:00.000000Z %064x", n+1, n+70, n))
	}
	keys := make([]string, 2)
	verifiers := make([]string, 2)
	for i := range keys {
		var err error
		if keys[i], err = client.NewKey(client.LedgerKey); err != nil {
			t.Fatal(err)
		}
		if verifiers[i], err = client.Verifier(client.LedgerKey, keys[i]); err != nil {
			t.Fatal(err)
		}
	}
	signed, err := ledger.Sign(keys[0])
	if err != nil {
		t.Fatal(err)
	}
	file := string(signed)
	opened, err := forgetting.OpenLedger(signed, verifiers[0]+"\n")
	if err != nil || opened.Database != ledger.Database || opened.Head() != 3 || len(opened.Lines) != 3 || opened.Lines[2] != ledger.Lines[2] {
		t.Fatalf("%+v, %v", opened, err)
	}
	nobody, err := (&forgetting.Ledger{Database: ledger.Database}).Sign(keys[0])
	if err != nil {
		t.Fatal(err)
	}
	if opened, err := forgetting.OpenLedger(nobody, verifiers[0]); err != nil || opened.Head() != 0 || opened.Lines != nil {
		t.Errorf("an empty ledger: %+v, %v", opened, err)
	}
	head, _, _ := strings.Cut(file, "\n\n")
	for what, text := range map[string]string{
		"empty": "", "another file": "hello\n", "unsigned": head + "\n\n" + strings.Join(ledger.Lines, "\n") + "\n",
		"a line changed": strings.Replace(file, " 71 ", " 72 ", 1), "the head changed": strings.Replace(file, "head 3", "head 2", 1),
		"cut in the header": file[:40], "cut in the signature": file[:len(head)+30], "no entries": file[:strings.Index(file, "1 70")],
		"the last line gone": strings.Join(strings.SplitAfter(file, "\n")[:strings.Count(file, "\n")-1], ""),
		"cut in a line":      file[:len(file)-1], "one line more": file + ledger.Lines[0] + "\n", "an empty line more": file + "\n",
	} {
		if _, err := forgetting.OpenLedger([]byte(text), verifiers[0]); pgtest.Kind(err) != client.KindRefused ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := forgetting.OpenLedger(signed, verifiers[1]); pgtest.Kind(err) != client.KindRefused ||
		!strings.Contains(err.Error(), "another key") {
		t.Errorf("another key: %v", err)
	}
	if _, err := forgetting.OpenLedger(signed, "nonsense"); pgtest.Kind(err) != client.KindUsage {
		t.Errorf("no verifier: %v", err)
	}
}
