package client_test

import (
	"testing"

	"patronctl/client"
	"patronctl/client/cases"
	"patronctl/client/localpg/pgtest"
)

// addRequests adds a request to each of two authorities, and a disclosure that waits there for a second officer.
func addRequests(t *testing.T, db *pgtest.DB, about map[string]subjects) {
	t.Helper()
	super := pgtest.Connect(t, db, "postgres")
	super.Must("INSERT INTO patronctl.setting VALUES ('disclosure_two_people', NULL, 'true')")
	for where, login := range map[string]string{"home authority": "officer.cam", "away authority": "officer.ken"} {
		s := about[where]
		officer, why := db.Client(t, login), client.Why{Reason: "ticket 4711"}
		r, err := cases.OpenRequest(t.Context(), officer, why, cases.NewRequest{Kind: "access", Received: pgtest.Date(t, "2026-01-30")})
		if err != nil {
			t.Fatal(err)
		}
		patron := super.Must(`
			SELECT id
			FROM lms.patron
			WHERE authority = '%s' AND status = 'active' AND id > 100
			ORDER BY id LIMIT 1`, s.authority)
		d, err := cases.RecordDisclosure(t.Context(), officer, why, "id:"+patron, handedOver())
		if err != nil {
			t.Fatal(err)
		}
		s.request, s.disclosure = r.ID, d.ID
		about[where] = s
	}
	super.Must(`
		SET session_replication_role = replica;
		UPDATE patronctl.access SET login = 'officer.pbk'
		WHERE id IN (SELECT access FROM patronctl.disclosure)`)
}

// handedOver is a disclosure that nothing forbids.
func handedOver() cases.NewDisclosure {
	return cases.NewDisclosure{
		To: "police", Organisation: "Northshire Police", Reference: "DP7/2026/41", Rank: "inspector", Power: "DPA 2018 Sch. 2 para. 2",
		Necessity: "detect-crime", Released: []string{"identity", "address"},
	}
}

// tryRequests is try for requests and disclosures, with a mistake that only who has the right is told of.
func tryRequests(t *testing.T, c *client.Client, operation string, s subjects) (err error) {
	ctx, why, far := t.Context(), client.Why{Reason: "ticket 4711"}, pgtest.Date(t, "2999-01-01")
	switch operation {
	case "request open":
		_, err = cases.OpenRequest(ctx, c, why, cases.NewRequest{Ref: s.patron, Kind: "access", Received: far})
	case "request open unknown":
		_, err = cases.OpenRequest(ctx, c, why, cases.NewRequest{Kind: "access", Received: far, Authority: s.authority})
	case "request list":
		if _, err = cases.Requests(ctx, c, why, s.authority, true); err == nil {
			_, err = cases.ShowRequest(ctx, c, why, s.request)
		}
	case "request decide":
		_, err = cases.ExtendRequest(ctx, c, why, s.request, "laziness")
		_, pause := cases.PauseRequest(ctx, c, why, s.request, "lunch", client.Date{})
		_, resume := cases.ResumeRequest(ctx, c, why, s.request, client.Date{})
		_, end := cases.CloseRequest(ctx, c, why, s.request, "forgotten", "")
		if pgtest.Kind(pause) != pgtest.Kind(err) || pgtest.Kind(end) != pgtest.Kind(err) ||
			pgtest.Kind(err) == client.KindUsage && pgtest.Kind(resume) != client.KindRefused {
			t.Errorf("extend: %v, pause: %v, resume: %v, close: %v", err, pause, resume, end)
		}
	case "disclosure record":
		_, err = cases.RecordDisclosure(ctx, c, why, s.patron, cases.NewDisclosure{})
	case "disclosure refuse":
		_, err = cases.RefuseDisclosure(ctx, c, why, s.patron, cases.NewDisclosure{})
	case "disclosure refuse unknown":
		_, err = cases.RefuseDisclosure(ctx, c, why, "", cases.NewDisclosure{Authority: s.authority})
	case "disclosure approve":
		_, err = cases.ApproveDisclosure(ctx, c, why, s.disclosure, "boredom")
	case "disclosure list":
		if _, err = cases.Disclosures(ctx, c, why, s.authority, false); err == nil {
			_, err = cases.ShowDisclosure(ctx, c, why, s.disclosure)
		}
	default:
		t.Errorf("no test for %s", operation)
	}
	switch pgtest.Kind(err) {
	case client.KindUsage:
		err = nil
	case client.KindNotFound: // as if there were none
		err = &client.Error{Kind: client.KindRefused, Message: err.Error()}
	}
	return err
}
