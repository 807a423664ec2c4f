package help

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"patronctl/commands/kit"
)

type text struct{ name, short, body string }

var topics = []text{
	{"exit-codes", "What the exit codes mean", exitCodes()},
	{"formatting", "Tables, JSON, CSV and what they promise", formatting},
	{"environment", "Environment variables and connecting", environment},
}

func topic(env *kit.Env, t text) *cobra.Command {
	return &cobra.Command{
		Use:   t.name,
		Short: t.short,
		Long:  t.body,
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := io.WriteString(env.Out, t.body+"\n")
			return err
		},
	}
}

func exitCodes() string {
	var b strings.Builder
	b.WriteString("Exit codes\n\n")
	for _, c := range kit.Codes {
		fmt.Fprintf(&b, "  %3d  %-15s %s\n", c.Exit, c.Name, c.Meaning)
	}
	b.WriteString(`
With -o json or jsonl an error is one JSON object on stderr:

  {"error":{"code":"not_found","exit":3,"message":"...","hint":"..."}}

One code has no exit of its own: outcome_unknown (exit 1) says that the
connection was lost while the database was finishing a write. Look the record up
with "patronctl audit show ID" before trying again.`)
	return b.String()
}

const formatting = `Formatting

Data goes to stdout, everything else to stderr.

  -o table      for people; on a terminal it fits the width, piped it is never
                truncated or coloured
  -o json       one document; a list is an array
  -o jsonl      one JSON value on each line, written as it arrives
  -o csv        for spreadsheets (RFC 4180)
  -o markdown   for tickets and mails

--columns a,b   choose columns (in JSON: fields); a wrong name lists the right
                ones
--no-headers    leave out the header line
--color         auto, always or never; NO_COLOR and TERM=dumb are respected

In JSON field names are snake_case and stable, money is a string with two
decimals beside its currency, instants are RFC 3339 and days ISO (2026-01-31).

Control characters, line breaks, text direction marks and invisible characters
in data are shown as escapes such as \x1b or \u202e. JSON keeps the data exact.

CSV cells that a spreadsheet would run as a formula get a leading apostrophe;
--csv-raw leaves them as they are.`

const environment = `Environment

Which database, the first of these that is given:

  --demo          the private demo database
  --dsn           a connection string or URL, without a password
  PATRONCTL_DSN   the same; may hold a password
  PGHOST, PGPORT, PGDATABASE, PGUSER, PGSERVICE, PGPASSFILE, PGPASSWORD and
  libpq's other variables, its service file and its passfile

Outside loopback and Unix sockets the default is sslmode=verify-full.

  PATRONCTL_STATE_DIR  where patronctl keeps the newest ledger and audit tree it
                       saw, and its signing keys (else: the user's state
                       directory)
  PATRONCTL_DEMO_DIR   where the demo keeps its files
  PATRONCTL_PGBIN      the PostgreSQL binaries that the demo uses
  NO_COLOR             no colours when set
  TERM=dumb            no colours`
