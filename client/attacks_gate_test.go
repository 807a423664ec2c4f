package client_test

import (
	"fmt"
	"strings"

	"patronctl/client"
	"patronctl/client/forgetting"
	"patronctl/client/install"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/people"
	"patronctl/client/staff"
)

// open is what every attacker sends to open the marked person, and read to see who it is.
const (
	openFarrow = `SELECT desk.open_access('patron show', '', '', '` + farrow + `')`
	readFarrow = "SELECT desk.show_patron($mine, FALSE)"
)

// Nothing is shown before the record is committed, however the transaction is dressed up.
var gateAttacks = []attack{
	{name: "open, read", steps: []string{"BEGIN", openFarrow, "COMMIT", readFarrow}},
	{name: "open and read in a transaction", steps: []string{"BEGIN", openFarrow, readFarrow}},
	{name: "open, read, roll back", steps: []string{"BEGIN", openFarrow, readFarrow, "ROLLBACK", readFarrow}},
	{name: "open, roll back, read", steps: []string{"BEGIN", openFarrow, "ROLLBACK", readFarrow}},
	{name: "open and read, serializable", steps: []string{"BEGIN ISOLATION LEVEL SERIALIZABLE", openFarrow, readFarrow}},
	{
		name:  "open and read in one statement",
		steps: []string{`SELECT desk.show_patron(desk.open_access('patron show', '', '', '` + farrow + `'), FALSE)`},
	},
	{name: "open and read in one message", steps: []string{keep + ";" + show}, plain: true},
	{name: "open, read, roll back in one message", steps: []string{"BEGIN;" + keep + ";" + show + "; ROLLBACK"}, plain: true},
	{
		name: "open in a common table expression",
		steps: []string{`WITH a AS MATERIALIZED (SELECT desk.open_access('patron show', '', '', '` + farrow +
			`') AS id) SELECT desk.show_patron(id, FALSE) FROM a`},
	},
	{name: "a savepoint between", steps: []string{"BEGIN", openFarrow, "SAVEPOINT s", readFarrow}},
	{name: "a savepoint around", steps: []string{"BEGIN", "SAVEPOINT s", openFarrow, "RELEASE s", readFarrow}},
	{name: "a savepoint given up", steps: []string{"BEGIN", "SAVEPOINT s", openFarrow, "ROLLBACK TO s", readFarrow}},
	{name: "a savepoint given up, then committed", steps: []string{"BEGIN", "SAVEPOINT s", openFarrow, "ROLLBACK TO s", "COMMIT", readFarrow}},
	{name: "a subtransaction of a DO block", steps: []string{`DO $$ BEGIN
		BEGIN PERFORM set_config('my.id', desk.open_access('patron show', '', '', '` + farrow +
		`')::text, FALSE); EXCEPTION WHEN division_by_zero THEN NULL; END;
		RAISE EXCEPTION '%', desk.show_patron(current_setting('my.id')::bigint, FALSE); END $$`}},
	{name: "a commit in a DO block", steps: []string{`DO $$ BEGIN
		PERFORM set_config('my.id', desk.open_access('patron show', '', '', '` + farrow + `')::text, FALSE);
		COMMIT;
		RAISE EXCEPTION '%', desk.show_patron(current_setting('my.id')::bigint, FALSE); END $$`}},
	{
		name: "a DO block by itself",
		steps: []string{`DO $$ BEGIN PERFORM set_config('my.id', desk.open_access('patron show', '', '', '` + farrow +
			`')::text, FALSE); END $$`, show},
	},
	{name: "a cursor WITH HOLD", steps: []string{"BEGIN", keep, "DECLARE c CURSOR WITH HOLD FOR " + show, "COMMIT", "FETCH c"}},
	{name: "a cursor that is read before the commit", steps: []string{"BEGIN", keep, "DECLARE c CURSOR WITH HOLD FOR " + show, "FETCH c"}},
	{
		name:  "a cursor that outlives a savepoint",
		steps: []string{"BEGIN", "SAVEPOINT s", keep, "DECLARE c CURSOR FOR " + show, "ROLLBACK TO s", "FETCH c"},
	},
	{name: "COPY of the open and of the read", steps: []string{"BEGIN", "COPY (" + keep + ") TO STDOUT", "COPY (" + show + ") TO STDOUT"}},
	{name: "COPY commits", steps: []string{"COPY (" + keep + ") TO STDOUT", show}},
	{name: "COPY of the read", steps: []string{"BEGIN", keep, "COMMIT", "COPY (" + show + ") TO STDOUT"}},
	{name: "a prepared transaction", steps: []string{"BEGIN", keep, "PREPARE TRANSACTION 'squat'", show, "COMMIT PREPARED 'squat'", show}},
	{name: "a prepared transaction of nothing", steps: []string{"BEGIN", "PREPARE TRANSACTION 'squat'", "ROLLBACK PREPARED 'squat'"}},
	{name: "a prepared statement commits", steps: []string{"PREPARE p AS " + keep, "EXECUTE p", show}},
	{name: "EXPLAIN ANALYZE commits", steps: []string{"EXPLAIN ANALYZE " + keep, show}},
	{name: "EXPLAIN of the read", steps: []string{"BEGIN", keep, "COMMIT", "EXPLAIN (ANALYZE, VERBOSE, BUFFERS OFF) " + show}},
	{name: "CREATE TABLE AS commits", steps: []string{"CREATE TEMP TABLE t AS " + keep, show}},
	{name: "a lazy commit", steps: []string{"SET synchronous_commit = off", "BEGIN", openFarrow, "COMMIT", readFarrow}},
	{
		name:  "SET CONSTRAINTS before a lazy commit",
		steps: []string{"SET synchronous_commit = off", "BEGIN", "SET CONSTRAINTS ALL IMMEDIATE", openFarrow, "COMMIT", readFarrow},
	},
	{
		name:  "SET CONSTRAINTS in a lazy commit",
		steps: []string{"SET synchronous_commit = off", "BEGIN", openFarrow, "SET CONSTRAINTS ALL IMMEDIATE", "COMMIT", readFarrow},
	},
	{
		name:  "SET CONSTRAINTS in one message",
		steps: []string{"SET synchronous_commit = off", "BEGIN; SET CONSTRAINTS ALL IMMEDIATE; " + keep + "; COMMIT", show}, plain: true,
	},
	{name: "SET CONSTRAINTS in a DO block", steps: []string{"SET synchronous_commit = off", `DO $$ BEGIN
		PERFORM set_config('my.id', desk.open_access('patron show', '', '', '` + farrow +
		`')::text, FALSE); SET CONSTRAINTS ALL IMMEDIATE; COMMIT; END $$`, show}},
	{name: "COMMIT AND CHAIN", steps: []string{"BEGIN", openFarrow, "SET LOCAL synchronous_commit = off", "COMMIT AND CHAIN", readFarrow}},
	{
		name: "cut short while opening",
		steps: []string{
			"SET statement_timeout = '200ms'", "BEGIN", openFarrow + ", pg_sleep(60)", "COMMIT", "RESET statement_timeout",
			readFarrow,
		},
	},
	{
		name: "cut short while reading",
		steps: []string{
			"BEGIN", openFarrow, "COMMIT", "SET statement_timeout = '200ms'",
			"SELECT desk.show_patron($mine, FALSE), pg_sleep(0.3 * n) FROM generate_series(0, 9) AS n",
		},
	},
	{
		name:  "the values in an error of one's own",
		steps: []string{"BEGIN", openFarrow, "COMMIT", "SELECT (desk.show_patron($mine, FALSE))::text::integer"},
	},
	{name: "a session that reads only", steps: []string{"SET default_transaction_read_only = on", "BEGIN", openFarrow, "COMMIT", readFarrow}},
}

// An access is its login's, for one operation.
var numberAttacks = []attack{
	{name: "another login's access", steps: []string{"SELECT desk.show_patron($other, FALSE)"}},
	{
		name:  "another login's access from another login's role",
		steps: []string{"SET ROLE patronctl_clerk", "SELECT desk.show_patron($other, FALSE)"},
	},
	{name: "another login's access to a list", steps: []string{"SELECT desk.check_debts($other)"}},
	{name: "another login's access to a secret", steps: []string{"SELECT desk.fetch_secret($other)"}},
	{name: "all recent numbers", steps: []string{"SELECT desk.show_patron(n, FALSE) FROM generate_series($other - 100, $other + 100) AS n"}},
	{
		name:  "an access of another operation",
		steps: []string{"BEGIN", "SELECT desk.open_access('audit verify', '', '', '{}')", "COMMIT", readFarrow},
	},
	{
		name:  "an access for a debt read as a person",
		steps: []string{"BEGIN", "SELECT desk.open_access('debt check', '', '', '" + farrow + "')", "COMMIT", readFarrow},
	},
	{
		name: "an access for a search read as an export",
		steps: []string{
			"BEGIN", openCallOf("patron find", `{"words": ["bookworm"]}`), "COMMIT",
			"SELECT desk.export_page($mine, 'identity', 0, 10)",
		},
	},
	{
		name:  "an access for a reset read as a secret",
		steps: []string{"BEGIN", openCallOf("password reset", farrow), "COMMIT", "SELECT desk.fetch_secret($mine)"},
	},
	{
		name:  "the history of somebody at home elsewhere",
		steps: []string{"BEGIN", openCallOf("history show", `{"ref": "id:3"}`), "COMMIT", "SELECT desk.show_history($mine)"},
	},
	{
		name:  "the export of somebody at home elsewhere",
		steps: []string{"BEGIN", openCallOf("export", `{"ref": "id:3"}`), "COMMIT", "SELECT desk.export_page($mine, 'identity', 0, 10)"},
	},
	{
		name: "a reset of somebody at home elsewhere",
		steps: []string{
			"BEGIN", openCallOf("password reset", `{"ref": "id:3"}`), "COMMIT",
			"SELECT desk.reset_password($mine, '" + pgtest.AnyHash + "')",
		},
	},
	{
		name:  "the export of somebody's special categories",
		steps: []string{"BEGIN", openCallOf("export", farrow), "COMMIT", "SELECT desk.export_page($mine, 'special', 0, 10)"},
	},
	{
		name:  "a secret by export",
		steps: []string{"BEGIN", openCallOf("export", farrow), "COMMIT", "SELECT desk.export_page($mine, 'credential', 0, 10)"},
	},
	{
		name:  "a table that is no relation of an export",
		steps: []string{"BEGIN", openCallOf("export", farrow), "COMMIT", "SELECT desk.export_page($mine, 'pg_authid; SELECT 1', 0, 10)"},
	},
	{
		name:  "marketing without consent",
		steps: []string{"BEGIN", "SELECT desk.open_access('patron show', 'marketing', '', '" + farrow + "')", "COMMIT", readFarrow},
	},
	{
		name:  "support for somebody at home elsewhere",
		steps: []string{"BEGIN", `SELECT desk.open_access('patron show', 'support', '', '{"ref": "id:3"}')`, "COMMIT", readFarrow},
	},
	{name: "guessing cards", steps: guesses("patron show", "ref"), plain: true},
	{name: "guessing cards in lists", steps: []string{
		"BEGIN", `
			SELECT desk.open_access(
				'debt check', '', '',
				jsonb_build_object('cards', (SELECT jsonb_agg((90000000 + n)::text) FROM generate_series(1, 501) AS n))
			)`, "COMMIT", "SELECT desk.check_debts($mine)",
	}},
	{name: "guessing names", steps: guesses("patron find", "words"), plain: true},
	{name: "guessing barcodes", steps: guesses("item show", "barcode"), plain: true},
	{name: "guessing passwords", steps: guesses("password check", "card"), plain: true},
	{name: "guessing in one statement", steps: []string{"BEGIN", `
		SELECT desk.open_access('patron show', '', '', jsonb_build_object('ref', 'id:' || n))
		FROM generate_series(1, 30) AS n`, "COMMIT"}},
	{name: "guessing and rolling back", steps: []string{"BEGIN", openFarrow, "ROLLBACK"}},
}

func openCallOf(operation, criteria string) string {
	return "SELECT " + pgtest.OpenCall(operation, criteria)
}

// guesses open one card, word or barcode after the other.
func guesses(operation, criterion string) (steps []string) {
	for n := range 5 {
		value := fmt.Sprintf("%q", fmt.Sprint(99000000+n))
		if criterion == "words" {
			value = `["zyx` + string(rune('a'+n)) + `"]`
		}
		steps = append(steps, openCallOf(operation, `{"`+criterion+`": `+value+`}`))
	}
	return steps
}

// Arguments that functions might stumble over, in criteria and in calls.
var valueAttacks = func() (attacks []attack) {
	criteria := func(what, operation, criteria string) {
		attacks = append(attacks, attack{name: operation + ": " + what, steps: []string{"BEGIN", openCallOf(operation, criteria), "COMMIT"}})
	}
	for _, odd := range []struct{ what, json string }{
		{"no object", `[]`},
		{"null", `null`},
		{"text", `"id:14"`},
		{"nothing", `{}`},
		{"a number for a reference", `{"ref": 14}`},
		{"an endless number", `{"ref": "id:999999999999999999999999999999"}`},
		{"a negative number", `{"ref": "id:-14"}`},
		{"an array for a reference", `{"ref": ["id:14"]}`},
		{"a pattern", `{"ref": "%"}`},
		{"a regular expression", `{"ref": ".*"}`},
		{"a quote", `{"ref": "' OR '1'='1"}`},
		{"two criteria", `{"ref": "id:14", "card": "x"}`},
		{"an unknown criterion", `{"where": "TRUE"}`},
		{"facts that are no truth value", `{"ref": "id:14", "facts": "perhaps"}`},
		{"matches that are no truth value", `{"ref": "id:14", "matches": {}}`},
		{"an authority that is none", `{"ref": "id:14", "authority": "XXX"}`},
	} {
		criteria(odd.what, "patron show", odd.json)
	}
	criteria("an endless limit", "patron find", `{"words": ["bookworm"], "limit": 1e300}`)
	criteria("a negative limit", "patron find", `{"words": ["bookworm"], "limit": -1}`)
	criteria("no words", "patron find", `{"words": []}`)
	criteria("null words", "patron find", `{"words": [null, null]}`)
	criteria("objects for words", "patron find", `{"words": [{"a": 1}]}`)
	criteria("no cards", "debt check", `{"cards": []}`)
	criteria("null cards", "debt check", `{"cards": [null]}`)
	criteria("text for cards", "debt check", `{"cards": "90000014"}`)
	criteria("a birth date for ever", "debt check", `{"applicant": {"surname": "Bookworm", "forenames": "B", "born": "infinity"}}`)
	criteria("a birth date before everything", "debt check", `{"applicant": {"surname": "Bookworm", "forenames": "B", "born": "-infinity"}}`)
	criteria("no birth date", "debt check", `{"applicant": {"surname": "Bookworm", "forenames": "B", "born": "soon"}}`)
	criteria("no number of an access", "audit show", `{"access": "NaN"}`)
	criteria("an endless batch", "retention run", `{"plan": 1, "batch": 99999999999}`)
	criteria("a negative batch", "retention run", `{"plan": 1, "batch": -1}`)
	criteria("no plan", "retention run", `{"plan": null}`)
	criteria("people who are erased", "erasure replay", `{"erased": [null, 1e30]}`)
	attacks = append(
		attacks,
		attack{name: "2,001 cards", steps: []string{`
			SELECT desk.open_access(
				'debt check bulk', '', '',
				jsonb_build_object('cards', (SELECT jsonb_agg(n::text) FROM generate_series(1, 2001) AS n))
			)`}},
		attack{name: "100,000 words", steps: []string{`
			SELECT desk.open_access(
				'patron find', '', '',
				jsonb_build_object('words', (SELECT jsonb_agg('word' || n) FROM generate_series(1, 100000) AS n))
			)`}},
		attack{
			name:  "a word of a megabyte",
			steps: []string{`SELECT desk.open_access('patron find', '', '', jsonb_build_object('words', jsonb_build_array(repeat('x', 1000000))))`},
		},
		attack{
			name:  "a reason of a megabyte",
			steps: []string{`SELECT desk.open_access('patron show', '', repeat('x', 1000000), '` + farrow + `')`},
		},
		attack{
			name:  "an operation that is none",
			steps: []string{`SELECT desk.open_access('patron show; DROP TABLE lms.patron', '', '', '` + farrow + `')`},
		},
		attack{name: "no operation", steps: []string{`SELECT desk.open_access(NULL, NULL, NULL, NULL)`}},
		attack{name: "a purpose that is none", steps: []string{`SELECT desk.open_access('patron show', 'fun', '', '` + farrow + `')`}},
		attack{name: "may do what is no operation", steps: []string{"SELECT desk.may('everything')"}},
		attack{name: "names of a table", steps: []string{"SELECT desk.names('lms.identity')"}},
		attack{name: "names of patrons", steps: []string{"SELECT desk.names('patron')"}},
		attack{name: "settings of an authority that is none", steps: []string{"SELECT desk.list_settings('XXX')"}},
		attack{name: "hashes of a tree that is not there", steps: []string{"SELECT desk.tree_hashes('{-1,0,63}', '{-1,0,9223372036854775807}')"}},
		attack{name: "100,000 hashes", steps: []string{`
			SELECT count(*)
			FROM desk.tree_hashes(
				ARRAY(SELECT 0 FROM generate_series(1, 100000)), ARRAY(SELECT n FROM generate_series(1, 100000) AS n)
			)`}},
	)
	call := func(what, operation, criteria, call string) {
		attacks = append(attacks, attack{
			name:  what,
			steps: []string{"BEGIN", openCallOf(operation, criteria), "COMMIT", "SELECT " + strings.Replace(call, "%s", "$mine", 1)},
		})
	}
	call("history anonymized up to the year 9999", "history anonymize", farrow,
		"desk.anonymize_history(%s, '9999-12-31', FALSE, FALSE, FALSE)")
	call("history anonymized up to no day", "history anonymize", farrow, "desk.anonymize_history(%s, NULL, FALSE, FALSE, FALSE)")
	call("an account good for ever", "patron reactivate", farrow, "desk.reactivate(%s, 'infinity')")
	call("an account good for no day", "patron reactivate", farrow, "desk.reactivate(%s, NULL)")
	call("a password in clear", "password reset", farrow, "desk.reset_password(%s, 'kettle and lamp')")
	call("a page of minus ten", "export", farrow, "desk.export_page(%s, 'identity', -1, -10)")
	call("a page without an end", "export", farrow, "desk.export_page(%s, 'identity', NULL, NULL)")
	call("waivers that are none", "patron erase", farrow, "desk.erase_patron(%s, ARRAY(SELECT 'x' || n FROM generate_series(1, 10000) AS n))")
	call("waivers that are null", "patron erase", farrow, "desk.erase_patron(%s, ARRAY[NULL, NULL])")
	call("erased with what is owed elsewhere", "patron erase", farrow, "desk.erase_patron(%s, '{fees}')")
	call("a rule of NaN years", "retention set", "{}", `desk.set_rule(%s, '{"name": "mine", "action": "erase-patrons", "age": "NaN years"}')`)
	call("a rule of minus ten years", "retention set", "{}",
		`desk.set_rule(%s, '{"name": "mine", "action": "unlink-accounts", "age": "-10 years"}')`)
	call("a rule without a cap", "retention set", "{}",
		`desk.set_rule(%s, '{"name": "mine", "action": "unlink-accounts", "age": "11 years", "cap": -1}')`)
	call("a rule that is no object", "retention set", "{}", `desk.set_rule(%s, '[1, 2]')`)
	call("a plan up to the year 9999", "retention plan", "{}", "desk.make_date_plan(%s, 'CAM', NULL, '9999-12-31')")
	call("a plan of another authority", "retention plan", "{}", "desk.make_date_plan(%s, 'KEN', NULL, '2025-01-31')")
	call("a plan of rules that are not there", "retention plan", "{}", "desk.make_plan(%s, '{nothing,NULL}')")
	call("support for ever", "staff grant support", farrow, "desk.grant_support(%s, 'support', 2147483647)")
	call("support for oneself", "staff grant support", farrow, "desk.grant_support(%s, session_user::text, 1)")
	call("support for minus an hour", "staff grant support", farrow, "desk.grant_support(%s, 'support', -1)")
	call("a setting that is none", "settings set", "{}", "desk.set_setting(%s, NULL, 'clock_offset', '1 day')")
	call("a setting of another kind", "settings set", "{}", "desk.set_setting(%s, 'CAM', 'k', 'NaN')")
	call("a setting without an end", "settings set", "{}", "desk.set_setting(%s, 'CAM', 'debt_limit_others', repeat('9', 100000))")
	call("records of a month without an end", "audit report", "{}", "desk.report_month(%s, 'infinity', NULL)")
	call("records without an end", "audit list", "{}", "desk.list_accesses(%s, NULL, NULL, NULL, NULL, '-infinity', 'infinity', 2147483647)")
	call("leaves below nought", "audit verify", "{}", "desk.verify_leaves(%s, -1, 2147483647, TRUE)")
	call("a head of minus one", "audit seal", "{}", "desk.keep_head(%s, -1, -1, NULL, NULL, NULL)")
	call("a relation that is no personal one", "erasure scrub", "{}", "desk.scrub_relation(%s, 'pg_catalog.pg_authid')")
	call("a canary that is a patron", "erasure scrub", "{}", "desk.erase_canary(%s, '{14,3}')")
	call("a replay of who is not in the ledger", "erasure replay", `{"erased": [14]}`, "desk.replay(%s, 'x', '{x}')")
	return attacks
}()

// othersWork is a day of everybody else, while an attacker sits in an open session.
func (b *battle) othersWork(name, attacker string) {
	fail := func(what string, err error) {
		if err != nil {
			b.t.Errorf("%s by %s: others cannot work, %s: %v", name, attacker, what, err)
		}
	}
	ctx, why := b.t.Context(), client.Why{Reason: "ticket 4711"}
	clerk, officer, admin := b.db.Client(b.t, "clerk.ken"), b.db.Client(b.t, "officer.pbk"), b.db.Client(b.t, "admin")
	defer clerk.Close()
	defer officer.Close()
	defer admin.Close()
	_, err := people.Show(ctx, clerk, why, "id:14", people.ShowOptions{Fees: true})
	fail("patron show", err)
	_, err = people.AnonymizeHistory(ctx, clerk, why, "id:3", people.AnonymizeOptions{Before: pgtest.Date(b.t, "1990-01-01")})
	fail("history anonymize", err)
	_, err = forgetting.PlanBefore(ctx, officer, why, "PBK", "", pgtest.Date(b.t, "1990-01-01"))
	fail("retention plan", err)
	_, err = staff.SetSetting(ctx, admin, why, "PBK", "k", "5")
	fail("settings set", err)
	if attacker != "admin" {
		_, err = staff.Add(ctx, admin, why, staff.Registration{Login: "clerk.pbk", Authority: "PBK", Role: "clerk"})
		fail("staff add", err)
	}
	owner := b.db.Client(b.t, "library")
	defer owner.Close()
	_, err = install.Upgrade(ctx, owner, func(string) {})
	fail("db upgrade", err)
}
