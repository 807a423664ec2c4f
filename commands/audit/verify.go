package audit

import (
	"context"
	"fmt"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"patronctl/client/audit"
	"patronctl/commands/kit"
	"patronctl/output"
)

type verifyOptions struct {
	env  *kit.Env
	full bool
	head string
}

func newVerify(env *kit.Env) *cobra.Command {
	o := &verifyOptions{env: env}
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Compare the access records with the signed audit tree",
		Long: `Compare every sealed access record, and what came of it, with the audit tree and
its newest signed head: what was edited, removed, put in, or reordered is found.
--full computes the hash of each record anew from what it says; without it the
hash that stands in the record is taken for it. --head takes a head that was
printed and kept, which nobody at the database could change.

Exit status:
  0  the records are as they were sealed
  2  the head cannot be read
  3  nothing was sealed yet
  8  they are not, and what is wrong is listed`,
		Example: `  patronctl audit verify --full
  patronctl audit verify --head 2026-01.head`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().BoolVar(&o.full, "full", false, "compute the hash of every record anew")
	cmd.Flags().StringVar(&o.head, "head", "", "also compare with the head in this `FILE`")
	_ = cmd.MarkFlagFilename("head") // the flag was added above
	return cmd
}

func (o *verifyOptions) run(ctx context.Context) error {
	if err := output.CheckColumns[audit.Verification](o.env.Printer(), nil); err != nil {
		return err
	}
	var printed []byte
	if o.head != "" {
		var err error
		if printed, err = os.ReadFile(o.head); err != nil {
			return kit.Usage("the head cannot be read: %s", err)
		}
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return err
	}
	progress := output.NewProgress(o.env.Terminal, o.env.Err, o.env.Flags.Quiet, "verified", 0)
	v, err := audit.Verify(ctx, c, o.env.Why(), string(printed), o.full, progress.Set)
	progress.Done()
	if err != nil {
		return err
	}
	if err := output.Document(o.env.Printer(), v, verifyScreen(v)); err != nil {
		return err
	}
	if len(v.Wrong) > 0 {
		return &kit.Error{
			Code: kit.ExitRefused, Message: fmt.Sprintf("the access records are not as they were sealed: %d findings", len(v.Wrong)),
			Hint: "tell the data-protection officer",
		}
	}
	return nil
}

func headScreen(h *audit.Head) []output.Section {
	section := output.Section{Title: "Head", Pairs: []output.Pair{
		{Name: "records", Value: strconv.FormatInt(h.Size, 10), Style: output.Strong},
		{Name: "root", Value: h.Root.String()},
		{Name: "signed", Value: instant(h.At)},
		{Name: "database", Value: h.Database, Style: output.Faint},
	}}
	if h.Restores > 0 {
		section.Pairs = append(section.Pairs, output.Pair{Name: "restores", Value: strconv.FormatInt(h.Restores, 10)})
	}
	return []output.Section{section}
}

func verifyScreen(v *audit.Verification) []output.Section {
	outcome := output.Pair{Name: "outcome", Value: "as sealed", Style: output.Good}
	if len(v.Wrong) > 0 {
		outcome = output.Pair{Name: "outcome", Value: "not as sealed", Style: output.Bad}
	}
	how := "hashes"
	if v.Full {
		how = "what the records say"
	}
	sections := append([]output.Section{{Title: "Verified", Pairs: []output.Pair{
		outcome, {Name: "compared", Value: strconv.FormatInt(v.Records, 10)}, {Name: "by", Value: how},
	}}}, headScreen(v.Head)...)
	if len(v.Wrong) == 0 {
		return sections
	}
	grid := &output.Grid{Headers: []string{"access", "what"}, Right: []bool{true, false}}
	for _, f := range v.Wrong {
		number := ""
		if f.Access > 0 {
			number = strconv.FormatInt(f.Access, 10)
		}
		grid.Rows = append(grid.Rows, []output.Cell{{Text: number}, {Text: f.What, Style: output.Bad}})
	}
	return append(sections, output.Section{Title: "Findings", Grid: grid})
}
