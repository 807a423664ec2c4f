package kit

import (
	"strings"
	"testing"
	"time"
)

// A moment is a day or an instant and nothing else, and what is refused is not quoted.
func FuzzMoment(f *testing.F) {
	for _, seed := range []string{
		"", "today", "yesterday", "2026-01-31", "2026-02-29", "0001-01-01", "9999-12-31", "2026-01-31T14:00:00+01:00",
		"2026-01-31T24:00:00Z", "2026-01-31T14:00:00.123456789Z", "2026-01-31t14:00:00z", "2026-03-29",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var m MomentFlag
		if err := m.Set(s); err != nil {
			if strings.ContainsAny(err.Error(), "\n\x1b") || m.Begin() != nil || m.End() != nil {
				t.Errorf("%q: %q, %v", s, err, m)
			}
			return
		}
		if m.day != (len(s) == 10 || s == "today") {
			t.Errorf("%q is a day: %v", s, m.day)
		}
		if m.IsZero() {
			return
		}
		switch length := m.End().Sub(*m.Begin()); {
		case m.day && (length < 22*time.Hour || length > 26*time.Hour), !m.day && length != 0:
			t.Errorf("%q is %s long", s, length)
		}
	})
}
