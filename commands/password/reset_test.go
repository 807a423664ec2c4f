package password

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"patronctl/client/people"
	"patronctl/output"
)

func TestQuestionNamesThePersonAndTheState(t *testing.T) {
	for want, p := range map[string]people.ResetPreview{
		"Anna Smith (patron 7)? The account opens with a password of their own now and with a one-time code afterwards.": {
			Patron: 7, Name: "Anna Smith", State: "own", Mode: "one_time",
		},
		"Anna Smith (patron 7)? The account opens with nothing: it is locked now and with the card number afterwards.": {
			Patron: 7, Name: "Anna Smith", State: "locked", Mode: "card",
		},
	} {
		if got := question(&p); !strings.HasSuffix(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestScreen(t *testing.T) {
	until := time.Date(2026, 2, 1, 12, 0, 0, 0, time.UTC)
	code := "ACDE-FGHJ-KMNP"
	for _, c := range []struct {
		reset      people.PasswordReset
		has, hasNo string
	}{
		{people.PasswordReset{Patron: 7, Mode: "one_time", Code: &code, ExpiresAt: &until}, code, "lock-out"},
		{people.PasswordReset{Patron: 7, Mode: "card", Unlocked: true}, "lock-out", "code"},
	} {
		var b bytes.Buffer
		if err := output.Document(&output.Printer{Out: &b, Format: output.Table}, c.reset, outcome(&c.reset)); err != nil {
			t.Fatal(err)
		}
		if got := b.String(); !strings.Contains(got, c.has) || strings.Contains(got, c.hasNo) {
			t.Errorf("screen:\n%s", got)
		}
	}
}
