// Package report is what a library hands out: its record of processing, and who shared what.
package report

import (
	"io"

	"github.com/spf13/cobra"

	"patronctl/commands/kit"
	"patronctl/output"
)

// New returns the report command.
func New(env *kit.Env) *cobra.Command {
	return kit.Group("report", "Write the record of processing, and who shared what",
		newProcessing(env), newSharing(env))
}

// file is where a page goes, when one is wanted.
type file struct {
	path  string
	force bool
}

func (f *file) bind(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.path, "html", "", "write a page for browsers and printers to this `FILE`")
	cmd.Flags().BoolVar(&f.force, "force", false, "overwrite the file")
	_ = cmd.MarkFlagFilename("html", "html") // it exists
}

// write makes the page that make returns; an existing file is found out before it is called.
func (f *file) write(env *kit.Env, make func() (output.Page, error)) error {
	err := output.WriteFileAtomic(f.path, f.force, func(w io.Writer) error {
		page, err := make()
		if err != nil {
			return err
		}
		return output.HTML(w, page)
	})
	if err == nil {
		env.Note("wrote %s", f.path)
	}
	return err
}
