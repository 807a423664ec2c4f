package client_test

import (
	"testing"
	"time"

	"patronctl/client"
	"patronctl/client/audit"
	"patronctl/client/cases"
	"patronctl/client/localpg/pgtest"
)

// tryIncident is try for incidents and reports. Of an incident that is not there a right gets as far as hearing so.
func tryIncident(t *testing.T, c *client.Client, operation string, s subjects) (err error) {
	const nowhere = 9999
	ctx, why := t.Context(), client.Why{Reason: "ticket 4711"}
	switch operation {
	case "incident report":
		_, err = cases.ReportIncident(ctx, c, why, "agreement", time.Date(2026, 1, 30, 0, 0, 0, 0, time.UTC), cases.IncidentFacts{})
	case "incident update":
		_, err = cases.UpdateIncident(ctx, c, why, nowhere, cases.IncidentFacts{})
	case "incident close":
		_, err = cases.CloseIncident(ctx, c, why, nowhere)
	case "incident acknowledge":
		_, err = cases.AcknowledgeIncident(ctx, c, why, nowhere)
	case "incident list":
		_, err = cases.ListIncidents(ctx, c, why, false)
	case "incident show":
		_, err = cases.ShowIncident(ctx, c, why, nowhere)
	case "incident people":
		_, err = cases.FindIncidentPeople(ctx, c, why, nowhere, "", nil, nil)
	case "report processing":
		_, err = audit.ReportProcessing(ctx, c, why, s.authority)
	case "report sharing":
		_, err = audit.ReportSharing(ctx, c, why, pgtest.Date(t, "today"), pgtest.Date(t, "today"))
	}
	if pgtest.Kind(err) == client.KindNotFound {
		err = nil
	}
	return err
}
