package incident

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"patronctl/client/cases"
	"patronctl/commands/kit"
)

// facts are the flags for what is known of an incident.
type facts struct {
	env                                                              *kit.Env
	categories, consequences, measures, notified, notNotified, login string
	people, records, peopleTold                                      int64
	told                                                             []string
	at, from, to                                                     kit.MomentFlag
}

// longestText is one byte more than any text that is accepted.
const longestText = 4*2000 + 1

func (f *facts) bind(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.categories, "categories", "", "`TEXT`: which people and which data it is about")
	flags.Int64Var(&f.people, "people", 0, "about this `NUMBER` of people")
	flags.Int64Var(&f.records, "records", 0, "about this `NUMBER` of records")
	flags.StringVar(&f.consequences, "consequences", "", "`TEXT`: what may come of it")
	flags.StringVar(&f.measures, "measures", "", "`TEXT`: what was done, and will be")
	flags.StringVar(&f.login, "login", "", "the `LOGIN` whose access records say whom it concerns, with --from and --to")
	flags.Var(&f.from, "from", "from this day, or instant")
	flags.Var(&f.to, "to", "up to and with this day, or up to an instant")
	cmd.MarkFlagsRequiredTogether("login", "from", "to")
}

// bindTold adds the flags for who was told.
func (f *facts) bindTold(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringSliceVar(&f.told, "told", nil, "these member `AUTHORITIES` were told")
	flags.StringVar(&f.notified, "notified", "", "the supervisory authority was told: its file `NUMBER`")
	flags.StringVar(&f.notNotified, "not-notified", "", "`TEXT`: why it need not be told")
	flags.Int64Var(&f.peopleTold, "people-told", 0, "this `NUMBER` of the people concerned was told")
	flags.Var(&f.at, "at", "when, all of these; now when not given")
	cmd.MarkFlagsMutuallyExclusive("notified", "not-notified")
}

// given is what the flags say. One text may be "-": it is read from stdin.
func (f *facts) given(cmd *cobra.Command) (cases.IncidentFacts, error) {
	said := cases.IncidentFacts{Told: f.told, ToldAt: f.at.Begin(), AccessesFrom: f.from.Begin(), AccessesTo: f.to.End()}
	read := false
	for name, text := range map[string]struct {
		from *string
		to   **string
	}{
		"categories": {&f.categories, &said.Categories}, "consequences": {&f.consequences, &said.Consequences},
		"measures": {&f.measures, &said.Measures},
		"notified": {&f.notified, &said.Notified}, "not-notified": {&f.notNotified, &said.NotNotified}, "login": {&f.login, &said.AccessesOf},
	} {
		if !cmd.Flags().Changed(name) {
			continue
		}
		if *text.from == "-" {
			if read {
				return said, kit.Usage(`only one text can be "-", read from stdin`)
			}
			read = true
			all, err := io.ReadAll(io.LimitReader(f.env.In, longestText))
			if err != nil {
				return said, err
			}
			*text.from = string(all)
		}
		*text.from = strings.ToValidUTF8(strings.TrimSpace(*text.from), "\uFFFD")
		*text.to = text.from
	}
	for name, number := range map[string]struct {
		from *int64
		to   **int64
	}{"people": {&f.people, &said.People}, "records": {&f.records, &said.Records}, "people-told": {&f.peopleTold, &said.PeopleTold}} {
		if cmd.Flags().Changed(name) {
			if *number.from < 0 {
				return said, kit.Usage("--%s takes a whole number from 0", name)
			}
			*number.to = number.from
		}
	}
	return said, nil
}
