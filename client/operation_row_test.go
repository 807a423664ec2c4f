package client_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"patronctl/client"
	"patronctl/client/localpg/pgtest"
)

// A new operation about an item, of which it shows no borrower, is recorded as having opened nobody; where the row does not say
// whom it leads to, it is refused.
func TestAnOperationOpensWhomItsRowSays(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	super, clerk := pgtest.Connect(t, db, "postgres"), pgtest.Connect(t, db, "clerk.cam")
	supervisor, officer := pgtest.Connect(t, db, "supervisor.cam"), pgtest.Connect(t, db, "officer.cam")
	const item = `{"barcode": "300000000080"}` // which patron 36 had last
	opened := func(id string) string {
		return super.Must("SELECT patrons || others FROM patronctl.access WHERE id = %s", id)
	}
	if got := opened(supervisor.Open("item show last", item)); got != "{36}" {
		t.Fatalf("the last borrower is %s", got)
	}

	grants, err := os.ReadFile("schema/grants.sql")
	if err != nil {
		t.Fatal(err)
	}
	super.Must(`SET ROLE patronctl_owner;
		INSERT INTO patronctl.operation VALUES ('item loans', '{"barcode": "item"}', 'service', '{}', '{count_loans}');
		INSERT INTO patronctl.rights VALUES ('item loans', 'clerk', 'any', FALSE);
		CREATE FUNCTION desk.count_loans(access bigint) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
		SET search_path = pg_catalog, pg_temp AS $$
		DECLARE
			a patronctl.access := desk.use_access(access, 'count_loans');
		BEGIN
			RETURN (SELECT count(*) FROM lms.loan AS l WHERE l.item = a.subject);
		END $$`)
	super.Must("%s", string(grants))
	super.Must("RESET ROLE")

	id := clerk.Open("item loans", item)
	if got := opened(id); got != "{}" {
		t.Errorf("recorded as having opened %s", got)
	}
	if got := clerk.Must("SELECT desk.count_loans(%s)", id); got == "0" {
		t.Error("no loan was counted")
	}
	page := officer.Must(`
		SELECT string_agg(content ->> 'access', ' ')
		FROM desk.export_page(%s, 'consultation', 0, 2000)`, officer.Open("export", pgtest.Bookworm))
	if strings.Contains(" "+page+" ", " "+id+" ") {
		t.Errorf("the export of patron 36 has %s among %s", id, page)
	}
	if _, err := clerk.Run("SELECT desk.count_loans(%s)", clerk.Open("item loans", `{"barcode": "0"}`)); pgtest.Code(err) != "LB404" ||
		!strings.Contains(err.Error(), "no such item") {
		t.Errorf("an item that is not there: %v", err)
	}
	_, err = clerk.Run("SELECT desk.count_loans(%s)", clerk.Open("item show", item))
	pgtest.Refused(t, "a call with a number of another operation", err)
	_, err = supervisor.Run("SELECT desk.count_loans(%s)", id)
	pgtest.Forbidden(t, "a call by a role without a right", err)

	for _, row := range []string{`{"barcode": null}`, `{"barcode": "whoever"}`, `{}`} {
		super.Must("UPDATE patronctl.operation SET asked_by = '%s' WHERE name = 'item loans'", row)
		if _, err := clerk.Run("SELECT %s", pgtest.OpenCall("item loans", item)); pgtest.Code(err) != "LB400" {
			t.Errorf("asked by %s: %v", row, err)
		}
	}
	super.Must("DELETE FROM patronctl.rights WHERE operation = 'item loans'; DELETE FROM patronctl.operation WHERE name = 'item loans'")
	if _, err := clerk.Run("SELECT %s", pgtest.OpenCall("item loans", item)); pgtest.Code(err) != client.CodeUnknown {
		t.Errorf("without a row: %v", err)
	}
	_, err = clerk.Run("SELECT desk.count_loans(%s)", id)
	pgtest.Refused(t, "a call of an operation without a row", err)
}

// The words of a row are those that are told beside the functions that read them.
func TestWordsOfOperationsAreTold(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("schema/desk/gate/operations.sql")
	if err != nil {
		t.Fatal(err)
	}
	told, _, _ := strings.Cut(string(text), "CREATE FUNCTION")
	for _, o := range client.Operations() {
		words := slices.Clone(o.Marks)
		for criterion, resolver := range o.AskedBy {
			words = append(words, criterion+"="+resolver)
		}
		for _, word := range words {
			if !strings.Contains(told, "--     "+word+" ") {
				t.Errorf("%s: nothing tells what %s means", o.Name, word)
			}
		}
	}
}
