// Command bench measures what Stormhooks costs without a cluster, beside what
// one would do otherwise, and writes e2e/bench/RESULTS.md.
//
//	go run ./e2e/bench            every figure
//	go run ./e2e/bench sync jar   these
//
// What needs the real cluster is in e2e/cluster/bench.
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/e2e/bench/figures"
)

// figure measures one thing; rounds is how many each contender gets where a
// round is short.
type figure struct {
	name    string
	measure func(rounds int) (figures.Table, error)
}

func main() {
	rounds := flag.Int("rounds", 11, "rounds of a short figure")
	results := flag.String("results", "e2e/bench/RESULTS.md", "the file of results; empty for none")
	flag.Parse()
	if flag.Arg(0) == serverVerb {
		if err := serveForBench(); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	if err := run(*rounds, *results, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(rounds int, results string, names []string) error {
	for _, name := range names {
		if !slices.ContainsFunc(all, func(f figure) bool { return f.name == name }) {
			return fmt.Errorf("unknown figure %q. The figures are: %s", name, strings.Join(known(), ", "))
		}
	}
	var tables []figures.Table
	for _, f := range all {
		if len(names) > 0 && !slices.Contains(names, f.name) {
			continue
		}
		table, err := f.measure(rounds)
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		table.Name = f.name
		fmt.Println(table.Markdown())
		tables = append(tables, table)
	}
	if results == "" {
		return nil
	}
	return figures.Write(results, figures.Order, tables, time.Now())
}

func known() []string {
	var names []string
	for _, f := range all {
		names = append(names, f.name)
	}
	return names
}
