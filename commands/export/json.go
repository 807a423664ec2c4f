package export

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"

	"patronctl/client"
)

// writeJSON writes one document, a row at a time: the head, then "relations" with an array for each.
func writeJSON(w io.Writer, h head, relations iter.Seq[client.ExportRelation]) error {
	opening, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return fmt.Errorf("write the head of the export: %w", err)
	}
	b := bufio.NewWriter(w) // it keeps its first error for Flush
	_, _ = fmt.Fprintf(b, "%s,\n  \"relations\": {", bytes.TrimSuffix(opening, []byte("\n}")))
	separator := "\n"
	for relation := range relations {
		_, _ = fmt.Fprintf(b, "%s    %q: [", separator, relation.Name)
		if err := writeRows(b, relation.Rows); err != nil {
			return err
		}
		separator = ",\n"
	}
	_, _ = b.WriteString("\n  }\n}\n")
	return b.Flush()
}

func writeRows(b *bufio.Writer, rows iter.Seq2[json.RawMessage, error]) error {
	separator, end := "\n      ", "]"
	for row, err := range rows {
		if err != nil {
			return err
		}
		// On a full disk there is no point in reading on.
		if _, err := b.WriteString(separator + string(row)); err != nil {
			return err
		}
		separator, end = ",\n      ", "\n    ]"
	}
	_, err := b.WriteString(end)
	return err
}
