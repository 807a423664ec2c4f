package kit

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"patronctl/output"
)

// purposes are those every installation knows; an authority may define more, so that others are not refused here.
var purposes = []string{"service", "debt", "subject-request", "legal", "support", "maintenance"}

// BindGlobal adds the global flags to the root.
func BindGlobal(root *cobra.Command, f *Flags) {
	f.Output, f.Color = output.Table, "auto"
	flags := root.PersistentFlags()
	flags.SortFlags = false
	enumVarP(root, flags, &f.Output, "output", "o", "how data is written", output.Formats())
	flags.StringSliceVar(&f.Columns, "columns", nil, "which `COLUMNS` to show, as a,b,c")
	flags.BoolVar(&f.NoHeaders, "no-headers", false, "leave out the header line")
	flags.BoolVar(&f.RawCSV, "csv-raw", false, "CSV cells exactly as stored, unsafe in spreadsheets")
	enumVarP(root, flags, &f.Color, "color", "", "colours", []string{"auto", "always", "never"})
	flags.BoolVarP(&f.Quiet, "quiet", "q", false, "only problems on stderr")
	flags.BoolVar(&f.Yes, "yes", false, "answer confirmations with yes")
	flags.StringVar(&f.Purpose, "purpose", "", "`PURPOSE` of the access, if not the command's own")
	complete(root, "purpose", cobra.FixedCompletions(purposes, cobra.ShellCompDirectiveNoFileComp))
	flags.StringVar(&f.Reason, "reason", "", "the matter (a ticket `NUMBER`), never the person")
	flags.DurationVar(&f.Timeout, "timeout", 30*time.Second, "bound of each call to the database, as a `DURATION`")
	flags.BoolVar(&f.Debug, "debug", false, "show calls and causes of errors (may show data)")
	flags.BoolVar(&f.Demo, "demo", false, "work on the private demo database")
	flags.StringVar(&f.As, "as", "", "`LOGIN` of the member of staff, with --demo")
	flags.StringVar(&f.DSN, "dsn", "", "database to connect to, as a `DSN` without password")
	flags.BoolP("help", "h", false, "show help")
}

// Check finds what is wrong with the global flags together, before a command runs. It does not connect.
func (f *Flags) Check() error {
	switch {
	case f.As != "" && !f.Demo:
		return Usage("--as needs --demo; elsewhere the login is that of the connection")
	case f.DSN != "" && f.Demo:
		return Usage("--dsn and --demo name two databases; give one of them")
	case f.Timeout <= 0:
		return Usage("--timeout must be more than 0, such as 30s")
	case hasPassword(f.DSN):
		return &Error{
			Code:    ExitUsage,
			Message: "a password in --dsn is visible to other users of this machine",
			Hint:    "put it into PATRONCTL_DSN, or into a passfile (~/.pgpass)",
		}
	}
	return nil
}

// hasPassword tells whether a connection string holds a password, in either form that libpq reads. It errs on the safe side.
func hasPassword(dsn string) bool {
	if rest, isURL := cutScheme(dsn); isURL {
		authority, _, _ := strings.Cut(rest, "/")
		if at := strings.LastIndex(authority, "@"); at >= 0 && strings.Contains(authority[:at], ":") {
			return true
		}
		_, query, _ := strings.Cut(rest, "?")
		if decoded, err := url.QueryUnescape(query); err == nil {
			dsn = decoded
		}
	}
	parts := strings.Split(strings.ToLower(dsn), "=")
	return slices.ContainsFunc(parts[:len(parts)-1], func(beforeEquals string) bool {
		return strings.HasSuffix(strings.TrimSpace(beforeEquals), "password")
	})
}

func cutScheme(dsn string) (rest string, isURL bool) {
	if rest, isURL = strings.CutPrefix(dsn, "postgres://"); isURL {
		return rest, true
	}
	return strings.CutPrefix(dsn, "postgresql://")
}
