package main

import (
	"fmt"
	"time"

	"github.com/stormhooks/stormhooks/e2e/bench/figures"
)

// shareFigure is the hook's work for a sync beside Metacontroller's.
func shareFigure(rounds int) (figures.Table, error) {
	table := figures.Table{
		Title: "Metacontroller's own work for a sync",
		About: "Twenty topologies at rest in the world of the counts, ten minutes a round. Metacontroller is its stand-in over an API server in memory. For a sync it does what the real one does: it finds children and related objects, writes the request, reads the answer strictly, and compares. " +
			"What the real one spends on HTTP, TLS, watches and its live read of the parent comes on top. Goal: the hook is never the narrow place.",
		Head: []string{"who", "CPU of a sync", "syncs a second on one core", "× Metacontroller", "goal"},
	}
	w, err := newWorld()
	if err != nil {
		return table, err
	}
	const many = 20
	for i := range many {
		w.apply(fmt.Sprintf("topo-%d", i))
	}
	for i := range many {
		if err := w.waitFor(fmt.Sprintf("topo-%d", i)); err != nil {
			return table, err
		}
	}
	if err := w.run(time.Minute); err != nil { // the last looks of the start
		return table, err
	}
	var hook, loop []time.Duration
	for range rounds {
		w.inHooks = 0
		before, began := w.count, figures.CPU()
		if err := w.run(10 * time.Minute); err != nil {
			return table, err
		}
		syncs := time.Duration(w.count.since(before).syncs)
		hook = append(hook, w.inHooks/syncs)
		loop = append(loop, (figures.CPU()-began-w.inHooks)/syncs)
	}
	ratio := figures.Ratio(hook, loop)
	row := func(who string, cost []time.Duration, ratio float64, goal string) {
		each := figures.Median(cost)
		table.Row(who, each, fmt.Sprintf("%.0f", float64(time.Second)/float64(each)), ratio, goal)
	}
	row("Metacontroller's loop", loop, 1, "")
	row("the hook", hook, ratio, figures.Goal("≤ 1 × Metacontroller", ratio <= 1))
	return table, nil
}
