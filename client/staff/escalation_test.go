package staff_test

import (
	"testing"

	"patronctl/client/localpg/pgtest"
)

// An administrator registers staff, and nobody who could reach around the guard: not the owners, not a superuser, not
// through a login's name.
func TestAdministratorsCannotRaiseRights(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, admin := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "admin")
	const hostile = `x" SUPERUSER; GRANT patronctl_owner TO "x`
	quoted := `"x"" SUPERUSER; GRANT patronctl_owner TO ""x"`
	super.Must("CREATE ROLE %s LOGIN; CREATE ROLE maker LOGIN CREATEROLE; CREATE ROLE plain LOGIN", quoted)
	for _, try := range []struct{ login, authority, role, code string }{
		{"admin", "NULL", "officer", "LB403"},
		{"admin", "'CAM'", "officer", "LB403"},
		{"postgres", "'CAM'", "clerk", "LB409"},
		{"library", "'CAM'", "clerk", "LB409"},
		{"maker", "'CAM'", "clerk", "LB409"},
		{"patronctl_owner", "'CAM'", "clerk", "LB404"},
		{"patronctl_roles", "'CAM'", "clerk", "LB404"},
		{"patronctl_clerk", "'CAM'", "clerk", "LB404"},
		{"nobody", "'CAM'", "clerk", "LB404"},
		{"", "'CAM'", "clerk", "LB404"},
		{"plain", "'CAM'", "owner", "LB400"},
		{"plain", "'CAM'", "roles", "LB400"},
		{"plain", "'CAM'", "clerk, patronctl_owner", "LB400"},
		{"plain", "NULL", "officer", "LB400"},
		{"plain", "'XXX'", "clerk", "LB400"},
		{hostile, "'CAM'", "clerk", ""},
		{"plain", "'CAM'", "auditor", ""},
	} {
		_, err := admin.Run("SELECT desk.add_staff(%s, '%s', %s, '%s', NULL)", admin.Open("staff add", "{}"), try.login, try.authority, try.role)
		if pgtest.Code(err) != try.code {
			t.Errorf("%q as %s at %s: %v, want %q", try.login, try.role, try.authority, err, try.code)
		}
	}
	if groups := super.Must(`
		SELECT roleid::regrole
		FROM pg_auth_members AS m JOIN pg_roles AS r ON r.oid = m.member
		WHERE r.rolname = '%s' AND NOT r.rolsuper`, hostile); groups != "patronctl_clerk" {
		t.Errorf("the login with a hostile name is in %q", groups)
	}
	// An administrator of one authority is none at another.
	super.Must("UPDATE patronctl.staff SET authority = 'KEN' WHERE login = 'admin'")
	for _, call := range []string{
		"desk.add_staff(%s, 'plain', 'CAM', 'clerk', NULL)", "desk.add_staff(%s, 'plain', NULL, 'job', NULL)",
		"desk.set_setting(%s, 'CAM', 'k', '1')", "desk.set_setting(%s, NULL, 'k', '1')",
	} {
		operation := "staff add"
		if call[5] == 's' {
			operation = "settings set"
		}
		_, err := admin.Run("SELECT "+call, admin.Open(operation, "{}"))
		pgtest.Refused(t, call, err)
	}
}
