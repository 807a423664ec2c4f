package client_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"patronctl/client"
	"patronctl/client/audit"
	"patronctl/client/exchange"
	"patronctl/client/forgetting"
	"patronctl/client/install"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
	"patronctl/client/people"
	"patronctl/client/staff"
)

// subjects are what the operations are tried with, by the column where.
type subjects struct {
	patron, item, returned string
	authority              string
	plan                   int64
	request, disclosure    int64
}

// An attempt at an operation ends so:
//
//	allowed  done
//	facts    done, without personal values
//	denied   refused, and the refusal is recorded
//	refused  no right at all; about a record of the audit: as if there were none
//
// means is how it ends by the reach of the role, and by where it is tried.
var means = map[string]map[string]string{
	"any": {
		"home": "allowed", "away": "allowed", "anywhere": "allowed", "own record": "allowed", "home record": "allowed", "away record": "allowed",
		"home authority": "allowed", "away authority": "allowed", "home plan": "allowed", "away plan": "allowed",
	},
	"home":   {"home": "allowed", "away": "denied", "home authority": "allowed", "home plan": "allowed", "away plan": "denied"},
	"facts":  {"home": "facts", "away": "facts", "anywhere": "facts"},
	"rows":   {"home": "allowed", "away": "allowed"},
	"own":    {"own record": "allowed", "anywhere": "allowed"},
	"logins": {"anywhere": "allowed", "own record": "allowed", "home record": "allowed"},
	"id":     {"own record": "allowed", "home record": "facts", "away record": "facts"},
}

// triedAt is where an operation is tried when that does not follow from what it is asked by.
var triedAt = map[string][]string{
	"audit list": {"own record", "home record", "away record"}, "audit show": {"own record", "home record", "away record"},
	"audit report": {"anywhere"},
	"erasure list": {"home"}, "incident people": {"home"}, "report sharing": {"home"}, "retention plan due": {"home authority"},
	"erasure scrub": {"home", "anywhere"},
}

// places are where an operation is tried: at people, at authorities, or anywhere.
func places(o client.Operation) []string {
	var asked []string
	for criterion, resolver := range o.AskedBy {
		asked = append(asked, map[string]string{"consented": "authority", "plan": "plan", "access": "record", "erased": "none"}[criterion],
			map[string]string{"sorted": "authority", "newcomer": "authority"}[resolver])
	}
	ofHome := slices.ContainsFunc(staff.Roles, func(role string) bool { return strings.HasPrefix(o.Rights[role], "home") })
	switch at := triedAt[o.Name]; {
	case at != nil:
		return at
	case slices.Contains(asked, "plan"):
		return []string{"home plan", "away plan"}
	case slices.Contains(asked, "authority"), len(asked) == 0 && ofHome:
		return []string{"home authority", "away authority"}
	case len(asked) == 0, slices.Contains(asked, "record"), slices.Contains(asked, "none"):
		return []string{"anywhere"}
	default:
		return []string{"home", "away"}
	}
}

// expected are the rows of the table of attempts: an operation, where it is tried, and how that ends for each role.
func expected() (rows [][]string) {
	for _, o := range client.Operations() {
		for _, where := range places(o) {
			row := []string{o.Name, where}
			for _, role := range staff.Roles {
				reach, _, _ := strings.Cut(o.Rights[role], "+")
				row = append(row, cmp.Or(means[reach][where], "refused"))
			}
			rows = append(rows, row)
		}
	}
	// Whoever is in a group may, registered or not.
	return append(rows,
		[]string{"settings list", "anywhere", "allowed", "allowed", "allowed", "allowed", "allowed", "allowed", "allowed", "refused"})
}

// Each role tries every operation, at home and away; then logins in the same groups that were never registered, or whose
// registration ended yesterday.
func TestOperationsByTrying(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	item := func(patron int, returned string) string {
		return super.Must(`SELECT t.barcode FROM lms.loan AS l JOIN lms.item AS t ON t.id = l.item WHERE l.patron = %d AND l.returned_at IS %s
			AND NOT EXISTS (SELECT FROM lms.loan AS o WHERE o.item = l.item AND o.lent_at > l.lent_at) LIMIT 1`, patron, returned)
	}
	home, away := 36, 37
	super.Must("UPDATE lms.loan SET returned_at = due_at WHERE id = (SELECT max(id) FROM lms.loan WHERE patron = %d)", away)
	about := map[string]subjects{
		"home": {patron: sample.CardLongHistory, item: item(home, "NULL"), returned: item(home, "NOT NULL")},
		"away": {patron: sample.CardHostileItems, item: item(away, "NULL"), returned: item(away, "NOT NULL")},
	}
	addForgetting(t, db, about)
	addRequests(t, db, about)
	logins := map[string]string{"clerk": "clerk.cam", "supervisor": "supervisor.cam", "officer": "officer.cam"}
	for _, role := range staff.Roles[3:] {
		logins[role] = role
	}
	super.Must("SET session_replication_role = replica") // the trigger is for those who open
	record := func(login string, patron int) (id int64) {
		_, err := fmt.Sscan(super.Must(`
			INSERT INTO patronctl.access OVERRIDING USER VALUE
			SELECT (jsonb_populate_record(a, '{"login": "%s", "patrons": [%d]}')).*
			FROM patronctl.access AS a ORDER BY a.id LIMIT 1 RETURNING id`, login, patron), &id)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	super.Must("UPDATE patronctl.staff SET authority = 'CAM' WHERE login = 'opac'")
	homeRecord, awayRecord := record("supervisor.ken", home), record("supervisor.ken", away)

	roles, rows := staff.Roles, expected()
	printed := [][]string{append(append([]string{"operation", "where"}, roles...), "never registered", "expired")}
	for _, row := range rows {
		printed = append(printed, append(slices.Clone(row[:2]), make([]string, len(roles)+2)...))
	}
	differences := 0
	for n, role := range roles {
		registered := logins[role]
		stray, late := "stray."+role, "late."+role
		super.Must(`CREATE ROLE "%s" LOGIN IN ROLE patronctl_%s; CREATE ROLE "%s" LOGIN IN ROLE patronctl_%[2]s`, stray, role, late)
		super.Must(`
			INSERT INTO patronctl.staff
			SELECT '%s', authority, role, valid_from, patronctl.today(authority) - 1
			FROM patronctl.staff
			WHERE login = '%s'`, late, registered)
		for kind, login := range []string{registered, stray, late} {
			own := record(login, home)
			c, psql := db.Client(t, login), db.Connect(t, login)
			for line, row := range rows {
				id := map[string]int64{"own record": own, "home record": homeRecord, "away record": awayRecord}[row[1]]
				denied := "SELECT count(*) FROM patronctl.access WHERE outcome = 'denied' AND login = '" + login + "'"
				before := super.Must("%s; UPDATE lms.patron SET expires_on = '2026-01-01' WHERE id = 36", denied)
				facts, err := try(t, c, psql, row[0], about[row[1]], id)
				got := "allowed"
				var known *client.Error
				switch {
				case err == nil && facts:
					got = "facts"
				case err != nil && super.Must("%s", denied) != before:
					got = "denied"
				case errors.As(err, &known) && (known.Kind == client.KindRefused || known.Kind == client.KindNotFound && id != 0):
					got = "refused"
				case err != nil:
					got = err.Error()
				}
				want := row[n+2]
				if login != registered && row[0] != "settings list" {
					want = "refused"
				}
				if got != want {
					differences++
					t.Errorf("%s: %s, %s: %s (%v), want %s", login, row[0], row[1], got, err, want)
				}
				column := n + 2
				if kind > 0 { // one column for all roles
					column = len(roles) + 1 + kind
				}
				if cell := &printed[line+1][column]; !slices.Contains(strings.Split(*cell, ", "), got) {
					*cell = strings.TrimPrefix(*cell+", "+got, ", ")
				}
			}
		}
	}
	t.Logf("%d operations by %d roles, %d differences from operations.csv\n%s", len(rows), 3*len(roles), differences, table(printed))
}

// refusal is an error of the server as the client tells it.
func refusal(err error) error {
	if slices.Contains([]string{"LB403", "42501"}, pgtest.Code(err)) {
		return &client.Error{Kind: client.KindRefused, Message: err.Error()}
	}
	return err
}

// try does an operation as the command line would and tells whether personal values were left out.
func try(t *testing.T, c *client.Client, psql *pgx.Conn, operation string, s subjects, record int64) (facts bool, err error) {
	ctx, why := t.Context(), client.Why{Reason: "ticket 4711"}
	switch operation {
	case "patron find":
		found, err := people.Find(ctx, c, why, people.FindQuery{Words: []string{s.patron}})
		return err == nil && found[0].Surname == "" && len(found[0].Cards) == 0, err
	case "patron show":
		shown, err := people.Show(ctx, c, why, s.patron, people.ShowOptions{Fees: true})
		return err == nil && shown.Surname == "" && len(shown.Emails) == 0 && len(shown.Cards) == 0 && len(shown.Addresses) == 0, err
	case "debt check":
		check, err := people.CheckDebt(ctx, c, why, s.patron, true)
		return err == nil && check.Surname == "" && check.Card == "", err
	case "debt check bulk":
		// The client takes the everyday right where this one is missing: ask the database itself.
		_, err := psql.Exec(ctx, "SELECT "+pgtest.OpenCall(operation, `{"cards": ["`+s.patron+`"]}`))
		return false, refusal(err)
	case "item show":
		item, err := people.ShowItem(ctx, c, why, s.item, false)
		return err == nil && item.Borrower.Surname == "", err
	case "item show last":
		item, err := people.ShowItem(ctx, c, why, s.returned, true)
		return err == nil && item.LastBorrower.Surname == "", err
	case "history show":
		_, past, err := people.ShowHistory(ctx, c, why, s.patron)
		return err == nil && len(past) == 0, err
	case "history anonymize":
		_, err = people.AnonymizeHistory(ctx, c, why, s.patron, people.AnonymizeOptions{Before: pgtest.Date(t, "1990-01-01")})
	case "password reset":
		if s.patron == sample.CardLongHistory {
			_, err = people.ResetPassword(ctx, c, why, s.patron)
		} else { // the same right, without making a code
			_, err = people.PreviewReset(ctx, c, why, s.patron)
		}
	case "export":
		_, err = exchange.Open(ctx, c, why, s.patron, exchange.FullAccess)
	case "audit list":
		records, err := audit.ListAccesses(ctx, c, why, audit.Filter{Limit: 10000})
		if err == nil && !slices.ContainsFunc(records, func(a audit.Access) bool { return a.Access == record }) {
			err = &client.Error{Kind: client.KindNotFound, Message: "not in the list"}
		}
		return false, err
	case "audit show":
		shown, err := audit.ShowAccess(ctx, c, why, record)
		return err == nil && len(shown.Patrons) == 0, err
	case "erasure list":
		for _, err = range forgetting.ListErasures(ctx, c, why, forgetting.ErasureFilter{Authority: "CAM"}) {
			break
		}
	case "erasure replay": // opened only: nobody was erased
		_, err := psql.Exec(ctx, "SELECT "+pgtest.OpenCall(operation, `{"erased": [1]}`))
		return false, refusal(err)
	case "audit report":
		if _, err = audit.ReportMonth(ctx, c, why, client.Date{}, ""); err == nil {
			_, err = audit.ReportUnusual(ctx, c, why, client.Date{})
		}
	case "audit logins":
		for _, err = range audit.ListLogins(ctx, c, why, audit.LoginFilter{Limit: 1}) {
			break
		}
	case "audit collect":
		_, err = audit.CollectLogins(ctx, c, why)
	case "audit report subject":
		_, err = audit.ReportSubject(ctx, c, why, s.patron)
	case "audit seal", "audit verify", "audit prove": // opened only: nothing was sealed
		asked := map[string]string{"audit prove": `{"access": 1}`}[operation]
		_, err := psql.Exec(ctx, "SELECT "+pgtest.OpenCall(operation, cmp.Or(asked, "{}")))
		return false, refusal(err)
	case "erasure quarantine":
		_, err = forgetting.ShowQuarantine(ctx, c, why)
	case "staff add":
		_, err = staff.Add(ctx, c, why, staff.Registration{Login: "clerk.pbk", Authority: "PBK", Role: "clerk"})
	case "staff list":
		_, err = staff.List(ctx, c, why)
	case "settings list":
		_, err = staff.ListSettings(ctx, c, "CAM")
	case "settings set":
		_, err = staff.SetSetting(ctx, c, why, "CAM", "k", "5")
	case "db status":
		_, err = install.ShowStatus(ctx, c, why)
	case "doctor":
		e, err := install.Examine(ctx, c, why, []string{install.PartPrivileges})
		return err == nil && !slices.ContainsFunc(e.Ailments, func(a install.Ailment) bool { return strings.Contains(a.Finding, "stray.") }), err
	case "erasure scrub":
		authority := ""
		if s.patron != "" {
			authority = "CAM"
		}
		_, err = forgetting.Scrub(ctx, c, why, authority, func(int, int) {})
	case "incident report", "incident update", "incident close", "incident acknowledge", "incident list", "incident show", "incident people",
		"report processing", "report sharing":
		err = tryIncident(t, c, operation, s)
	case "staff revoke", "staff disable", "staff enable", "staff password", "staff password own", "staff grant support",
		"staff revoke support", "password check", "password change":
		err = tryStaff(t, c, psql, operation, s)
	case "request open", "request open unknown", "request list", "request decide", "disclosure record", "disclosure refuse",
		"disclosure refuse unknown", "disclosure approve", "disclosure list":
		err = tryRequests(t, c, operation, s)
	case "patron set", "patron set special", "patron show special", "patron list", "consent list", "consent give", "consent withdraw",
		"consent missing", "block list", "block place", "block lift":
		err = tryChoices(t, c, operation, s)
	case "retention list", "retention set", "retention plan", "retention plan file", "retention plan due", "retention approve",
		"retention run", "retention run due",
		"history report", "patron erase", "patron reactivate", "patron import":
		err = tryForgetting(t, c, operation, s)
	default:
		err = tryPlainly(t, psql, operation, s)
	}
	return false, err
}

// tryPlainly opens an operation about the subjects and makes its call, whose mistakes only who has the right is told of.
func tryPlainly(t *testing.T, psql *pgx.Conn, name string, s subjects) error {
	plain := pgtest.On(t, psql.PgConn())
	at := slices.IndexFunc(operations, func(o operation) bool { return o.name == name })
	criteria := operations[at].criteria
	for way, value := range map[string]string{"ref": s.patron, "card": s.patron, "barcode": s.item} {
		if strings.HasPrefix(criteria, `{"`+way+`": "`) && value != "" {
			criteria = fmt.Sprintf(`{"%s": "%s"}`, way, value)
		}
	}
	opened, err := plain.Run("SELECT %s", pgtest.OpenCall(name, criteria))
	if err == nil {
		_, err = plain.Run("SELECT "+operations[at].call, opened[0])
	}
	if pgtest.Code(err) == "LB404" || pgtest.Code(err) == "LB400" || pgtest.Code(err) == "LB409" {
		return nil
	}
	return refusal(err)
}
