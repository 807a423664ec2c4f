package disclosure

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"patronctl/client/cases"
	"patronctl/commands/kit"
	"patronctl/output"
)

type recordOptions struct {
	env   *kit.Env
	ref   string
	asked cases.NewDisclosure
	by    int64
}

func newRecord(env *kit.Env) *cobra.Command {
	o := &recordOptions{env: env}
	cmd := &cobra.Command{
		Use:   "record PATRON --to WORD",
		Short: "Record that a person's data was handed to somebody else",
		Long: `Record that data of one specific person was handed to the police, a court or
somebody else: who asked, by which law, why it was necessary, the rank of who
signed, and what they got. A search among many people is a trawl and is refused
(patronctl disclosure refuse). Officers of the person's home may do this.

Name organisations and references, never a person: the rank says enough of an
officer. Needed is, for the police, an inspector or above; for a security
service a senior-officer, for a court a judge, for a department of the authority
or a partner a manager. Within the authority the patron's consent must be in
force, and --consent names its purpose.

All flags are needed, but --consent and --released-by.

--released says which data. When it was read with patronctl, --released-by is
the number of that access, of an export or of patron show. The settings of the
home say who may release (disclosure_officers), and whether two officers must
agree (disclosure_two_people): then nothing may be handed over, and no rule
erases the account, until another one ran "patronctl disclosure approve".

The receipt proves later that it was recorded so (patronctl audit prove).

Exit status:
  0  recorded; or waiting for another officer, which the state says
  2  something is missing, or names a person
  3  no such patron, or several match
  8  too low a rank, no consent, or your role may not do this`,
		Example: `  patronctl disclosure record id:123 --to police \
    --organisation "Northshire Police" --reference "DP7/2026/41" \
    --rank inspector --power "DPA 2018 Sch. 2 para. 2" \
    --necessity detect-crime --released identity,address --released-by 4711
  patronctl disclosure record id:123 --to within-authority \
    --organisation "Housing" --reference H-17 --rank manager \
    --power consent --necessity service --consent housing --released address`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.ref = strings.Join(args, " ")
			return o.run(cmd.Context())
		},
	}
	about(cmd, &o.asked)
	kit.WordsVar(cmd, &o.asked.Released, "released", "what was handed `OVER`", cases.Disclosable...)
	cmd.Flags().Int64Var(&o.by, "released-by", 0, "`NUMBER` of the access by which it was read")
	cmd.Flags().StringVar(&o.asked.Consent, "consent", "", "the `PURPOSE` consented to, within the authority")
	for _, name := range []string{"rank", "power", "necessity", "released"} {
		_ = cmd.MarkFlagRequired(name) // they were added above
	}
	return cmd
}

func (o *recordOptions) run(ctx context.Context) error {
	if err := output.CheckColumns[cases.Disclosure](o.env.Printer(), nil); err != nil {
		return err
	}
	if o.ref == "-" {
		return kit.Usage("a disclosure is about one specific person, named as an argument")
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	if o.by != 0 {
		o.asked.ReleasedBy = &o.by
	}
	d, err := cases.RecordDisclosure(ctx, c, o.env.Why(), o.ref, o.asked)
	return show(o.env, d, err)
}
