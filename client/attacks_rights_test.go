package client_test

import "fmt"

// What requests, disclosures, incidents, consents and lists could be made to say or do beyond a right. What would be done,
// is rolled back: farrow is at home with the attackers, id:3 is not.
var rightsAttacks = func() (attacks []attack) {
	with := func(begin, what, operation, criteria, call string) {
		attacks = append(attacks, attack{
			name:  what,
			steps: []string{"BEGIN", openCallOf(operation, criteria), "COMMIT", begin, "SELECT " + call, "ROLLBACK"},
		})
	}
	for _, c := range []struct{ what, operation, criteria, call string }{
		{"special categories of somebody at home elsewhere", "patron show special", `{"ref": "id:3"}`, "desk.show_special($mine)"},
		{
			"special categories written to somebody at home elsewhere", "patron set special", `{"ref": "id:3"}`,
			"desk.set_special($mine, 'x', NULL, NULL, NULL)",
		},
		{"special categories by writing nothing", "patron set special", farrow, "desk.set_special($mine, NULL, NULL, NULL, NULL)"},
		{"special categories by an access to write them", "patron set special", farrow, "desk.show_special($mine)"},
		{"choices of somebody at home elsewhere", "patron set", `{"ref": "id:3"}`, "desk.set_choices($mine, TRUE, NULL)"},
		{"a consent to another authority", "consent give", farrow, "desk.give_consent($mine, 'KEN', 'joining', NULL, 'j-1', 'desk')"},
		{"a consent to another authority withdrawn", "consent withdraw", farrow, "desk.withdraw_consent($mine, 'KEN', 'joining', NULL)"},
		{"consents withdrawn whatever they are for", "consent withdraw", farrow, "desk.withdraw_consent($mine, NULL, NULL, NULL)"},
		{"a block in another authority's name", "block place", farrow, "desk.place_block($mine, 'KEN', 'warn', 'conduct')"},
		{"another authority's blocks lifted", "block lift", farrow, "desk.lift_blocks($mine, 'KEN', NULL)"},
		{"a list of everybody at home elsewhere", "patron list", `{"consented": {}, "authority": "KEN"}`, "desk.list_consented($mine, NULL)"},
		{"a list of people by another's access", "patron list", `{"consented": {}}`, "desk.list_consented($other, NULL)"},
		{"those who lack a consent elsewhere", "consent missing", "{}", "desk.count_missing_consents($mine, 'KEN')"},
		{"a request to another authority", "request open", farrow, "desk.open_request($mine, 'access', '2026-01-30', 'KEN')"},
		{"a request that comes tomorrow", "request open", farrow, "desk.open_request($mine, 'access', '2026-02-01', 'CAM')"},
		{"a request from the beginning of time", "request open", farrow, "desk.open_request($mine, 'access', '-infinity', 'CAM')"},
		{"requests of another authority", "request list", "{}", "desk.list_requests($mine, 'KEN', TRUE)"},
		{"a request that is not there, closed", "request decide", "{}", "desk.close_request($mine, -1, 'granted', 'other-means')"},
		{"an export for a request that is not there", "export", farrow, "desk.answer_request($mine, -1, 'access', FALSE)"},
		{"an erasure for a request that is not there", "patron erase", farrow, "desk.erase_patron($mine, '{loans,fees}', -1)"},
		{
			"a disclosure of somebody at home elsewhere", "disclosure record", `{"ref": "id:3", ` + itsTexts + `}`,
			"desk.record_disclosure($mine, '" + anyDisclosure + "')",
		},
		{
			"a disclosure of nobody, released", "disclosure refuse unknown", `{` + itsTexts + `}`,
			`desk.record_disclosure($mine, '{"to": "court", "organisation": "Crown Court", "reference": "T2026", ` +
				`"power": "an order", "released": ["identity"]}')`,
		},
		{"a disclosure with other texts", "disclosure record", farrow, "desk.record_disclosure($mine, '" + anyDisclosure + "')"},
		{"a disclosure that is not there, approved", "disclosure approve", "{}", "desk.approve_disclosure($mine, -1, NULL)"},
		{"disclosures of another authority", "disclosure list", "{}", "desk.list_disclosures($mine, 'KEN', FALSE)"},
		{
			"an incident about a name", "incident report", `{"texts": ["Qxvzanne Qxvzson"]}`,
			`desk.report_incident($mine, 'agreement', '2026-01-30', '{"measures": "Qxvzanne Qxvzson"}')`,
		},
		{
			"an incident about a name that was not opened", "incident report", "{}",
			`desk.report_incident($mine, 'agreement', '2026-01-30', '{"measures": "Qxvzanne Qxvzson"}')`,
		},
		{"an incident before Christ", "incident report", "{}", "desk.report_incident($mine, 'agreement', '0044-03-15 BC', '{}')"},
		{"an incident told to nobody", "incident report", "{}", `desk.report_incident($mine, 'breach', '2026-01-30', '{"told": [null]}')`},
		{
			"an incident with columns of its own", "incident report", "{}",
			`desk.report_incident($mine, 'breach', '2026-01-30', '{"login": "officer.cam", "at": "2026-01-01", "action": "closed"}')`,
		},
		{"an incident written as an update", "incident report", "{}", `desk.update_incident($mine, 1, '{"people": 1}')`},
		{"whom everybody opened, ever", "incident people", "{}", "desk.incident_people($mine, NULL, NULL, '-infinity', 'infinity')"},
		{"the register of another authority", "report processing", "{}", "desk.report_processing($mine, 'KEN')"},
		{"who shared what, ever", "report sharing", "{}", "desk.report_sharing($mine, '-infinity', 'infinity')"},
		{"the record of another's person", "audit report subject", `{"ref": "id:3"}`, "desk.report_subject($mine)"},
	} {
		with("BEGIN", c.what, c.operation, c.criteria, c.call)
	}
	for _, c := range []struct{ operation, criteria, call string }{
		{"export", farrow, "desk.export_page($mine, 'identity', 0, 10)"},
		{"patron show", farrow, "desk.show_patron($mine, FALSE)"},
		{"incident report", "{}", "desk.report_incident($mine, 'agreement', '2026-01-30', '{}')"},
	} {
		with("BEGIN ISOLATION LEVEL REPEATABLE READ", fmt.Sprint(c.operation, " with an old snapshot"), c.operation, c.criteria, c.call)
	}
	return attacks
}()
