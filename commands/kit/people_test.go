package kit

import (
	"fmt"
	"strings"
	"testing"
)

func TestEntriesOfAFile(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"plain":             {"1001\n1002\n", "1:1001 2:1002"},
		"windows":           {"\uFEFFcard\r\n1001\r\n\r\n 1002 \r\n", "2:1001 4:1002"},
		"csv":               {"Card,name\n\"1001\",\"Novak, Anna\"\n1002,x\n", "2:1001 3:1002"},
		"semicolons, tabs":  {"1001;x\n1002\ty", "1:1001 2:1002"},
		"header later on":   {"1001\ncard\n", "1:1001 2:card"},
		"empty first cells": {",x\n1001\n", "2:1001"},
		"empty":             {"", ""},
	} {
		var got []string
		for entry, err := range entries(strings.NewReader(c.file)) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprintf("%d:%s", entry.Line, entry.Ref))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestEntriesEndAtALineThatIsTooLong(t *testing.T) {
	var failure error
	for _, err := range entries(strings.NewReader("1001\n" + strings.Repeat("x", 5000))) {
		failure = err
	}
	if Exit(failure) != ExitUsage || !strings.Contains(failure.Error(), "line 2") {
		t.Errorf("got %v", failure)
	}
}
