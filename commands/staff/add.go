package staff

import (
	"cmp"
	"context"
	"slices"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/client/staff"
	"patronctl/commands/kit"
	"patronctl/output"
)

type addOptions struct {
	env      *kit.Env
	staff    staff.Registration
	until    kit.DateFlag
	external bool
	stdin    bool
}

func newAdd(env *kit.Env) *cobra.Command {
	o := &addOptions{env: env, staff: staff.Registration{Kind: "employee"}}
	cmd := &cobra.Command{
		Use:   "add LOGIN --role ROLE",
		Short: "Register a login in a role at a library",
		Long: `Register a login in a role at a library, from today on. Doing it again changes
how long it lasts. The roles support, admin, job, auditor and opac (the online
catalogue) may serve the whole consortium, without --authority. Administrators
may do this, never for themselves.

A login that the PostgreSQL server does not have is made. You are asked for its
password twice: at least 15 characters, not just common words. The server gets
what SCRAM-SHA-256 makes of it, never the password. With --external a
certificate, LDAP or GSSAPI opens the login instead, as the server's
pg_hba.conf says. The password of a login that was made here ends with its
registrations.

Volunteers and partners need --until, partners the organisation whose people
they are and the agreement with it.

Exit status:
  0  registered
  2  no such role or authority, the role belongs to an authority, something is
     missing, --until is over, or the password is too easy to guess
  3  there is no such login in this PostgreSQL server
  5  the login needs a password, and there is nobody to ask
  8  your role may not do this, the login is disabled, or it could reach around
     the guard: by attributes such as superuser, or by other roles it has`,
		Example: `  patronctl staff add anna --role clerk --authority NORTH
  patronctl staff add trainee --role clerk --authority NORTH \
    --kind volunteer --until 2026-08-31
  patronctl staff add guest --role support --kind partner \
    --organisation Shelfworks --agreement DPA-7 --until 2026-08-31
  patronctl staff add nightly --role job --external`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.staff.Login = args[0]
			return o.run(cmd.Context())
		},
	}
	kit.EnumVar(cmd, &o.staff.Role, "role", "what the person does", staff.Roles...)
	kit.NameVar(cmd, env, &o.staff.Authority, "authority", "authority", "the library `AUTHORITY`; without it the whole consortium")
	kit.EnumVar(cmd, &o.staff.Kind, "kind", "what binds the person to the library", staff.Kinds...)
	cmd.Flags().StringVar(&o.staff.Organisation, "organisation", "", "`NAME` of the organisation that a partner belongs to")
	cmd.Flags().StringVar(&o.staff.Agreement, "agreement", "", "`NUMBER` of the agreement with that organisation")
	cmd.Flags().Var(&o.until, "until", "last day, as 2026-08-31; without it for good")
	cmd.Flags().BoolVar(&o.external, "external", false, "a certificate, LDAP or GSSAPI opens the login, no password here")
	kit.StdinVar(cmd, &o.stdin)
	_ = cmd.MarkFlagRequired("role") // the flag was added above
	return cmd
}

func (o *addOptions) run(ctx context.Context) error {
	if err := output.CheckColumns[staff.Registration](o.env.Printer(), nil); err != nil {
		return err
	}
	if o.until.Today {
		return kit.Usage("--until takes a day such as 2026-08-31")
	}
	if !o.until.IsZero() {
		o.staff.ValidTo = &o.until.Date
	}
	if err := o.complete(); err != nil {
		return err
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	how, err := o.opening(ctx, c)
	if err != nil {
		return err
	}
	added, err := staff.AddLogin(ctx, c, o.env.Why(), o.staff, how)
	if err != nil {
		return err
	}
	return output.Document(o.env.Printer(), added, []output.Section{{Pairs: append([]output.Pair{
		{Name: "login", Value: added.Login, Style: output.Strong},
		{Name: "role", Value: added.Role},
		{Name: "authority", Value: cmp.Or(added.Authority, "the whole consortium")},
		{Name: "kind", Value: added.Kind},
		{Name: "until", Value: cmp.Or(kit.Day(added.ValidTo), "for good")},
	}, kit.Receipt(added.Receipt)...)}})
}

// complete refuses here what the database would refuse after the password was typed twice.
func (o *addOptions) complete() error {
	s := o.staff
	switch {
	case s.Authority == "" && slices.Contains(staff.AuthorityRoles, s.Role):
		return kit.Usage("the role %s belongs to an authority; name it with --authority", s.Role)
	case s.Kind != "employee" && s.ValidTo == nil:
		return kit.Usage("the registration of a %s ends on a day; give it with --until", s.Kind)
	case s.Kind == "partner" && (s.Organisation == "" || s.Agreement == ""):
		return kit.Usage("a partner comes from an organisation, under an agreement; name both with --organisation and --agreement")
	default:
		return nil
	}
}

// opening is what opens the login: nothing new for one that exists, else a password unless it is managed outside.
func (o *addOptions) opening(ctx context.Context, c *client.Client) (staff.Login, error) {
	how := staff.Login{External: o.external}
	if o.external {
		return how, nil
	}
	known, err := staff.HasLogin(ctx, c, o.staff.Login)
	if err != nil || known && !o.stdin {
		return how, err
	}
	how.Password, err = askNew(ctx, o.env, o.staff.Login, o.stdin)
	return how, err
}
