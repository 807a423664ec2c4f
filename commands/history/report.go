package history

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

type reportOptions struct {
	env       *kit.Env
	authority string
	k         int
}

func newReport(env *kit.Env) *cobra.Command {
	o := &reportOptions{env: env}
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Count anonymous patrons behind whom stand few people",
		Long: `Count, by branch, the anonymous patrons that history was moved to, and those of
them that stand for fewer than k people of the same home who fit them now:
somebody might recognize one of so few. The columns:

  groups      anonymous patrons; a branch "any" was generalized away
  below_k     of these: fewer than k people behind
  loans       anonymous loans of those below k
  mended      below k, and k people when the birth year is dropped
  left_over   below k without the birth year too; the branch would have to go

"--generalize" of "history anonymize" and of a rule drops what it takes, for the
history that it moves.

Exit status:
  0  reported, also when there is nothing below k
  2  k is not a positive number, or there is no such authority
  8  your role may not see this, or not of that authority`,
		Example: `  patronctl history report
  patronctl history report --authority CAM --k 10 -o csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), cmd.Flags().Changed("k")) },
	}
	kit.NameVar(cmd, env, &o.authority, "authority", "authority", "only anonymous patrons of this `AUTHORITY`")
	cmd.Flags().IntVar(&o.k, "k", 0, "how many `PEOPLE` are enough; the setting k when not given")
	return cmd
}

var reportColumns = []output.Column[people.Anonymity]{
	{Name: "authority", Value: func(a people.Anonymity) string { return a.Authority }},
	{Name: "branch", Value: func(a people.Anonymity) string {
		if a.Branch == "" {
			return "any"
		}
		return a.Branch
	}},
	{Name: "k", Right: true, Value: func(a people.Anonymity) string { return strconv.Itoa(a.K) }},
	{Name: "groups", Right: true, Value: func(a people.Anonymity) string { return strconv.Itoa(a.Groups) }},
	{Name: "below_k", Label: "below k", Right: true, Value: func(a people.Anonymity) string { return strconv.Itoa(a.BelowK) }},
	{Name: "loans", Right: true, Value: func(a people.Anonymity) string { return strconv.Itoa(a.Loans) }},
	{Name: "mended", Right: true, Value: func(a people.Anonymity) string { return strconv.Itoa(a.Mended) }},
	{Name: "left_over", Label: "left over", Right: true, Value: func(a people.Anonymity) string { return strconv.Itoa(a.LeftOver) }},
}

func (o *reportOptions) run(ctx context.Context, chosen bool) error {
	if chosen && o.k < 1 {
		return kit.Usage("--k must be at least 1")
	}
	printer := o.env.Printer()
	if err := output.CheckColumns(printer, reportColumns); err != nil {
		return err
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	rows, err := people.ReportAnonymity(ctx, c, o.env.Why(), o.authority, o.k)
	if err != nil {
		return err
	}
	if err := output.List(printer, reportColumns, output.Slice(rows)); err != nil {
		return err
	}
	var sum people.Anonymity
	for _, row := range rows {
		sum.Groups += row.Groups
		sum.BelowK += row.BelowK
		sum.Mended += row.Mended
		sum.LeftOver += row.LeftOver
	}
	switch {
	case sum.Groups == 0:
		o.env.Note("there are no anonymous patrons yet")
	case sum.BelowK == 0:
		o.env.Note("none of %d anonymous patrons stands for fewer than k people", sum.Groups)
	default:
		o.env.Note("%d of %d anonymous patrons stand for fewer than k people; dropping the birth year would mend %d, "+
			"and %d need the branch dropped too",
			sum.BelowK, sum.Groups, sum.Mended, sum.LeftOver)
	}
	return nil
}
