package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"patronctl/client/exchange"
	"patronctl/client/localpg/pgtest"
)

// TestPassphraseOfAnExport types a passphrase at the prompt: twice, never shown, and the file opens with it.
func TestPassphraseOfAnExport(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	term := newTerminal(t, 100)
	const phrase = "paper lantern ninety-one"
	for name, c := range map[string]struct {
		typed []string
		code  int
		says  string
	}{
		"x.json.age": {[]string{phrase, phrase}, 0, "x.json.age"},
		"y.json.age": {[]string{phrase, phrase + "!"}, 2, "not the same"},
		"z.json.age": {[]string{"too short"}, 2, "at least 15 characters"},
	} {
		cmd := term.program(db, "officer.cam", true, "patronctl", "export", "90000005", "--to", name, "--passphrase", "-q")
		must(t, cmd.Start())
		for i, typed := range c.typed {
			term.waitFor([]string{"Passphrase of the file: ", "Passphrase of the file, once more: "}[i])
			term.press(typed + "\n")
		}
		_ = cmd.Wait()
		shown := term.waitFor(c.says)
		if code := cmd.ProcessState.ExitCode(); code != c.code || strings.Contains(shown, c.typed[0]) {
			t.Errorf("%s: exit %d, shown %q", name, code, shown)
		}
		term.clear()
		file, err := os.Open(filepath.Join(term.dir, name))
		if c.code != 0 {
			if err == nil {
				t.Errorf("%s was written", name)
			}
			continue
		}
		must(t, err)
		identity, err := age.NewScryptIdentity(phrase)
		must(t, err)
		opened, err := age.Decrypt(file, identity)
		must(t, err)
		head, err := exchange.Read(opened, func(string, json.RawMessage) error { return nil })
		must(t, err)
		must(t, file.Close())
		if head.Patron != 5 {
			t.Errorf("%+v", head)
		}
	}
}
