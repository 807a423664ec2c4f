// Package demo is the made-up consortium that the program brings along: a private PostgreSQL of the user.
package demo

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"patronctl/client"
	"patronctl/client/localpg"
	"patronctl/commands/kit"
	"patronctl/output"
)

// New returns the demo command.
func New(env *kit.Env) *cobra.Command {
	cmd := kit.Group("demo", "Manage the made-up consortium behind --demo",
		newStart(env), newStatus(env), newStop(env), newReset(env))
	cmd.Long = `Manage the made-up consortium behind --demo: three library authorities and
2,000 people, in a PostgreSQL server of its own that only this user reaches.
Any command runs on it with --demo, as the member of staff that --as names; it
starts by itself. Its files are in the user's state directory, or in
PATRONCTL_DEMO_DIR.`
	return cmd
}

// Open returns what kit calls for --demo.
func Open(env *kit.Env) func(ctx context.Context, login string, start bool) (string, error) {
	return func(ctx context.Context, login string, start bool) (string, error) {
		demo, err := localpg.NewDemo()
		if err != nil {
			return "", err
		}
		if start {
			err = demo.Start(ctx, step(env))
		} else if !demo.Status().Running {
			err = &client.Error{Kind: client.KindConnect, Message: "the demo does not run", Hint: "start it with: patronctl demo start"}
		}
		if err != nil {
			return "", err
		}
		return demo.DSN(ctx, login)
	}
}

// State returns what kit calls for the place where a client of the demo keeps what it must remember.
func State() (string, error) {
	demo, err := localpg.NewDemo()
	if err != nil {
		return "", err
	}
	return demo.StateDir(), nil
}

// step tells the user what takes long.
func step(env *kit.Env) func(string) {
	return func(what string) { env.Note("demo: %s ...", what) }
}

// show prints how the demo is doing.
func show(env *kit.Env, demo *localpg.Demo) error {
	status := demo.Status()
	running := output.Pair{Name: "running", Value: "no", Style: output.Faint}
	if status.Running {
		running = output.Pair{Name: "running", Value: "yes", Style: output.Good}
	}
	pairs := []output.Pair{running, {Name: "files", Value: output.Clean(status.Dir)}}
	if status.Day == "" {
		pairs = append(pairs, output.Pair{Name: "data", Value: "none yet; made at the first start"})
		return output.Document(env.Printer(), status, []output.Section{{Pairs: pairs}})
	}
	pairs = append(pairs,
		output.Pair{Name: "server", Value: "PostgreSQL " + status.Server},
		output.Pair{Name: "log", Value: output.Clean(status.Log)},
		output.Pair{Name: "day", Value: status.Day},
		output.Pair{Name: "patrons", Value: strconv.Itoa(status.Patrons)},
		output.Pair{Name: "logins", Value: strings.Join(status.Logins, " ")},
	)
	return output.Document(env.Printer(), status, []output.Section{{Pairs: pairs}})
}
