package pgtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"

	"patronctl/client/localpg"
)

// Filled is the environment variable with a path where the first test process leaves a copy of its cluster with the sample, and
// others begin with that: make mutate runs hundreds. Without it each makes the sample.
const Filled = "PGTEST_FILLED"

// noon is for a sample that was made a while ago.
const noon = "SELECT patronctl.set_clock_offset(timestamptz '" + Day + " 12:00Z' - clock_timestamp())"

// startFilled starts a cluster that has the sample.
func startFilled(ctx context.Context, cluster *localpg.Cluster, path string) error {
	if _, err := os.Stat(path); err == nil {
		if err := copyFiles(path, cluster.Dir); err != nil {
			return err
		}
		return cluster.Start(ctx)
	}
	for _, do := range []func() error{
		func() error { return startEmpty(ctx, cluster) },
		func() error { return makeSample(ctx, cluster) },
		func() error { return cluster.Stop(ctx) },
		func() error { return copyFiles(cluster.Dir, path) },
	} {
		if err := do(); err != nil {
			return err
		}
	}
	return cluster.Start(ctx)
}

// copyFiles copies with owners: the files of a server that root starts are another account's.
func copyFiles(from, to string) error {
	if out, err := exec.Command("cp", "-a", from, to).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}
