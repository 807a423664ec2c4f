package password

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/client/people"
	"patronctl/commands/kit"
	"patronctl/output"
)

func newReset(env *kit.Env) *cobra.Command {
	var people kit.People
	cmd := &cobra.Command{
		Use:   "reset PATRON",
		Short: "Clear a patron's password and give a one-time code",
		Long: `Clear a patron's password, lift a lock-out and give a one-time code. The code is
shown once, here and nowhere else, and is good for 24 hours. Where the library's
setting reset_mode is "card", the card number works again instead.

You see whom it concerns and are asked first; --yes answers. Accounts with an
external login are refused: their password is kept elsewhere.

With "-" (standard input) or --file there are several patrons, one a line. What
cannot be done is told on stderr, and the next one gets its turn. With -o json
the answers are then one array, and with -o jsonl an object a line.

Exit status:
  0  reset
  3  no such patron, or several match
  5  not confirmed; nothing was done
  7  of several patrons, some could not be done; or the code could not be shown
  8  external login, deleted account, or the patron's home is elsewhere`,
		Example: `  patronctl password reset 20000000000012
  patronctl password reset id:123 --yes -o json
  patronctl password reset -`,
		RunE: func(cmd *cobra.Command, _ []string) error { return reset(cmd.Context(), env, people) },
	}
	kit.PeopleVar(cmd, &people)
	return cmd
}

func reset(ctx context.Context, env *kit.Env, whom kit.People) error {
	if err := output.CheckColumns[people.PasswordReset](env.Printer(), nil); err != nil {
		return err
	}
	if err := env.Answerable(); err != nil {
		return err
	}
	c, err := env.Client(ctx)
	if err != nil {
		return err
	}
	return env.Screens(whom, func(ref string, show output.Show) error { return resetOne(ctx, env, c, ref, show) })
}

func resetOne(ctx context.Context, env *kit.Env, c *client.Client, ref string, show output.Show) error {
	if !env.Flags.Yes {
		preview, err := people.PreviewReset(ctx, c, env.Why(), ref)
		if err != nil {
			return err
		}
		if err := env.Confirm(ctx, question(preview)); err != nil {
			return err
		}
		ref = fmt.Sprintf("id:%d", preview.Patron) // the very person that was confirmed
	}
	done, err := people.ResetPassword(ctx, c, env.Why(), ref)
	if err != nil {
		return err
	}
	if err := show(done, outcome(done)); err != nil {
		return &kit.Error{
			Code:    kit.ExitPartlyDone,
			Message: fmt.Sprintf("the password of patron %d was reset, but the code could not be shown: %s", done.Patron, err),
			Hint:    "reset it again",
		}
	}
	return nil
}

// states says what opens an account now.
var states = map[string]string{
	"own":      "a password of their own",
	"card":     "the card number",
	"one_time": "a one-time code",
	"locked":   "nothing: it is locked",
	"external": "an external account",
}

func question(p *people.ResetPreview) string {
	now, ok := states[p.State]
	if !ok {
		now = p.State
	}
	then := "a one-time code"
	if p.Mode == "card" {
		then = "the card number"
	}
	return fmt.Sprintf("Reset the password of %s (patron %d)? The account opens with %s now and with %s afterwards.",
		p.Name, p.Patron, now, then)
}

func outcome(r *people.PasswordReset) []output.Section {
	pairs := []output.Pair{{Name: "patron", Value: strconv.FormatInt(r.Patron, 10)}}
	if r.Mode == "card" {
		pairs = append(pairs, output.Pair{Name: "password", Value: "the card number, until it is changed"})
	} else {
		pairs = append(pairs, output.Pair{Name: "code", Value: *r.Code, Style: output.Strong})
	}
	if r.ExpiresAt != nil {
		pairs = append(pairs, output.Pair{Name: "good until", Value: kit.Instant(r.ExpiresAt)})
	}
	if r.Unlocked {
		pairs = append(pairs, output.Pair{Name: "lock-out", Value: "lifted", Style: output.Good})
	}
	return []output.Section{{Pairs: append(pairs, output.Pair{Name: "access", Value: strconv.FormatInt(r.Access, 10), Style: output.Faint})}}
}
