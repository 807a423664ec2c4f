package main

import (
	"slices"
	"strings"
	"testing"
)

// What is listed is there: functions, texts, tests, and survivors that are mutants.
func TestTheListIsOfThisRepository(t *testing.T) {
	t.Chdir("../../..")
	sources, err := readSources()
	if err != nil {
		t.Fatal(err)
	}
	all, err := mutants(sources)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 150 {
		t.Errorf("only %d mutants", len(all))
	}
	t.Log(len(all), "mutants")
	found, err := packages()
	if err != nil {
		t.Fatal(err)
	}
	named := survivors()
	seen := map[string]bool{}
	for _, m := range all {
		if seen[m.id] {
			t.Errorf("twice: %s", m.id)
		}
		seen[m.id] = true
		delete(named, m.id)
		for _, test := range m.tests {
			if found[test] == "" {
				t.Fatalf("there is no %s", test)
			}
		}
	}
	for id, why := range named {
		t.Errorf("survivors.txt: no such mutant: %s (%s)", id, why)
	}
}

// A line is changed in each way that its words allow, and not within what it says to people.
func TestChanges(t *testing.T) {
	for line, want := range map[string][]string{
		"  IF a < b THEN": {"  IF a <= b THEN", "  IF FALSE THEN"},
		"    AND x > clock_timestamp() - interval '10 minutes';": {"    AND x > clock_timestamp() - interval '10 hours';", "    AND TRUE;"},
		"  OR (a AND b) THEN":              {"  OR (a OR b) THEN", "  OR FALSE THEN"},
		"  OR (a":                          nil,
		"SELECT 'TRUE < FALSE' -- a < b":   nil,
		"WHERE NOT EXISTS (SELECT) -- why": {"WHERE EXISTS (SELECT) -- why"},
	} {
		got := changes(line)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n%s\nwant\n%s", line, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// A function ends where its body does.
func TestStatements(t *testing.T) {
	for _, text := range []string{
		"CREATE FUNCTION desk.a() RETURNS text\nLANGUAGE sql\nAS $$\n  SELECT 1;\n  SELECT 2\n$$;\n",
		"CREATE FUNCTION desk.a() RETURNS text\nLANGUAGE sql\nRETURN a\n  OR b;\n",
		"CREATE FUNCTION desk.a() RETURNS text\nLANGUAGE sql\nBEGIN ATOMIC\n  SELECT 1;\nEND;\n",
	} {
		if got := statement(text + "\n-- More.\nSELECT 3;\n"); got != text {
			t.Errorf("%q", got)
		}
	}
}
