package client_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"patronctl/client"
	"patronctl/client/exchange"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/people"
)

// The server's own words for a broken constraint quote the row. Each function that writes says it without.
func TestErrorsQuoteNoRows(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	call, sessions := map[string]operation{}, map[string]*pgtest.Session{}
	as := func(login string) *pgtest.Session {
		if sessions[login] == nil {
			sessions[login] = pgtest.Connect(t, db, login)
		}
		return sessions[login]
	}
	for _, op := range operations {
		call[op.call[:strings.Index(op.call, "(")]] = op // the last of a function, which is the one that writes
	}
	for _, broken := range []struct{ table, function string }{
		{"patronctl.access", "desk.show_patron"},
		{"patronctl.result", "desk.reset_password"},
		{"lms.credential", "desk.reset_password"},
		{"patronctl.result", "desk.anonymize_history"},
		{"lms.anonymous_patron", "desk.anonymize_history"},
		{"lms.anonymous_loan", "desk.anonymize_history"},
		{"lms.anonymous_hold", "desk.anonymize_history"},
		{"lms.anonymous_fee", "desk.anonymize_history"},
		{"lms.fee", "desk.anonymize_history"},
		{"patronctl.seen_loan", "desk.anonymize_history"},
		{"patronctl.imported_hold", "desk.anonymize_history"},
		{"patronctl.imported_fee", "desk.anonymize_history"},
		{"patronctl.result", "desk.set_setting"},
		{"patronctl.setting", "desk.set_setting"},
		{"patronctl.result", "desk.add_staff"},
		{"patronctl.staff", "desk.add_staff"},
		{"patronctl.staff", "desk.revoke_staff"},
		{"patronctl.login", "desk.disable_staff"},
		{"patronctl.result", "desk.set_own_password"},
		{"patronctl.support_grant", "desk.grant_support"},
		{"lms.credential", "desk.report_check"},
		{"lms.credential", "desk.change_secret"},
		{"patronctl.paging", "desk.export_page"},
		{"patronctl.erasure", "desk.erase_patron"},
		{"patronctl.ledger", "desk.erase_patron"},
		{"lms.patron", "desk.erase_patron"},
		{"lms.patron", "desk.reactivate"},
		{"patronctl.rule_in_force", "desk.enable_rule"},
		{"patronctl.registration", "desk.register_patron"},
		{"lms.identity", "desk.register_patron"},
		{"patronctl.plan", "desk.make_plan"},
		{"patronctl.plan_part", "desk.make_date_plan"},
	} {
		op := call[broken.function]
		staff := as(op.login)
		super.Must("%s", beforehand[op.call])
		id := staff.Open(op.name, op.criteria)
		super.Must("ALTER TABLE %s ADD CONSTRAINT broken CHECK (FALSE) NOT VALID", broken.table)
		_, err := staff.Run("SELECT "+op.call, id)
		if broken.table == "patronctl.access" {
			_, err = staff.Run("SELECT %s", pgtest.OpenCall(op.name, op.criteria))
		}
		super.Must("ALTER TABLE %s DROP CONSTRAINT broken", broken.table)
		var pg *pgconn.PgError
		if !errors.As(err, &pg) {
			t.Errorf("%s with a broken %s: %v", broken.function, broken.table, err)
			continue
		}
		said := strings.Join([]string{pg.Message, pg.Detail, pg.Hint, pg.InternalQuery, pg.Where}, "|")
		if pg.Code != "LB500" || strings.Contains(said, "row") || strings.Contains(said, "broken") {
			t.Errorf("%s with a broken %s: %s: %s", broken.function, broken.table, pg.Code, said)
		}
	}
	for _, op := range call { // and so it was the constraint that stopped them
		staff := as(op.login)
		if op.name == "audit show" {
			op.criteria = fmt.Sprintf(`{"access": %s}`, staff.Open("audit list", "{}"))
		}
		super.Must("%s", beforehand[op.call])
		staff.Must("SELECT "+op.call, staff.Open(op.name, op.criteria))
	}
	if left := super.Must("SELECT count(*) FROM pg_constraint WHERE conname = 'broken'"); left != "0" {
		t.Error(left, "constraints are left broken")
	}
}

// What the client says never quotes what was asked, nor the server.
func TestTheClientQuotesNothing(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, officer := pgtest.Connect(t, db, "postgres"), db.Client(t, "officer.cam")
	ask := func(ref string) map[string]error {
		said, why := map[string]error{}, client.Why{Reason: "ticket 4711"}
		_, said["show"] = people.Show(t.Context(), officer, why, ref, people.ShowOptions{})
		_, said["find"] = people.Find(t.Context(), officer, why, people.FindQuery{Words: strings.Fields(ref)})
		_, _, said["history"] = people.ShowHistory(t.Context(), officer, why, ref)
		_, said["anonymize"] = people.AnonymizeHistory(t.Context(), officer, why, ref, people.AnonymizeOptions{Before: pgtest.Date(t, "today")})
		_, said["reset"] = people.ResetPassword(t.Context(), officer, why, ref)
		_, said["export"] = exchange.Open(t.Context(), officer, why, ref, exchange.Portability)
		_, said["item"] = people.ShowItem(t.Context(), officer, why, ref, false)
		return said
	}
	for _, ref := range []string{
		"Zzyzzx Nobody", "99990000", "id:99990000", "nobody@example.invalid", "1900-02-30 Zzyzzx", "Zz",
		"\x00Zzyzzx", "Zzyzzx\xff", "'; DROP TABLE lms.patron; --", "id:99999999999999999999",
	} {
		for operation, err := range ask(ref) {
			var known *client.Error
			if !errors.As(err, &known) {
				t.Errorf("%s %q: %v", operation, ref, err)
				continue
			}
			for _, part := range append(strings.Fields(ref), "DROP", "9999") {
				if len(part) > 1 && strings.Contains(known.Message+known.Hint, part) {
					t.Errorf("%s %q: %s (%s)", operation, ref, known.Message, known.Hint)
				}
			}
			if known.Kind == client.KindInternal || known.Kind == client.KindConnect {
				t.Errorf("%s %q: %s (%s)", operation, ref, known.Kind, known.Message)
			}
		}
	}
	// A function that fails as only a bug could make it fail.
	super.Must(`ALTER TABLE lms.identity RENAME COLUMN surname TO hidden_column`)
	if said := fmt.Sprint(ask("90000014")["show"]); strings.Contains(said, "hidden") || strings.Contains(said, "surname") {
		t.Errorf("the server is quoted: %s", said)
	}
}
