package client

import "strings"

// column is one column of an import file.
type column struct {
	name     string
	parse    parser
	required bool // in the header and in every row
}

// relation is one import file. Relations are listed so that each comes after those it refers to.
type relation struct {
	name    string
	columns []column
	// place relations are referred to by their codes, so they are loaded before anything else is checked.
	place bool
}

func must(name string, parse parser) column { return column{name: name, parse: parse, required: true} }
func may(name string, parse parser) column  { return column{name: name, parse: parse} }

var relations = []relation{
	{name: "authority", place: true, columns: []column{
		must("code", asWord), must("name", asText), must("currency", asWord), must("time_zone", asWord),
	}},
	{name: "branch", place: true, columns: []column{must("code", asWord), must("authority", asWord), may("name", asText)}},
	{name: "category", place: true, columns: []column{must("code", asWord), may("name", asText)}},
	{name: "item", columns: []column{must("id", asNumber), must("barcode", asWord), may("title", asText), must("branch", asWord)}},
	{name: "patron", columns: []column{
		must("id", asNumber), must("authority", asWord), must("branch", asWord), must("category", asWord), may("birth_year", asYear),
		may("status", oneOf("active", "deleted", "erased")), may("registered_on", asDay), may("expires_on", asDay),
		may("last_fee_on", asDay), may("deleted_on", asDay), may("last_activity_on", asDay), may("keeps_history", asFlag),
		may("login", oneOf("local", "external")), may("protected", asFlag), may("guardian_patron", asNumber),
	}},
	{name: "identity", columns: []column{
		must("patron", asNumber), may("authority", asWord), may("surname", asWord), may("forenames", asWord), may("title", asText),
		may("birth_date", asDay), may("email", asWord), may("phone", asWord), may("document_number", asText), may("guardian", asText),
		may("language", asText),
	}},
	{name: "address", columns: []column{
		must("patron", asNumber), may("authority", asWord), must("kind", oneOf("permanent", "temporary")), may("lines", asText),
		may("town", asText), may("postcode", asText), may("country", asText),
	}},
	{name: "special", columns: []column{
		must("patron", asNumber), may("authority", asWord), may("faith", asText), may("sexuality", asText), may("disability", asText),
		may("ethnic_origin", asText),
	}},
	{name: "credential", columns: []column{
		must("patron", asNumber), may("authority", asWord), may("secret_hash", asText), may("set_at", asInstant),
		may("one_time_until", asInstant), may("must_change", asFlag), may("failed_attempts", asCount), may("locked_until", asInstant),
	}},
	{name: "card", columns: []column{
		must("number", asWord), must("patron", asNumber), may("issued_on", asDay), may("status", oneOf("active", "lost", "expired")),
	}},
	{name: "membership", columns: []column{
		must("patron", asNumber), must("authority", asWord), must("basis", oneOf("resident", "work", "study")),
		may("joined_on", asDay), may("expires_on", asDay),
	}},
	{name: "consent", columns: []column{
		must("patron", asNumber), must("authority", asWord), must("purpose", asWord), may("channel", asText), may("wording", asText),
		must("given_at", asInstant), may("withdrawn_at", asInstant), may("source", asText),
	}},
	{name: "block", columns: []column{
		must("id", asNumber), must("patron", asNumber), must("authority", asWord), must("level", oneOf("warn", "refuse")),
		must("reason_code", asWord), must("placed_on", asDay), may("lifted_on", asDay),
	}},
	{name: "loan", columns: []column{
		must("id", asNumber), must("patron", asNumber), must("item", asNumber), may("authority", asWord), must("branch", asWord),
		must("lent_at", asInstant), may("due_at", asInstant), may("returned_at", asInstant), may("renewals", asCount),
	}},
	{name: "hold", columns: []column{
		must("id", asNumber), must("patron", asNumber), may("kind", oneOf("reservation", "order")), may("item", asNumber),
		must("authority", asWord), must("placed_at", asInstant), may("closed_at", asInstant), may("outcome", asText),
	}},
	{name: "fee", columns: []column{
		must("id", asNumber), must("patron", asNumber), must("authority", asWord), must("kind", asWord), must("amount", asMoney),
		must("raised_on", asDay), may("loan", asNumber),
	}},
	{name: "payment", columns: []column{
		must("id", asNumber), may("patron", asNumber), must("fee", asNumber), must("amount", asMoney), must("paid_on", asDay),
		may("method", asText), may("branch", asWord), may("taken_by", asText),
	}},
}

func (r *relation) file() string { return r.name + ".csv" }

func (r *relation) column(name string) *column {
	for i := range r.columns {
		if r.columns[i].name == name {
			return &r.columns[i]
		}
	}
	return nil
}

// accepted lists the names of the columns for an error message.
func (r *relation) accepted() string {
	names := make([]string, len(r.columns))
	for i, c := range r.columns {
		names[i] = c.name
	}
	return strings.Join(names, ", ")
}
