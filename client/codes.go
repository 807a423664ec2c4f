package client

import (
	"encoding/json"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Code is one of the SQLSTATEs with which the functions of this program refuse. All others are the server's own, 42501 too.
type Code struct {
	State   string
	Kind    Kind
	Meaning string
}

// Codes is the one table of them: it feeds the errors and the handbook, and a test holds the SQL to it.
var Codes = []Code{
	{"LB400", KindUsage, "an argument that the function does not take"},
	{"LB403", KindRefused, "not for this login, or not by this access"},
	{"LB404", KindNotFound, "no such patron, item or record, or none for this login"},
	{"LB405", KindNotFound, "several people match"},
	{"LB409", KindRefused, "against a rule, as things are"},
	{CodeUnknown, KindUsage, "an operation that these functions have not heard of"},
	{"LB423", KindBusy, "locked by somebody else; retry later"},
	{"LB500", KindInternal, "a broken constraint: a fault of the program or of the data"},
}

// States that somebody asks for by name. CodeUnknown comes from functions of an older program.
const (
	CodeNobody  = "LB404" // of desk.use_access for a reference that leads to nobody
	CodeUnknown = "LB410" // of desk.open_access
)

// said is an error of one of our functions; nil for one of the server. DETAIL holds the parts of what it says.
func said(pg *pgconn.PgError) *Error {
	for _, code := range Codes {
		if code.State != pg.Code {
			continue
		}
		e := &Error{Kind: code.Kind, Message: pg.Message, Hint: pg.Hint, Template: pg.Message, HintTemplate: pg.Hint}
		var parts struct {
			Message, Hint string
			Params        map[string]any
		}
		numbers := json.NewDecoder(strings.NewReader(pg.Detail))
		numbers.UseNumber() // those of 64 bits stay whole
		if numbers.Decode(&parts) == nil && parts.Message != "" {
			e.Template, e.HintTemplate, e.Params = parts.Message, parts.Hint, parts.Params
		}
		return e
	}
	return nil
}
