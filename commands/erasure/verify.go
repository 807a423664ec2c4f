package erasure

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"patronctl/client/forgetting"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newVerify(env *kit.Env) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "verify --pgdata DIR",
		Short: "Prove on the server that erasing leaves nothing in its files",
		Long: `Erase a made-up person at each library, scrub, and search every file below the
server's data directory for them, and for files that belong to no relation.
Run it on the server's machine, as an account that may read its files, and as a
login with the role job or admin for all libraries. The made-up people exist
within one transaction only, so nobody sees them; the ledger of erasures names
the rule canary for them.

Before erasing it makes sure that the search would see them: another server's
directory, or one that cannot be read, is refused. The search ends with the data
directory: backups, archives and a log kept elsewhere are not looked at, but the
settings that would write people into them are.

Exit status:
  0  clean: nothing was found, and nothing hinders scrubbing
  6  a relation was being read all the time; try again
  8  not clean, or it could not be found out; the findings say why`,
		Example: `  sudo -u postgres patronctl erasure verify --pgdata /var/lib/postgresql/17/main
  patronctl erasure verify --pgdata /srv/pgdata -o json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return verify(cmd.Context(), env, dir) },
	}
	cmd.Flags().StringVar(&dir, "pgdata", "", "the server's data directory, `DIR`")
	_ = cmd.MarkFlagRequired("pgdata") // the flag was added above
	_ = cmd.MarkFlagDirname("pgdata")
	return cmd
}

func verify(ctx context.Context, env *kit.Env, dir string) error {
	if err := output.CheckColumns[forgetting.Verified](env.Printer(), nil); err != nil {
		return err
	}
	c, err := env.Client(ctx)
	if err != nil {
		return err
	}
	v, err := forgetting.Verify(ctx, c, env.Why(), dir, func(what string) { env.Note("%s", what) })
	if err != nil {
		return err
	}
	if err := output.Document(env.Printer(), v, verifyScreen(v)); err != nil {
		return err
	}
	if !v.Clean {
		return &kit.Error{
			Code: kit.ExitRefused, Message: fmt.Sprintf("not clean: %d findings", len(v.Findings)),
			Hint: "remove the reasons, run patronctl erasure scrub, then verify again",
		}
	}
	return nil
}

func verifyScreen(v *forgetting.Verified) []output.Section {
	outcome := output.Pair{Name: "outcome", Value: "clean", Style: output.Good}
	if !v.Clean {
		outcome.Value, outcome.Style = "not clean", output.Bad
	}
	sections := []output.Section{{Title: "Verified", Pairs: []output.Pair{
		outcome,
		{Name: "made-up people", Value: strconv.Itoa(v.Planted)},
		{Name: "files searched", Value: strconv.Itoa(v.Files)},
		{Name: "bytes searched", Value: strconv.FormatInt(v.Bytes, 10)},
	}}}
	if len(v.Findings) > 0 {
		grid := &output.Grid{Headers: []string{"file", "hits", "what"}, Right: []bool{false, true, false}}
		for _, f := range v.Findings {
			hits := ""
			if f.Hits > 0 {
				hits = strconv.Itoa(f.Hits)
			}
			grid.Rows = append(grid.Rows, []output.Cell{{Text: f.File}, {Text: hits}, {Text: f.What, Style: output.Bad}})
		}
		sections = append(sections, output.Section{Title: "Findings", Grid: grid})
	}
	return sections
}
