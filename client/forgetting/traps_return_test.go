package forgetting_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/forgetting"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/people"
)

// The card of somebody who was erased, issued again, leads to the new person only; the number of the account to nobody.
func TestCardsOfTheErasedAreIssuedAgain(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer, clerk := pgtest.Connect(t, db, "postgres"), db.Client(t, "officer.cam"), db.Client(t, "clerk.cam")
	super.Must(ready)
	if _, err := forgetting.Erase(t.Context(), officer, client.Why{}, "90000041", nil, 0); err != nil {
		t.Fatal(err)
	}
	super.Must("INSERT INTO lms.card (number, patron, issued_on) VALUES ('90000041', 42, '2026-01-31')")
	shown, err := people.Show(t.Context(), clerk, client.Why{}, "90000041", people.ShowOptions{})
	if err != nil || shown.Patron != 42 || shown.Erasure != nil {
		t.Errorf("by card: %+v %v", shown, err)
	}
	found, err := people.Find(t.Context(), clerk, client.Why{}, people.FindQuery{Words: []string{"90000041"}})
	if err != nil || len(found) != 1 || found[0].Patron != 42 {
		t.Errorf("found: %+v %v", found, err)
	}
	if shown, err = people.Show(t.Context(), clerk, client.Why{}, "id:41", people.ShowOptions{}); err != nil || shown.Erasure == nil ||
		shown.Surname != "" || len(shown.Cards) != 0 {
		t.Errorf("by number: %+v %v", shown, err)
	}
	if _, err := people.CheckDebt(t.Context(), clerk, client.Why{}, "id:41", false); pgtest.Kind(err) != client.KindRefused {
		t.Errorf("checked: %v", err)
	}
	if check, err := people.CheckDebt(t.Context(), clerk, client.Why{}, "90000041", false); err != nil || check.Patron != 42 {
		t.Errorf("checked: %+v %v", check, err)
	}
	plan, unknown, err := forgetting.PlanCards(t.Context(), officer, client.Why{}, "CAM", pgtest.Date(t, "2025-01-01"),
		[]string{"id:41", "90000041"})
	if err != nil || len(unknown) != 1 || unknown[0] != 0 {
		t.Errorf("planned: %+v %v %v", plan, unknown, err)
	}
	if _, err = people.Reactivate(t.Context(), officer, client.Why{}, "id:41",
		pgtest.Date(t, "2027-01-01")); pgtest.Kind(err) != client.KindRefused {
		t.Errorf("reactivated: %v", err)
	}
	if _, err = forgetting.Erase(t.Context(), officer, client.Why{}, "id:41", nil, 0); pgtest.Kind(err) != client.KindRefused {
		t.Errorf("erased again: %v", err)
	}
	if n := super.Must("SELECT count(*) FROM patronctl.erasure"); n != "1" {
		t.Errorf("%s in the ledger", n)
	}
}

// A number that was opened before somebody was erased opens nothing afterwards.
func TestNumbersEndWithAnErasure(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "officer.cam")
	super.Must(ready)
	opened := map[string]string{}
	for operation, call := range map[string]string{
		"history show": "show_history(%s)", "history anonymize": "anonymize_history(%s, '2026-01-31', FALSE, FALSE, FALSE)",
		"password reset": "reset_password(%s, '" + pgtest.AnyHash + "')", "export": "export_page(%s, 'loan', 0, 10)",
		"patron reactivate": "reactivate(%s, '2027-01-31')", "patron erase": "preview_erase(%s, '{}')",
	} {
		opened[fmt.Sprintf(call, officer.Open(operation, `{"ref": "id:41"}`))] = operation
	}
	officer.Must("SELECT desk.erase_patron(%s, '{}')", officer.Open("patron erase", `{"ref": "id:41"}`))
	for call, operation := range opened {
		if said, err := officer.Run("SELECT desk." + call); pgtest.Code(err) != "LB409" || !strings.Contains(err.Error(), "erased") {
			t.Errorf("%s: %s %v", operation, said, err)
		}
	}
	if n := super.Must("SELECT count(*) FROM lms.credential WHERE patron = 41"); n != "0" {
		t.Error("the erased has a password again")
	}
}

// A guardian who is erased is gone from the rows of others, too.
func TestGuardiansGoFromTheirWards(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer := pgtest.Connect(t, db, "postgres"), db.Client(t, "officer.cam")
	super.Must(ready + `UPDATE lms.patron SET status = 'deleted', deleted_on = '2020-01-01' WHERE id = 41;
		UPDATE lms.patron SET guardian_patron = 41 WHERE id = 21; UPDATE lms.identity SET guardian = 'Douglas Arrears' WHERE patron = 21`)
	if done := sweep(t, officer, "deleted"); done.Done == 0 {
		t.Errorf("%+v", done)
	}
	if left := super.Must(`
		SELECT concat(p.status, ' ', p.guardian_patron, i.guardian, ' ', i.surname)
		FROM lms.patron AS p JOIN lms.identity AS i ON i.patron = p.id
		WHERE p.id = 21`); left != "active  Wardley" {
		t.Errorf("the ward: %q", left)
	}
	if rule := super.Must("SELECT rule || ' ' || authority FROM patronctl.erasure WHERE patron = 41"); rule != "deleted CAM" {
		t.Errorf("the ledger: %q", rule)
	}
}

// Where only a name is written down, the ward must share the surname or the address: a namesake keeps a child's guardian.
func TestGuardiansByNameOnly(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	super.Must(`UPDATE lms.patron SET guardian_patron = NULL WHERE id IN (21, 36, 41);
		UPDATE lms.identity SET guardian = 'WARDLEY, Ruth' WHERE patron = 21;
		UPDATE lms.identity SET guardian = 'Ruth Wardley' WHERE patron IN (36, 41);
		UPDATE lms.address SET lines = (SELECT lines FROM lms.address WHERE patron = 20 LIMIT 1) WHERE patron = 36;
		UPDATE lms.address SET lines = 'elsewhere 1' WHERE patron = 41`)
	erase(super, "20")
	if left := super.Must(`
		SELECT string_agg(patron || ':' || coalesce(guardian, ''), ' ' ORDER BY patron)
		FROM lms.identity
		WHERE patron IN (21, 36, 41)`); left != "21: 36: 41:Ruth Wardley" {
		t.Error(left)
	}
}

// Rules ask the server for the day: what the client's clock says reaches no statement.
func TestForgettingHasNoClockOfItsOwn(t *testing.T) {
	clock := regexp.MustCompile(`time\.(Now|Since|Until)\(`)
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	for _, file := range append(files, "../date.go", "../people/history.go") {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if found := clock.FindString(string(text)); found != "" {
			t.Errorf("%s: %s", file, found)
		}
	}
}

// Whoever is being served at that moment is not erased: a request is told to wait, a run leaves the person out.
func TestErasingWaitsForNobody(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, desk, officer := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "postgres"), db.Client(t, "officer.cam")
	super.Must("%s UPDATE lms.patron SET protected = TRUE WHERE id <> 41", ready)
	plan, err := forgetting.MakePlan(t.Context(), officer, client.Why{}, []string{"lapsed"})
	if err != nil || plan.Todo != 1 {
		t.Fatalf("%+v %v", plan, err)
	}
	desk.Must("BEGIN; INSERT INTO lms.loan (patron, item, authority, branch, lent_at) VALUES (41, 50, 'KEN', 'KEN-CEN', '2026-01-31')")
	if _, err := forgetting.Erase(t.Context(), officer, client.Why{}, "90000041", nil, 0); pgtest.Kind(err) != client.KindBusy {
		t.Errorf("on request: %v", err)
	}
	done, err := forgetting.RunPlan(t.Context(), officer, client.Why{}, plan.ID,
		forgetting.RunOptions{Batch: 100, Progress: func(forgetting.Run) {}})
	if err != nil || done.Skipped != 1 || done.Done != 0 {
		t.Errorf("by a rule: %+v %v", done, err)
	}
	desk.Must("COMMIT")
	if left := super.Must(`
		SELECT array_to_string(left_out, ', ')
		FROM patronctl.plan_item
		WHERE patron = 41 AND plan = %d`, plan.ID); left != "busy" {
		t.Errorf("left out: %q", left)
	}
	if _, err := forgetting.Erase(t.Context(), officer, client.Why{}, "90000041", nil, 0); pgtest.Kind(err) != client.KindRefused ||
		!strings.Contains(err.Error(), "loans at KEN") {
		t.Errorf("afterwards: %v", err)
	}
}
