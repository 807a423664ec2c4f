package kit

import (
	"testing"
	"time"
)

func TestMoment(t *testing.T) {
	local := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 0, 0, 0, 0, time.Local)
	}
	now := time.Now()
	at := time.Date(2026, 1, 31, 13, 0, 0, 0, time.UTC)
	for text, want := range map[string][2]time.Time{
		"2026-01-31":                {local(2026, 1, 31), local(2026, 2, 1)},
		"today":                     {local(now.Date()), local(now.Year(), now.Month(), now.Day()+1)},
		"2026-01-31T14:00:00+01:00": {at, at},
	} {
		var m MomentFlag
		if err := m.Set(text); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if !m.Begin().Equal(want[0]) || !m.End().Equal(want[1]) {
			t.Errorf("%s: from %v to %v, want %v", text, m.Begin(), m.End(), want)
		}
	}
	for _, bad := range []string{"", "yesterday", "31.1.2026", "2026-02-30", "2026-01-31T14:00:00", "2026-01-31 14:00"} {
		if err := new(MomentFlag).Set(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	if none := new(MomentFlag); none.Begin() != nil || none.End() != nil {
		t.Error("no flag is no bound")
	}
}
