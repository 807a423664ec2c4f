package exchange

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"patronctl/output"
)

// manifest is manifest.json in the zip: the head of the export, and what each file must hold.
type manifest struct {
	Head
	GuardedCells bool       `json:"guarded_cells"` // an apostrophe precedes what a spreadsheet might run as a formula
	Files        []checksum `json:"files"`
}

type checksum struct {
	Name   string `json:"name"`
	Rows   int64  `json:"rows"` // without the header line
	SHA256 string `json:"sha256"`
}

// writeZip writes a CSV file for each relation, a row at a time, and the manifest.
func writeZip(w io.Writer, c *content) error {
	at, err := time.Parse(time.RFC3339, c.head.GeneratedAt)
	if err != nil {
		return fmt.Errorf("date the files in the zip: %w", err)
	}
	z := zip.NewWriter(w)
	create := func(name string) (io.Writer, error) {
		return z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: at})
	}
	m := manifest{Head: c.head, GuardedCells: !c.RawCSV}
	for relation := range c.all() {
		file := checksum{Name: relation.Name + ".csv"}
		entry, err := create(file.Name)
		if err != nil {
			return err
		}
		hash := sha256.New()
		if file.Rows, err = writeCSV(io.MultiWriter(entry, hash), relation, c.RawCSV); err != nil {
			return err
		}
		file.SHA256 = hex.EncodeToString(hash.Sum(nil))
		m.Files = append(m.Files, file)
	}
	entry, err := create("manifest.json")
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(entry)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(m); err != nil {
		return err
	}
	return z.Close()
}

func writeCSV(w io.Writer, relation Relation, raw bool) (rows int64, err error) {
	c := output.NewCSVWriter(w, raw)
	if err := c.Write(names(relation.Columns)); err != nil {
		return 0, err
	}
	line := make([]string, len(relation.Columns))
	for row, err := range relation.Rows {
		if err != nil {
			return rows, err
		}
		values, err := flatCells(relation, row)
		if err != nil {
			return rows, err
		}
		for i, value := range values {
			line[i] = ""
			if value != nil {
				line[i] = *value
			}
		}
		if err := c.Write(line); err != nil {
			return rows, err
		}
		rows++
	}
	return rows, c.Flush()
}
