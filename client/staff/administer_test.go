package staff_test

import (
	"fmt"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/staff"
)

// Whoever administers two authorities manages both, not a third, and not the whole consortium.
func TestAnAdministratorOfTwoAuthorities(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, admin := pgtest.Connect(t, db, "postgres"), db.Client(t, "admin")
	boss, clerk := "boss_"+db.Name, "new_"+db.Name
	super.Must("CREATE ROLE %s LOGIN; CREATE ROLE %s LOGIN", boss, clerk)
	for _, authority := range []string{"CAM", "KEN"} {
		if _, err := staff.Add(t.Context(), admin, client.Why{},
			staff.Registration{Login: boss, Authority: authority, Role: "admin"}); err != nil {
			t.Fatal(err)
		}
	}
	c := db.Client(t, boss)
	for authority, allowed := range map[string]bool{"CAM": true, "KEN": true, "PBK": false, "": false} {
		_, set := staff.SetSetting(t.Context(), c, client.Why{}, authority, "k", "7")
		role := "clerk"
		if authority == "" {
			role = "support"
		}
		_, add := staff.Add(t.Context(), c, client.Why{}, staff.Registration{Login: clerk, Authority: authority, Role: role})
		for what, err := range map[string]error{"settings set": set, "staff add": add} {
			if allowed && err != nil || !allowed && pgtest.Kind(err) != client.KindRefused {
				t.Errorf("%s at %q: %v", what, authority, err)
			}
		}
	}
	if got := super.Must(`
		SELECT string_agg(authority || value, ' ' ORDER BY authority)
		FROM patronctl.setting
		WHERE name = 'k'`); got != "CAM7 KEN7" {
		t.Errorf("settings: %s", got)
	}
	staff, err := staff.List(t.Context(), c, client.Why{})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, s := range staff {
		seen[s.Authority]++
	}
	if got := fmt.Sprint(seen); got != "map[CAM:5 KEN:5]" {
		t.Errorf("registrations seen: %s", got)
	}
}

// A registration that cannot be made tells what is missing, and never the row.
func TestRegisteringQuotesNoRow(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, admin := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "admin")
	before := super.Must("SELECT md5(string_agg(s::text, '' ORDER BY s::text)) FROM patronctl.staff AS s")
	for args, want := range map[string]string{
		"'clerk.ken', 'KEN', NULL, NULL":    "LB400",
		"'clerk.ken', 'KEN', '', NULL":      "LB400",
		"'clerk.ken', 'KEN', 'owner', NULL": "LB400",
		"'clerk.ken', NULL, 'clerk', NULL":  "LB400",
		"NULL, 'KEN', 'clerk', NULL":        "LB404",
	} {
		said, err := admin.Run("SELECT desk.add_staff(%s, %s)", admin.Open("staff add", "{}"), args)
		if pgtest.Code(err) != want || len(said) > 0 {
			t.Errorf("%s: %s, %v", args, said, err)
		}
		if detail := pgtest.Details(err); strings.Contains(detail, "clerk.ken") || strings.Contains(detail, "row contains") {
			t.Errorf("%s: %s", args, detail)
		}
	}
	if after := super.Must("SELECT md5(string_agg(s::text, '' ORDER BY s::text)) FROM patronctl.staff AS s"); after != before {
		t.Error("a registration was made")
	}
}

// The word default gives up what an authority set; what the consortium set, or the preset, holds again.
func TestASettingGivenUp(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, admin := pgtest.Connect(t, db, "postgres"), db.Client(t, "admin")
	for _, step := range []struct {
		authority, value, want string
		own                    bool
	}{
		{"CAM", "8", "8", true},
		{"CAM", "default", "5", false},
		{"CAM", "default", "5", false}, // again is no error
		{"", "6", "6", true},
		{"CAM", "8", "8", true},
		{"CAM", " Default ", "6", false},
		{"", "default", "5", false},
	} {
		s, err := staff.SetSetting(t.Context(), admin, client.Why{}, step.authority, "k", step.value)
		if err != nil || s.Value != step.want || s.Own != step.own || s.Default != "5" {
			t.Errorf("%+v: %+v, %v", step, s, err)
		}
	}
	if left := super.Must("SELECT count(*) FROM patronctl.setting WHERE name = 'k'"); left != "0" {
		t.Errorf("%s rows are left", left)
	}
	if kept := super.Must("SELECT count(*) FROM patronctl.setting WHERE name = 'debt_limit_others'"); kept != "3" {
		t.Errorf("%s other settings are left", kept)
	}
}
