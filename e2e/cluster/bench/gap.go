package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stormhooks/stormhooks/e2e/bench/figures"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
	"github.com/stormhooks/stormhooks/e2e/cluster/rawcall"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// killWait is the topology's own, in seconds: what an update cannot be shorter than.
const killWait = 5

// gapFigure replaces a running topology by another image through its object, and a
// topology by raw calls: how long nothing is active.
func gapFigure(ctx context.Context, c *cluster, rounds int) ([]figures.Table, error) {
	table := figures.Table{
		Name: "gap", Title: "An update's gap",
		About: fmt.Sprintf("From the last look at Nimbus that saw the old topology ACTIVE to the first that saw its successor, a look each %s. The floor is the kill wait of %d s and one submitTopologyWithOpts, measured raw in the same rounds. Raw calls are what a person can do at best: kill, a look each %s until the name is free, submit; all that an update needs was made ready before. Goal: at most a second more than the floor.",
			glance, killWait, glance),
		Head: []string{"way", "median", "least", "most", "more than the floor", "goal"},
	}
	name := c.name("gap")
	image := func(tag string) string {
		text := strings.NewReplacer("NAME", name, "IMAGE", "stories/scratch:"+tag, "PATH", tiny.path, "CLASS", tiny.class, "MODE", "image-volume").Replace(example)
		return strings.Replace(text, "killWaitSeconds: 0", fmt.Sprintf("killWaitSeconds: %d", killWait), 1)
	}
	if err := c.apply(ctx, image("1")); err != nil {
		return nil, err
	}
	if err := c.ready(ctx, name); err != nil {
		return nil, err
	}
	raw, err := c.newBare(ctx, c.name("bare"))
	if err != nil {
		return nil, err
	}
	var object, bare []time.Duration
	for i := range 2 * rounds {
		gap, err := c.gap(ctx, name, func() error { return c.apply(ctx, image([]string{"2", "1"}[i%2])) })
		if err != nil {
			return nil, err
		}
		object = append(object, gap)
		if err := c.ready(ctx, name); err != nil {
			return nil, err
		}
		if gap, err = raw.round(ctx); err != nil {
			return nil, err
		}
		bare = append(bare, gap)
		fmt.Printf("gap: object %s, raw calls %s\n", figures.Short(object[i]), figures.Short(gap))
	}
	floor := killWait*time.Second + figures.Median(raw.submissions)
	for _, way := range []struct {
		name string
		took []time.Duration
	}{{"another image in the object", object}, {"raw calls", bare}} {
		more := figures.Median(way.took) - floor
		told := ""
		if way.name != "raw calls" {
			told = figures.Goal("≤ +1 s", more <= time.Second)
		}
		table.Row(way.name, figures.Median(way.took), slices.Min(way.took), slices.Max(way.took), more, told)
	}
	table.Row("floor", floor, "", "", "", "")
	return []figures.Table{table}, c.gone(ctx, name)
}

// ready waits until a topology's object is up to date and Ready.
func (c *cluster) ready(ctx context.Context, name string) error {
	for _, is := range []string{"jsonpath={.status.phase}=Running", "condition=Ready"} {
		if _, err := c.kubectl.Run(ctx, "wait", "--for="+is, "stormtopology/"+name, "-n", namespace, "--timeout="+patience.String()); err != nil {
			return err
		}
	}
	return nil
}

// gap looks at a topology while it is replaced.
func (c *cluster) gap(ctx context.Context, name string, replace func() error) (time.Duration, error) {
	old, _, err := c.until(ctx, time.Now(), name, is(storm.Active))
	if err != nil {
		return 0, err
	}
	active := time.Now() // a raw call may change that before the first look below
	var shown time.Time
	var failure error
	var looking sync.WaitGroup
	looking.Go(func() {
		for began := time.Now(); shown.IsZero() && time.Since(began) < patience; time.Sleep(glance) {
			asked := time.Now()
			list, err := c.nimbus.List(ctx)
			if err != nil {
				failure = err
				return
			}
			for _, t := range list {
				switch {
				case t.Name != name:
				case t.ID != old.ID:
					shown = time.Now()
				case t.Status == storm.Active:
					active = asked
				}
			}
		}
	})
	if err := replace(); err != nil {
		return 0, err
	}
	looking.Wait()
	if failure == nil && shown.IsZero() {
		failure = fmt.Errorf("topology %s is not replaced after %s", name, patience)
	}
	return shown.Sub(active), failure
}

// bare is a topology that is replaced by raw calls.
type bare struct {
	cluster        *cluster
	name, location string
	recorded       nimbus.Recorded
	submissions    []time.Duration // what each submitTopologyWithOpts took
}

// newBare takes a topology that a main made once.
func (c *cluster) newBare(ctx context.Context, name string) (*bare, error) {
	checkout, err := place.Checkout()
	if err != nil {
		return nil, err
	}
	b := &bare{cluster: c, name: name}
	b.recorded, b.location, err = rawcall.Recorded(ctx, checkout, c.nimbus)
	return b, err
}

func (b *bare) submit(ctx context.Context) error {
	began := time.Now()
	err := rawcall.Submit(ctx, nimbusAt, b.name, b.location, b.recorded.Conf, b.recorded.Topology, false)
	b.submissions = append(b.submissions, time.Since(began))
	return err
}

// round submits the topology, replaces it and kills it. Its workers cannot
// start, as its JAR is empty, and must not be started while others are measured.
func (b *bare) round(ctx context.Context) (time.Duration, error) {
	if err := b.submit(ctx); err != nil {
		return 0, err
	}
	gap, err := b.cluster.gap(ctx, b.name, func() error { return b.replace(ctx) })
	if err != nil {
		return 0, err
	}
	return gap, b.cluster.gone(ctx, b.name)
}

// replace kills the topology and submits it again as soon as its name is free.
func (b *bare) replace(ctx context.Context) error {
	wait := int32(killWait)
	if err := b.cluster.nimbus.Kill(ctx, b.name, &wait); err != nil {
		return err
	}
	for began := time.Now(); time.Since(began) < patience; time.Sleep(glance) {
		list, err := b.cluster.nimbus.List(ctx)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(list, func(t nimbus.Summary) bool { return t.Name == b.name }) {
			return b.submit(ctx)
		}
	}
	return fmt.Errorf("topology %s is still in Storm after %s", b.name, patience)
}
