package people_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/people"
)

// verdicts are what a desk is told about a patron of CAM, on 2026-01-31. In `sql` the patron's number stands for $p.
// The sample's limits: 10.00 at each authority, and 20.00 in its own currency for what is owed to the others.
var verdicts = []struct {
	name, at, sql, want string
}{
	{"nothing", "cam", "", "clear"},
	{"ends today", "cam", expires("2026-01-31"), "clear"},
	{"ended yesterday", "cam", expires("2026-01-30"), "refuse expired"},
	{"ended, member at home for good", "cam", expires("2026-01-30") + member("CAM", "NULL"), "clear"},
	{"ended, member at home until today", "cam", expires("2026-01-30") + member("CAM", "'2026-01-31'"), "clear"},
	{"ended, member at home until yesterday", "cam", expires("2026-01-30") + member("CAM", "'2026-01-30'"), "refuse expired"},
	{"ended, member at home serves elsewhere", "pbk", expires("2026-01-30") + member("CAM", "NULL"), "clear"},
	{"ended, member here", "ken", expires("2026-01-30") + member("KEN", "NULL"), "clear"},
	{"ended, was member here", "ken", expires("2026-01-30") + member("KEN", "'2026-01-30'"), "refuse expired"},
	{"ended, member elsewhere", "cam", expires("2026-01-30") + member("KEN", "NULL"), "refuse expired"},
	{"ended, for the whole consortium at home", "support", expires("2026-01-30") + member("KEN", "NULL"), "refuse expired"},

	{"block at home", "cam", block("CAM", "refuse", "NULL"), "refuse blocked"},
	{"block at another", "cam", block("KEN", "refuse", "NULL"), "refuse blocked"},
	{"block of home seen elsewhere", "pbk", block("CAM", "refuse", "NULL"), "refuse blocked"},
	{"warning at another", "cam", block("KEN", "warn", "NULL"), "warn warning"},
	{"block lifted today", "cam", block("KEN", "refuse", "'2026-01-31'"), "clear"},
	{"block lifted tomorrow", "cam", block("KEN", "refuse", "'2026-02-01'"), "refuse blocked"},
	{
		"two warnings and a block", "cam", block("KEN", "warn", "NULL") + block("PBK", "warn", "NULL") + block("PBK", "refuse", "NULL"),
		"refuse blocked warning",
	},

	{"at the limit", "cam", owe("CAM", "10.00"), "clear"},
	{"over the limit", "cam", owe("CAM", "10.01"), "refuse debt_own"},
	{"over the limit in parts", "cam", owe("CAM", "5.00") + owe("CAM", "5.01"), "refuse debt_own"},
	{"over the limit but for a credit there", "cam", owe("CAM", "15.00") + owe("CAM", "-5.00"), "clear"},
	{"others: at the limit", "cam", owe("KEN", "20.00"), "clear"},
	{"others: over the limit", "cam", owe("KEN", "20.01"), "refuse debt_others"},
	{"others: no limit for the currency", "cam", owe("PBK", "0.01"), "warn debt_no_limit"},
	{"others: both", "cam", owe("KEN", "20.01") + owe("PBK", "99.00"), "refuse debt_others debt_no_limit"},
	{
		"others: together over the limit", "cam",
		"UPDATE lms.authority SET currency = 'GBP' WHERE code = 'PBK';" + owe("KEN", "10.00") + owe("PBK", "10.01"), "refuse debt_others",
	},
	{
		"others: a credit at one of them", "cam",
		"UPDATE lms.authority SET currency = 'GBP' WHERE code = 'PBK';" + owe("KEN", "-90.00") + owe("PBK", "20.01"), "refuse debt_others",
	},
	{"others: no limit at all", "cam", set("debt_limit_others", "CAM", "") + owe("KEN", "0.01"), "warn debt_no_limit"},
	{"others: a limit of zero", "cam", set("debt_limit_others", "CAM", "GBP=0.00") + owe("KEN", "0.01"), "refuse debt_others"},
	{"a credit here and a debt there", "cam", owe("CAM", "-90.00") + owe("KEN", "20.01"), "refuse debt_others"},
	{"a debt here and a credit there", "cam", owe("CAM", "10.01") + owe("KEN", "-90.00"), "refuse debt_own"},
	{"credit only", "cam", owe("CAM", "-5.00") + owe("PBK", "-5.00"), "clear"},

	{"the limits of the desk that looks, own", "ken", owe("KEN", "10.01"), "refuse debt_own"},
	{"the limits of the desk that looks, others", "ken", set("debt_limit_others", "KEN", "GBP=30.00") + owe("CAM", "25.00"), "clear"},
	{"the limits of the desk that looks, currency", "pbk", owe("CAM", "5.00"), "warn debt_no_limit"},
	{"the same at home", "cam", set("debt_limit_others", "KEN", "GBP=30.00") + owe("CAM", "25.00"), "refuse debt_own"},
	{
		"the limit of the consortium", "cam", "INSERT INTO patronctl.setting VALUES ('debt_limit_own', NULL, '12.00');" + owe("CAM", "12.00"),
		"clear",
	},
	{"support: the limits at home, own", "support", set("debt_limit_own", "CAM", "11.00") + owe("CAM", "11.01"), "refuse debt_own"},
	{"support: the limits at home, under", "support", set("debt_limit_own", "CAM", "11.00") + owe("CAM", "11.00"), "clear"},
	{"support: the limits at home, others", "support", owe("KEN", "20.01"), "refuse debt_others"},

	{"overdue at home", "cam", lend("CAM", "2026-01-30", "NULL"), "warn overdue"},
	{"overdue at another", "cam", lend("KEN", "2026-01-30", "NULL"), "warn overdue"},
	{"due tomorrow", "cam", lend("CAM", "2026-02-01", "NULL"), "clear"},
	{"was overdue", "cam", lend("CAM", "2025-12-30", "'2026-01-30'"), "clear"},
	{"overdue and a debt under the limit", "cam", lend("CAM", "2026-01-30", "NULL") + owe("CAM", "9.99"), "warn overdue"},

	{"card lost", "cam", "UPDATE lms.card SET status = 'lost' WHERE patron = $p", "refuse card_lost"},
	{"card lost, another issued", "cam", "INSERT INTO lms.card (number, patron, status) VALUES ('77000002', $p, 'lost')", "clear"},
	{"deleted", "cam", "UPDATE lms.patron SET status = 'deleted' WHERE id = $p", "refuse deleted"},
	{
		"all at once", "cam",
		expires("2026-01-30") + block("KEN", "warn", "NULL") + owe("CAM", "10.01") + owe("PBK", "1.00") + lend("KEN", "2026-01-30", "NULL"),
		"refuse debt_own expired debt_no_limit overdue warning",
	},
}

func expires(day string) string {
	return fmt.Sprintf("UPDATE lms.patron SET expires_on = '%s' WHERE id = $p;", day)
}

func member(authority, until string) string {
	return fmt.Sprintf("INSERT INTO lms.membership VALUES ($p, '%s', 'work', '2020-01-01', %s);", authority, until)
}

func block(authority, level, lifted string) string {
	return fmt.Sprintf(`
		INSERT INTO lms.block (patron, authority, level, reason_code, placed_on, lifted_on)
		VALUES ($p, '%s', '%s', 'conduct', '2025-01-01', %s);`, authority, level, lifted)
}

func owe(authority, amount string) string {
	return fmt.Sprintf(`
		INSERT INTO lms.fee (patron, authority, kind, amount, raised_on)
		VALUES ($p, '%s', 'lost', %s, '2025-01-01');`, authority, amount)
}

func lend(authority, due, returned string) string {
	return fmt.Sprintf(`
		INSERT INTO lms.loan (patron, item, authority, branch, lent_at, due_at, returned_at)
		VALUES ($p, 50, '%[1]s', (SELECT min(code) FROM lms.branch WHERE authority = '%[1]s'), '2025-12-01', '%[2]s', %[3]s);`, authority, due,
		returned)
}

func set(name, authority, value string) string {
	return fmt.Sprintf(`
		INSERT INTO patronctl.setting
		VALUES ('%s', '%s', '%s')
		ON CONFLICT ON CONSTRAINT setting_name_authority_key DO UPDATE SET value = excluded.value;`, name, authority, value)
}

// One verdict on every screen.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super := pgtest.Connect(t, db, "postgres")
	const card = "77000001"
	patron := super.Patron("CAM", card, "Verdictson", "Vera", "1980-01-01")
	desk := map[string]*client.Client{"support": db.Client(t, "support")}
	for _, authority := range []string{"cam", "ken", "pbk"} {
		desk[authority] = db.Client(t, "clerk."+authority)
	}
	super.Must("CREATE TABLE public.settings AS TABLE patronctl.setting")
	for _, test := range verdicts {
		super.Must("%s", strings.ReplaceAll(`
			DELETE FROM lms.fee WHERE patron = $p;
			DELETE FROM lms.loan WHERE patron = $p;
			DELETE FROM lms.block WHERE patron = $p;
			DELETE FROM lms.membership WHERE patron = $p;
			DELETE FROM lms.card WHERE number = '77000002';
			UPDATE lms.card SET status = 'active' WHERE patron = $p;
			UPDATE lms.patron SET status = 'active', expires_on = NULL WHERE id = $p;
			UPDATE lms.authority SET currency = 'EUR' WHERE code = 'PBK';
			DELETE FROM patronctl.setting; INSERT INTO patronctl.setting TABLE public.settings;`+test.sql, "$p", patron))
		look := oneScreen
		if test.at != "cam" { // each screen has to say where it stands
			look = screens
		}
		for screen, got := range look(t, desk[test.at], card) {
			if got != test.want {
				t.Errorf("%s, at %s, %s: %s, want %s", test.name, test.at, screen, got, test.want)
			}
		}
	}
}

// Named by number, somebody without a card that is in use has lost it when one is reported lost, not when it ran out; what is due
// at this moment is not overdue; and the oldest debt is one that is still owed.
func TestVerdictsByNumber(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), db.Client(t, "clerk.cam")
	patron := super.Patron("CAM", "77000001", "Verdictson", "Vera", "1980-01-01")
	db.Freeze(t, "2026-01-31 12:00Z")
	const (
		lost    = "UPDATE lms.card SET status = 'lost' WHERE number = '77000001';"
		another = "INSERT INTO lms.card (number, patron, status) VALUES ('77000002', $p, '%s');"
		paid    = `
			INSERT INTO lms.payment (patron, fee, amount, paid_on) SELECT $p, min(id), 5.00, '2025-01-02' FROM lms.fee WHERE patron = $p;
			UPDATE lms.fee SET raised_on = '2024-01-01' WHERE patron = $p;`
	)
	for _, at := range []struct{ name, sql, want, oldest string }{
		{"a card", "", "clear", ""},
		{"lost", lost, "refuse card_lost", ""},
		{"run out", "UPDATE lms.card SET status = 'expired' WHERE patron = $p", "clear", ""},
		{"lost, another run out", lost + fmt.Sprintf(another, "expired"), "refuse card_lost", ""},
		{"lost, another in use", lost + fmt.Sprintf(another, "active"), "clear", ""},
		{"no card", "DELETE FROM lms.card WHERE patron = $p", "clear", ""},
		{"due now", lend("CAM", "2026-01-31 12:00Z", "NULL"), "clear", ""},
		{"due a moment ago", lend("CAM", "2026-01-31 11:59:59.999999Z", "NULL"), "warn overdue", ""},
		{"a debt", owe("CAM", "5.00"), "clear", "2025-01-01"},
		{"an older one was paid", owe("CAM", "5.00") + paid + owe("CAM", "5.00"), "clear", "2025-01-01"},
		{"an older one was paid in part", owe("CAM", "5.01") + paid + owe("CAM", "5.00"), "clear", "2024-01-01"},
	} {
		super.Must("%s", strings.ReplaceAll(`
			DELETE FROM lms.payment WHERE patron = $p; DELETE FROM lms.fee WHERE patron = $p;
			DELETE FROM lms.loan WHERE patron = $p; DELETE FROM lms.card WHERE patron = $p;
			INSERT INTO lms.card (number, patron) VALUES ('77000001', $p);`+at.sql, "$p", patron))
		check, err := people.CheckDebt(t.Context(), clerk, client.Why{}, "id:"+patron, false)
		if err != nil {
			t.Fatal(err)
		}
		if got := said(check.Verdict, check.Reasons); got != at.want {
			t.Errorf("%s: %s, want %s", at.name, got, at.want)
		}
		oldest := ""
		for _, debt := range check.Debts {
			if debt.OldestOn != nil {
				oldest = debt.OldestOn.Format("2006-01-02")
			}
		}
		if oldest != at.oldest {
			t.Errorf("%s: the oldest debt is of %q, want %q", at.name, oldest, at.oldest)
		}
	}
}

func oneScreen(t *testing.T, c *client.Client, card string) map[string]string {
	t.Helper()
	check, err := people.CheckDebt(t.Context(), c, client.Why{}, card, false)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{"debt check": said(check.Verdict, check.Reasons)}
}

func said(verdict people.Verdict, reasons []string) string {
	return strings.Join(slices.Concat([]string{string(verdict)}, reasons), " ")
}

// screens are the verdict and reasons that each way of looking tells.
func screens(t *testing.T, c *client.Client, card string) map[string]string {
	t.Helper()
	shown, err := people.Show(t.Context(), c, client.Why{}, card, people.ShowOptions{})
	if err != nil {
		t.Fatal(err)
	}
	found, err := people.Find(t.Context(), c, client.Why{}, people.FindQuery{Words: []string{card}})
	if err != nil {
		t.Fatal(err)
	}
	list := checkAll(t, c, card)
	told := oneScreen(t, c, card)
	told["patron show"] = said(shown.Verdict, shown.Reasons)
	told["patron find"] = said(found[0].Verdict, found[0].Reasons)
	told["list of cards"] = said(list[0].Verdict, list[0].Reasons)
	return told
}
