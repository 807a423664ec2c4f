package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"patronctl/client/localpg"
)

// module keeps what every statement of the server said, without most of its values.
const module = "pg_stat_statements"

// CountsStatements tells whether the server has pg_stat_statements loaded, so that its view is worth a look. A server that
// was built without it says so in the log of the test.
func CountsStatements(t testing.TB) bool {
	t.Helper()
	if !countsStatements(serverFor(t)) {
		t.Log(withoutModule)
		return false
	}
	return true
}

const withoutModule = "this PostgreSQL was built without " + module + ": what it would keep is not searched"

func countsStatements(cluster *localpg.Cluster) bool {
	return cluster.Settings["shared_preload_libraries"] == module
}

// Traces returns the lines of the server's log and the statements of pg_stat_statements that hold one of these values, of
// all databases and since the server began.
func Traces(t testing.TB, values ...string) []string {
	t.Helper()
	CountsStatements(t)
	found, err := traces(t.Context(), serverFor(t), values)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func traces(ctx context.Context, cluster *localpg.Cluster, values []string) (found []string, err error) {
	log, err := wholeLog(ctx, cluster)
	if err != nil {
		return nil, err
	}
	said := strings.Split(log, "\n")
	if countsStatements(cluster) {
		statements, err := column(ctx, cluster, "postgres", "SELECT query FROM pg_stat_statements")
		if err != nil {
			return nil, err
		}
		said = append(said, statements...)
	}
	for _, line := range said {
		folded := strings.ToLower(line)
		for _, value := range values {
			if strings.Contains(folded, strings.ToLower(value)) {
				found = append(found, fmt.Sprintf("%q in: %.300s", value, line))
			}
		}
	}
	return found, nil
}

// wholeLog is the server's log up to now. Another process of the server writes it: it is sent a line, and waited for.
func wholeLog(ctx context.Context, cluster *localpg.Cluster) (string, error) {
	conn, err := pgx.Connect(ctx, cluster.DSN(localpg.Superuser, "postgres"))
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx) //nolint:errcheck // its work is done
	last := "read up to the session " + strconv.FormatUint(uint64(conn.PgConn().PID()), 10)
	if _, err := conn.Exec(ctx, fmt.Sprintf("DO $$ BEGIN RAISE LOG '%s.'; END $$", last)); err != nil {
		return "", err
	}
	for range 600 {
		if log := cluster.Log(); strings.Contains(log, "LOG:  "+last+".") {
			return log, nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return "", errors.New("the server's log does not come")
}

// known are values of the sample's people, the awkward ones first, which no test writes into SQL of its own.
const known = `
	SELECT value
	FROM (
		SELECT DISTINCT ON (value) value, i.patron
		FROM lms.identity AS i
		LEFT JOIN lms.address AS d ON d.patron = i.patron AND d.authority = i.authority,
		unnest(
			i.emails || i.phones
			|| ARRAY[i.document_number, d.lines, i.surname || ', ' || i.forenames, i.forenames || ' ' || i.surname]
		) AS value
		WHERE length(value) >= 8 AND value !~ '[\n\r]'
	) AS v
	ORDER BY patron, value
	LIMIT 50`

// searchRun searches what the tests of the whole process left in the server for 50 values of the sample's people.
func searchRun() error {
	cluster, err := serve()
	if err != nil {
		return err
	}
	ctx := context.Background()
	if !countsStatements(cluster) {
		fmt.Fprintln(os.Stderr, "pgtest:", withoutModule)
	}
	values, err := column(ctx, cluster, template, known)
	if err != nil {
		return err
	}
	if len(values) != 50 {
		return fmt.Errorf("%d values of people are known, want 50", len(values))
	}
	found, err := traces(ctx, cluster, values)
	if err != nil || len(found) == 0 {
		return err
	}
	slices.Sort(found)
	return errors.New("values of people were left in the server:\n" + strings.Join(found, "\n"))
}

func column(ctx context.Context, cluster *localpg.Cluster, database, query string) ([]string, error) {
	conn, err := pgx.Connect(ctx, cluster.DSN(localpg.Superuser, database))
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx) //nolint:errcheck // its work is done
	rows, err := conn.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
