package forgetting_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"patronctl/client"
	"patronctl/client/forgetting"
	"patronctl/client/localpg/pgtest"
	"patronctl/client/people"
)

// valuesOf returns the distinct values of some patrons in one relation's column that nobody else has.
func valuesOf(t *testing.T, conn *pgx.Conn, relation, column string, patrons []int64) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), fmt.Sprintf(`
		SELECT DISTINCT v
		FROM lms.%[1]s AS mine, jsonb_path_query(to_jsonb(mine), '$.%[2]s[*]') AS one, LATERAL (SELECT one #>> '{}') AS x(v)
		WHERE mine.patron = ANY ($1) AND length(v) > 4
			AND NOT EXISTS (SELECT FROM lms.%[1]s AS o WHERE o.patron <> ALL ($1) AND strpos(lower(o.%[2]s::text), lower(v)) > 0)
			AND NOT EXISTS (SELECT FROM lms.identity AS o WHERE o.patron <> ALL ($1) AND strpos(lower(o::text), lower(v)) > 0)
			AND NOT EXISTS (
				SELECT FROM lms.address AS o
				WHERE o.patron <> ALL ($1) AND strpos(lower(o::text), lower(v)) > 0
			)`, relation, column), patrons)
	if err != nil {
		t.Fatal(err)
	}
	values, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// quoted is a value as the text of a row spells it: in small letters, and with some signs doubled.
func quoted(value string) string {
	return strings.ToLower(strings.NewReplacer(`"`, `""`, `\`, `\\`).Replace(value))
}

// found returns those of some values that a text holds: one pass over the text, by the first bytes of the values.
func found(text string, values []string) map[string]bool {
	const first = 5
	by := map[string][]string{}
	for _, value := range values {
		by[quoted(value)[:first]] = append(by[quoted(value)[:first]], value)
	}
	hits := map[string]bool{}
	for i := range max(0, len(text)-first+1) {
		for _, value := range by[text[i:i+first]] {
			if strings.HasPrefix(text[i:], quoted(value)) {
				hits[value] = true
			}
		}
	}
	return hits
}

func TestNoQueryFindsTheErased(t *testing.T) {
	ctx := context.Background()
	db := pgtest.New(t)
	super := db.Super(t)

	// Fifty people, the awkward ones first, and the child's guardian among them.
	rows, err := super.Query(ctx, `
		SELECT i.patron
		FROM lms.identity AS i JOIN lms.patron AS p ON p.id = i.patron AND p.status <> 'erased'
		WHERE i.birth_date IS NOT NULL
		ORDER BY i.patron LIMIT 50`)
	if err != nil {
		t.Fatal(err)
	}
	patrons, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := super.Exec(ctx, `
		INSERT INTO lms.special (patron, authority, faith, sexuality, disability, ethnic_origin)
		SELECT p.id, p.authority, 'faith-' || p.id || '-x', 'sex-' || p.id || '-x', 'dis-' || p.id || '-x',
			'eth-' || p.id || '-x'
		FROM lms.patron AS p
		WHERE p.id = ANY ($1)
		ON CONFLICT (patron, authority) DO UPDATE SET faith = excluded.faith, disability = excluded.disability`, patrons); err != nil {
		t.Fatal(err)
	}

	rows, err = super.Query(ctx, `SELECT number FROM lms.card WHERE patron = ANY ($1)`, patrons)
	if err != nil {
		t.Fatal(err)
	}
	cards, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}

	// Staff look at them in every way there is, before and after.
	clerk, officer := db.Client(t, "clerk.cam"), db.Client(t, "officer.cam")
	for _, card := range cards {
		_, _ = people.Show(ctx, clerk, client.Why{Reason: "lost " + card}, card, people.ShowOptions{})
		_, _ = forgetting.MakePlan(ctx, officer, client.Why{Reason: "about card " + card}, []string{"lapsed"})
	}
	look := func() {
		for _, patron := range patrons {
			ref := fmt.Sprintf("id:%d", patron)
			_, _ = people.Show(ctx, clerk, client.Why{Reason: "ticket 4711"}, ref, people.ShowOptions{Fees: true})
			_, _ = people.CheckDebt(ctx, clerk, client.Why{}, ref, true)
			_, _, _ = people.ShowHistory(ctx, officer, client.Why{Reason: "ticket 4711"}, ref)
			_, _ = forgetting.PreviewErase(ctx, officer, client.Why{}, ref, nil, 0)
		}
	}
	look()

	var values []string
	columns, err := super.Query(ctx, `
		SELECT relation, column_name
		FROM patronctl.catalogue
		WHERE class IN ('personal', 'special', 'secret') AND relation <> 'word' AND column_name <> 'birth_date'`)
	if err != nil {
		t.Fatal(err)
	}
	type column struct{ Relation, Name string }
	all, err := pgx.CollectRows(columns, pgx.RowToStructByPos[column])
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		values = append(values, valuesOf(t, super, c.Relation, c.Name, patrons)...)
	}
	if len(values) < 300 {
		t.Fatalf("only %d values to search for: is the sample poorer than it was?", len(values))
	}
	// A search that finds nothing beforehand proves nothing afterwards.
	seen := map[string]bool{}
	for _, text := range pgtest.RowsAsText(t, super) {
		maps.Copy(seen, found(text, values))
	}
	if len(seen) != len(values) {
		t.Fatalf("%d of %d values are found before erasing", len(seen), len(values))
	}

	paid := `UPDATE lms.payment SET paid_by = ($1::bigint[])[1] WHERE id IN (SELECT id FROM lms.payment WHERE patron <> ALL ($1) LIMIT 3)`
	if tag, err := super.Exec(ctx, paid, patrons); err != nil || tag.RowsAffected() != 3 {
		t.Fatal(tag, err)
	}
	if _, err := super.Exec(ctx, `SELECT desk.erase($1, 'request')`, patrons); err != nil {
		t.Fatal(err)
	}
	if _, err := super.Exec(ctx, `ANALYZE`); err != nil {
		t.Fatal(err)
	}
	look()

	for table, text := range pgtest.RowsAsText(t, super) {
		for value := range found(text, values) {
			t.Errorf("%s still holds %q", table, value)
		}
	}
	var left int
	err = super.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM lms.identity WHERE patron = ANY ($1)) + (SELECT count(*) FROM lms.address WHERE patron = ANY ($1))
			+ (SELECT count(*) FROM lms.special WHERE patron = ANY ($1)) + (SELECT count(*) FROM lms.credential WHERE patron = ANY ($1))
			+ (SELECT count(*) FROM lms.card WHERE patron = ANY ($1)) + (SELECT count(*) FROM lms.consent WHERE patron = ANY ($1))
			+ (SELECT count(*) FROM lms.named WHERE patron = ANY ($1)) + (SELECT count(*) FROM lms.patron WHERE guardian_patron = ANY ($1))
			+ (SELECT count(*) FROM lms.payment WHERE paid_by = ANY ($1))
			+ (SELECT count(*) FROM patronctl.imported_patron WHERE id = ANY ($1))`, patrons).Scan(&left)
	if err != nil || left != 0 {
		t.Errorf("%d rows lead to the erased: %v", left, err)
	}
}
