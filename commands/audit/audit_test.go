package audit

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"patronctl/client"
	"patronctl/output"
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
		var m moment
		if err := m.Set(text); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if !m.begin().Equal(want[0]) || !m.end().Equal(want[1]) {
			t.Errorf("%s: from %v to %v, want %v", text, m.begin(), m.end(), want)
		}
	}
	for _, bad := range []string{"", "yesterday", "31.1.2026", "2026-02-30", "2026-01-31T14:00:00", "2026-01-31 14:00"} {
		if err := new(moment).Set(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	if none := new(moment); none.begin() != nil || none.end() != nil {
		t.Error("no flag is no bound")
	}
}

func TestScreenTellsWhetherAWriteWasDone(t *testing.T) {
	for result, want := range map[string]string{
		``:     "nothing was written",
		`null`: "nothing was written",
		`{"mode":"card","loans":14,"skipped":[{"count":2}]}`: `[{"count":2}]`,
	} {
		a := &client.Access{Access: 7, Outcome: "denied", Because: "staff of CAM only", Patrons: []int64{1, 2}, Result: json.RawMessage(result)}
		sections, err := screen(a)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := output.Document(&output.Printer{Out: &b, Format: output.Table}, a, sections); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{want, "staff of CAM only", "1 2"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("no %q in:\n%s", want, b.String())
			}
		}
		if strings.Contains(b.String(), `"card"`) {
			t.Errorf("quotes around a text:\n%s", b.String())
		}
	}
}
