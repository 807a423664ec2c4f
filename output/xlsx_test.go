package output

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

func TestWorkbook(t *testing.T) {
	texts := []string{
		"=1+1", "_x0041_", "_x0041_x0042_", "_x005F_", "a\rb\r\nc", "\x1b[2J\x00\x07", "<&>\"'", "  spaces\t ", "\ufffe\uffff",
		"\u202eRTL\u200f", "Nguye\u0302\u0303n", "😀",
	}
	var b bytes.Buffer
	book, err := NewWorkbook(&b, time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC), `a & "b"`, "second")
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"second", `a & "b"`} { // in any order
		sheet, err := book.Sheet(name, "text", "other")
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range texts {
			if err := sheet.Row(XLSXCell{}, XLSXText(text)); err != nil {
				t.Fatal(err)
			}
		}
		if err := sheet.End(); err != nil {
			t.Fatal(err)
		}
		if i == 0 && book.Close() == nil {
			t.Error("a workbook that lacks a sheet was closed")
		}
	}
	if err := book.Close(); err != nil {
		t.Fatal(err)
	}
	read, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close() //nolint:errcheck // only read
	rows, err := read.GetRows(`a & "b"`)
	if err != nil || len(rows) != len(texts)+1 || rows[0][1] != "other" {
		t.Fatalf("%q, %v", rows, err)
	}
	for i, text := range texts {
		if got := rows[i+1][1]; got != text {
			t.Errorf("wrote %q, read %q", text, got)
		}
	}
}

func TestXLSXCells(t *testing.T) {
	for _, c := range []struct {
		cell XLSXCell
		kind string
		want string
	}{
		{XLSXDay("2026-01-31"), "n", "46053"},
		{XLSXDay("1900-03-01"), "n", "61"},
		{XLSXDay("1900-02-28"), "inlineStr", "1900-02-28"},
		{XLSXDay("infinity"), "inlineStr", "infinity"},
		{XLSXInstant("2026-01-31T13:00:00+01:00"), "n", "46053.5"},
		{XLSXInstant("1850-01-01T00:00:00+00:00"), "inlineStr", "1850-01-01T00:00:00+00:00"},
		{XLSXMoney("-3.50"), "n", "-3.50"},
		{XLSXMoney("99999999999999.99"), "inlineStr", "99999999999999.99"},
		{XLSXNumber("9007199254740993"), "inlineStr", "9007199254740993"},
		{XLSXBool(true), "b", "1"},
		{XLSXText("20000000000012"), "inlineStr", "20000000000012"},
	} {
		if c.cell.kind != c.kind || c.cell.value != c.want {
			t.Errorf("%+v, want %s %s", c.cell, c.kind, c.want)
		}
	}
}

func TestSheetRefusesWhatNoSpreadsheetHolds(t *testing.T) {
	book, err := NewWorkbook(&bytes.Buffer{}, time.Time{}, "s")
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := book.Sheet("s", "h")
	if err != nil {
		t.Fatal(err)
	}
	if err := sheet.Row(XLSXText(strings.Repeat("é", 32767))); err != nil {
		t.Error(err)
	}
	if err := sheet.Row(XLSXText(strings.Repeat("😀", 16384))); err == nil {
		t.Error("32768 UTF-16 units were written")
	}
	for range 1<<20 - 4 {
		if err := sheet.Row(); err != nil {
			t.Fatal(err)
		}
	}
	if sheet.Row() != nil || sheet.Row() == nil {
		t.Error("a sheet has 1,048,576 rows, the headers among them")
	}
	if columnName(0) != "A" || columnName(25) != "Z" || columnName(26) != "AA" || columnName(701) != "ZZ" || columnName(702) != "AAA" {
		t.Error("names of columns")
	}
}
