package exchange

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"patronctl/client"
)

func ignore(string, json.RawMessage) error { return nil }

var errStop = errors.New("stop")

// A file that was changed, cut, or is something else is refused; so is one that goes on after its end.
func TestReadRefuses(t *testing.T) {
	for f, write := range map[Format]func(io.Writer, *content) error{JSON: writeJSON, XML: writeXML} {
		var b bytes.Buffer
		if err := write(&b, fake(5)); err != nil {
			t.Fatal(err)
		}
		good := b.String()
		if head, err := Read(strings.NewReader("\n "+good), ignore); err != nil && f == JSON ||
			err == nil && head.Omitted[0] != testHead.Omitted[0] {
			t.Errorf("%s: %+v, %v", f, head, err)
		}
		for name, bad := range map[string]string{
			"another value":    strings.Replace(good, "B3", "B4", 1),
			"a row gone":       strings.Replace(good, rowOf(good, "B3"), "", 1),
			"a relation gone":  strings.ReplaceAll(good, "loan", "lean"),
			"another schema":   strings.ReplaceAll(strings.ReplaceAll(good, Schema, "patronctl-export/3"), Namespace, "urn:x"),
			"something behind": good + good,
			"nothing":          "",
			"text":             "hello",
			"another document": map[Format]string{JSON: `{"relations": {}}`, XML: `<export/>`}[f],
		} {
			if _, err := Read(strings.NewReader(bad), ignore); !refused(err) {
				t.Errorf("%s, %s: %v", f, name, err)
			}
		}
		for cut := 0; cut < len(strings.TrimSpace(good)); cut += 97 {
			if _, err := Read(strings.NewReader(good[:cut]), ignore); !refused(err) {
				t.Errorf("%s, cut after %d: %v", f, cut, err)
			}
		}
		if _, err := Read(strings.NewReader(good), func(string, json.RawMessage) error { return errStop }); !errors.Is(err, errStop) {
			t.Errorf("%s: %v", f, err)
		}
	}
}

func refused(err error) bool {
	from, ok := errors.AsType[*client.Error](err)
	return ok && from.Kind == client.KindRefused && !strings.ContainsAny(from.Message, "\n")
}

// rowOf is the line of a file with a word in it.
func rowOf(file, word string) string {
	at := strings.Index(file, word)
	return file[strings.LastIndexByte(file[:at], '\n') : at+strings.IndexByte(file[at:], '\n')]
}
