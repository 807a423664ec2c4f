package kit

import "testing"

func TestName(t *testing.T) {
	for want, parts := range map[string][2]string{
		"Novák, Anna": {"Novák", "Anna"},
		"Novák":       {"Novák", ""},
		"Anna":        {"", "Anna"},
		"":            {"", ""},
	} {
		if got := Name(parts[0], parts[1]); got != want {
			t.Errorf("%q: got %q, want %q", parts, got, want)
		}
	}
}
