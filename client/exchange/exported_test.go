package exchange_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"patronctl/client"
	"patronctl/client/exchange"
	"patronctl/client/localpg/pgtest"
)

// elsewhere says where an export of scope access has a column, when that is not the relation and the name of the table, or
// what stands for it. An empty text is what an export leaves out; it says why itself, except where nothing is lost.
var elsewhere = map[string]string{
	"patron.id":                  "patron.patron",
	"patron.deleted_on":          "account.deleted_on",
	"patron.protected":           "account.protected",
	"patron.guardian_patron":     "",
	"identity.guardian":          "",
	"identity.authority":         "patron.authority", // the home
	"address.authority":          "patron.authority",
	"special.authority":          "patron.authority",
	"credential.authority":       "patron.authority",
	"credential.secret_hash":     "",
	"credential.set_at":          "account.password_set_at",
	"credential.one_time_until":  "account.one_time_until",
	"credential.must_change":     "account.must_change",
	"credential.failed_attempts": "account.failed_attempts",
	"credential.locked_until":    "account.locked_until",
	"loan.item":                  "loan.barcode",
	"hold.item":                  "hold.barcode",
	"named.word":                 "identity.surname", // the dictionary that names are looked up in
	"named.surname":              "identity.surname",
	"payment.taken_by":           "",
	"payment.paid_by":            "", // it is in the export of who paid
	// What patronctl itself remembers by the number of a patron.
	"access.patrons":       "consultation.access",
	"access.others":        "consultation.access",
	"support_grant.patron": "support.access",
	"request.patron":       "request.id",
	"disclosure.patron":    "disclosure.id",
	"imported_patron.id":   "account.imported_as",
	"plan_item.patron":     "retention.rule", // what a rule would do is worked out from the rule and the account
	"erasure.patron":       "",               // of people who were erased, and cannot be exported
	"canary.patron":        "",               // of nobody
}

// TestExportHoldsEverything compares an export with the catalogue: a new column about people that is neither exported nor
// left out on purpose fails here.
func TestExportHoldsEverything(t *testing.T) {
	db := pgtest.New(t)
	rows, err := db.Super(t).Query(t.Context(), `
		SELECT c.relation || '.' || c.column_name
		FROM patronctl.catalogue AS c
		WHERE c.schema_name = 'lms'
			AND (c.relation = 'patron' OR c.column_name <> 'patron'
				AND EXISTS (
					SELECT FROM patronctl.catalogue AS o
					WHERE (o.schema_name, o.relation, o.column_name) = (c.schema_name, c.relation, 'patron')
				))
		UNION
		SELECT c.relation || '.' || c.column_name
		FROM patronctl.catalogue AS c
		WHERE c.schema_name = 'patronctl'
			AND (
				c.column_name IN ('patron', 'patrons', 'others', 'subject') AND c.class = 'pseudonym'
				OR (c.relation, c.column_name) = ('imported_patron', 'id')
			)
		ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	columns, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(columns) < 80 {
		t.Fatalf("%d columns, %v", len(columns), err)
	}
	officer := db.Client(t, "officer.cam")
	export, err := exchange.Open(t.Context(), officer, client.Why{}, "id:36", exchange.FullAccess)
	if err != nil {
		t.Fatal(err)
	}
	var exported []string
	for relation := range export.Relations {
		for _, column := range relation.Columns {
			exported = append(exported, relation.Name+"."+column.Name)
		}
	}
	for _, column := range columns {
		place, known := elsewhere[column]
		if !known {
			place = column
		}
		if place != "" && !slices.Contains(exported, place) {
			t.Errorf("%s is not in an export, and nothing says why", column)
		}
	}
	said := ""
	for _, left := range export.Head.Omitted {
		said += left.What + "\n"
	}
	left := []string{"patron.guardian_patron", "identity.guardian", "credential.secret_hash", "payment.taken_by", "payment.paid_by"}
	for _, column := range left {
		if !strings.Contains(said, column) {
			t.Errorf("an export does not say that it leaves out %s", column)
		}
	}
}
