package cases_test

import (
	"fmt"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/cases"
	"patronctl/client/exchange"
	"patronctl/client/forgetting"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
	"patronctl/client/people"
)

// What a person asked preserves the account, by rules and by hand, until it is answered.
func TestRequestsPreserveAccounts(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	super.Must(`
		UPDATE lms.patron
		SET expires_on = '2024-01-01', status = 'active', last_fee_on = NULL, guardian_patron = NULL, protected = FALSE,
			keeps_history = FALSE
		WHERE id IN (36, 22);
		UPDATE lms.patron SET guardian_patron = NULL WHERE guardian_patron IN (36, 22);
		DELETE FROM lms.membership WHERE patron IN (36, 22);
		DELETE FROM lms.payment WHERE patron IN (36, 22);
		DELETE FROM lms.fee WHERE patron IN (36, 22);
		DELETE FROM lms.loan WHERE patron IN (36, 22) AND returned_at IS NULL;
		DELETE FROM lms.hold WHERE patron IN (36, 22) AND closed_at IS NULL;
		UPDATE lms.loan SET lent_at = '2020-01-01', due_at = '2020-02-01', returned_at = '2020-01-15' WHERE patron IN (36, 22);
		INSERT INTO lms.fee (patron, authority, kind, amount, raised_on) VALUES (36, 'CAM', 'overdue', 2, '2010-01-01');
		INSERT INTO lms.payment (patron, fee, amount, paid_on) SELECT 36, id, 2, '2010-02-01' FROM lms.fee WHERE patron = 36`)
	officer, clerk := db.Client(t, "officer.cam"), db.Client(t, "clerk.cam")
	ctx, why := t.Context(), client.Why{Reason: "ticket 4711"}
	made := map[string]*forgetting.Plan{}
	for _, rule := range []string{"lapsed", "history", "accounts"} {
		plan, err := forgetting.MakePlan(ctx, officer, why, []string{rule})
		if err != nil {
			t.Fatal(rule, err)
		}
		if n := super.Must("SELECT count(*) FROM patronctl.plan_item WHERE plan = %d AND patron = 36 AND reasons IS NULL", plan.ID); n != "1" {
			t.Fatal(rule, "is not about patron 36: ", super.Must(`
				SELECT string_agg(i::text, ' ')
				FROM patronctl.plan_item AS i
				WHERE plan = %d AND patron = 36`, plan.ID))
		}
		made[rule] = plan
	}
	asked, err := cases.OpenRequest(ctx, clerk, why, cases.NewRequest{
		Ref:      sample.CardLongHistory,
		Kind:     "access",
		Received: pgtest.Date(t, "2026-01-30"),
	})
	if err != nil {
		t.Fatal(err)
	}

	// Plans made before leave the person out when they are run; plans made since, from the start.
	super.Must("UPDATE patronctl.plan SET needs_approval = NULL")
	for _, rule := range []string{"accounts", "history", "lapsed"} {
		plan, err := forgetting.MakePlan(ctx, officer, why, []string{rule})
		if err != nil {
			t.Fatal(rule, err)
		}
		if got := super.Must("SELECT reasons FROM patronctl.plan_item WHERE plan = %d AND patron = 36", plan.ID); got != `{"request CAM"}` {
			t.Errorf("%s, planned since: %s", rule, got)
		}
		if _, err := forgetting.RunPlan(ctx, officer, why, made[rule].ID,
			forgetting.RunOptions{Batch: 2000, Progress: func(forgetting.Run) {}}); err != nil {
			t.Fatal(rule, err)
		}
		if got := super.Must("SELECT left_out FROM patronctl.plan_item WHERE plan = %d AND patron = 36",
			made[rule].ID); got != `{"request CAM"}` {
			t.Errorf("%s, run since: %s", rule, got)
		}
	}
	if got := super.Must(`
		SELECT (SELECT count(*) > 100 FROM lms.loan WHERE patron = 36), (SELECT count(*) FROM lms.fee WHERE patron = 36),
			(SELECT status FROM lms.patron WHERE id = 36)`); got != "t\n1\nactive" {
		t.Errorf("what is left: %s", got)
	}
	if super.Must("SELECT status FROM lms.patron WHERE id = 22") != "erased" {
		t.Error("the rule erased nobody")
	}
	_, unknown, err := forgetting.PlanCards(ctx, officer, why, "CAM", pgtest.Date(t, "2025-01-01"), []string{"id:36"})
	if err != nil || len(unknown) != 0 {
		t.Fatal(unknown, err)
	}
	if got := super.Must("SELECT reasons FROM patronctl.plan_item ORDER BY plan DESC LIMIT 1"); got != `{"request CAM"}` {
		t.Errorf("a list of cards: %s", got)
	}

	// By hand.
	wants := func(what string, err error, says string) {
		t.Helper()
		if pgtest.Kind(err) != client.KindRefused || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want it refused: %s", what, err, says)
		}
	}
	anonymize := func(dryRun bool) error {
		_, err := people.AnonymizeHistory(ctx, clerk, why, "id:36", people.AnonymizeOptions{Before: pgtest.Date(t, "2025-01-01"), DryRun: dryRun})
		return err
	}
	for _, dryRun := range []bool{true, false} {
		wants("anonymize", anonymize(dryRun), fmt.Sprintf("kept for request %d", asked.ID))
	}
	_, err = forgetting.PreviewErase(ctx, officer, why, "id:36", nil, 0)
	wants("erase", err, "cannot be erased: request at CAM")
	_, err = forgetting.Erase(ctx, officer, why, "id:36", nil, asked.ID)
	wants("erase for a request to see the data", err, "is about access, and this would answer erasure or objection")
	_, err = forgetting.Erase(ctx, officer, why, "id:36", []string{"request"}, 0)
	if pgtest.Kind(err) != client.KindUsage {
		t.Errorf("waive a request: %v", err)
	}

	// The answer to the first, which ends it; then one to be erased.
	_, err = cases.CloseRequest(ctx, officer, why, asked.ID, "granted", "")
	wants("grant what was not done", err, "nothing was done")
	export, err := exchange.Open(ctx, officer, why, "id:36", exchange.FullAccess)
	if err == nil {
		err = cases.CheckAnswer(ctx, officer, export, asked.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	for relation := range export.Relations {
		for _, err := range relation.Rows {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	answered, err := cases.AnswerRequest(ctx, officer, export, asked.ID)
	if err != nil || len(answered.Answers) != 1 || answered.Answers[0] != export.Head.Access || answered.Receipt == "" {
		t.Fatal(answered, err)
	}
	_, err = cases.AnswerRequest(ctx, officer, export, asked.ID)
	wants("an access writes once", err, "was used already")
	if _, err = cases.CloseRequest(ctx, officer, why, asked.ID, "granted", ""); err != nil {
		t.Fatal(err)
	}
	wish, err := cases.OpenRequest(ctx, clerk, why, cases.NewRequest{Ref: "id:36", Kind: "erasure", Received: pgtest.Date(t, "2026-01-31")})
	if err != nil {
		t.Fatal(err)
	}
	if err := anonymize(false); err != nil { // it is what was asked for, or part of it
		t.Error("anonymize:", err)
	}
	other, err := cases.OpenRequest(ctx, clerk, why, cases.NewRequest{Ref: "id:36", Kind: "objection", Received: pgtest.Date(t, "2026-01-31")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = forgetting.Erase(ctx, officer, why, "id:36", nil, wish.ID)
	wants("erase while another is open", err, "cannot be erased: request at CAM")
	if _, err = cases.CloseRequest(ctx, officer, why, other.ID, "withdrawn", ""); err != nil {
		t.Fatal(err)
	}
	_, err = forgetting.Erase(ctx, officer, why, "id:22", nil, wish.ID)
	wants("erase another", err, "")
	_, err = forgetting.Erase(ctx, officer, why, sample.CardOwesElsewhere, nil, wish.ID)
	wants("erase another", err, "is not about this person")
	_, err = forgetting.Erase(ctx, officer, why, "id:36", nil, asked.ID)
	wants("erase for a closed one", err, "is about access")
	if _, err = forgetting.Erase(ctx, officer, why, "id:36", nil, 9999); pgtest.Kind(err) != client.KindNotFound {
		t.Errorf("erase for none: %v", err)
	}
	erased, err := forgetting.Erase(ctx, officer, why, "id:36", nil, wish.ID)
	if err != nil || erased.Request == nil || *erased.Request != wish.ID || len(erased.Despite) > 0 {
		t.Fatal(erased, err)
	}
	shown, err := cases.ShowRequest(ctx, officer, why, wish.ID)
	if err != nil || len(shown.Answers) != 1 || shown.Answers[0] != erased.Access || *shown.Patron != 36 || shown.History[1].Step != "erase" {
		t.Fatal(pgtest.Text(t, shown), err)
	}
	done, err := cases.CloseRequest(ctx, officer, why, wish.ID, "granted", "")
	if err != nil || done.State != "closed" || *done.Patron != 36 {
		t.Fatal(done, err)
	}
	_, err = cases.OpenRequest(ctx, clerk, why, cases.NewRequest{Ref: "id:36", Kind: "access", Received: pgtest.Date(t, "2026-01-31")})
	wants("ask about who was erased", err, "erased")
}

// Of an erasure and a request at the same moment one comes first: a request is never about somebody who is gone, and nobody
// goes who has just asked.
func TestARequestAndAnErasureMeet(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer, clerk := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "officer.cam"), pgtest.Connect(t, db, "clerk.cam")
	super.Must("%s", canBeErased)
	about := `{"ref": "id:42"}`

	// The request first: the erasure waits for nobody.
	asking, erasing := clerk.Open("request open", about), officer.Open("patron erase", about)
	clerk.Must("BEGIN; SELECT desk.open_request(%s, 'access', '2026-01-31', NULL)", asking)
	if _, err := officer.Run("SELECT desk.erase_patron(%s, '{memberships,fees}')", erasing); pgtest.Code(err) != "LB423" {
		t.Errorf("erased while a request is opened: %v", err)
	}
	clerk.Must("COMMIT")
	if _, err := officer.Run("SELECT desk.erase_patron(%s, '{memberships,fees}')",
		officer.Open("patron erase", about)); pgtest.Code(err) != "LB409" || !strings.Contains(err.Error(), "request at CAM") {
		t.Errorf("erased after a request was opened: %v", err)
	}

	// The erasure first: the request waits for its end.
	super.Must("SET session_replication_role = replica; DELETE FROM patronctl.request; SET session_replication_role = origin")
	asking, erasing = clerk.Open("request open", about), officer.Open("patron erase", about)
	officer.Must("BEGIN; SELECT desk.erase_patron(%s, '{memberships,fees}')", erasing)
	ended := make(chan error, 1)
	go func() {
		_, err := clerk.Run("SELECT desk.open_request(%s, 'access', '2026-01-31', NULL)", asking)
		ended <- err
	}()
	for super.Must("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == "0" {
		select {
		case err := <-ended:
			t.Fatalf("the request did not wait: %v", err)
		default:
		}
	}
	officer.Must("COMMIT")
	if err := <-ended; pgtest.Code(err) != "LB409" || !strings.Contains(err.Error(), "was erased") {
		t.Errorf("opened about somebody who was erased meanwhile: %v", err)
	}
	if n := super.Must("SELECT count(*) FROM patronctl.request"); n != "0" {
		t.Errorf("%s requests are left", n)
	}
}

// canBeErased makes 42 somebody who can be erased.
const canBeErased = `
	DELETE FROM patronctl.erasure WHERE patron = 42;
	DELETE FROM lms.payment WHERE patron = 42;
	DELETE FROM lms.fee WHERE patron = 42;
		DELETE FROM lms.loan WHERE patron = 42; DELETE FROM lms.hold WHERE patron = 42; DELETE FROM lms.membership WHERE patron = 42;
		UPDATE lms.patron SET status = 'active', authority = 'CAM', branch = 'CAM-CEN', expires_on = '2024-01-01' WHERE id = 42`
