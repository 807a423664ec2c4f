package client_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
)

// The card of somebody who was erased, issued again, leads to the new person only; the number of the account to nobody.
func TestCardsOfTheErasedAreIssuedAgain(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer, clerk := connect(t, db, "postgres"), db.Client(t, "officer.cam"), db.Client(t, "clerk.cam")
	super.must(ready)
	if _, err := officer.ErasePatron(t.Context(), client.Why{}, "90000041", nil, 0); err != nil {
		t.Fatal(err)
	}
	super.must("INSERT INTO lms.card (number, patron, issued_on) VALUES ('90000041', 42, '2026-01-31')")
	shown, err := clerk.ShowPatron(t.Context(), client.Why{}, "90000041", client.ShowOptions{})
	if err != nil || shown.Patron != 42 || shown.Erasure != nil {
		t.Errorf("by card: %+v %v", shown, err)
	}
	found, err := clerk.FindPatrons(t.Context(), client.Why{}, client.FindQuery{Words: []string{"90000041"}})
	if err != nil || len(found) != 1 || found[0].Patron != 42 {
		t.Errorf("found: %+v %v", found, err)
	}
	if shown, err = clerk.ShowPatron(t.Context(), client.Why{}, "id:41", client.ShowOptions{}); err != nil || shown.Erasure == nil || shown.Surname != "" || len(shown.Cards) != 0 {
		t.Errorf("by number: %+v %v", shown, err)
	}
	if _, err := clerk.CheckDebt(t.Context(), client.Why{}, "id:41", false); kind(err) != client.KindRefused {
		t.Errorf("checked: %v", err)
	}
	if check, err := clerk.CheckDebt(t.Context(), client.Why{}, "90000041", false); err != nil || check.Patron != 42 {
		t.Errorf("checked: %+v %v", check, err)
	}
	plan, unknown, err := officer.PlanCards(t.Context(), client.Why{}, "CAM", date(t, "2025-01-01"), []string{"id:41", "90000041"})
	if err != nil || len(unknown) != 1 || unknown[0] != 0 {
		t.Errorf("planned: %+v %v %v", plan, unknown, err)
	}
	if _, err = officer.Reactivate(t.Context(), client.Why{}, "id:41", date(t, "2027-01-01")); kind(err) != client.KindRefused {
		t.Errorf("reactivated: %v", err)
	}
	if _, err = officer.ErasePatron(t.Context(), client.Why{}, "id:41", nil, 0); kind(err) != client.KindRefused {
		t.Errorf("erased again: %v", err)
	}
	if n := super.must("SELECT count(*) FROM patronctl.erasure"); n != "1" {
		t.Errorf("%s in the ledger", n)
	}
}

// A number that was opened before somebody was erased opens nothing afterwards.
func TestNumbersEndWithAnErasure(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer := connect(t, db, "postgres"), connect(t, db, "officer.cam")
	super.must(ready)
	opened := map[string]string{}
	for operation, call := range map[string]string{
		"history show": "show_history(%s)", "history anonymize": "anonymize_history(%s, '2026-01-31', FALSE, FALSE, FALSE)",
		"password reset": "reset_password(%s, '" + anyHash + "')", "export": "export_page(%s, 'loan', 0, 10)",
		"patron reactivate": "reactivate(%s, '2027-01-31')", "patron erase": "preview_erase(%s, '{}')",
	} {
		opened[fmt.Sprintf(call, officer.open(operation, `{"ref": "id:41"}`))] = operation
	}
	officer.must("SELECT desk.erase_patron(%s, '{}')", officer.open("patron erase", `{"ref": "id:41"}`))
	for call, operation := range opened {
		if said, err := officer.run("SELECT desk." + call); code(err) != "LB409" || !strings.Contains(err.Error(), "erased") {
			t.Errorf("%s: %s %v", operation, said, err)
		}
	}
	if n := super.must("SELECT count(*) FROM lms.credential WHERE patron = 41"); n != "0" {
		t.Error("the erased has a password again")
	}
}

// A guardian who is erased is gone from the rows of others, too.
func TestGuardiansGoFromTheirWards(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer := connect(t, db, "postgres"), db.Client(t, "officer.cam")
	super.must(ready + `UPDATE lms.patron SET status = 'deleted', deleted_on = '2020-01-01' WHERE id = 41;
		UPDATE lms.patron SET guardian_patron = 41 WHERE id = 21; UPDATE lms.identity SET guardian = 'Douglas Arrears' WHERE patron = 21`)
	if done := sweep(t, officer, "deleted"); done.Done == 0 {
		t.Errorf("%+v", done)
	}
	if left := super.must("SELECT concat(p.status, ' ', p.guardian_patron, i.guardian, ' ', i.surname) FROM lms.patron AS p JOIN lms.identity AS i ON i.patron = p.id WHERE p.id = 21"); left != "active  Wardley" {
		t.Errorf("the ward: %q", left)
	}
	if rule := super.must("SELECT rule || ' ' || authority FROM patronctl.erasure WHERE patron = 41"); rule != "deleted CAM" {
		t.Errorf("the ledger: %q", rule)
	}
}

// Where only a name is written down, the ward must share the surname or the address: a namesake keeps a child's guardian.
func TestGuardiansByNameOnly(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := connect(t, db, "postgres")
	super.must(`UPDATE lms.patron SET guardian_patron = NULL WHERE id IN (21, 36, 41);
		UPDATE lms.identity SET guardian = 'WARDLEY, Ruth' WHERE patron = 21;
		UPDATE lms.identity SET guardian = 'Ruth Wardley' WHERE patron IN (36, 41);
		UPDATE lms.address SET lines = (SELECT lines FROM lms.address WHERE patron = 20 LIMIT 1) WHERE patron = 36;
		UPDATE lms.address SET lines = 'elsewhere 1' WHERE patron = 41`)
	erase(super, "20")
	if left := super.must("SELECT string_agg(patron || ':' || coalesce(guardian, ''), ' ' ORDER BY patron) FROM lms.identity WHERE patron IN (21, 36, 41)"); left != "21: 36: 41:Ruth Wardley" {
		t.Error(left)
	}
}

// Rules ask the server for the day: what the client's clock says reaches no statement.
func TestForgettingHasNoClockOfItsOwn(t *testing.T) {
	clock := regexp.MustCompile(`time\.(Now|Since|Until)\(`)
	for _, file := range []string{"retention.go", "plan.go", "run.go", "erasure.go", "date.go", "history.go"} {
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
	super, desk, officer := connect(t, db, "postgres"), connect(t, db, "postgres"), db.Client(t, "officer.cam")
	super.must("%s UPDATE lms.patron SET protected = TRUE WHERE id <> 41", ready)
	plan, err := officer.MakePlan(t.Context(), client.Why{}, []string{"lapsed"})
	if err != nil || plan.Todo != 1 {
		t.Fatalf("%+v %v", plan, err)
	}
	desk.must("BEGIN; INSERT INTO lms.loan (patron, item, authority, branch, lent_at) VALUES (41, 50, 'KEN', 'KEN-CEN', '2026-01-31')")
	if _, err := officer.ErasePatron(t.Context(), client.Why{}, "90000041", nil, 0); kind(err) != client.KindBusy {
		t.Errorf("on request: %v", err)
	}
	done, err := officer.RunPlan(t.Context(), client.Why{}, plan.ID, client.RunOptions{Batch: 100, Progress: func(client.Run) {}})
	if err != nil || done.Skipped != 1 || done.Done != 0 {
		t.Errorf("by a rule: %+v %v", done, err)
	}
	desk.must("COMMIT")
	if left := super.must("SELECT array_to_string(left_out, ', ') FROM patronctl.plan_item WHERE patron = 41 AND plan = %d", plan.ID); left != "busy" {
		t.Errorf("left out: %q", left)
	}
	if _, err := officer.ErasePatron(t.Context(), client.Why{}, "90000041", nil, 0); kind(err) != client.KindRefused || !strings.Contains(err.Error(), "loans at KEN") {
		t.Errorf("afterwards: %v", err)
	}
}
