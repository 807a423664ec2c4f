package report

import (
	"bytes"
	"strings"
	"testing"

	"patronctl/client/audit"
	"patronctl/output"
)

func html(t *testing.T, page output.Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := output.HTML(&b, page); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The notice says how soon an answer comes, by the law of each authority that it is for.
func TestNoticeSaysHowSoonRequestsAreAnswered(t *testing.T) {
	anna := audit.Controller{Name: "Annaberg", Own: true, Law: "eu"}
	bury := audit.Controller{Name: "Bury", Own: true, Law: "uk"}
	const month, more, pause = "We answer within one month.", "two months more", "the time stands still."
	for _, test := range []struct {
		controllers  []audit.Controller
		there, never []string
	}{
		{[]audit.Controller{anna, {Name: "Bury", Law: "uk"}}, []string{month, more}, []string{pause, "Annaberg: We"}},
		{[]audit.Controller{bury}, []string{month, more, pause}, []string{"Bury: We"}},
		{
			[]audit.Controller{bury, anna, {Name: "Cork", Own: true, Law: "eu"}},
			[]string{"<p>Annaberg, Cork: " + month, "<p>Bury: " + month, pause},
			[]string{"<p>We answer"},
		},
	} {
		page := html(t, notice(&audit.Processing{Controllers: test.controllers}))
		for _, text := range test.there {
			if !strings.Contains(page, text) {
				t.Errorf("%+v: %q is not there", test.controllers, text)
			}
		}
		for _, text := range test.never {
			if strings.Contains(page, text) {
				t.Errorf("%+v: %q", test.controllers, text)
			}
		}
	}
}

// A report of groups that are all too small says how many they are, and draws nothing.
func TestSharingSaysWhatIsHidden(t *testing.T) {
	small := audit.SharingCount{Home: "A", Looked: "B", Purpose: "debt", Hidden: true}
	six := 6
	large := audit.SharingCount{Home: "A", Looked: "B", Purpose: "service", Lookups: &six, People: &six, Debts: &six}
	for _, test := range []struct {
		rows   []audit.SharingCount
		says   string
		drawn  bool
		absent string
	}{
		{nil, "Nobody was looked up", false, "hidden"},
		{[]audit.SharingCount{small}, "<p>1 group of fewer than 5 people is hidden</p>", false, "are hidden"},
		{[]audit.SharingCount{small, small, large}, "<p>2 groups of fewer than 5 people are hidden</p>", true, "is hidden"},
		{[]audit.SharingCount{large}, "In numbers", true, "hidden<"},
	} {
		page := html(t, sharingPage(&audit.Sharing{Rows: test.rows}))
		if !strings.Contains(page, test.says) || strings.Contains(page, `class="plot"`) != test.drawn || strings.Contains(page, test.absent) {
			t.Errorf("%+v:\n%s", test.rows, page)
		}
	}
}
