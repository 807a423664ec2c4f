package client_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"patronctl/client/localpg/pgtest"
)

// Whatever is typed to look somebody up, the search answers or refuses in its own words; each shape leads where it should:
// a card, e-mail address, phone number or birth date in whatever words stand around it.
func FuzzSearch(f *testing.F) {
	for _, seed := range []string{
		"novak", "90000036", "id:36", "ID:1", "id:", "1980-02-30", "1980-02-29", "0000-00-00", "2026-13-01", "a@b", "@", "+421 900 123 456",
		"(0) 900/123.456", "-------", "Ng", "x", "",
		"O'Brien", "císařová žofia", "１９８０-01-01", "1980-01-01 novak", "novak 90000036", "\u0301", "\u1e9e", "%", "_", "a%b", `\`, "''", "ﷺ",
		"\U0001F600", "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnn", "٣٣٣٣-٠١-٠١", "\u00a0", "a\u2003b",
	} {
		f.Add(seed)
	}
	for _, s := range pgtest.Hostile() {
		if len(s) < 100 {
			f.Add(s)
		}
	}
	super := pgtest.New(f).Super(f)
	if _, err := super.Exec(f.Context(), "SET statement_timeout = '20s'"); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		if !utf8.ValidString(typed) || strings.ContainsRune(typed, 0) || len(typed) > 500 {
			return // refused before it comes here
		}
		var hits []int64
		for _, query := range []string{
			`SELECT coalesce(array_agg(s.patron), '{}') FROM lms.search(regexp_split_to_array($1, '\s+'), NULL, 20) AS s`,
			`SELECT coalesce(array_agg(s.patron), '{}') FROM lms.search(ARRAY[$1], 'CAM', 20) AS s`,
			`SELECT coalesce(desk.resolve($1), '{}')`,
			`SELECT coalesce(array_agg(s.patron), '{}') FROM lms.same_person($1, $1, NULL) AS s`,
		} {
			err := super.QueryRow(t.Context(), query, typed).Scan(&hits)
			if state := pgtest.Code(err); err != nil && state != "LB400" {
				t.Fatalf("%q: %v", typed, err)
			}
			if len(hits) > 20 {
				t.Errorf("%q: %d hits", typed, len(hits))
			}
		}
		var day, want bool
		if err := super.QueryRow(t.Context(), `SELECT $1 ~ '^\d{4}-\d{2}-\d{2}$' AND lms.is_day($1)`, typed).Scan(&day); err != nil {
			t.Fatal(err)
		}
		_, failed := time.Parse(time.DateOnly, typed)
		if want = failed == nil && typed >= "0001"; day != want {
			t.Errorf("%q: a day for the database %v, for Go %v", typed, day, want)
		}
	})
}

var anAge = regexp.MustCompile(`^ *0*[1-9][0-9]{0,4} *(day|month|year)s? *$`)

// What is a time of retention reads back as itself; everything else is refused in the tool's own words.
func FuzzAge(f *testing.F) {
	for _, seed := range []string{
		"365 days", "18 months", "3 years", "1day", "0 days", "-1 day", "99999 days", "99999 months", "500 years",
		"501 years", "1.5 years", "1 day 2 months", "P1Y", "1\u00a0day", "1\u2003year", "１ day", "١ day", "1 day\n", " 01 month ",
	} {
		f.Add(seed)
	}
	for _, s := range pgtest.Hostile() {
		if len(s) < 100 {
			f.Add(s)
		}
	}
	super := pgtest.New(f).Super(f)
	f.Fuzz(func(t *testing.T, said string) {
		if !utf8.ValidString(said) || strings.ContainsRune(said, 0) {
			return // refused before it comes here
		}
		var age, again string
		err := super.QueryRow(t.Context(), `SELECT desk.age_text(desk.age_of($1)), desk.age_text(desk.age_of(desk.age_text(desk.age_of($1))))`,
			said).Scan(&age, &again)
		switch {
		case err == nil && (!anAge.MatchString(said) || age != again):
			t.Errorf("%q is a time: %q, %q", said, age, again)
		case err != nil && pgtest.Code(err) != "LB400":
			t.Errorf("%q: %v", said, err)
		}
	})
}

// Criteria of any shape are refused or answered, never with an error of the server's own.
func FuzzCriteria(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`, `[]`, `1`, `{"words": ["novak"]}`, `{"words": "novak"}`, `{"words": [[]]}`, `{"words": null}`,
		`{"words": ["x"], "limit": "x"}`, `{"words": ["novak"], "facts": 3}`, `{"words": ["novak"], "matches": "maybe"}`, `{"ref": {}}`,
		`{"words": ["novak"], "limit": 1e400}`, `{"words": ["novak"], "authority": []}`,
	} {
		f.Add(seed, "patron find")
		f.Add(strings.ReplaceAll(seed, "words", "cards"), "debt check")
		f.Add(strings.ReplaceAll(seed, "words", "applicant"), "debt check")
		f.Add(strings.ReplaceAll(seed, "words", "ref"), "patron show")
		f.Add(strings.ReplaceAll(seed, "words", "barcode"), "item show")
		f.Add(strings.ReplaceAll(seed, "words", "access"), "audit show")
	}
	clerk := pgtest.New(f).Connect(f, "clerk.cam")
	f.Fuzz(func(t *testing.T, criteria, operation string) {
		if !json.Valid([]byte(criteria)) || !utf8.ValidString(criteria+operation) || strings.Contains(criteria, `\u`) ||
			strings.ContainsRune(operation, 0) || len(criteria) > 1000 {
			return // refused before it comes here
		}
		tx, err := clerk.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback(t.Context()) //nolint:errcheck // nothing is kept
		_, err = tx.Exec(t.Context(), "SELECT desk.open_access($1, '', '', $2::text::jsonb)", operation, criteria)
		// a number too long for jsonb
		if state := pgtest.Code(err); err != nil && !strings.HasPrefix(state, "LB") && state != "42501" && state != "22003" {
			t.Errorf("%s for %q: %v", criteria, operation, err)
		}
	})
}
