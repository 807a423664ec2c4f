package client_test

import (
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
)

// addRequests adds a request to each of two authorities, and a disclosure that waits there for a second officer.
func addRequests(t *testing.T, db *pgtest.DB, about map[string]subjects) {
	t.Helper()
	super := connect(t, db, "postgres")
	super.must("INSERT INTO patronctl.setting VALUES ('disclosure_two_people', NULL, 'true')")
	for where, login := range map[string]string{"home authority": "officer.cam", "away authority": "officer.ken"} {
		s := about[where]
		officer, why := db.Client(t, login), client.Why{Reason: "ticket 4711"}
		r, err := officer.OpenRequest(t.Context(), why, client.NewRequest{Kind: "access", Received: date(t, "2026-01-30")})
		if err != nil {
			t.Fatal(err)
		}
		patron := super.must("SELECT id FROM lms.patron WHERE authority = '%s' AND status = 'active' AND id > 100 ORDER BY id LIMIT 1", s.authority)
		d, err := officer.RecordDisclosure(t.Context(), why, "id:"+patron, handedOver())
		if err != nil {
			t.Fatal(err)
		}
		s.request, s.disclosure = r.ID, d.ID
		about[where] = s
	}
	super.must("SET session_replication_role = replica; UPDATE patronctl.access SET login = 'officer.pbk' WHERE id IN (SELECT access FROM patronctl.disclosure)")
}

// handedOver is a disclosure that nothing forbids.
func handedOver() client.NewDisclosure {
	return client.NewDisclosure{
		To: "police", Organisation: "Northshire Police", Reference: "DP7/2026/41", Rank: "inspector", Power: "DPA 2018 Sch. 2 para. 2",
		Necessity: "detect-crime", Released: []string{"identity", "address"},
	}
}

// tryRequests is try for requests and disclosures, with a mistake that only who has the right is told of.
func tryRequests(t *testing.T, c *client.Client, operation string, s subjects) (err error) {
	ctx, why, far := t.Context(), client.Why{Reason: "ticket 4711"}, date(t, "2999-01-01")
	switch operation {
	case "request open":
		_, err = c.OpenRequest(ctx, why, client.NewRequest{Ref: s.patron, Kind: "access", Received: far})
	case "request open unknown":
		_, err = c.OpenRequest(ctx, why, client.NewRequest{Kind: "access", Received: far, Authority: s.authority})
	case "request list":
		if _, err = c.Requests(ctx, why, s.authority, true); err == nil {
			_, err = c.ShowRequest(ctx, why, s.request)
		}
	case "request decide":
		_, err = c.ExtendRequest(ctx, why, s.request, "laziness")
		_, pause := c.PauseRequest(ctx, why, s.request, "lunch", client.Date{})
		_, resume := c.ResumeRequest(ctx, why, s.request, client.Date{})
		_, end := c.CloseRequest(ctx, why, s.request, "forgotten", "")
		if kind(pause) != kind(err) || kind(end) != kind(err) || kind(err) == client.KindUsage && kind(resume) != client.KindRefused {
			t.Errorf("extend: %v, pause: %v, resume: %v, close: %v", err, pause, resume, end)
		}
	case "disclosure record":
		_, err = c.RecordDisclosure(ctx, why, s.patron, client.NewDisclosure{})
	case "disclosure refuse":
		_, err = c.RefuseDisclosure(ctx, why, s.patron, client.NewDisclosure{})
	case "disclosure refuse unknown":
		_, err = c.RefuseDisclosure(ctx, why, "", client.NewDisclosure{Authority: s.authority})
	case "disclosure approve":
		_, err = c.ApproveDisclosure(ctx, why, s.disclosure, "boredom")
	case "disclosure list":
		if _, err = c.Disclosures(ctx, why, s.authority, false); err == nil {
			_, err = c.ShowDisclosure(ctx, why, s.disclosure)
		}
	default:
		t.Errorf("no test for %s", operation)
	}
	switch kind(err) {
	case client.KindUsage:
		err = nil
	case client.KindNotFound: // as if there were none
		err = &client.Error{Kind: client.KindRefused, Message: err.Error()}
	}
	return err
}
