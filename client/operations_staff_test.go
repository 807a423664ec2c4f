package client_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/staff"
)

// tryStaff is try for logins, what is opened to support, and the online catalogue.
func tryStaff(t *testing.T, c *client.Client, psql *pgx.Conn, operation string, s subjects) (err error) {
	ctx, why := t.Context(), client.Why{Reason: "ticket 4711"}
	switch operation {
	case "staff grant support":
		if _, err = staff.GrantSupport(ctx, c, why, "support", s.patron, 1); err == nil {
			_, err = staff.RevokeSupport(ctx, c, why, "support", s.patron)
		}
	case "staff revoke support": // the same right; nothing is open
		_, err = staff.RevokeSupport(ctx, c, why, "support", s.patron)
		if pgtest.Kind(err) == client.KindNotFound {
			err = nil
		}
	default: // opened and asked about nobody, which a right gets as far as
		call := map[string]string{
			"staff revoke": "desk.revoke_staff(%s, 'nobody', NULL, 'clerk')", "staff disable": "desk.disable_staff(%s, 'nobody')",
			"staff enable": "desk.enable_staff(%s, 'nobody')", "staff password": "desk.set_staff_password(%s, 'nobody', NULL)",
			"staff password own": "desk.set_own_password(%s, NULL)", "password check": "desk.report_check(%s, FALSE)",
			"password change": "desk.change_secret(%s, NULL)",
		}[operation]
		criteria := "{}"
		if s.patron != "" {
			criteria = `{"card": "` + s.patron + `"}`
		}
		plain := pgtest.On(t, psql.PgConn())
		opened, failed := plain.Run("SELECT %s", pgtest.OpenCall(operation, criteria))
		if err = failed; err == nil {
			_, err = plain.Run("SELECT "+call, opened[0])
		}
		if pgtest.Code(err) == "LB404" || pgtest.Code(err) == "LB400" {
			err = nil
		}
		err = refusal(err)
	}
	return err
}
