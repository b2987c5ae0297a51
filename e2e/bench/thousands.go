package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/stormhooks/stormhooks/e2e/bench/figures"
	"github.com/stormhooks/stormhooks/e2e/thousands"
)

const (
	// pushed is how many topologies a push changes, leaving how many are in the namespace
	// that is deleted.
	pushed, leaving = 50, 200
	// eventLimit is how long an event of the cluster may take.
	eventLimit = 30 * time.Minute
	// apart is how far apart the calls of Nimbus must be whose cost grows with the Storm;
	// less than 5 s, since the machine is busy.
	apart = 4500 * time.Millisecond
)

// thousandsFigure is what a quiet cluster of thousands of topologies costs, and what
// happens to it.
func thousandsFigure(int) (figures.Table, error) {
	table := figures.Table{
		Title: "A quiet cluster of thousands",
		About: "One Nimbus, and so many topologies that run as they should. The hook server and its Thrift client are the real ones, Metacontroller is its stand-in with five workers for each controller, over an API server in memory, in real time; " +
			fmt.Sprintf("its live calls are limited as docs/install.md recommends (50 a second, a burst of 100). pollSeconds is 30, and 150 with 5,000 topologies. A push changes %d topologies at once, or adds them; a namespace with %d StormTopologies (policy Kill) is deleted. ", pushed, leaving) +
			"Nimbus is a double: its list and getClusterInfo take 1.5 ms of a processor for each topology, any other call 1 ms; it has two processors. Submitting pods take 2 s to start, 5 s for main, and then make the real handover; an extraction takes 5 s, the kill wait is 10 s, Storm's scheduler comes by each 10 s, and a worker needs 8 s. " +
			"Both sizes are measured at once. It takes: until the last object is as it says; that depends on the load of the machine, which stands beside it, and the counts hardly do. Goal: the hook server makes no call whose cost grows with the Storm (getTopologySummaries, getClusterInfo) more than once in 5 s, for all topologies together, and no handover fails.",
		Head: []string{"topologies", "what", "it takes", "syncs", "HTTP 429", "live reads", "writes", "calls of Nimbus by the hook server", "by the pods", "closest two that grow", "load", "goal"},
	}
	// Both at once, since most of the time is asleep: the counts are the same as one by one.
	sizes := []int{1000, 5000}
	parts, errs := make([]figures.Table, len(sizes)), make([]error, len(sizes))
	var all sync.WaitGroup
	for i, topologies := range sizes {
		all.Go(func() {
			if err := thousandsRows(&parts[i], topologies); err != nil {
				errs[i] = fmt.Errorf("%d topologies: %w", topologies, err)
			}
		})
	}
	all.Wait()
	for _, part := range parts {
		table.Rows = append(table.Rows, part.Rows...)
	}
	return table, errors.Join(errs...)
}

func thousandsRows(table *figures.Table, topologies int) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	return temporary(func(folder string) error {
		w, err := thousands.New(ctx, thousands.Options{
			Topologies: topologies, Leaving: leaving, PollSeconds: max(30, int64(topologies)*3/100), KillWait: 10,
			QPS: 50, Burst: 100, Manifests: "manifests/install",
			Costs: thousands.CallCosts{Each: 1500 * time.Microsecond, One: time.Millisecond, Processors: 2},
			Times: thousands.Times{PodStart: 2 * time.Second, Extract: 3 * time.Second, Main: 5 * time.Second, Round: 10 * time.Second, WorkerStart: 8 * time.Second},
		}, folder)
		if err != nil {
			return err
		}
		if err := w.ComeToRest(eventLimit); err != nil {
			return err
		}
		for _, event := range []struct {
			name string
			do   func() (thousands.Outcome, error)
		}{
			{"5 minutes at rest", func() (thousands.Outcome, error) { return w.Rest(restFor) }},
			{"a push restarts 50", func() (thousands.Outcome, error) { return w.Push(0, pushed, eventLimit, thousands.Restart) }},
			{"a push rebalances 50", func() (thousands.Outcome, error) { return w.Push(pushed, pushed, eventLimit, thousands.Rebalance) }},
			{"a push adds 50", func() (thousands.Outcome, error) { return w.Add(pushed, eventLimit) }},
			{"a namespace with 200 is deleted", func() (thousands.Outcome, error) { return w.DeleteNamespace(thousands.Leaving, eventLimit) }},
			{"the StormCluster of the others is deleted", func() (thousands.Outcome, error) { return w.DeleteCluster(thousands.Quiet, eventLimit) }},
		} {
			got, err := event.do()
			thousandsRow(table, topologies, event.name, got)
			fmt.Println(strings.Join(table.Rows[len(table.Rows)-1], " | "))
			if err != nil {
				return fmt.Errorf("%s: %w", event.name, err)
			}
		}
		return nil
	})
}

// restFor is how long the cluster is watched at rest.
const restFor = 5 * time.Minute

func thousandsRow(table *figures.Table, topologies int, what string, got thousands.Outcome) {
	closest := got.Closest[thousands.HookServer]
	between := "no two"
	if closest < time.Hour {
		between = figures.Short(closest)
	}
	byPods := got.Calls(thousands.Pods)
	failures := got.Failures()
	if failures != "" {
		byPods += "; " + failures
	}
	table.Row(topologies, what, got.Took, got.Syncs, got.TurnedAway, got.Reads, got.Writes, got.Calls(thousands.HookServer), byPods, between, figures.Load(),
		figures.Goal("5 s apart", closest >= apart && failures == ""))
}
