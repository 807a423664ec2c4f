package exchange

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"patronctl/client/people"
)

// staying are the relations that do not move. Together with those that do they are all there are: a test compares.
var staying = []people.LeftBehind{
	{What: "special", Why: "special categories are told to each library anew, by who wants to"},
	{What: "card", Why: "a card belongs to the library that issued it: there is a new one"},
	{What: "membership", Why: "of the other library: a new one begins"},
	{What: "consent", Why: "given to the other library: asked anew"},
	{What: "loan", Why: "between the person and the other library"},
	{What: "hold", Why: "between the person and the other library"},
	{What: "fee", Why: "owed to the other library, and settled there"},
	{What: "payment", Why: "made to the other library"},
	{What: "account", Why: "noted by the other library for itself"},
	{What: "block", Why: "placed by the other library, by its own rules"},
	{What: "retention", Why: "rules of the other library"},
	{What: "support", Why: "what happened at the other library"},
	{What: "consultation", Why: "what happened at the other library"},
}

// neverThere is what stays behind without being a row of an export.
var neverThere = []people.LeftBehind{
	{What: "keeps_history, login", Why: "chosen for the other library: asked anew"},
	{What: "password", Why: "no export holds it: the number of the new card opens the account"},
	{What: "guardian", Why: "another person's data: asked anew"},
}

// mostConsents is how many consents are shown at most, mostAddresses how many addresses move.
const (
	mostConsents  = 1000
	mostAddresses = 20
)

// ReadNewcomer reads an export in JSON or XML (see Read), of any scope, in as much memory as a row takes. A person of
// whom the export does not hold what registering takes is an *Error of KindRefused too.
func ReadNewcomer(r io.Reader) (*people.Newcomer, error) {
	n := people.Newcomer{Addresses: []people.NewAddress{}, Consents: []people.ExportedConsent{}}
	rows := map[string]int{}
	head, err := Read(r, func(relation string, row json.RawMessage) error {
		rows[relation]++
		return take(&n, relation, rows[relation], row)
	})
	if err != nil {
		return nil, err
	}
	if rows["patron"] != 1 || rows["identity"] != 1 {
		return nil, refusedExport("this export does not say who it is about", nil)
	}
	made, err := time.Parse(time.RFC3339, head.GeneratedAt)
	if err != nil || made.After(time.Now().Add(24*time.Hour)) { //nolint:forbidigo // clocks of other libraries, not a day that rules depend on
		return nil, refusedExport("this export says that it was made in the future, or not when", err)
	}
	n.From = people.Origin{
		Authority: head.Authority, Patron: head.Patron, Scope: string(head.Scope), GeneratedAt: head.GeneratedAt,
	}
	for _, left := range staying {
		if left.Rows = rows[left.What]; left.Rows > 0 {
			n.Stays = append(n.Stays, left)
		}
	}
	n.Stays = append(n.Stays, neverThere...)
	return &n, nil
}

// take keeps what moves, or is shown, of the nth row of a relation.
func take(n *people.Newcomer, relation string, nth int, row json.RawMessage) error {
	switch relation {
	case "patron":
		var account struct {
			BirthYear *int16 `json:"birth_year"`
		}
		err := decodeOne(relation, nth, 1, row, &account)
		n.Person.BirthYear = account.BirthYear
		return err
	case "identity":
		return decodeOne(relation, nth, 1, row, &n.Person)
	case "address":
		n.Addresses = append(n.Addresses, people.NewAddress{})
		return decodeOne(relation, nth, mostAddresses, row, &n.Addresses[nth-1])
	case "consent":
		n.Consents = append(n.Consents, people.ExportedConsent{})
		return decodeOne(relation, nth, mostConsents, row, &n.Consents[nth-1])
	default:
		return nil
	}
}

func decodeOne(relation string, nth, most int, row json.RawMessage, into any) error {
	if nth > most {
		return refusedExport(fmt.Sprintf("this export holds more than %d of %s about one person", most, relation), nil)
	}
	if err := json.Unmarshal(row, into); err != nil {
		return refusedExport("a row of "+relation+" holds a value out of range", err)
	}
	return nil
}
