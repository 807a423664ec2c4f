// Package commands is the command tree and the entry point. It imports its nouns and kit.
package commands

import (
	"github.com/spf13/cobra"

	"patronctl/client"
	witness "patronctl/client/audit"
	"patronctl/client/forgetting"
	"patronctl/commands/audit"
	"patronctl/commands/block"
	"patronctl/commands/completion"
	"patronctl/commands/consent"
	"patronctl/commands/db"
	"patronctl/commands/debt"
	"patronctl/commands/demo"
	"patronctl/commands/disclosure"
	"patronctl/commands/doctor"
	"patronctl/commands/erasure"
	"patronctl/commands/export"
	"patronctl/commands/help"
	"patronctl/commands/history"
	"patronctl/commands/incident"
	"patronctl/commands/item"
	"patronctl/commands/kit"
	"patronctl/commands/password"
	"patronctl/commands/patron"
	"patronctl/commands/report"
	"patronctl/commands/request"
	"patronctl/commands/retention"
	"patronctl/commands/settings"
	"patronctl/commands/staff"
	"patronctl/commands/version"
)

// noun adds one command to the root.
type noun func(*kit.Env) *cobra.Command

// group is a part of the root's help.
type group struct {
	id, title string
	nouns     []noun
}

// groups is the whole tree: adding a noun is one line here.
var groups = []group{
	{"desk", "Desk work", []noun{
		patron.New,
		debt.New,
		item.New,
		password.New,
		consent.New,
		block.New,
	}},
	{"protection", "Data protection", []noun{
		history.New,
		retention.New,
		request.New,
		export.New,
		disclosure.New,
		erasure.New,
		incident.New,
		report.New,
		audit.New,
	}},
	{"administration", "Administration", []noun{
		settings.New,
		staff.New,
		db.New,
		doctor.New,
	}},
	{"other", "Other", []noun{
		demo.New,
		completion.New,
		version.New,
	}},
}

// Root is the whole command tree.
func Root(env *kit.Env) *cobra.Command {
	root := kit.Group("patronctl", "Patrons, debts and data protection of a shared library")
	root.Long = `patronctl serves the staff of a shared library: several library authorities, one
database. It looks patrons up, checks debts across authorities, anonymizes
history, resets passwords and exports a person's data. The database decides who
may do what, and records who looked at whom, and why.`
	root.Example = `  patronctl --demo patron find novak     try it on made-up people
  patronctl patron show 20000000000012   scan or type a card number
  patronctl debt check - < cards.txt     one card per line, or a barcode scanner`
	root.SilenceErrors, root.SilenceUsage = true, true
	root.CompletionOptions.DisableDefaultCmd = true
	// It runs for the shell's completion requests too: it must not print, connect or ask.
	root.PersistentPreRunE = func(*cobra.Command, []string) error { return env.Flags.Check() }
	root.SetOut(env.Out)
	root.SetErr(env.Err)
	root.SetHelpFunc(showHelp)
	root.SetFlagErrorFunc(kit.FlagError)
	kit.BindGlobal(root, &env.Flags)
	env.OpenDemo, env.DemoState = demo.Open(env), demo.State
	env.Observers = []client.Observer{witness.Observer(), forgetting.Observer()}
	root.SetHelpCommand(help.New(env))
	root.SetHelpCommandGroupID("other")
	for _, g := range groups {
		root.AddGroup(&cobra.Group{ID: g.id, Title: g.title})
		for _, add := range g.nouns {
			cmd := add(env)
			cmd.GroupID = g.id
			root.AddCommand(cmd)
		}
	}
	root.InitDefaultHelpCmd()
	return root
}
