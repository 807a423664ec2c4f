package exchange

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"patronctl/client"
)

// The XML of an export has the names of its JSON as elements. An item of an array is an element row, or value in a list
// of texts; a value that is null is left out. Text that XML cannot carry is escaped as inside a JSON string, and its element
// says so: escaped="json".

// Namespace is the namespace of the XML.
const Namespace = "urn:patronctl:export:2"

// headColumns are the simple members of Head.
var headColumns = exportColumns("schema scope legal_basis basis_service basis_special generated_at:instant access:number " +
	"patron:number authority")

func (x *exportReader) readXML(d *xml.Decoder) error {
	root, err := nextElement(d)
	if err == nil && (root == nil || root.Name.Local != "export" || root.Name.Space != Namespace) {
		return errSchema()
	}
	read := map[string]bool{}
	if err == nil {
		err = eachElement(d, func(e xml.StartElement) error {
			x.limit.begin()
			if read[e.Name.Local] {
				return refusedExport("this export says something about itself twice", nil)
			}
			read[e.Name.Local] = true
			return x.readPart(d, e)
		})
	}
	if err == nil {
		err = nothingFollows(d)
	}
	if err != nil {
		return broken(err)
	}
	return nil
}

func (x *exportReader) readPart(d *xml.Decoder, e xml.StartElement) error {
	switch e.Name.Local {
	case "relations":
		return eachElement(d, func(e xml.StartElement) error { return x.readElements(d, e.Name.Local) })
	case "omitted":
		return readList(d, exportColumns("what why"), &x.head.Omitted)
	case "parts":
		return readList(d, exportColumns("relation rows:number sha256"), &x.said)
	}
	i := slices.IndexFunc(headColumns, func(c Column) bool { return c.Name == e.Name.Local })
	if i < 0 {
		return refusedExport("this export says something about itself that is not known", nil)
	}
	value, err := readValue(d, e, headColumns[i])
	if err != nil {
		return err
	}
	return x.headValue(headColumns[i], value)
}

func (x *exportReader) readElements(d *xml.Decoder, name string) error {
	relation, err := x.relation(name)
	if err != nil {
		return err
	}
	sum := NewSum()
	err = eachElement(d, func(e xml.StartElement) error {
		row, err := readRow(d, e, relation.columns)
		if err != nil {
			return err
		}
		return x.take(relation, sum, row)
	})
	x.found = append(x.found, sum.Part(name))
	return err
}

func readList(d *xml.Decoder, columns []Column, list any) error {
	var rows [][]byte
	err := eachElement(d, func(e xml.StartElement) error {
		row, err := readRow(d, e, columns)
		rows = append(rows, row)
		return err
	})
	if err != nil {
		return err
	}
	return json.Unmarshal(fmt.Appendf(nil, "[%s]", bytes.Join(rows, []byte(","))), list)
}

// readRow reads the columns of a row, in their order, as the JSON that the row was written from.
func readRow(d *xml.Decoder, e xml.StartElement, columns []Column) (json.RawMessage, error) {
	if e.Name.Local != "row" {
		return nil, errElement()
	}
	values := map[string]json.RawMessage{}
	err := eachElement(d, func(e xml.StartElement) error {
		for _, column := range columns {
			if column.Name == e.Name.Local && values[column.Name] == nil {
				value, err := readValue(d, e, column)
				values[column.Name] = value
				return err
			}
		}
		return errElement()
	})
	row := []byte{'{'}
	for i, column := range columns {
		if i > 0 {
			row = append(row, ',')
		}
		value := values[column.Name]
		if value == nil {
			value = json.RawMessage("null")
		}
		row = fmt.Appendf(row, "%q:%s", column.Name, value)
	}
	return append(row, '}'), err
}

func readValue(d *xml.Decoder, e xml.StartElement, column Column) (json.RawMessage, error) {
	if column.Type == List {
		return readValues(d, e)
	}
	text, err := readText(d)
	if err != nil {
		return nil, err
	}
	for _, attribute := range e.Attr {
		if attribute.Name.Local != "escaped" || attribute.Value != "json" {
			return nil, errElement()
		}
		if err := json.Unmarshal([]byte(`"`+text+`"`), &text); err != nil {
			return nil, err
		}
	}
	switch column.Type {
	case Number:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, refusedExport(column.Name+": "+client.ErrNumber.Error(), err)
		}
		return strconv.AppendInt(nil, n, 10), nil
	case Boolean:
		if text != "true" && text != "false" {
			return nil, refusedExport(column.Name+": "+errYesNo.Error(), nil)
		}
		return json.RawMessage(text), nil
	default:
		return appendJSONString(nil, text), nil
	}
}

// readValues reads a list.
func readValues(d *xml.Decoder, e xml.StartElement) (json.RawMessage, error) {
	if len(e.Attr) > 0 {
		return nil, errElement()
	}
	var values [][]byte
	err := eachElement(d, func(e xml.StartElement) error {
		if e.Name.Local != "value" {
			return errElement()
		}
		value, err := readValue(d, e, Column{Type: Text})
		values = append(values, value)
		return err
	})
	return fmt.Appendf(nil, "[%s]", bytes.Join(values, []byte(","))), err
}

// appendJSONString escapes what JSON requires to be escaped, and nothing else, as PostgreSQL and RFC 8785 do.
func appendJSONString(b []byte, text string) []byte {
	b = append(b, '"')
	for i := range len(text) {
		switch c := text[i]; c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\b':
			b = append(b, `\b`...)
		case '\f':
			b = append(b, `\f`...)
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		case '\t':
			b = append(b, `\t`...)
		default:
			if c < ' ' {
				b = fmt.Appendf(b, `\u%04x`, c)
			} else {
				b = append(b, c)
			}
		}
	}
	return append(b, '"')
}

// readText reads what an element holds, which must be text only.
func readText(d *xml.Decoder) (string, error) {
	var text strings.Builder
	for {
		token, err := d.Token()
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			return text.String(), nil
		case xml.StartElement:
			return "", fmt.Errorf("element %s within text", t.Name.Local)
		case xml.Directive:
			return "", errDirective()
		}
	}
}

func errElement() error {
	return refusedExport("this export holds an element or attribute that is unknown, or comes twice", nil)
}

func errDirective() error {
	return refusedExport("this export has a document type or entities of its own, which no export has", nil)
}

// eachElement calls do for each element within the one that has begun; do reads it to its end.
func eachElement(d *xml.Decoder, do func(xml.StartElement) error) error {
	for {
		e, err := nextElement(d)
		if err != nil || e == nil {
			return err
		}
		if e.Name.Space != Namespace {
			return errElement()
		}
		if err := do(*e); err != nil {
			return err
		}
	}
}

// nextElement is the next element, or nil at the end of the one around it.
func nextElement(d *xml.Decoder) (*xml.StartElement, error) {
	for {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			return &t, nil
		case xml.EndElement:
			return nil, nil
		case xml.Directive:
			return nil, errDirective()
		case xml.CharData:
			if strings.TrimSpace(string(t)) != "" {
				return nil, errors.New("text where an element is expected")
			}
		}
	}
}

func nothingFollows(d *xml.Decoder) error {
	if _, err := nextElement(d); !errors.Is(err, io.EOF) {
		return errors.New("something follows the end")
	}
	return nil
}

// exportColumns reads names, each with its type unless that is text.
func exportColumns(list string) (columns []Column) {
	for word := range strings.FieldsSeq(list) {
		name, kind, typed := strings.Cut(word, ":")
		if !typed {
			kind = string(Text)
		}
		columns = append(columns, Column{Name: name, Type: Type(kind)})
	}
	return columns
}
