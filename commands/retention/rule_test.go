package retention

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"patronctl/client/forgetting"
	"patronctl/output"
)

func TestRuleInWords(t *testing.T) {
	for name, c := range map[string]struct {
		rule      forgetting.Rule
		has, lack []string
	}{
		"shipped": {
			forgetting.Rule{Name: "lapsed", Action: "erase-lapsed", Age: "18 months", CountedFrom: "expired", Cap: 1000},
			[]string{
				"every authority", "nowhere", "retention enable lapsed", "18 months from the day the account expired", "everybody",
				"guardian", "1000 people",
			},
			[]string{"groups", "do not count"},
		},
		"narrow": {
			forgetting.Rule{
				Name: "gone", Authority: "CAM", Action: "erase-deleted", Age: "365 days", CountedFrom: "deleted", Despite: []string{"orders", "fees"},
				Branches: []string{"C1"}, ExceptBranches: []string{"C2"}, Categories: []string{"ADULT"}, InForce: []string{"CAM"},
			},
			[]string{"branches C1; not branches C2; categories ADULT", "do not count: orders, fees", "in force  CAM"},
			[]string{"guardian", "reactivated", "nowhere"},
		},
		"history": {
			forgetting.Rule{Name: "history", Action: "anonymize-history", Age: "3 years", GeneralizeTo: 7, LastBorrower: 30},
			[]string{"until 7 people fit", "the last loan of each item for 30 days", "chose to keep"},
			nil,
		},
		"history of all": {
			forgetting.Rule{Action: "anonymize-history", Despite: []string{"keeps-history"}}, nil, []string{"chose to keep", "widened"},
		},
		"accounts": {
			forgetting.Rule{Action: "unlink-accounts", Age: "10 years"},
			[]string{"10 years from the last payment", "not settled"},
			[]string{"groups"},
		},
		"action of another version": {forgetting.Rule{Action: "new-action", CountedFrom: "new-day"}, []string{"new-action", "new-day"}, nil},
	} {
		var b bytes.Buffer
		if err := output.Document(&output.Printer{Out: &b, Format: output.Table}, c.rule, screen(&c.rule)); err != nil {
			t.Fatal(err)
		}
		for _, want := range c.has {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s: no %q in:\n%s", name, want, b.String())
			}
		}
		for _, never := range c.lack {
			if strings.Contains(b.String(), never) {
				t.Errorf("%s: %q in:\n%s", name, never, b.String())
			}
		}
	}
}

func TestOnlyWhatWasGivenIsChanged(t *testing.T) {
	o := &setOptions{authority: "all", k: 5, cap: 3, branches: []string{}}
	given := map[string]bool{"authority": true, "generalize": true, "branch": true, "cap": true}
	want := forgetting.RuleChange{"authority": nil, "generalize_to": nil, "branches": []string{}, "cap": 3}
	if got := o.change(func(flag string) bool { return given[flag] }); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
	o.generalize, o.authority = true, "CAM"
	want["generalize_to"], want["authority"] = 5, "CAM"
	if got := o.change(func(flag string) bool { return given[flag] }); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
}
