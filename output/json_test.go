package output

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestEncodeKeepsValuesAndShowsWhatIsHidden(t *testing.T) {
	for _, text := range []string{"a\u009bb", "\u202e", "\u200b", "\x7f", "\U000E0041", "\x1b", "<&>", "Císařová", "\u2028"} {
		data, err := encode(map[string]string{text: text}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsFunc(string(data), hidden) {
			t.Errorf("%q hides something", data)
		}
		var back map[string]string
		if err := json.Unmarshal(data, &back); err != nil || back[text] != text {
			t.Errorf("%q was read back as %q (%v)", text, back, err)
		}
	}
	if data, _ := encode("<Císařová & co>", nil); string(data) != `"<Císařová & co>"` {
		t.Errorf("readable text was escaped: %s", data)
	}
}

func TestEncodeNeverWritesNullForAnArray(t *testing.T) {
	type inner struct {
		List []string `json:"list"`
	}
	type outer struct {
		Inner  inner          `json:"inner"`
		Behind *inner         `json:"behind"`
		Nil    *inner         `json:"nil"`
		Many   []inner        `json:"many"`
		Any    any            `json:"any"`
		Map    map[string]any `json:"map"`
		At     time.Time      `json:"at"`
		Number json.Number    `json:"number"`
		Raw    json.RawMessage
		hidden []string
	}
	at := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	value := outer{
		Behind: &inner{}, Many: []inner{{}}, Any: inner{}, Map: map[string]any{"k": []int(nil), "n": nil}, At: at,
		Number: "12345678901234567890.10", hidden: nil,
	}
	data, err := encode(value, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"inner":{"list":[]},"behind":{"list":[]},"nil":null,"many":[{"list":[]}],"any":{"list":[]},` +
		`"map":{"k":[],"n":null},"at":"2026-01-31T12:00:00Z","number":12345678901234567890.10,"Raw":null}`
	if string(data) != want {
		t.Errorf("got  %s\nwant %s", data, want)
	}
	if value.Inner.List != nil || value.Behind.List != nil || value.Many[0].List != nil {
		t.Error("the caller's value was changed")
	}
}

func TestEncodePicksFieldsInOrder(t *testing.T) {
	type thing struct {
		A int    `json:"a"`
		B string `json:"b"`
		C string `json:"c,omitempty"`
	}
	data, err := encode(thing{A: 1, B: "x\u202e"}, []string{"c", "b", "a"})
	if want := `{"c":null,"b":"x\u202e","a":1}`; err != nil || string(data) != want {
		t.Errorf("got %s (%v), want %s", data, err, want)
	}
}
