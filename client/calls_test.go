package client_test

import (
	"slices"
	"strings"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
)

// operation is a way through the gate: who may go it at CAM, what it opens, and the call that carries the number.
type operation struct {
	name, login, criteria string
	call                  string // %s is the number
	writes                bool
}

const (
	// waitingPlan makes a plan of nobody that waits for a second officer.
	waitingPlan = `INSERT INTO patronctl.plan (id, origin, made_at, made_by, hash, needs_approval) OVERRIDING SYSTEM VALUE
		VALUES (999, 'rules', now(), 'officer.pbk', 'x', 'a test') ON CONFLICT DO NOTHING`
	// openIncident is as it was reported.
	openIncident = `
		SET session_replication_role = replica;
		DELETE FROM patronctl.incident_entry WHERE incident = 999;
		DELETE FROM patronctl.incident WHERE id = 999;
		INSERT INTO patronctl.incident VALUES (999, 'agreement', NULL, '2026-01-30'); SET session_replication_role = origin`
	// erasable42 makes somebody who can be erased (again).
	erasable42 = `
		DELETE FROM patronctl.erasure WHERE patron = 42;
		DELETE FROM lms.payment WHERE patron = 42;
		DELETE FROM lms.fee WHERE patron = 42;
		DELETE FROM lms.loan WHERE patron = 42; DELETE FROM lms.hold WHERE patron = 42; DELETE FROM lms.membership WHERE patron = 42;
		UPDATE lms.patron SET status = 'active', authority = 'CAM', branch = 'CAM-CEN', expires_on = '2024-01-01' WHERE id = 42`
	// request999 makes a request of patron 43, at whom it is the only one.
	request999 = `
		SET session_replication_role = replica;
		DELETE FROM patronctl.request_step;
		DELETE FROM patronctl.request;
		SET session_replication_role = origin;
		UPDATE lms.patron SET authority = 'CAM', branch = 'CAM-CEN', status = 'active' WHERE id = 43;
		INSERT INTO patronctl.request OVERRIDING SYSTEM VALUE
		SELECT 999, min(id), 43, 'CAM', 'access', 'uk', '2026-01-31', now()
		FROM patronctl.access`
	// disclosure999 makes one of somebody else's that waits.
	disclosure999 = `
		SET session_replication_role = replica;
		DELETE FROM patronctl.disclosure_step;
		DELETE FROM patronctl.disclosure;
		SET session_replication_role = origin;
		INSERT INTO patronctl.disclosure OVERRIDING SYSTEM VALUE
		SELECT 999, min(id), 43, 'CAM', 'court', 'Crown Court', 'T2026', 'judge', 'an order', 'legal-proceedings', NULL,
			'release', NULL, '{identity}', NULL, TRUE, now() FROM patronctl.access WHERE login <> 'officer.cam'`

	// anyDisclosure is enough for a release and for a refusal.
	anyDisclosure = `{"to": "court", "organisation": "Crown Court", "reference": "T2026", "rank": "judge", ` +
		`"power": "an order", "necessity": "legal-proceedings", "released": ["identity"], "because": "trawl", "authority": "CAM"}`
	itsTexts = `"texts": ["Crown Court", "T2026", "an order"]`
)

// beforehand is what the superuser does each time before some calls can be made.
var beforehand = map[string]string{
	"desk.update_incident(%s, 999, '{\"people\": 1}')": openIncident,
	"desk.acknowledge_incident(%s, 999)":               openIncident,
	"desk.close_incident(%s, 999)":                     openIncident,
	"desk.show_incident(%s, 999)":                      openIncident,
	"desk.show_plan(%s, 999)":                          waitingPlan,
	"desk.list_plan_items(%s, 999, FALSE, 0, 0)":       waitingPlan,
	"desk.remove_rule(%s, 'mine')": `
		INSERT INTO patronctl.rule (name, authority, action, age, cap)
		VALUES ('mine', 'CAM', 'unlink-accounts', '11 years', 9)
		ON CONFLICT DO NOTHING`,
	"desk.approve_plan(%s, 999, 'x')":             waitingPlan,
	"desk.erase_patron(%s, '{memberships,fees}')": erasable42,
	registerCall("TRUE"):                          "DELETE FROM lms.card WHERE number = 'NEW1'",
	registerCall("FALSE"):                         "DELETE FROM lms.card WHERE number = 'NEW1'",
	"desk.revoke_staff(%s, 'clerk.ken', 'KEN', 'clerk')": `
		INSERT INTO patronctl.staff (login, authority, role, valid_from)
		VALUES ('clerk.ken', 'KEN', 'clerk', '2020-01-01')
		ON CONFLICT (login, authority, role) DO UPDATE SET valid_to = NULL`,
	"desk.enable_staff(%s, 'clerk.pbk')": `
		INSERT INTO patronctl.login (login, disabled_at)
		VALUES ('clerk.pbk', now())
		ON CONFLICT (login) DO UPDATE SET disabled_at = now()`,
	"desk.revoke_support(%s, 'support')": `
		INSERT INTO patronctl.support_grant
		SELECT max(id), 'support', 36, 'infinity'
		FROM patronctl.access
		ON CONFLICT DO NOTHING`,
	"desk.set_staff_password(%s, 'made.by.test', '" + pgtest.AnyVerifier + "')": `
		DO $$ BEGIN IF to_regrole('"made.by.test"') IS NULL THEN PERFORM desk.make_login('made.by.test', NULL); END IF; END $$;
		INSERT INTO patronctl.login (login, made_as) VALUES ('made.by.test', '"made.by.test"'::regrole) ON CONFLICT DO NOTHING;
		INSERT INTO patronctl.staff VALUES ('made.by.test', 'CAM', 'clerk', '2026-01-01') ON CONFLICT DO NOTHING`,
	"desk.change_secret(%s, '" + pgtest.AnyHash + "')": `SET session_replication_role = replica;
		WITH checked AS (
			INSERT INTO patronctl.access OVERRIDING USER VALUE
			SELECT (
				jsonb_populate_record(
				a,
				jsonb_build_object('login', 'opac', 'operation', 'password check', 'patrons', ARRAY[36], 'at', clock_timestamp())
				)
			).*
			FROM patronctl.access AS a ORDER BY a.id LIMIT 1 RETURNING id
		)
		INSERT INTO patronctl.result SELECT id, clock_timestamp(), '{"passed": true}', '1', '' FROM checked;
		SET session_replication_role = origin`,
	"desk.set_own_password(%s, '" + pgtest.AnyVerifier +
		"')": `
			DO $$ BEGIN
				IF current_setting('server_version_num')::integer >= 160000 THEN
					GRANT job TO patronctl_roles WITH ADMIN OPTION;
				END IF;
			END $$`,
	"desk.open_request(%s, 'objection', '2026-01-31', 'CAM')": request999,
	"desk.show_request(%s, 999)":                              request999,
	"desk.pause_request(%s, 999, 'identity', NULL)":           request999,
	"desk.extend_request(%s, 999, 'number')":                  request999,
	"desk.close_request(%s, 999, 'withdrawn', NULL)":          request999,
	"desk.answer_request(%s, 999, 'access', FALSE)":           request999,
	"desk.resume_request(%s, 999, NULL)": request999 +
		"; INSERT INTO patronctl.request_step SELECT 999, 1, min(id), now(), 'pause', '2026-01-31', 'identity' FROM patronctl.access",
	"desk.show_disclosure(%s, 999)":                disclosure999,
	"desk.approve_disclosure(%s, 999, 'no-power')": disclosure999,
	"desk.reactivate(%s, '2027-01-31')":            "UPDATE lms.patron SET expires_on = '2025-12-31' WHERE id = 41",
	"desk.keep_head(%s, 0, 1, 'x', 'x', 0)": `
		DELETE FROM patronctl.head;
		UPDATE patronctl.tree SET size = greatest(size, 1), verifier = NULL`,
	"desk.withdraw_consent(%s, NULL, 'events', NULL)": `
		SELECT lms.give_consent(36, 'CAM', 'events', 'post', 'events-1', '2026-01-01', 'desk')`,
	"desk.place_block(%s, NULL, 'warn', 'conduct')": "UPDATE lms.block SET lifted_on = '2026-01-01' WHERE patron = 36",
	"desk.lift_blocks(%s, NULL, NULL)":              "SELECT lms.place_block(36, 'CAM', 'warn', 'conduct', '2026-01-01')",
}

// operations are all of them: those whose calls need arguments of their own are written here, and the calls of each other one are
// made up.
var operations = madeUp([]operation{
	{"patron find", "officer.cam", `{"words": ["farrow"]}`, "desk.find_patrons(%s)", false},
	{"patron show", "officer.cam", pgtest.Bookworm, "desk.show_patron(%s, TRUE)", false},
	{"debt check", "officer.cam", pgtest.Bookworm, "desk.check_debt(%s)", false},
	{"debt check", "officer.cam", `{"cards": ["` + sample.CardLongHistory + `"]}`, "desk.check_debts(%s)", false},
	{
		"debt check", "officer.cam", `{"applicant": {"surname": "Ellison", "forenames": "Margaret", "born": "1984-03-15"}}`,
		"desk.check_applicant(%s, 'Ellison', 'Margaret', '1984-03-15')", false,
	},
	{"debt check bulk", "officer.cam", `{"cards": ["` + sample.CardLongHistory + `"]}`, "desk.check_debts(%s)", false},
	{"item show", "officer.cam", `{"barcode": "300000000001"}`, "desk.show_item(%s)", false},
	{"item show last", "officer.cam", `{"barcode": "300000000080"}`, "desk.show_last_borrower(%s)", false},
	{"history show", "officer.cam", pgtest.Bookworm, "desk.show_history(%s)", false},
	{"history anonymize", "officer.cam", pgtest.Bookworm, "desk.anonymize_history(%s, '2026-01-31', FALSE, FALSE, TRUE)", false},
	{"history anonymize", "officer.cam", pgtest.Bookworm, "desk.anonymize_history(%s, '2026-01-31', FALSE, FALSE, FALSE)", true},
	{"password reset", "officer.cam", pgtest.Bookworm, "desk.preview_reset(%s)", false},
	{"password reset", "officer.cam", pgtest.Bookworm, "desk.reset_password(%s, '" + pgtest.AnyHash + "')", true},
	{"export", "officer.cam", pgtest.Bookworm, "desk.export_page(%s, 'identity', 0, 10)", false},
	{"audit list", "officer.cam", `{}`, "desk.list_accesses(%s, NULL, NULL, NULL, NULL, NULL, NULL, 10)", false},
	{"audit show", "officer.cam", `{"access": 1}`, "desk.show_access(%s)", false},
	{"audit logins", "job", `{}`, "desk.list_logins(%s, FALSE, NULL, NULL, 10)", false},
	{"audit collect", "job", `{}`, "desk.collect_logins(%s)", true},
	{"audit seal", "job", `{}`, "desk.seal(%s, 10)", false},
	{"audit seal", "job", `{}`, "desk.recheck_leaves(%s, 0, 10)", false},
	{"audit seal", "job", `{}`, "desk.recheck_others(%s, 0, 10)", false},
	{"audit seal", "job", `{}`, "desk.keep_head(%s, 0, 1, 'x', 'x', 0)", true},
	{"audit verify", "officer.cam", `{}`, "desk.verify_leaves(%s, 0, 10, TRUE)", false},
	{"audit verify", "officer.cam", `{}`, "desk.verify_others(%s)", false},
	{"audit prove", "officer.cam", `{"access": 1}`, "desk.find_leaf(%s)", false},
	{"audit report", "officer.cam", `{}`, "desk.report_month(%s, '2026-01-01', NULL)", false},
	{"audit report", "officer.cam", `{}`, "desk.report_unusual(%s, '2026-01-01')", false},
	{"audit report subject", "officer.cam", pgtest.Bookworm, "desk.report_subject(%s)", false},
	{"retention list", "officer.cam", `{}`, "desk.list_rules(%s, NULL)", false},
	{"retention list", "officer.cam", `{}`, "desk.list_runs(%s, 10)", false},
	{"retention list", "officer.cam", `{}`, "desk.show_plan(%s, 999)", false},
	{"retention plan", "officer.cam", `{}`, "desk.list_plan_items(%s, 999, FALSE, 0, 0)", false},
	{"retention set", "officer.cam", `{}`, `desk.set_rule(%s, '{"name": "mine", "action": "unlink-accounts", "age": "11 years"}')`, true},
	{"retention set", "officer.cam", `{}`, "desk.enable_rule(%s, 'accounts', 'CAM', TRUE)", true},
	{"retention set", "officer.cam", `{}`, "desk.remove_rule(%s, 'mine')", true},
	{"retention plan", "officer.cam", `{}`, "desk.make_plan(%s, '{history}')", true},
	{"retention plan", "officer.cam", `{}`, "desk.make_date_plan(%s, 'CAM', NULL, '2025-01-31')", true},
	{
		"retention plan file", "officer.cam", `{"cards": ["` + sample.CardLongHistory + `"]}`,
		"desk.make_file_plan(%s, NULL, 'CAM', '2025-01-31', TRUE)", true,
	},
	{"retention plan due", "officer.cam", `{}`, "desk.plan_due(%s)", true},
	{"retention approve", "officer.cam", `{}`, "desk.approve_plan(%s, 999, 'x')", true},
	{"retention run", "officer.cam", `{"plan": 999, "batch": 0}`, "desk.stop_run(%s, 1)", true},
	{"retention run due", "officer.cam", `{"plan": 999, "batch": 0}`, "desk.stop_run(%s, 1)", true},
	{"history report", "officer.cam", `{}`, "desk.report_anonymity(%s, NULL, NULL)", false},
	{"patron erase", "officer.cam", `{"ref": "id:41"}`, "desk.preview_erase(%s, '{memberships,fees}')", false},
	{"patron erase", "officer.cam", `{"ref": "id:42"}`, "desk.erase_patron(%s, '{memberships,fees}')", true},
	{"patron reactivate", "officer.cam", `{"ref": "id:41"}`, "desk.reactivate(%s, '2027-01-31')", true},
	{"patron set", "officer.cam", pgtest.Bookworm, "desk.set_choices(%s, FALSE, 'en')", true},
	{"patron set special", "officer.cam", pgtest.Bookworm, "desk.set_special(%s, 'x', NULL, NULL, '')", true},
	{"patron show special", "officer.cam", pgtest.Bookworm, "desk.show_special(%s)", false},
	{"patron list", "officer.cam", `{"consented": {"channel": "email"}}`, "desk.list_consented(%s, 'email')", false},
	{"consent list", "officer.cam", pgtest.Bookworm, "desk.list_consents(%s)", false},
	{"consent missing", "officer.cam", `{}`, "desk.count_missing_consents(%s, NULL)", false},
	{"consent give", "officer.cam", pgtest.Bookworm, "desk.give_consent(%s, NULL, 'events', 'post', 'events-1', 'desk')", true},
	{"consent withdraw", "officer.cam", pgtest.Bookworm, "desk.withdraw_consent(%s, NULL, 'events', NULL)", true},
	{"block list", "officer.cam", pgtest.Bookworm, "desk.list_blocks(%s)", false},
	{"block place", "officer.cam", pgtest.Bookworm, "desk.place_block(%s, NULL, 'warn', 'conduct')", true},
	{"block lift", "officer.cam", pgtest.Bookworm, "desk.lift_blocks(%s, NULL, NULL)", true},
	{"patron import", "officer.cam", `{"applicant": {"surname": "Neumann", "card": "NEW1"}}`, registerCall("TRUE"), false},
	{"patron import", "officer.cam", `{"applicant": {"surname": "Neumann", "card": "NEW1"}}`, registerCall("FALSE"), true},
	{"staff add", "admin", `{}`, "desk.add_staff(%s, 'clerk.ken', 'KEN', 'clerk', NULL)", true},
	{"staff list", "admin", `{}`, "desk.list_staff(%s)", false},
	{"staff list", "admin", `{}`, "desk.show_staff(%s, 'clerk.ken')", false},
	{"staff revoke", "admin", `{}`, "desk.revoke_staff(%s, 'clerk.ken', 'KEN', 'clerk')", true},
	{"staff disable", "admin", `{}`, "desk.disable_staff(%s, 'clerk.pbk')", true},
	{"staff disable", "admin", `{}`, "desk.end_sessions(%s)", false},
	{"staff enable", "admin", `{}`, "desk.enable_staff(%s, 'clerk.pbk')", true},
	{"staff password", "admin", `{}`, "desk.set_staff_password(%s, 'made.by.test', '" + pgtest.AnyVerifier + "')", true},
	{"staff password own", "job", `{}`, "desk.set_own_password(%s, '" + pgtest.AnyVerifier + "')", true},
	{"staff grant support", "officer.cam", pgtest.Bookworm, "desk.grant_support(%s, 'support', 1)", true},
	{"staff revoke support", "officer.cam", pgtest.Bookworm, "desk.revoke_support(%s, 'support')", true},
	{"password check", "opac", pgtest.BookwormsCard, "desk.fetch_secret(%s)", false},
	{"password check", "opac", pgtest.BookwormsCard, "desk.report_check(%s, TRUE)", true},
	{"password change", "opac", pgtest.BookwormsCard, "desk.change_secret(%s, '" + pgtest.AnyHash + "')", true},
	{"settings set", "admin", `{}`, "desk.set_setting(%s, 'CAM', 'k', '6')", true},
	{"erasure scrub", "admin", `{}`, "desk.plan_scrub(%s, NULL)", false},
	{"erasure scrub", "admin", `{}`, "desk.scrub_relation(%s, 'lms.card')", true},
	{"erasure scrub", "admin", `{}`, "desk.finish_scrub(%s, NULL)", true},
	{"db status", "admin", `{}`, "desk.status(%s)", false},
	{"doctor", "admin", `{}`, "desk.doctor(%s, 'schema', NULL)", false},
	{"erasure list", "officer.cam", `{}`, "desk.list_erasures(%s, 'CAM', NULL, 0, 10)", false},
	{"erasure list", "job", `{}`, "desk.export_ledger(%s, 0, 10)", false},
	{"erasure replay", "job", `{"erased": [1]}`, "desk.replay(%s, NULL, '{}')", true},
	{"incident report", "officer.cam", `{}`, "desk.report_incident(%s, 'agreement', '2026-01-30', '{}')", true},
	{"incident update", "officer.cam", `{}`, "desk.update_incident(%s, 999, '{\"people\": 1}')", true},
	{"incident acknowledge", "officer.cam", `{}`, "desk.acknowledge_incident(%s, 999)", true},
	{"incident close", "officer.cam", `{}`, "desk.close_incident(%s, 999)", true},
	{"incident list", "officer.cam", `{}`, "desk.list_incidents(%s, FALSE)", false},
	{"incident show", "officer.cam", `{}`, "desk.show_incident(%s, 999)", false},
	{"incident people", "officer.cam", `{}`, "desk.incident_people(%s, NULL, 'clerk.cam', '2026-01-01', '2026-01-02')", false},
	{"report processing", "officer.cam", `{}`, "desk.report_processing(%s, NULL)", false},
	{"report sharing", "officer.cam", `{}`, "desk.report_sharing(%s, 'infinity', 'infinity')", false},
	{"erasure quarantine", "job", `{}`, "desk.show_quarantine(%s)", false},
	{"erasure quarantine", "job", `{}`, "desk.set_quarantine(%s, FALSE)", true},
	{"request open", "officer.cam", pgtest.Bookworm, "desk.open_request(%s, 'objection', '2026-01-31', 'CAM')", true},
	{"request open unknown", "officer.cam", `{}`, "desk.open_request(%s, 'objection', '2026-01-31', 'CAM')", true},
	{"request list", "officer.cam", `{}`, "desk.list_requests(%s, 'CAM', TRUE)", false},
	{"request list", "officer.cam", `{}`, "desk.show_request(%s, 999)", false},
	{"request decide", "officer.cam", `{}`, "desk.pause_request(%s, 999, 'identity', NULL)", true},
	{"request decide", "officer.cam", `{}`, "desk.resume_request(%s, 999, NULL)", true},
	{"request decide", "officer.cam", `{}`, "desk.extend_request(%s, 999, 'number')", true},
	{"request decide", "officer.cam", `{}`, "desk.close_request(%s, 999, 'withdrawn', NULL)", true},
	{"export", "officer.cam", `{"ref": "id:43"}`, "desk.answer_request(%s, 999, 'access', FALSE)", true},
	{"disclosure record", "officer.cam", `{"ref": "id:43", ` + itsTexts + `}`, "desk.record_disclosure(%s, '" + anyDisclosure + "')", true},
	{"disclosure refuse", "officer.cam", `{"ref": "id:43", ` + itsTexts + `}`, "desk.record_disclosure(%s, '" + anyDisclosure + "')", true},
	{"disclosure refuse unknown", "officer.cam", `{` + itsTexts + `}`, "desk.record_disclosure(%s, '" + anyDisclosure + "')", true},
	{"disclosure approve", "officer.cam", `{}`, "desk.approve_disclosure(%s, 999, 'no-power')", true},
	{"disclosure list", "officer.cam", `{}`, "desk.list_disclosures(%s, 'CAM', FALSE)", false},
	{"disclosure list", "officer.cam", `{}`, "desk.show_disclosure(%s, 999)", false},
})

// madeUp adds the calls of operations that are only told of in operations.csv: with the access alone, by a login that may.
func madeUp(written []operation) []operation {
	all := slices.Clone(written)
	for _, o := range client.Operations() {
		if slices.ContainsFunc(written, func(w operation) bool { return w.name == o.Name }) {
			continue
		}
		login, criteria := "", "{}"
		for _, candidate := range []string{"officer.cam", "supervisor.cam", "clerk.cam", "admin", "job", "auditor", "support", "opac"} {
			if role, _, _ := strings.Cut(candidate, "."); login == "" && o.Rights[role] != "" {
				login = candidate
			}
		}
		for criterion := range o.AskedBy {
			criteria = asks[criterion]
		}
		for _, function := range o.Functions {
			all = append(all, operation{o.Name, login, criteria, "desk." + function + "(%s)", slices.Contains(o.Marks, "writes")})
		}
	}
	return all
}

// opens tells whether a call is one of a function that an operation opens.
func opens(name, call string) bool {
	function, _, _ := strings.Cut(strings.TrimPrefix(call, "desk."), "(")
	return slices.ContainsFunc(client.Operations(),
		func(o client.Operation) bool { return o.Name == name && slices.Contains(o.Functions, function) })
}

// registerCall registers the person with the card that its access is opened about.
func registerCall(rehearsal string) string {
	return `desk.register_patron(%s, '{"surname": "Neumann"}', '[]', jsonb_build_object('branch', 'CAM-CEN', 'category', 'ADULT',
		'card', 'NEW1', 'basis', 'work', 'wording', 'joining-1', 'source', 'desk'), ` + rehearsal + `)`
}
