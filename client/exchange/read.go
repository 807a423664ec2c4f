package exchange

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

	"patronctl/client"
)

// Read reads an export in JSON or XML, a row at a time. Every row goes to row, as the JSON that it was exported from,
// in whichever format. Rows are to be believed only when Read returns no error: what they must add up to stands at the
// end of the file. A file that is no export, is cut off, or does not add up is an *Error of KindRefused.
func Read(r io.Reader, row func(relation string, content json.RawMessage) error) (*Head, error) {
	limit := &meter{r: r, left: mostAtOnce}
	in := bufio.NewReader(limit)
	reader := exportReader{row: row, limit: limit}
	first, err := firstByte(in)
	switch first {
	case '{':
		err = reader.readJSON(json.NewDecoder(in))
	case '<':
		err = reader.readXML(xml.NewDecoder(in))
	default:
		if refused, ok := errors.AsType[*client.Error](err); ok {
			return nil, refused
		}
		return nil, &client.Error{
			Kind: client.KindRefused, Message: "this is no export in JSON or XML", Cause: err,
			Hint: "take the file that patronctl export wrote with --format json or xml",
		}
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
	return &client.Error{
		Kind:    client.KindRefused,
		Message: message,
		Hint:    "take another copy of the file that patronctl export wrote",
		Cause:   cause,
	}
}

// errRow marks an error of the function that takes the rows.
type errRow struct{ error }

// broken says that a file cannot be read, but passes on what the taker of the rows said.
func broken(err error) error {
	if taken, ok := errors.AsType[errRow](err); ok {
		return taken.error
	}
	if refused, ok := errors.AsType[*client.Error](err); ok {
		return refused
	}
	return refusedExport("this export is cut off or damaged", err)
}

// mostAtOnce is how many bytes a row may take, or the head of an export: no person's do, and a reader that took more would
// let a file fill the memory.
const mostAtOnce = 1 << 20

// meter reads that much at most until it is told that a row begins.
type meter struct {
	r    io.Reader
	left int
}

func (m *meter) begin() { m.left = mostAtOnce }

func (m *meter) Read(p []byte) (int, error) {
	if m.left <= 0 {
		return 0, refusedExport("this export holds more than 1 MiB in one place", nil)
	}
	n, err := m.r.Read(p[:min(len(p), m.left)])
	m.left -= n
	return n, err
}

type exportReader struct {
	row         func(relation string, content json.RawMessage) error
	limit       *meter
	head        Head
	found, said []Part
}

// check compares what was read with what the file says it holds.
func (x *exportReader) check() error {
	if x.head.Schema != Schema {
		return errSchema()
	}
	var want []string
	for _, relation := range exportRelations() {
		if !relation.accessOnly || x.head.Scope == FullAccess {
			want = append(want, relation.name)
		}
	}
	if !slices.EqualFunc(x.found, want, func(part Part, name string) bool { return part.Relation == name }) {
		return refusedExport("this export lacks a relation, or holds one too many", nil)
	}
	for i, part := range x.found {
		if i >= len(x.said) || x.said[i] != part {
			return refusedExport("this export was altered: "+part.Relation+" is not what its checksum says", nil)
		}
	}
	return nil
}

func errSchema() error {
	return &client.Error{
		Kind: client.KindRefused, Message: fmt.Sprintf("this is no export of the kind %s", Schema),
		Hint: "this patronctl reads what a patronctl of the same kind wrote: patronctl export --schema",
	}
}

func (x *exportReader) take(relation exportRelation, sum *Sum, row json.RawMessage) error {
	x.limit.begin()
	if err := relation.check(row); err != nil {
		return err
	}
	sum.Add(row)
	if err := x.row(relation.name, row); err != nil {
		return errRow{err}
	}
	return nil
}

// relation is the one of that name, which comes once.
func (x *exportReader) relation(name string) (exportRelation, error) {
	i := slices.IndexFunc(exportRelations(), func(r exportRelation) bool { return r.name == name })
	if i < 0 {
		return exportRelation{}, refusedExport("this export holds a relation that is not known", nil)
	}
	if slices.ContainsFunc(x.found, func(part Part) bool { return part.Relation == name }) {
		return exportRelation{}, refusedExport("this export holds "+name+" twice", nil)
	}
	return exportRelations()[i], nil
}

// check refuses a row that is not written as exports are: its columns once each and in order, values of their types, and
// nothing escaped that need not be. What Go's readers would pass over or mend is found out by writing it anew.
func (r exportRelation) check(row json.RawMessage) error {
	d := json.NewDecoder(bytes.NewReader(row))
	d.UseNumber()
	if err := expect(d, json.Delim('{')); err != nil {
		return refusedExport("a row of "+r.name+" is no object", err)
	}
	again := []byte{'{'}
	for i, column := range r.columns {
		if name, err := d.Token(); err != nil || name != column.Name {
			return refusedExport("a row of "+r.name+" lacks "+column.Name+", or holds something unknown or twice", err)
		}
		value, err := readTyped(d, column.Type)
		if err == nil {
			err = column.Type.check(value)
		}
		if err != nil {
			return refusedExport(fmt.Sprintf("%s of %s: %s", column.Name, r.name, whatIsWrong(err)), err)
		}
		if i > 0 {
			again = append(again, ',')
		}
		again = append(appendJSONString(again, column.Name), ':')
		again = appendJSON(again, value)
	}
	if !bytes.Equal(append(again, '}'), row) {
		return refusedExport("a row of "+r.name+" is not written as exports are, or not in UTF-8", nil)
	}
	return nil
}

// readTyped reads a value; a list as []string.
func readTyped(d *json.Decoder, kind Type) (any, error) {
	value, err := d.Token()
	if kind != List || value != json.Delim('[') {
		return value, err
	}
	list := []string{}
	for d.More() {
		item, err := d.Token()
		if err != nil {
			return nil, err
		}
		text, ok := item.(string)
		if !ok {
			return nil, errList
		}
		list = append(list, text)
	}
	return list, expect(d, json.Delim(']'))
}

// appendJSON writes a value as exports have it.
func appendJSON(b []byte, value any) []byte {
	switch v := value.(type) {
	case nil:
		return append(b, "null"...)
	case string:
		return appendJSONString(b, v)
	case []string:
		b = append(b, '[')
		for i, text := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSONString(b, text)
		}
		return append(b, ']')
	default:
		return fmt.Append(b, v)
	}
}

// whatIsWrong is what the parsers of values say, and nothing that may quote one.
func whatIsWrong(err error) string {
	if known, ok := errors.AsType[client.ValueError](err); ok {
		return known.Error()
	}
	return "not a value"
}

const (
	errText  client.ValueError = "not text"
	errYesNo client.ValueError = "not true or false"
	errList  client.ValueError = "not a list of texts"
)

// check tells whether a value of JSON is of the type. Null is of every type.
func (t Type) check(value any) error {
	parse := map[Type]client.Parser{
		Text: client.AsText, Currency: client.AsText, Day: client.AsDay, Instant: client.AsInstant, Money: client.AsMoney,
	}[t]
	switch v := value.(type) {
	case nil:
		return nil
	case string:
		if parse == nil {
			break
		}
		_, err := parse(v)
		return err
	case json.Number:
		if t == Number {
			_, err := client.AsNumber(v.String())
			return err
		}
	case bool:
		if t == Boolean {
			return nil
		}
	case []string: // of the type list only
		for _, text := range v {
			if _, err := client.AsText(text); err != nil {
				return err
			}
		}
		return nil
	}
	return map[Type]client.ValueError{
		Text: errText, Currency: errText, Number: client.ErrNumber, Boolean: errYesNo, Day: client.ErrDay,
		Instant: client.ErrMoment, Money: client.ErrMoney, List: errList,
	}[t]
}

func (x *exportReader) readJSON(d *json.Decoder) error {
	read := map[string]bool{}
	err := eachMember(d, func(name string) error {
		x.limit.begin()
		if read[name] {
			return refusedExport("this export says something about itself twice", nil)
		}
		read[name] = true
		switch name {
		case "relations":
			return eachMember(d, func(relation string) error { return x.readRows(d, relation) })
		case "parts":
			return d.Decode(&x.said)
		case "omitted":
			return d.Decode(&x.head.Omitted)
		}
		i := slices.IndexFunc(headColumns, func(c Column) bool { return c.Name == name })
		if i < 0 {
			return refusedExport("this export says something about itself that is not known", nil)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		return x.headValue(headColumns[i], value)
	})
	if err != nil {
		return broken(err)
	}
	x.limit.begin()
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return refusedExport("something follows this export in the file", err)
	}
	return nil
}

// headValue takes a simple member of the head. A kind of export that is not known is refused before its rows are read.
func (x *exportReader) headValue(column Column, value json.RawMessage) error {
	if err := json.Unmarshal(fmt.Appendf(nil, "{%q:%s}", column.Name, value), &x.head); err != nil {
		return refusedExport("what this export says about itself is of the wrong type: "+column.Name, err)
	}
	if column.Name == "schema" && x.head.Schema != Schema {
		return errSchema()
	}
	return nil
}

func (x *exportReader) readRows(d *json.Decoder, name string) error {
	relation, err := x.relation(name)
	if err != nil {
		return err
	}
	if err := expect(d, json.Delim('[')); err != nil {
		return err
	}
	sum := NewSum()
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
	x.found = append(x.found, sum.Part(name))
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
