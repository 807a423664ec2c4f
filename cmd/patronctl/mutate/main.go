// Mutate changes the rules of patronctl one at a time and runs the tests that should notice. What no test notices is listed at
// the end; unless survivors.txt says why, that is an error. It is run at the top of the repository: make mutate.
//
// mutants.txt says which functions are changed, and which tests should notice. A changed function is put into the database
// that the tests of a package copy, so that nothing is compiled anew. Other files are replaced for one go test -overlay.
// What came of each is kept in bin/mutate until a test or a source changes: an interrupted run goes on where it stopped.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	pattern := ""
	if len(os.Args) > 1 {
		pattern = os.Args[1]
	}
	if err := run(ctx, pattern); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stopped above
	}
}

func run(ctx context.Context, pattern string) error {
	chosen, err := regexp.Compile(pattern)
	if err != nil {
		return err
	}
	sources, err := readSources()
	if err != nil {
		return err
	}
	all, err := mutants(sources)
	if err != nil {
		return err
	}
	var some []mutant
	for _, m := range all {
		if chosen.MatchString(m.id) {
			some = append(some, m)
		}
	}
	bench, err := newBench(ctx, some)
	if err != nil {
		return err
	}
	outcomes := map[string][]string{}
	for n, m := range some {
		began := time.Now()
		outcome, err := bench.try(ctx, m)
		if err != nil {
			return err
		}
		outcomes[outcome] = append(outcomes[outcome], m.id)
		fmt.Printf("%d/%d %-8s %3.0fs %s\n", n+1, len(some), outcome, time.Since(began).Seconds(), m.id)
	}
	return report(outcomes)
}

// report says what came of it all.
func report(outcomes map[string][]string) error {
	named := survivors()
	var unnamed []string
	for _, id := range outcomes[survived] {
		if why := named[id]; why == "" {
			unnamed = append(unnamed, id)
		} else {
			fmt.Printf("\nsurvived, as survivors.txt says: %s\n  %s\n", id, why)
		}
	}
	for _, id := range outcomes[killed] {
		if named[id] != "" {
			fmt.Printf("\nkilled, though survivors.txt has it: %s\n", id)
		}
	}
	for _, id := range outcomes[broken] {
		fmt.Printf("\nno SQL or Go that runs, and not counted: %s\n", id)
	}
	tried := len(outcomes[killed]) + len(outcomes[survived])
	fmt.Printf("\n%d of %d killed (%.1f %%)\n", len(outcomes[killed]), tried, 100*float64(len(outcomes[killed]))/float64(max(tried, 1)))
	if len(unnamed) > 0 {
		return fmt.Errorf("no test notices:\n%s", strings.Join(unnamed, "\n"))
	}
	return nil
}
