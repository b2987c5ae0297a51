package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/e2e/bench/figures"
)

// streamed is a topology that writes down when each of its tuples was processed.
var streamed = subject{"stories/scratch:1", "/topology.jar", "com.mycompany.Ticking"}

// streamFigure updates topologies that process a tuple each 20 ms, each in its way, and
// reads from what they wrote for how long none was processed.
func streamFigure(ctx context.Context, c *cluster, rounds int) ([]figures.Table, error) {
	table := figures.Table{
		Name: "stream", Title: "An update's gap, counted by the topology",
		About: "Topologies of one worker, which process a tuple each 20 ms and write down when. Each is updated in its way, one after the other; the gap is the longest time between two tuples. All have a kill wait of 5 s. By hand: storm kill with that wait, a look each second until the name is free, then a Job that runs the java line of storm jar. Twice: tuples of the previous revision after the first of the new one. Told: from the moment when the previous revision's spout was deactivated until the new one's was activated. Goal: BlueGreen's gap is at most a fifth of Replace's.",
		Head:  []string{"way", "median", "least", "most", "× Replace", "told", "twice", "goal"},
		After: "BlueGreen's gap is its drain, which spec.update.drainSeconds sets: the new workers are up before the old spouts stop. What Replace and a person need besides is a round of Storm's scheduler and the start of the workers.",
	}
	ways := []*stream{
		{title: "Replace", update: "strategy: Replace"},
		{title: "BlueGreen", update: "strategy: BlueGreen"},
		{title: "BlueGreen, drainSeconds: 0", update: "strategy: BlueGreen, drainSeconds: 0"},
		{title: "by hand"},
	}
	if err := streamWays(ctx, c, ways, 2*rounds); err != nil {
		return nil, err
	}
	for _, w := range ways {
		goal := ""
		ratio := figures.Ratio(w.gaps, ways[0].gaps)
		if strings.Contains(w.update, "BlueGreen") {
			goal = figures.Goal("≤ 0.20", ratio <= 0.2)
		}
		table.Row(w.title, figures.Median(w.gaps), slices.Min(w.gaps), slices.Max(w.gaps), ratio, figures.Median(w.told), w.twice, goal)
	}
	return []figures.Table{table}, nil
}

// streamWays submits the topologies, updates each of them so many times, and removes them.
func streamWays(ctx context.Context, c *cluster, ways []*stream, rounds int) error {
	for _, w := range ways {
		w.name = c.name("stream")
		if err := w.submit(ctx, c, 0); err != nil {
			return err
		}
	}
	for _, w := range ways {
		if err := w.settled(ctx, c, ""); err != nil {
			return err
		}
	}
	for i := range rounds {
		for _, w := range ways {
			if err := w.round(ctx, c, i+1); err != nil {
				return fmt.Errorf("%s: %w", w.title, err)
			}
		}
	}
	for _, w := range ways {
		if err := w.end(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// stream is a topology that is updated in one way: as its spec.update says, or by hand where it
// has none.
type stream struct {
	title, update, name string
	gaps, told          []time.Duration
	twice               int
}

func (w *stream) manifest(nonce int) string {
	if w.update == "" {
		return streamed.fill(byHand, "COPY", "cp SOURCE /jar/topology.jar", "INIT", idle(0), "JAR", "emptyDir: {}", ",topology.workers=2", "")(w.name)
	}
	spec := fmt.Sprintf("spec:\n  restartNonce: %d\n  update: {%s}", nonce, w.update)
	return streamed.fill(example, "MODE", "image-volume", "spec:", spec, "killWaitSeconds: 0", fmt.Sprintf("killWaitSeconds: %d", killWait),
		`config: {topology.workers: "2"}`, "config: {}")(w.name)
}

func (w *stream) submit(ctx context.Context, c *cluster, nonce int) error {
	return c.apply(ctx, w.manifest(nonce))
}

// round updates the topology once.
func (w *stream) round(ctx context.Context, c *cluster, nonce int) error {
	before, err := w.written(ctx, c)
	if err != nil {
		return err
	}
	old := before[len(before)-1]
	if w.update == "" {
		err = w.replaceByHand(ctx, c)
	} else {
		err = w.submit(ctx, c, nonce)
	}
	if err != nil {
		return err
	}
	if err := w.settled(ctx, c, old.id); err != nil {
		return err
	}
	lines, err := w.written(ctx, c)
	if err != nil {
		return err
	}
	w.judge(lines, old)
	return nil
}

// judge reads the gap from what was written since the last tuple before the update.
func (w *stream) judge(lines []tick, old tick) {
	var last, stopped, started, first time.Time
	var gap time.Duration
	twice := 0
	for _, line := range lines {
		switch {
		case line.at.Before(old.at):
		case line.what == "deactivate" && line.id == old.id:
			stopped = line.at
		case line.what == "activate" && line.id != old.id && started.IsZero():
			started = line.at
		case line.what == "tuple":
			if !last.IsZero() {
				gap = max(gap, line.at.Sub(last))
			}
			last = line.at
			if line.id != old.id && first.IsZero() {
				first = line.at
			}
			if line.id == old.id && !first.IsZero() {
				twice++
			}
		}
	}
	w.gaps, w.twice = append(w.gaps, gap), w.twice+twice
	if !stopped.IsZero() {
		w.told = append(w.told, started.Sub(stopped))
	}
	fmt.Printf("stream %s: gap %s, told %s, %d twice\n", w.title, figures.Short(gap), figures.Short(started.Sub(stopped)), twice)
}

// replaceByHand is what a person does: kill, wait, and submit again.
func (w *stream) replaceByHand(ctx context.Context, c *cluster) error {
	if _, err := c.kubectl.With(ctx, w.manifest(0), "delete", "-f", "-", "--timeout="+patience.String()); err != nil {
		return err
	}
	if err := c.nimbus.Kill(ctx, w.name, new(int32(killWait))); err != nil {
		return err
	}
	for began := time.Now(); time.Since(began) < patience; time.Sleep(time.Second) {
		t, err := c.find(ctx, w.name)
		if err != nil {
			return err
		}
		if t == "" {
			return w.submit(ctx, c, 0)
		}
	}
	return fmt.Errorf("topology %s is still in Storm after %s", w.name, patience)
}

// find is the id of the topology of a name; empty where Nimbus lists none.
func (c *cluster) find(ctx context.Context, name string) (string, error) {
	list, err := c.nimbus.List(ctx)
	for _, t := range list {
		if t.Name == name {
			return t.ID, err
		}
	}
	return "", err
}

// settled waits until another submission than the old one has processed tuples for a while,
// and the object requests no more.
func (w *stream) settled(ctx context.Context, c *cluster, old string) error {
	const enough = 150
	for began := time.Now(); time.Since(began) < patience; time.Sleep(2 * time.Second) {
		lines, err := w.written(ctx, c)
		if err != nil {
			return err
		}
		count := 0
		for _, line := range lines {
			if line.what == "tuple" && line.id != old && (old == "" || line.at.After(began.Add(-time.Second))) {
				count++
			}
		}
		if count < enough {
			continue
		}
		if w.update == "" {
			return nil
		}
		says, err := c.kubectl.Run(ctx, "get", "stormtopology", w.name, "-n", namespace, "-o",
			`jsonpath={.metadata.generation}={.status.observedGeneration} {.status.conditions[?(@.type=="Ready")].status}{.status.beside.stormName}`)
		if err != nil {
			return err
		}
		generation, rest, _ := strings.Cut(strings.TrimSpace(says), "=")
		if rest == generation+" True" {
			return nil
		}
	}
	return fmt.Errorf("topology %s has not been updated after %s", w.name, patience)
}

// end removes the topology.
func (w *stream) end(ctx context.Context, c *cluster) error {
	if _, err := c.kubectl.With(ctx, w.manifest(0), "delete", "-f", "-", "--timeout="+patience.String()); err != nil {
		return err
	}
	if w.update != "" {
		return nil
	}
	return c.gone(ctx, w.name)
}

// tick is a line that a topology wrote.
type tick struct {
	at       time.Time
	what, id string
}

// written is what the workers of a topology wrote, on every supervisor, in the order of time.
func (w *stream) written(ctx context.Context, c *cluster) ([]tick, error) {
	var ticks []tick
	for _, pod := range []string{"supervisor-0", "supervisor-1"} {
		said, err := c.kubectl.Run(ctx, "exec", "-n", "storm-system", pod, "--", "sh", "-c", fmt.Sprintf("tail -qn 20000 /tmp/%[1]s /tmp/%[1]s-green 2>/dev/null || true", w.name))
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(said) {
			fields := strings.Fields(line)
			if len(fields) != 3 {
				continue // it is being written
			}
			if ms, err := strconv.ParseInt(fields[0], 10, 64); err == nil {
				ticks = append(ticks, tick{time.UnixMilli(ms), fields[1], fields[2]})
			}
		}
	}
	slices.SortStableFunc(ticks, func(a, b tick) int { return cmp.Or(a.at.Compare(b.at), strings.Compare(a.id, b.id)) })
	return ticks, nil
}
