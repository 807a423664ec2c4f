package history

import (
	"bytes"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/people"
	"patronctl/output"
)

func screenOf(t *testing.T, a *people.Anonymized) string {
	t.Helper()
	var b bytes.Buffer
	if err := output.Document(&output.Printer{Out: &b, Format: output.Table}, a, outcome(a)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestForecastSaysWhatStaysAndThatItIsForGood(t *testing.T) {
	branch, year := "C1", 1990
	a := &people.Anonymized{
		Patron: 123, Name: "Jana\x1b[1m Nováková", DryRun: true, Loans: 14, Holds: 3, ZeroFees: 2, FeesUnlinked: 1, K: 5, BelowK: true,
		Skipped: []client.Skipped{{Reason: "unpaid_fee", Count: 2}, {Reason: "on_loan", Count: 4}, {Reason: "new_reason", Count: 6}},
		Group:   people.Group{Authority: "CAM", Branch: &branch, Category: "adult", BirthYear: &year, People: 3},
	}
	got := screenOf(t, a)
	for _, want := range []string{
		"Would be anonymized", `Jana\x1b[1m Nováková (123)`, "unpaid fee", "--include-owing", "not returned yet", "new_reason",
		"fewer than 5 people", "--generalize", "cannot be undone", "1990",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
	want := "Anonymize the history of Jana\x1b[1m Nováková (patron 123) for good? Loans: 14, holds: 3, zero fees: 2."
	if question(a) != want {
		t.Errorf("question: %s", question(a))
	}
}

func TestResultOfAGeneralizedRun(t *testing.T) {
	got := screenOf(t, &people.Anonymized{Patron: 123, Loans: 1, K: 5, Group: people.Group{Authority: "CAM", Category: "adult", People: 900}})
	if strings.Contains(got, "forecast") || strings.Contains(got, "Warning") || strings.Count(got, "any") != 2 {
		t.Errorf("screen:\n%s", got)
	}
}

func TestNothingToDo(t *testing.T) {
	got := screenOf(t, &people.Anonymized{Patron: 123, DryRun: true, BelowK: true, K: 5})
	if !strings.Contains(got, "nothing to anonymize") || strings.Contains(got, "Warning") {
		t.Errorf("screen:\n%s", got)
	}
}
