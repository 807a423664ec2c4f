package delivery_test

import (
	"testing"

	"patronctl/client"
	"patronctl/client/delivery"
	"patronctl/client/forgetting"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/localpg/sample"
)

// Importing the old files again brings back neither people nor history nor who owed what.
func TestImportBringsNobodyBack(t *testing.T) {
	dir := t.TempDir()
	if err := sample.Write(dir, sample.Demo(pgtest.Date(t, pgtest.Day).Time)); err != nil {
		t.Fatal(err)
	}
	pgtest.New(t) // the logins are there
	db := installed(t)
	owner, super := db.Client(t, "library"), pgtest.Connect(t, db, "postgres")
	if _, err := delivery.Import(t.Context(), owner, dir, delivery.Options{}); err != nil {
		t.Fatal(err)
	}
	super.Must(`INSERT INTO patronctl.staff VALUES ('officer.cam', 'CAM', 'officer', '2000-01-01', NULL);` + ready)
	officer := db.Client(t, "officer.cam")
	if _, err := forgetting.Erase(t.Context(), officer, client.Why{}, "90000041", nil, 0); err != nil {
		t.Fatal(err)
	}
	super.Must("UPDATE patronctl.rule SET age = '1 year' WHERE action IN ('anonymize-history', 'unlink-accounts')")
	for _, rule := range []string{"lapsed", "deleted", "history", "accounts"} {
		if done := runRule(t, officer, rule); done.Done == 0 || done.Remaining != 0 {
			t.Errorf("%s: %+v", rule, done)
		}
	}
	before := super.Must("%s", everything)
	again, err := delivery.Import(t.Context(), owner, dir, delivery.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range again.Relations {
		if r.Added != 0 || r.Bad != 0 {
			t.Errorf("again: %+v", r)
		}
	}
	if after := super.Must("%s", everything); after != before {
		t.Errorf("importing again changed something:\n%s\n%s", before, after)
	}
}

// ready makes patron 41 of CAM somebody with nothing that blocks erasing, who expired long ago.
const ready = `
	UPDATE patronctl.staff SET valid_from = '2000-01-01';
	DELETE FROM lms.payment WHERE patron = 41 OR fee IN (SELECT id FROM lms.fee WHERE patron = 41); DELETE FROM lms.fee WHERE patron = 41;
	DELETE FROM lms.loan WHERE patron = 41; DELETE FROM lms.hold WHERE patron = 41; DELETE FROM lms.membership WHERE patron = 41;
	UPDATE lms.patron SET guardian_patron = NULL, status = 'active' WHERE id = 21;
	UPDATE lms.patron
	SET status = 'active', expires_on = '2024-01-01', deleted_on = NULL, last_fee_on = NULL, birth_year = 1966,
		protected = FALSE
	WHERE id = 41;
	UPDATE patronctl.rule SET age = '18 months', counted_from = 'expired', despite = '{}' WHERE name = 'lapsed';
	UPDATE patronctl.rule SET age = '365 days', counted_from = 'deleted', despite = '{memberships}' WHERE name = 'deleted';
	UPDATE patronctl.installation SET clock_offset = timestamptz '2026-01-31 12:00+00' - clock_timestamp();
	`

// runRule plans a rule at CAM and runs it.
func runRule(t *testing.T, officer *client.Client, rule string) *forgetting.Run {
	t.Helper()
	plan, err := forgetting.MakePlan(t.Context(), officer, client.Why{}, []string{rule})
	if err != nil {
		t.Fatal(err)
	}
	if plan.State == "done" {
		return &forgetting.Run{Outcome: "done"}
	}
	done, err := forgetting.RunPlan(t.Context(), officer, client.Why{}, plan.ID,
		forgetting.RunOptions{Batch: 500, Progress: func(forgetting.Run) {}})
	if err != nil {
		t.Fatal(err)
	}
	return done
}
