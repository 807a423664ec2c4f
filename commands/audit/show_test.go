package audit

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"patronctl/client/audit"
	"patronctl/output"
)

func TestScreenTellsWhetherAWriteWasDone(t *testing.T) {
	for result, want := range map[string]string{
		``:     "nothing was written",
		`null`: "nothing was written",
		`{"mode":"card","loans":14,"skipped":[{"count":2}]}`: `[{"count":2}]`,
	} {
		a := &audit.Access{Access: 7, Outcome: "denied", Because: "staff of CAM only", Patrons: []int64{1, 2}, Result: json.RawMessage(result)}
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
