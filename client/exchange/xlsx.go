package exchange

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"patronctl/output"
)

// manifestSheet is the first tab, and the last to be written: it says what the others add up to.
const manifestSheet = "manifest"

// writeXLSX writes a workbook with a sheet for each relation.
func writeXLSX(w io.Writer, c *content) error {
	at, err := time.Parse(time.RFC3339, c.head.GeneratedAt)
	if err != nil {
		return fmt.Errorf("date the workbook: %w", err)
	}
	relations := slices.Collect(c.all()) // their rows are read below
	tabs := []string{manifestSheet}
	for _, relation := range relations {
		tabs = append(tabs, relation.Name)
	}
	book, err := output.NewWorkbook(w, at, tabs...)
	if err != nil {
		return err
	}
	for _, relation := range relations {
		if err := writeSheet(book, relation); err != nil {
			return err
		}
	}
	if err := writeManifestSheet(book, c); err != nil {
		return err
	}
	return book.Close()
}

func writeSheet(book *output.Workbook, relation Relation) error {
	sheet, err := book.Sheet(relation.Name, names(relation.Columns)...)
	if err != nil {
		return err
	}
	for row, err := range relation.Rows {
		if err != nil {
			return err
		}
		values, err := flatCells(relation, row)
		if err != nil {
			return err
		}
		typed := make([]output.XLSXCell, len(values))
		for i, value := range values {
			if value != nil {
				typed[i] = typedCell(relation.Columns[i].Type, *value)
			}
		}
		if err := sheet.Row(typed...); err != nil {
			return err
		}
	}
	return sheet.End()
}

func typedCell(kind Type, value string) output.XLSXCell {
	switch kind {
	case Number:
		return output.XLSXNumber(value)
	case Boolean:
		return output.XLSXBool(value == "true")
	case Money:
		return output.XLSXMoney(value)
	case Day:
		return output.XLSXDay(value)
	case Instant:
		return output.XLSXInstant(value)
	default:
		return output.XLSXText(value)
	}
}

func names(columns []Column) (names []string) {
	for _, column := range columns {
		names = append(names, column.Name)
	}
	return names
}

func writeManifestSheet(book *output.Workbook, c *content) error {
	sheet, err := book.Sheet(manifestSheet, "entry", "name", "value", "sha256")
	if err != nil {
		return err
	}
	for _, fact := range facts(c.head) {
		if err := sheet.Row(output.XLSXText("head"), output.XLSXText(fact[0]), output.XLSXText(fact[1])); err != nil {
			return err
		}
	}
	for _, part := range c.parts {
		rows := output.XLSXNumber(strconv.FormatInt(part.Rows, 10))
		if err := sheet.Row(output.XLSXText("rows"), output.XLSXText(part.Relation), rows, output.XLSXText(part.SHA256)); err != nil {
			return err
		}
	}
	for _, left := range c.head.Omitted {
		if err := sheet.Row(output.XLSXText("omitted"), output.XLSXText(left.What), output.XLSXText(left.Why)); err != nil {
			return err
		}
	}
	return sheet.End()
}
