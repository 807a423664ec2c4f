package pgtest

import (
	"context"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5"

	"patronctl/client/localpg"
)

// Mutant is the environment variable with the changed function that make mutate wants the tests to notice.
const Mutant = "PGTEST_MUTANT"

// putMutant puts it into the template, with the settings that the function had.
func putMutant(ctx context.Context, cluster *localpg.Cluster) error {
	mutant := os.Getenv(Mutant)
	if mutant == "" {
		return nil
	}
	conn, err := pgx.Connect(ctx, cluster.DSN(localpg.Superuser, template))
	if err != nil {
		return err
	}
	defer conn.Close(ctx) //nolint:errcheck // its work is done
	_, err = conn.Exec(ctx, `CREATE TEMP TABLE was AS SELECT oid, proconfig FROM pg_proc;`+mutant+`;
		UPDATE pg_proc AS p SET proconfig = w.proconfig FROM was AS w WHERE w.oid = p.oid AND w.proconfig IS DISTINCT FROM p.proconfig`)
	if err != nil {
		return fmt.Errorf("%s: %w", Mutant, err)
	}
	return nil
}
