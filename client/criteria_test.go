package client_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
)

// An operation opens what it is about in its own way. A show that took a barcode would tell the last borrower, a find
// that took cards would list thousands.
func TestCriteriaBelongToAnOperation(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ways := map[string]string{
		"ref": `"90000036"`, "words": `["farrow"]`, "cards": `["90000036", "id:1"]`,
		"applicant": `{"surname": "Farrow", "forenames": "Owen", "born": "1991-11-23"}`, "barcode": `"300000000080"`, "access": `1`, "plan": `1`,
		"card": `"90000036"`, "consented": `{}`,
	}
	own := map[string]map[string]string{}
	for _, o := range client.Operations() {
		own[o.Name] = o.AskedBy
	}
	tried := map[string]bool{}
	for _, op := range operations {
		if tried[op.name] {
			continue
		}
		tried[op.name] = true
		staff := pgtest.Connect(t, db, op.login)
		for way, value := range ways {
			_, err := staff.Run("SELECT %s", pgtest.OpenCall(op.name, fmt.Sprintf(`{"%s": %s}`, way, value)))
			fits := own[op.name][way] != ""
			if fits && err != nil || !fits && pgtest.Code(err) != "LB400" {
				t.Errorf("%s by %s: %v, fits: %v", op.name, way, err, fits)
			}
			for second, other := range ways {
				if _, err = staff.Run("SELECT %s",
					pgtest.OpenCall(op.name, fmt.Sprintf(`{"%s": %s, "%s": %s}`, way, value, second, other))); second != way &&
					pgtest.Code(err) != "LB400" {
					t.Errorf("%s by %s and %s: %v", op.name, way, second, err)
				}
			}
		}
		if _, err := staff.Run("SELECT %s", pgtest.OpenCall(op.name, `{}`)); len(own[op.name]) > 0 && pgtest.Code(err) != "LB400" {
			t.Errorf("%s of nothing: %v", op.name, err)
		}
	}
}

// Whoever asks is recorded, also when the answer is no or nobody.
func TestRefusalsLeaveARecord(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	super.Must(`INSERT INTO lms.anonymous_patron (id, authority) VALUES (5555555, 'CAM');
		UPDATE lms.patron SET status = 'erased' WHERE id = 40;
		INSERT INTO patronctl.setting VALUES ('consent_purposes', 'KEN', 'marketing')`)
	for _, ask := range []struct{ login, operation, purpose, reason, criteria, outcome, because string }{
		{"clerk.ken", "history anonymize", "", "", pgtest.Bookworm, "denied", "home"},
		{"clerk.ken", "password reset", "", "", pgtest.Bookworm, "denied", "home"},
		{"officer.ken", "export", "", "", pgtest.Bookworm, "denied", "home"},
		{"supervisor.ken", "history show", "", "ticket 1", pgtest.Bookworm, "denied", "home"},
		{"supervisor.ken", "item show last", "", "ticket 1", `{"barcode": "300000000080"}`, "denied", "home"},
		{"clerk.ken", "patron show", "legal", "", pgtest.Bookworm, "denied", "service and debt"},
		{"clerk.ken", "patron show", "marketing", "", `{"ref": "90000013"}`, "denied", "consent"},
		{"clerk.cam", "patron show", "", "", `{"ref": "id:5555555"}`, "denied", "GDPR"},
		{"clerk.cam", "debt check", "", "", `{"ref": "id:40"}`, "denied", "erased"},
		{"clerk.cam", "patron show", "", "", `{"ref": "id:40"}`, "allowed", ""},
		{"officer.cam", "patron erase", "", "", `{"ref": "90000037"}`, "denied", "home"},
		{"clerk.cam", "patron show", "", "the fine of Bookworm", pgtest.Bookworm, "denied", "never about the person"},
		{"clerk.cam", "patron show", "", "card 90000036", pgtest.Bookworm, "denied", "never about the person"},
		{"clerk.cam", "patron show", "", "", `{"ref": "99999999"}`, "not_found", ""},
		{"clerk.cam", "patron show", "", "", `{"ref": "ellison margaret"}`, "not_found", "several"},
		{"clerk.cam", "patron find", "", "", `{"words": ["qqqqqq"]}`, "not_found", ""},
		{"clerk.cam", "item show", "", "", `{"barcode": "0"}`, "not_found", ""},
	} {
		staff := pgtest.Connect(t, db, ask.login)
		id := staff.Must("SELECT desk.open_access('%s', '%s', '%s', '%s')", ask.operation, ask.purpose, ask.reason, ask.criteria)
		record := super.Must(`
			SELECT login || '|' || operation || '|' || outcome || '|' || coalesce(because, '')
			FROM patronctl.access
			WHERE id = %s`, id)
		if !strings.HasPrefix(record, ask.login+"|"+ask.operation+"|"+ask.outcome+"|") || !strings.Contains(record, ask.because) {
			t.Errorf("%s: recorded %s", ask, record)
		}
		if reason := super.Must("SELECT coalesce(reason, '') FROM patronctl.access WHERE id = %s",
			id); strings.Contains(ask.because, "person") && reason != "" {
			t.Errorf("a reason that names the person was kept: %s", reason)
		}
		call := map[string]string{
			"patron show": "show_patron(%s, FALSE)", "patron find": "find_patrons(%s)", "item show": "show_item(%s)",
			"item show last": "show_last_borrower(%s)", "history show": "show_history(%s)", "export": "export_page(%s, 'loan', 0, 9)",
			"history anonymize": "anonymize_history(%s, '2026-01-31', FALSE, FALSE, FALSE)", "debt check": "check_debt(%s)",
			"patron erase": "preview_erase(%s, '{}')", "password reset": "reset_password(%s, '" + pgtest.AnyHash + "')",
		}[ask.operation]
		want := map[string]string{"denied": "LB403", "not_found": "LB404"}[ask.outcome]
		switch {
		case strings.Contains(ask.because, "person"):
			want = "LB400"
		case ask.because == "several":
			want = "LB405"
		}
		if _, err := staff.Run("SELECT desk."+call, id); pgtest.Code(err) != want {
			t.Errorf("%s: %v, want %s", ask, err, want)
		}
	}
}

// Trying cards one by one, or guessing a name through the check of the reason, leaves a record for each try, or at least
// tells nothing when it is rolled back.
func TestGuessingTellsNothing(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "clerk.cam")
	for n := range 40 {
		clerk.Open("patron show", fmt.Sprintf(`{"ref": "900000%02d"}`, n))
	}
	if found := super.Must("SELECT count(*) FROM patronctl.access WHERE login = 'clerk.cam'"); found != "40" {
		t.Errorf("40 cards tried, %s recorded", found)
	}
	for _, guess := range []string{"Bookworm", "Dickens", "90000036", "90000099"} {
		if _, err := clerk.Run("BEGIN; SELECT desk.open_access('patron show', '', 'about %s', '%s'); ROLLBACK", guess,
			pgtest.Bookworm); err != nil {
			t.Errorf("the reason %q answers before anything is committed: %v", guess, err)
		}
		_, _ = clerk.Run("ROLLBACK")
	}
	for _, card := range []string{"90000036", "12345"} {
		if _, err := clerk.Run("BEGIN; SELECT desk.open_access('patron show', '', '', '{\"ref\": \"%s\"}'); ROLLBACK", card); err != nil {
			t.Errorf("the card %s answers before anything is committed: %v", card, err)
		}
	}
}

// At most 20 hits, 2,000 cards in one access, 500 within ten minutes for a clerk.
func TestNobodyTakesTheWholeList(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk, officer := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "clerk.cam"), pgtest.Connect(t, db, "officer.cam")

	for _, limit := range []string{"20", "100000", "-1", "0"} {
		id := clerk.Open("patron find", `{"words": ["mar"], "limit": `+limit+`}`)
		var hits []json.RawMessage
		if err := json.Unmarshal([]byte(clerk.Must("SELECT desk.find_patrons(%s)", id)), &hits); err != nil || len(hits) == 0 || len(hits) > 20 {
			t.Errorf("limit %s: %d hits, %v", limit, len(hits), err)
		}
	}

	if _, err := officer.Run("SELECT %s", pgtest.OpenCall("debt check bulk", cards(0, 2001))); pgtest.Code(err) != "LB400" {
		t.Errorf("2,001 cards: %v", err)
	}
	if _, err := officer.Run("SELECT * FROM desk.check_debts(%s)", officer.Open("debt check bulk", cards(0, 2000))); err != nil {
		t.Errorf("2,000 cards: %v", err)
	}

	check := func(by *pgtest.Session, from, to int) error {
		_, err := by.Run("SELECT * FROM desk.check_debts(%s)", by.Open("debt check", cards(from, to)))
		return err
	}
	if err := check(clerk, 0, 500); err != nil {
		t.Errorf("500 cards: %v", err)
	}
	pgtest.Refused(t, "the 501st card", check(clerk, 500, 501))
	// Numbers that were burnt do not hide what was checked.
	clerk.Must("BEGIN")
	super.Must("SELECT setval('patronctl.access_id_seq', (SELECT max(id) + 200000 FROM patronctl.access))")
	clerk.Must("ROLLBACK")
	clerk.Open("patron show", farrow)
	pgtest.Refused(t, "the 501st card after 200,000 burnt numbers", check(clerk, 500, 501))
	super.Must("SET session_replication_role = replica; UPDATE patronctl.access SET at = at - interval '11 minutes'")
	if err := check(clerk, 500, 501); err != nil {
		t.Errorf("a card after eleven minutes: %v", err)
	}
	if err := check(officer, 0, 1500); pgtest.Code(err) != "LB403" {
		t.Errorf("an officer over the limit of the desk's check: %v, want the right of the list to be used", err)
	}
}

// Ten connections of one clerk share one limit, also with snapshots from before the first list.
func TestTheLimitHoldsAcrossConnections(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for _, isolation := range []string{"READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"} {
		pgtest.Connect(t, db, "postgres").Must(`
			SET session_replication_role = replica;
			UPDATE patronctl.access SET at = at - interval '11 minutes', operation = 'earlier'`)
		var together sync.WaitGroup
		for range 10 {
			clerk := pgtest.Connect(t, db, "clerk.cam")
			clerk.Must("BEGIN ISOLATION LEVEL %s; SELECT count(*) FROM pg_class", isolation)
			together.Go(func() {
				_, err := clerk.Run("SELECT %s", pgtest.OpenCall("debt check", cards(0, 300)))
				if err == nil {
					_, err = clerk.Run("COMMIT")
				}
				_ = err // refused here or denied in the record: counted below
			})
		}
		together.Wait()
		allowed := pgtest.Connect(t, db,
			"postgres").Must("SELECT count(*) FROM patronctl.access WHERE outcome = 'allowed' AND operation = 'debt check'")
		if allowed != "1" && isolation == "READ COMMITTED" || allowed != "0" && isolation != "READ COMMITTED" {
			t.Errorf("%s: %s lists of 300 cards were allowed at once", isolation, allowed)
		}
	}
}

func cards(from, to int) string {
	var list []string
	for n := from; n < to; n++ {
		list = append(list, fmt.Sprint("id:", n+1))
	}
	text, _ := json.Marshal(map[string]any{"cards": list}) // strings always encode
	return string(text)
}
