package audit

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"patronctl/client/audit"
	"patronctl/commands/kit"
	"patronctl/output"
)

type loginsOptions struct {
	env    *kit.Env
	filter audit.LoginFilter
	since  kit.MomentFlag
}

func newLogins(env *kit.Env) *cobra.Command {
	o := &loginsOptions{env: env}
	cmd := &cobra.Command{
		Use:   "logins",
		Short: "List who logged in and who failed to, newest first",
		Long: `List who logged in to this database, who failed to, from where and why, and who
was denied something, newest first. The server's own log says it, and goes back
a week; "audit collect" keeps counts for longer. A server administrator sets
this up with what "db init --print-admin-sql" prints.

Outcomes are ok, wrong password, no such login, expired, disabled, not allowed
(by pg_hba.conf, or for this database), too many (connections) and denied: a
login that had no right to what it tried. Failures anywhere on the server are
listed when the login is one of staff or does not exist. Somebody may have typed
a password where the name goes, so a name that is no login is not shown.

Exit status:
  0  listed, also when there is nothing
  2  wrong flag or value
  8  your role may not do this, or the log is not set up to be read`,
		Example: `  patronctl audit logins --failed --since today
  patronctl audit logins --login clerk.cam -o csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&o.filter.Failed, "failed", false, "only what failed or was denied")
	flags.StringVar(&o.filter.Login, "login", "", "only this `LOGIN`")
	flags.Var(&o.since, "since", "from this day, today, or instant")
	flags.IntVar(&o.filter.Limit, "limit", 100, "at most this `NUMBER`")
	return cmd
}

var loginColumns = []output.Column[audit.LoginEvent]{
	{Name: "at", Value: func(e audit.LoginEvent) string { return instant(e.At) }},
	{Name: "login", Shrink: true, Value: loginName, Style: loginStyle},
	{Name: "from", Value: func(e audit.LoginEvent) string { return e.From }},
	{Name: "outcome", Value: func(e audit.LoginEvent) string { return e.Outcome }, Style: loginStyle},
	{Name: "what", Shrink: true, Value: loginWhat},
}

func loginName(e audit.LoginEvent) string {
	if e.Login == "" {
		return "unknown login"
	}
	return e.Login
}

// loginWhat leaves out what every refusal begins with, so that a terminal has room for what was tried.
func loginWhat(e audit.LoginEvent) string {
	return strings.TrimPrefix(e.What, "your login may not do this: ")
}

func loginStyle(e audit.LoginEvent) output.Style {
	if e.Outcome == "ok" {
		return output.Plain
	}
	return output.Bad
}

func (o *loginsOptions) run(ctx context.Context) error {
	printer := o.env.Printer()
	if err := output.CheckColumns(printer, loginColumns); err != nil {
		return err
	}
	if o.filter.Limit < 1 {
		return kit.Usage("--limit takes a number from 1")
	}
	o.filter.Since = o.since.Begin()
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	listed := 0
	err = output.List(printer, loginColumns, func(yield func(audit.LoginEvent, error) bool) {
		for e, err := range audit.ListLogins(ctx, c, o.env.Why(), o.filter) {
			if listed++; !yield(e, err) {
				return
			}
		}
	})
	if err == nil && listed == o.filter.Limit {
		o.env.Note("these are the newest %d; --limit or --since shows others", listed)
	}
	return err
}
