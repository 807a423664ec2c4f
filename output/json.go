package output

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"reflect"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// encode is the JSON of value without spaces. An array is never null, numbers keep their digits, and what
// Clean would make visible is escaped: JSON is read on terminals too. With fields, only those fields of the
// object are kept, in that order; one the object leaves out is null.
func encode(value any, fields []string) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if v := reflect.ValueOf(value); v.IsValid() {
		value = withArrays(v).Interface()
	}
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("write json: %w", err)
	}
	data := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	if fields != nil {
		var err error
		if data, err = pick(data, fields); err != nil {
			return nil, err
		}
	}
	return escapeHidden(data), nil
}

func pick(object []byte, fields []string) ([]byte, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(object, &all); err != nil {
		return nil, fmt.Errorf("choose json fields: %w", err)
	}
	members := make([]string, len(fields))
	for i, name := range fields {
		value, ok := all[name]
		if !ok {
			value = json.RawMessage("null")
		}
		members[i] = fmt.Sprintf("%q:%s", name, value)
	}
	return []byte("{" + strings.Join(members, ",") + "}"), nil
}

// escapeHidden writes \u escapes for invisible characters. They can only stand inside JSON strings, where
// the escape means the same; encoding/json has already dealt with the ASCII ones, except DEL.
func escapeHidden(data []byte) []byte {
	if bytes.IndexFunc(data, hidden) < 0 {
		return data
	}
	var b bytes.Buffer
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if hidden(r) {
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, `\u%04x`, unit)
			}
		} else {
			b.Write(data[:size])
		}
		data = data[size:]
	}
	return b.Bytes()
}

// withArrays returns a copy of v in which nil slices are empty ones, at any depth. Values that write
// their own JSON are left alone.
func withArrays(v reflect.Value) reflect.Value {
	switch v.Interface().(type) {
	case json.Marshaler, encoding.TextMarshaler, []byte:
		return v
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return withArraysBehind(v)
	case reflect.Struct:
		result := reflect.New(v.Type()).Elem()
		result.Set(v)
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				result.Field(i).Set(withArrays(v.Field(i)))
			}
		}
		return result
	case reflect.Slice:
		result := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			result.Index(i).Set(withArrays(v.Index(i)))
		}
		return result
	case reflect.Map:
		if v.IsNil() {
			return v
		}
		result := reflect.MakeMapWithSize(v.Type(), v.Len())
		for key, value := range v.Seq2() {
			result.SetMapIndex(key, withArrays(value))
		}
		return result
	default:
		return v
	}
}

func withArraysBehind(v reflect.Value) reflect.Value {
	if v.IsNil() {
		return v
	}
	result := reflect.New(v.Type()).Elem()
	if v.Kind() == reflect.Interface {
		result.Set(withArrays(v.Elem()))
		return result
	}
	result.Set(reflect.New(v.Type().Elem()))
	result.Elem().Set(withArrays(v.Elem()))
	return result
}

// fieldNames lists the JSON names of the fields of struct type t, or of what t points to.
func fieldNames(t reflect.Type) []string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	var names []string
	for i := range t.NumField() {
		field := t.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name == "-":
		case field.Anonymous && name == "":
			names = append(names, fieldNames(field.Type)...)
		case !field.IsExported():
		case name == "":
			names = append(names, field.Name)
		default:
			names = append(names, name)
		}
	}
	return names
}

func listJSON[T any](p *Printer, rows iter.Seq2[T, error]) error {
	array := jsonArray{printer: p}
	for row, err := range rows {
		if err != nil {
			_ = array.end()
			return err
		}
		if err := array.add(row); err != nil {
			return err
		}
	}
	return array.end()
}

// jsonArray writes one array, a value at a time.
type jsonArray struct {
	printer *Printer
	begun   bool
}

func (a *jsonArray) add(value any) error {
	const indent = "  "
	data, err := encode(value, a.printer.Columns)
	if err != nil {
		return err
	}
	separator := "[\n" + indent
	if a.begun {
		separator = ",\n" + indent
	}
	b := bytes.NewBufferString(separator)
	if err := json.Indent(b, data, indent, indent); err != nil {
		return err
	}
	a.begun = true
	_, err = a.printer.Out.Write(b.Bytes())
	return err
}

func (a *jsonArray) end() error {
	end := "[]\n"
	if a.begun {
		end = "\n]\n"
	}
	_, err := io.WriteString(a.printer.Out, end)
	return err
}

func listJSONL[T any](p *Printer, rows iter.Seq2[T, error]) error {
	for row, err := range rows {
		if err != nil {
			return err
		}
		data, err := encode(row, p.Columns)
		if err != nil {
			return err
		}
		if _, err := p.Out.Write(append(data, '\n')); err != nil {
			return err
		}
	}
	return nil
}
