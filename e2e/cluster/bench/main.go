// Command bench measures on the real cluster what a topology costs in time,
// beside what a person would do by hand, and writes e2e/bench/RESULTS.md.
//
//	cd e2e/cluster && go run ./bench             every figure
//	cd e2e/cluster && go run ./bench ready jvm   these
//
// The cluster must be up (make cluster-up) and must have no other user: whatever
// else it does is measured too. The bench uses its own namespace, bench,
// which it creates again.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/e2e/bench/figures"
	"github.com/stormhooks/stormhooks/e2e/cluster/node"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
)

// figure measures one thing, in so many rounds.
type figure struct {
	name    string
	measure func(ctx context.Context, c *cluster, rounds int) ([]figures.Table, error)
}

var all = []figure{
	{"ready", readyFigure},
	{"workers", workersFigure},
	{"gap", gapFigure},
	{"stream", streamFigure},
	{"change", changeFigure},
	{"jvm", jvmFigure},
}

func main() {
	rounds := flag.Int("rounds", 5, "rounds of each figure")
	results := flag.Bool("results", true, "write e2e/bench/RESULTS.md")
	flag.Parse()
	if err := run(context.Background(), *rounds, *results, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, rounds int, results bool, names []string) error {
	checkout, err := place.Checkout()
	if err != nil {
		return err
	}
	var known []string
	for _, f := range all {
		known = append(known, f.name)
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return fmt.Errorf("unknown figure %q. The figures are: %s", name, strings.Join(known, ", "))
		}
	}
	if !node.Running(ctx) {
		return errors.New("no cluster is up. Start one: make cluster-up")
	}
	c, err := newCluster(ctx)
	if err != nil {
		return err
	}
	defer c.close()
	for _, f := range all {
		if len(names) > 0 && !slices.Contains(names, f.name) {
			continue
		}
		tables, err := f.measure(ctx, c, rounds)
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		for i := range tables {
			fmt.Println(tables[i].Markdown())
		}
		if !results {
			continue
		}
		if err := figures.Write(filepath.Join(checkout, "e2e/bench/RESULTS.md"), figures.Order, tables, time.Now()); err != nil {
			return err
		}
	}
	return nil
}
