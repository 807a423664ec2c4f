package client_test

import (
	"testing"
	"time"

	"patronctl/client"
)

// tryIncident is try for incidents and reports. Of an incident that is not there a right gets as far as hearing so.
func tryIncident(t *testing.T, c *client.Client, operation string, s subjects) (err error) {
	const nowhere = 9999
	ctx, why := t.Context(), client.Why{Reason: "ticket 4711"}
	switch operation {
	case "incident report":
		_, err = c.ReportIncident(ctx, why, "agreement", time.Date(2026, 1, 30, 0, 0, 0, 0, time.UTC), client.IncidentFacts{})
	case "incident update":
		_, err = c.UpdateIncident(ctx, why, nowhere, client.IncidentFacts{})
	case "incident close":
		_, err = c.CloseIncident(ctx, why, nowhere)
	case "incident acknowledge":
		_, err = c.AcknowledgeIncident(ctx, why, nowhere)
	case "incident list":
		_, err = c.ListIncidents(ctx, why, false)
	case "incident show":
		_, err = c.ShowIncident(ctx, why, nowhere)
	case "incident people":
		_, err = c.IncidentPeople(ctx, why, nowhere, "", nil, nil)
	case "report processing":
		_, err = c.ReportProcessing(ctx, why, s.authority)
	case "report sharing":
		_, err = c.ReportSharing(ctx, why, date(t, "today"), date(t, "today"))
	}
	if kind(err) == client.KindNotFound {
		err = nil
	}
	return err
}
