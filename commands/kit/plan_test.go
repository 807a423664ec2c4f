package kit

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/forgetting"
	"patronctl/output"
)

func planScreen(t *testing.T, sections []output.Section) string {
	t.Helper()
	var b bytes.Buffer
	if err := output.Document(&output.Printer{Out: &b, Format: output.Table}, nil, sections); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func largePlan() *forgetting.Plan {
	return &forgetting.Plan{
		ID: 12, Origin: "rules", State: "waiting", MayRun: true, Hash: "83b4", MadeBy: "officer.cam",
		NeedsApproval: "1200 people for the rule lapsed at CAM, and its cap is 1000", Todo: 1203,
		Parts: []forgetting.PlanPart{
			{
				Part: 1, Rule: "lapsed", Action: "erase-lapsed", Authority: "CAM", Cap: 1000, Todo: 1200,
				Skipped:  []client.Skipped{{Reason: "fees KEN", Count: 3}, {Reason: "rule mobile", Count: 2}, {Reason: "new_reason CAM", Count: 1}},
				Branches: []forgetting.BranchCount{{Branch: "CAM-CEN", Todo: 1200, Skipped: 5}},
			},
			{
				Part: 2, Rule: "history", Action: "anonymize-history", Authority: "KEN", Cap: 1000, Todo: 3,
				Branches: []forgetting.BranchCount{{Branch: "KEN-CEN", Todo: 3}},
			},
		},
	}
}

func TestPlanSaysWhyAndWhatIsNext(t *testing.T) {
	got := planScreen(t, PlanScreen(largePlan()))
	for _, want := range []string{
		"state      waiting", "its cap is 1000", "patronctl retention approve 12 --hash 83b4",
		"  lapsed CAM       3  owes fees at KEN\n", "left to the closer rule mobile", "new_reason CAM",
		"  lapsed CAM   CAM-CEN    1200        5\n", "  history KEN  KEN-CEN       3        0\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
	for _, never := range []string{"Done", "retention run"} {
		if strings.Contains(got, never) {
			t.Errorf("%q in:\n%s", never, got)
		}
	}
}

func TestPlanOfOnePartDoesNotRepeatItsRule(t *testing.T) {
	plan := largePlan()
	plan.Parts, plan.State = plan.Parts[:1], "ready"
	if got := planScreen(t, PlanScreen(plan)); strings.Contains(got, "lapsed CAM  ") || !strings.Contains(got, "patronctl retention run 12") {
		t.Errorf("screen:\n%s", got)
	}
}

func TestReportOfARunThatWasStopped(t *testing.T) {
	plan := largePlan()
	plan.State, plan.Done, plan.LeftOut, plan.LeftOutBy = "ready", 200, 3, []client.Skipped{{Reason: "busy", Count: 3}}
	plan.Parts[0].Counts = map[string]int{"people": 200}
	plan.Parts[1].Counts = map[string]int{"loans": 14, "fees_unlinked": 2}
	got := planScreen(t, runScreen(&forgetting.Run{Outcome: "stopped", Plan: 12}, plan))
	for _, want := range []string{
		"run   stopped", "200 of 1203", "loans moved               14", "remaining                 1000",
		"somebody was working on the account", "Skipped when it was planned",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
	err := unfinished(&forgetting.Run{Plan: 12, Done: 200, Skipped: 3, Remaining: 1000}, nil)
	if Exit(err) != ExitPartlyDone || !strings.Contains(err.Error(), "200 people done, 3 skipped, 1000 remain") ||
		!strings.Contains(Hint(err), "retention run 12") {
		t.Errorf("%v, hint %q", err, Hint(err))
	}
	if err := unfinished(&forgetting.Run{Plan: 12, Done: 200}, nil); err != nil {
		t.Errorf("a run that came to its end: %v", err)
	}
	lost := &client.Error{Kind: client.KindUnknown, Message: "outcome unknown"}
	if err := unfinished(&forgetting.Run{Plan: 12}, lost); !errors.Is(err, lost) {
		t.Errorf("what may have happened was lost: %v", err)
	}
}
