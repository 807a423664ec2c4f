package forgetting

import (
	"context"
	"iter"
	"strconv"
	"strings"
	"time"

	"patronctl/client"
)

// LedgerEntry is an entry of the ledger: who was erased. It holds no name, no card and no hash of one.
type LedgerEntry struct {
	Number     int64      `json:"number"`
	Patron     int64      `json:"patron"`
	Authority  string     `json:"authority"`
	Rule       string     `json:"rule"` // or request
	At         time.Time  `json:"at"`
	ScrubbedAt *time.Time `json:"scrubbed_at"` // since when no file of the server holds the values
}

// ErasureFilter narrows ListErasures; zero fields do not.
type ErasureFilter struct {
	Authority string
	Since     client.Date // in the time zone of the entry's authority
}

// ListErasures reads the ledger in the order of its numbers, as far as the caller may see it.
func ListErasures(ctx context.Context, c *client.Client, why client.Why, f ErasureFilter) iter.Seq2[LedgerEntry, error] {
	return client.Pages(ctx, c, "erasure list", why, func(e LedgerEntry) int64 { return e.Number },
		`SELECT desk.list_erasures($1, $2, $3, $4, $5)`, client.OrNull(f.Authority), client.OrNull(f.Since.String()))
}

// Ledger is an export of the whole ledger. Every line is an entry with the database's own proof of it: number, patron,
// authority, rule, instant, proof. About 130 bytes each are held in memory.
type Ledger struct {
	Database string // the number that this database and its backups have, and no other
	Lines    []string
}

// Head is the number of the last entry; 0 when nobody was erased yet.
func (l *Ledger) Head() int64 {
	if len(l.Lines) == 0 {
		return 0
	}
	return field(l.Lines[len(l.Lines)-1], 0)
}

// field is one of the numbers in a line; 0 when it is none.
func field(line string, n int) int64 {
	words := strings.Fields(line)
	if n >= len(words) {
		return 0
	}
	number, _ := strconv.ParseInt(words[n], 10, 64) // 0 says it
	return number
}

// ExportLedger reads the whole ledger. Logins that belong to one authority are refused.
func ExportLedger(ctx context.Context, c *client.Client, why client.Why) (*Ledger, error) {
	head, err := c.Heads(ctx, nil)
	if err != nil {
		return nil, err
	}
	ledger := &Ledger{Database: head.Database}
	number := func(line string) int64 { return field(line, 0) }
	for line, err := range client.Pages(ctx, c, "erasure list", why, number, `SELECT desk.export_ledger($1, $2, $3)`) {
		if err != nil {
			return nil, err
		}
		ledger.Lines = append(ledger.Lines, line)
	}
	return ledger, nil
}
