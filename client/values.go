package client

import (
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgtype"
)

// Money is an exact amount with two decimals, kept as text ("12.50") because no amount is ever computed in Go.
type Money string

// Skipped counts rows that stay, by reason: unpaid_fee, on_loan, open_hold.
type Skipped struct {
	Reason string `json:"reason"`
	Count  int    `json:"count"`
}

// Parser makes a value from a text that is not empty. Its error is a valueError.
type Parser func(field string) (any, error)

// parsers are those of the types of the catalogue.
var parsers = map[string]Parser{
	"text": AsText, "word": asWord, "number": AsNumber, "count": asCount, "year": asYear, "day": AsDay, "instant": AsInstant,
	"money": AsMoney, "currency": AsText, "flag": asFlag, "list": asList,
}

// Parser is the one of a column of the catalogue.
func (c *CatalogueColumn) Parser() Parser {
	if choices := c.Choices(); choices != nil {
		return oneOf(choices...)
	}
	return parsers[c.Type]
}

// ValueError says what a text is not, and never quotes it: it may be a person's.
type ValueError string

func (e ValueError) Error() string { return string(e) }

// What a text is not.
const (
	ErrNumber ValueError = "not a whole number"
	errCount  ValueError = "not a number from 0 to 2147483647"
	errYear   ValueError = "not a year"
	ErrDay    ValueError = "not a date such as 2026-01-31"
	ErrMoment ValueError = "not an instant such as 2026-01-31T09:30:00Z"
	ErrMoney  ValueError = "not an amount with two decimals such as 2.50"
	errFlag   ValueError = "not t, f, true or false"
	errUTF8   ValueError = "not valid UTF-8"
	errNUL    ValueError = "holds a NUL character"
	errLong   ValueError = "longer than 500 characters"
)

// AsNumber reads a whole number.
func AsNumber(field string) (any, error) {
	n, err := strconv.ParseInt(field, 10, 64)
	if err != nil {
		return nil, ErrNumber
	}
	return n, nil
}

func asCount(field string) (any, error) {
	n, err := strconv.ParseInt(field, 10, 32)
	if err != nil || n < 0 {
		return nil, errCount
	}
	return n, nil
}

func asYear(field string) (any, error) {
	n, err := strconv.ParseInt(field, 10, 16)
	if err != nil || n < 1 || n > 9999 {
		return nil, errYear
	}
	return n, nil
}

// AsDay reads an ISO day.
func AsDay(field string) (any, error) {
	t, err := time.Parse(time.DateOnly, field)
	if err != nil || t.Year() < 1 {
		return nil, ErrDay
	}
	return t, nil
}

// instantLayouts are what PostgreSQL and other systems write; without an offset an instant would be a guess. Fractions of a
// second are understood by all.
var instantLayouts = []string{
	time.RFC3339, "2006-01-02 15:04:05Z07", "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05Z07", "2006-01-02T15:04:05Z0700",
}

// AsInstant reads an instant with its offset.
func AsInstant(field string) (any, error) {
	for _, layout := range instantLayouts {
		if t, err := time.Parse(layout, field); err == nil && t.Year() >= 1 {
			return t, nil
		}
	}
	return nil, ErrMoment
}

// AsMoney is exact.
func AsMoney(field string) (any, error) {
	whole, cents, ok := strings.Cut(field, ".")
	units := strings.TrimPrefix(whole, "-")
	if !ok || len(cents) != 2 || units == "" || len(units) > 10 || !digits(units) || !digits(cents) {
		return nil, ErrMoney
	}
	n, err := strconv.ParseInt(whole+cents, 10, 64)
	if err != nil {
		return nil, ErrMoney
	}
	return pgtype.Numeric{Int: big.NewInt(n), Exp: -2, Valid: true}, nil
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }

func asFlag(field string) (any, error) {
	switch strings.ToLower(field) {
	case "t", "true":
		return true, nil
	case "f", "false":
		return false, nil
	}
	return nil, errFlag
}

func oneOf(accepted ...string) Parser {
	err := ValueError("not one of " + strings.Join(accepted, ", "))
	return func(field string) (any, error) {
		if !slices.Contains(accepted, field) {
			return nil, err
		}
		return field, nil
	}
}

// AsText takes what the database can store.
func AsText(field string) (any, error) {
	switch {
	case !utf8.ValidString(field):
		return nil, errUTF8
	case strings.IndexByte(field, 0) >= 0:
		return nil, errNUL
	}
	return field, nil
}

// asWord is for texts short enough for an index.
func asWord(field string) (any, error) {
	if len(field) > 500 && utf8.RuneCountInString(field) > 500 {
		return nil, errLong
	}
	return AsText(field)
}

// asList takes words with a semicolon between two; nothing but semicolons and blanks is none.
func asList(field string) (any, error) {
	var list []string
	for part := range strings.SplitSeq(field, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		if _, err := asWord(part); err != nil {
			return nil, err
		}
		list = append(list, part)
	}
	if list == nil {
		return nil, nil
	}
	return list, nil
}
