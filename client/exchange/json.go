package exchange

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
)

// writeJSON writes one document: the head, then "relations" with an array for each, a row on a line, then "parts" with what
// each of them must add up to.
func writeJSON(w io.Writer, c *content) error {
	opening, err := json.MarshalIndent(c.head, "", "  ")
	if err != nil {
		return fmt.Errorf("write the head of the export: %w", err)
	}
	b := bufio.NewWriterSize(w, 1<<16) // it keeps its first error for Flush
	_, _ = fmt.Fprintf(b, "%s,\n  \"relations\": {", bytes.TrimSuffix(opening, []byte("\n}")))
	separator := "\n"
	for relation := range c.all() {
		_, _ = fmt.Fprintf(b, "%s    %q: [", separator, relation.Name)
		if err := writeRows(b, relation.Rows); err != nil {
			return err
		}
		separator = ",\n"
	}
	parts, err := json.MarshalIndent(c.parts, "  ", "  ")
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(b, "\n  },\n  \"parts\": %s\n}\n", parts)
	return b.Flush()
}

func writeRows(b *bufio.Writer, rows iter.Seq2[json.RawMessage, error]) error {
	separator, end := "\n      ", "]"
	for row, err := range rows {
		if err != nil {
			return err
		}
		_, _ = b.WriteString(separator)
		if _, err := b.Write(row); err != nil { // on a full disk there is no point in reading on
			return err
		}
		separator, end = ",\n      ", "\n    ]"
	}
	_, err := b.WriteString(end)
	return err
}
