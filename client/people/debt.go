package people

import (
	"context"
	"errors"
	"iter"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"patronctl/client"
)

// Match is another registration that may be the same person.
type Match struct {
	Patron    int64  `json:"patron"`
	Authority string `json:"authority"`
	Card      string `json:"card"`
	Surname   string `json:"surname"`
	Forenames string `json:"forenames"`
	Debts     []Debt `json:"debts"`
	Certainty string `json:"certainty"` // same_name_and_birth, similar_name_same_birth, same_name_birth_unknown
}

// DebtCheck is the answer for one card or patron. Names are empty in checks of many.
type DebtCheck struct {
	Input           string   `json:"input"`
	Patron          int64    `json:"patron"` // 0 when not found
	Card            string   `json:"card"`
	Surname         string   `json:"surname"`
	Forenames       string   `json:"forenames"`
	Verdict         Verdict  `json:"verdict"` // not_found for an unknown card
	Reasons         []string `json:"reasons"`
	Debts           []Debt   `json:"debts"`
	PossibleMatches []Match  `json:"possible_matches"`
}

// Applicant is somebody who asks to join.
type Applicant struct {
	Surname   string
	Forenames string
	Born      client.Date // zero: unknown
}

// CheckDebt answers for one card (or id:N), with the name; matches adds other registrations of the same person.
// An unknown card is an answer with verdict not_found, not an error.
func CheckDebt(ctx context.Context, c *client.Client, why client.Why, ref string, matches bool) (*DebtCheck, error) {
	check := DebtCheck{Input: ref, Verdict: NotFound, Reasons: []string{}, Debts: []Debt{}, PossibleMatches: []Match{}}
	err := c.Read(ctx, "debt check", why, client.Criteria{"ref": ref, "matches": matches}, &check, `SELECT desk.check_debt($1)`)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == client.CodeNobody {
		return &check, nil
	}
	if err != nil {
		return nil, err
	}
	return &check, nil
}

// criterion is the applicant as desk.subjects takes one.
func (a Applicant) criterion() map[string]string {
	asked := map[string]string{"surname": a.Surname, "forenames": a.Forenames}
	if !a.Born.IsZero() {
		asked["born"] = a.Born.String()
	}
	return asked
}

// CheckApplicant looks for existing registrations of somebody who asks to join, and their debts.
func CheckApplicant(ctx context.Context, c *client.Client, why client.Why, a Applicant) ([]Match, error) {
	var matches []Match
	err := c.Read(ctx, "debt check", why, client.Criteria{"applicant": a.criterion()}, &matches,
		`SELECT desk.check_applicant($1, $2, $3, $4)`, a.Surname, a.Forenames, a.Born.Param())
	return matches, err
}

// CheckDebts answers for many cards, in their order and without names, in chunks with one access each, so that memory
// stays flat. More than 500 cards within ten minutes need the right to check in bulk, which is used by those who have
// it. progress, when not nil, is told after each chunk how many were answered so far.
func CheckDebts(ctx context.Context, c *client.Client, why client.Why, refs iter.Seq2[string, error], matches bool,
	progress func(done int),
) iter.Seq2[DebtCheck, error] {
	return func(yield func(DebtCheck, error) bool) {
		bulk, err := mayCheckInBulk(ctx, c)
		if err != nil {
			yield(DebtCheck{}, err)
			return
		}
		done := 0
		chunk := make([]string, 0, client.ChunkSize)
		answer := func() bool {
			checks, err := checkChunk(ctx, c, why, chunk, bulk, matches)
			if err != nil {
				yield(DebtCheck{}, err)
				return false
			}
			for _, check := range checks {
				if !yield(check, nil) {
					return false
				}
			}
			done += len(chunk)
			chunk = chunk[:0]
			if progress != nil {
				progress(done)
			}
			return true
		}
		for ref, err := range refs {
			if err != nil {
				yield(DebtCheck{}, err)
				return
			}
			if chunk = append(chunk, ref); len(chunk) == client.ChunkSize && !answer() {
				return
			}
		}
		if len(chunk) > 0 {
			answer()
		}
	}
}

// mayCheckInBulk tells whether this login may check more than 500 cards.
func mayCheckInBulk(ctx context.Context, c *client.Client) (may bool, err error) {
	err = c.Transact(ctx, 0, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT desk.may('debt check bulk')`).Scan(&may)
	})
	return may, err
}

func checkChunk(ctx context.Context, c *client.Client, why client.Why, refs []string, bulk, matches bool) ([]DebtCheck, error) {
	operation := "debt check"
	if bulk {
		operation = "debt check bulk"
	}
	access, err := c.Open(ctx, operation, why, client.Criteria{"cards": refs, "matches": matches})
	if err != nil {
		return nil, err
	}
	checks := make([]DebtCheck, 0, len(refs))
	err = c.Transact(ctx, 0, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT patron, verdict, reasons, debts, possible_matches FROM desk.check_debts($1)`, access)
		if err != nil {
			return err
		}
		var check DebtCheck
		_, err = pgx.ForEachRow(rows, []any{&check.Patron, &check.Verdict, &check.Reasons, &check.Debts, &check.PossibleMatches}, func() error {
			check.Input = refs[len(checks)]
			if check.Patron != 0 && !strings.HasPrefix(strings.ToLower(check.Input), "id:") {
				check.Card = check.Input
			}
			checks = append(checks, check)
			check = DebtCheck{}
			return nil
		})
		return err
	})
	return checks, err
}
