package audit_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"patronctl/client"
	"patronctl/client/audit"
	"patronctl/client/cases"
	"patronctl/client/forgetting"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/staff"
)

// staffReceipts are those of everything that administrators and officers do to a login.
func staffReceipts(t *testing.T, db *pgtest.DB) []string {
	t.Helper()
	ctx, why, admin, officer := t.Context(), client.Why{}, db.Client(t, "admin"), db.Client(t, "officer.cam")
	login := "made." + strings.ToLower(rand.Text()[:8])
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		super, err := pgx.Connect(context.WithoutCancel(t.Context()), db.DSN("postgres"))
		must(err)
		_, err = super.Exec(context.WithoutCancel(t.Context()), "DROP ROLE "+pgx.Identifier{login}.Sanitize())
		must(errors.Join(err, super.Close(context.WithoutCancel(t.Context()))))
	})
	added, err := staff.AddLogin(ctx, admin, why, staff.Registration{Login: login, Role: "support"},
		staff.Login{Password: "seven blue kettles hum"})
	must(err)
	password, err := staff.SetPassword(ctx, admin, why, login, "eight red kettles sing")
	must(err)
	disabled, err := staff.Disable(ctx, admin, why, login)
	must(err)
	enabled, err := staff.Enable(ctx, admin, why, login)
	must(err)
	granted, err := staff.GrantSupport(ctx, officer, why, login, "id:1", 4)
	must(err)
	closed, err := staff.RevokeSupport(ctx, officer, why, login, "id:1")
	must(err)
	ended, err := staff.Revoke(ctx, admin, why, login, "", "support")
	must(err)
	return []string{added.Receipt, password.Receipt, disabled.Receipt, enabled.Receipt, granted.Receipt, closed.Receipt, ended.Receipt}
}

// A receipt is proven when its write was sealed, and proves nothing else.
func TestReceipts(t *testing.T) {
	s := newSealer(t)
	s.mustSeal()
	ctx, why := t.Context(), client.Why{}
	officer, clerk := s.db.Client(t, "officer.cam"), s.db.Client(t, "clerk.pbk")
	pgtest.Connect(t, s.db, "postgres").Must(`
		UPDATE lms.loan SET returned_at = due_at WHERE patron = 36;
		UPDATE lms.fee SET amount = 0 WHERE patron = 36;
		DELETE FROM lms.payment WHERE patron = 36;
		UPDATE lms.hold SET closed_at = placed_at WHERE patron = 36`)
	var receipts []string
	add := func(receipt string, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		receipts = append(receipts, receipt)
	}
	erased, err := forgetting.Erase(ctx, officer, why, "id:36", []string{"memberships"}, 0)
	add(erased.Receipt, err)
	rule, err := forgetting.SetRule(ctx, officer, why, "mine",
		forgetting.RuleChange{"action": "erase-deleted", "age": "500 days", "cap": 1, "authority": "CAM"})
	add(rule.Receipt, err)
	rule, err = forgetting.EnableRule(ctx, officer, why, "mine", "CAM", true)
	add(rule.Receipt, err)
	rule, err = forgetting.RemoveRule(ctx, officer, why, "mine")
	add(rule.Receipt, err)
	staff, err := staff.Add(ctx, s.db.Client(t, "admin"), why, staff.Registration{Login: "clerk.pbk", Authority: "PBK", Role: "clerk"})
	if err != nil {
		t.Fatal(err)
	}
	add(staff.Receipt, err)
	request, err := cases.OpenRequest(ctx, officer, why, cases.NewRequest{Ref: "id:43", Kind: "access", Received: pgtest.Date(t, pgtest.Day)})
	add(request.Receipt, err)
	request, err = cases.CloseRequest(ctx, officer, why, request.ID, "withdrawn", "")
	add(request.Receipt, err)
	handed := cases.NewDisclosure{
		To: "police", Organisation: "Northshire Police", Reference: "DP7/2026/41", Rank: "inspector", Power: "DPA 2018 Sch. 2 para. 2",
		Necessity: "detect-crime", Released: []string{"identity", "address"},
	}
	disclosure, err := cases.RecordDisclosure(ctx, officer, why, "id:43", handed)
	add(disclosure.Receipt, err)
	disclosure, err = cases.RefuseDisclosure(ctx, officer, why, "id:43", cases.NewDisclosure{
		To:           "partner",
		Organisation: "Shelfworks",
		Reference:    "mail 17",
		Because:      "no-power",
	})
	add(disclosure.Receipt, err)
	for _, receipt := range staffReceipts(t, s.db) {
		add(receipt, nil)
	}
	for _, sealed := range []bool{false, true} {
		for _, receipt := range receipts {
			_, err := audit.ProveReceipt(ctx, clerk, why, receipt)
			if own, _ := errors.AsType[*client.Error](err); sealed && err != nil || !sealed && (own == nil || own.Kind != client.KindBusy) {
				t.Errorf("sealed %v: %s: %v", sealed, receipt, err)
			}
		}
		s.mustSeal()
	}
	last := receipts[0]
	digit := map[bool]string{true: "1", false: "0"}[strings.HasSuffix(last, "0")]
	for receipt, kind := range map[string]client.Kind{
		last[:len(last)-1] + digit: client.KindRefused, "9" + last: client.KindRefused, "": client.KindUsage, last + "0": client.KindUsage,
		strings.Split(receipts[1], "-")[0] + "-" + strings.Split(last, "-")[1]: client.KindRefused,
	} {
		_, err := audit.ProveReceipt(ctx, clerk, why, receipt)
		if own, _ := errors.AsType[*client.Error](err); own == nil || own.Kind != kind {
			t.Errorf("%s: %v", receipt, err)
		}
	}
}
