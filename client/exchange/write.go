package exchange

import (
	"io"

	"patronctl/output"
)

// Format is how an export is written.
type Format string

// The formats. JSON and XML are one document, CSV is a zip archive with a file for each relation, XLSX a workbook with a sheet
// for each.
const (
	JSON Format = "json"
	CSV  Format = "csv"
	XML  Format = "xml"
	XLSX Format = "xlsx"
)

// Formats are all of them.
var Formats = []Format{JSON, CSV, XML, XLSX}

var writers = map[Format]func(io.Writer, *content) error{JSON: writeJSON, CSV: writeZip, XML: writeXML, XLSX: writeXLSX}

// Ending is what the name of a file ends in.
func (f Format) Ending() string {
	return map[Format]string{JSON: ".json", CSV: ".zip", XML: ".xml", XLSX: ".xlsx"}[f]
}

// Schema is the JSON Schema or the XSD of a format, for those who read it; empty where there is none.
func (f Format) Schema() string {
	switch f {
	case JSON:
		return JSONSchema()
	case XML:
		return XSD()
	}
	return ""
}

// WriteOptions say how an export is written.
type WriteOptions struct {
	RawCSV bool // without the apostrophes that keep spreadsheets from running a cell
	// Progress begins to tell how far a relation has come; nil tells nothing.
	Progress func(relation string) *output.Progress
}

// Write writes an export, a row at a time, and returns what its relations came to.
func Write(w io.Writer, format Format, export *Export, opt WriteOptions) ([]Part, error) {
	c := &content{head: export.Head, relations: export.Relations, WriteOptions: opt}
	err := writers[format](w, c)
	return c.parts, err
}
