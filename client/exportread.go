package client

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// ReadExport reads an export in JSON or XML, a row at a time. Every row goes to row, as the JSON that it was exported from,
// in whichever format. Rows are to be believed only when ReadExport returns no error: what they must add up to stands at the
// end of the file. A file that is no export, is cut off, or does not add up is an *Error of KindRefused.
func ReadExport(r io.Reader, row func(relation string, content json.RawMessage) error) (*ExportHead, error) {
	in := bufio.NewReader(r)
	reader := exportReader{row: row}
	var err error
	switch first, _ := firstByte(in); first {
	case '{':
		err = reader.readJSON(json.NewDecoder(in))
	case '<':
		err = reader.readXML(xml.NewDecoder(in))
	default:
		return nil, refusedExport("this is no export in JSON or XML", nil)
	}
	if err == nil {
		err = reader.check()
	}
	if err != nil {
		return nil, err
	}
	return &reader.head, nil
}

// firstByte peeks behind white space.
func firstByte(in *bufio.Reader) (byte, error) {
	for {
		next, err := in.Peek(1)
		if err != nil {
			return 0, err
		}
		if !strings.ContainsRune(" \t\r\n", rune(next[0])) {
			return next[0], nil
		}
		_, _ = in.Discard(1)
	}
}

func refusedExport(message string, cause error) error {
	return &Error{Kind: KindRefused, Message: message, Hint: "take another copy of the file that patronctl export wrote", cause: cause}
}

// errRow marks an error of the function that takes the rows.
type errRow struct{ error }

// broken says that a file cannot be read, but passes on what the taker of the rows said.
func broken(err error) error {
	if taken, ok := errors.AsType[errRow](err); ok {
		return taken.error
	}
	if refused, ok := errors.AsType[*Error](err); ok {
		return refused
	}
	return refusedExport("this export is cut off or damaged", err)
}

type exportReader struct {
	row         func(relation string, content json.RawMessage) error
	head        ExportHead
	found, said []ExportPart
}

// check compares what was read with what the file says it holds.
func (x *exportReader) check() error {
	if x.head.Schema != ExportSchema {
		return refusedExport(fmt.Sprintf("this is no export of the kind %s", ExportSchema), nil)
	}
	var want []string
	for _, relation := range exportRelations {
		if !relation.accessOnly || x.head.Scope == FullAccess {
			want = append(want, relation.name)
		}
	}
	if !slices.EqualFunc(x.found, want, func(part ExportPart, name string) bool { return part.Relation == name }) {
		return refusedExport("this export lacks a relation, or holds one too many", nil)
	}
	for i, part := range x.found {
		if i >= len(x.said) || x.said[i] != part {
			return refusedExport("this export was altered: "+part.Relation+" is not what its checksum says", nil)
		}
	}
	return nil
}

func (x *exportReader) take(relation string, sum *ExportSum, row json.RawMessage) error {
	sum.Add(row)
	if err := x.row(relation, row); err != nil {
		return errRow{err}
	}
	return nil
}

func relationNamed(name string) (exportRelation, error) {
	i := slices.IndexFunc(exportRelations, func(r exportRelation) bool { return r.name == name })
	if i < 0 {
		return exportRelation{}, refusedExport("this export holds a relation that is not known", nil)
	}
	return exportRelations[i], nil
}

func (x *exportReader) readJSON(d *json.Decoder) error {
	head := map[string]json.RawMessage{}
	err := eachMember(d, func(name string) error {
		switch name {
		case "relations":
			return eachMember(d, func(relation string) error { return x.readRows(d, relation) })
		case "parts":
			return d.Decode(&x.said)
		default:
			var value json.RawMessage
			err := d.Decode(&value)
			head[name] = value
			return err
		}
	})
	if err != nil {
		return broken(err)
	}
	if d.More() {
		return refusedExport("something follows this export in the file", nil)
	}
	text, err := json.Marshal(head)
	if err == nil {
		err = json.Unmarshal(text, &x.head)
	}
	if err != nil {
		return broken(err)
	}
	return nil
}

func (x *exportReader) readRows(d *json.Decoder, relation string) error {
	if _, err := relationNamed(relation); err != nil {
		return err
	}
	if err := expect(d, json.Delim('[')); err != nil {
		return err
	}
	sum := NewExportSum()
	for d.More() {
		var row json.RawMessage
		if err := d.Decode(&row); err != nil {
			return err
		}
		var compact bytes.Buffer // somebody may have indented the file
		if err := json.Compact(&compact, row); err != nil {
			return err
		}
		if err := x.take(relation, sum, compact.Bytes()); err != nil {
			return err
		}
	}
	x.found = append(x.found, sum.Part(relation))
	return expect(d, json.Delim(']'))
}

// eachMember reads an object; do reads the value of each of its members.
func eachMember(d *json.Decoder, do func(name string) error) error {
	if err := expect(d, json.Delim('{')); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		if err := do(fmt.Sprint(name)); err != nil {
			return err
		}
	}
	return expect(d, json.Delim('}'))
}

func expect(d *json.Decoder, want json.Delim) error {
	got, err := d.Token()
	if err == nil && got != want {
		err = fmt.Errorf("%v where %v is expected", got, want)
	}
	return err
}
