package main

import (
	"fmt"
	"time"

	"github.com/stormhooks/stormhooks/e2e/bench/figures"
)

// countsFigure counts what one topology costs, beside the fewest that the design
// allows.
func countsFigure(int) (figures.Table, error) {
	table := figures.Table{
		Title: "Calls and writes of one topology",
		About: "Counted in a world of virtual time in which all goes well: Metacontroller's stand-in over an API server in memory, copy mode, pods and Storm's scheduler taking the time that they take on the real cluster. " +
			"A look at Storm is one to four Thrift calls. Writes are Metacontroller's. Fewest, on paper, is what the design allows; the goal is to be within 1 of it, and no write at rest.",
		Head: []string{"what", "it takes", "syncs", "fewest", "customize calls", "looks at Storm", "calls to Storm", "writes", "fewest", "goal"},
		After: "Fewest writes. Apply: finalizer, claim, two Jobs, and a status for each step that a person sees: the volume is requested, extracting, submitting, Storm has it, workers assigned, ready. " +
			"Restart: two Jobs deleted and created; extracting, submitting, Storm has it, assigned, ready; and draining, if a check falls into it. Suspend: a status when Storm was called and one when it is done; rebalance: one more when the workers restart.\n\n" +
			"That a Job exists causes no write: the time of its request stays in the status, and is removed with the next step.\n\n" +
			"Fewest syncs: one for each moment at which something of the topology changes. A Job and its pod are seven (created, its pod created, scheduled, running, ended, its finalizer removed, complete); the claim is one, and so is the apply. " +
			"From the time when Storm has the topology until Ready it is checked every 2 s, nine times here. At rest it is checked every 27 to 33 s. A rebalance is checked when its wait is over, and while workers restart.",
	}
	w, err := newWorld()
	if err != nil {
		return table, err
	}
	for _, step := range []struct {
		name          string
		writes, syncs int // the fewest
		do            func() error
	}{
		{"apply → Ready", 10, 25, func() error { w.apply("one"); return w.waitFor("one") }},
		{"an hour at rest", 0, 3600 / 27, func() error { return w.run(time.Hour) }},
		{"suspend → Ready", 2, 2, func() error { w.edit("one", true, "spec", "suspend"); return w.waitFor("one") }},
		{"resume → Ready", 2, 2, func() error { w.edit("one", false, "spec", "suspend"); return w.waitFor("one") }},
		{"rebalance (3 workers) → Ready", 3, 7, func() error { w.edit("one", int64(3), "spec", "topology", "workers"); return w.waitFor("one") }},
		{"restart (restartNonce) → Ready", 9, 24, func() error { w.edit("one", int64(1), "spec", "restartNonce"); return w.waitFor("one") }},
	} {
		before, began := w.count, w.now
		if err := step.do(); err != nil {
			return table, fmt.Errorf("%s: %w", step.name, err)
		}
		got := w.count.since(before)
		goal := figures.Goal("writes", got.writes <= step.writes+min(step.writes, 1)) + ", " + figures.Goal("syncs", got.syncs <= step.syncs+1)
		table.Row(step.name, w.now.Sub(began), got.syncs, step.syncs, got.customizes, got.looks, got.calls, got.writes, step.writes, goal)
	}
	return table, nil
}

// waitFor waits until a topology is Ready as its spec is now.
func (w *world) waitFor(name string) error {
	if w.failed != nil {
		return w.failed
	}
	if err := w.until(w.now.Add(10*time.Minute), func() bool { return w.ready(name) }); err != nil {
		return err
	}
	if !w.ready(name) {
		return fmt.Errorf("topology %q is not Ready after 10 minutes", name)
	}
	return nil
}

// growthFigure applies many topologies at once.
func growthFigure(int) (figures.Table, error) {
	table := figures.Table{
		Title: "Growth",
		About: "The same world with so many topologies, applied at once, all of them Ready, and then at rest for ten minutes. Goal: no more for each topology than for one.",
		Head:  []string{"topologies", "apply → all Ready", "syncs each", "writes each", "looks each", "10 min at rest: syncs each", "writes", "CPU of a sync, stand-in included", "goal"},
	}
	first := 0.0
	for _, many := range []int{1, 10, 100, 1000} {
		w, err := newWorld()
		if err != nil {
			return table, err
		}
		before, began, cpu := w.count, w.now, figures.CPU()
		for i := range many {
			w.apply(fmt.Sprintf("topo-%d", i))
		}
		for i := range many {
			if err := w.waitFor(fmt.Sprintf("topo-%d", i)); err != nil {
				return table, err
			}
		}
		up, took, used := w.count.since(before), w.now.Sub(began), figures.CPU()-cpu
		if err := w.run(time.Minute); err != nil { // the last looks of the start
			return table, err
		}
		rest := w.count
		if err := w.run(10 * time.Minute); err != nil {
			return table, err
		}
		rest = w.count.since(rest)
		each := func(n int) float64 { return float64(n) / float64(many) }
		if many == 1 {
			first = each(up.syncs)
		}
		table.Row(many, took, each(up.syncs), each(up.writes), each(up.looks), each(rest.syncs), rest.writes, used/time.Duration(up.syncs),
			figures.Goal("≤ one's", each(up.syncs) <= first+1 && rest.writes == 0))
	}
	return table, nil
}
