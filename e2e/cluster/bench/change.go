package main

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/e2e/bench/figures"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// changeFigure changes a running topology through its object, and by one raw call.
func changeFigure(ctx context.Context, c *cluster, rounds int) ([]figures.Table, error) {
	table := figures.Table{
		Name: "change", Title: "Suspend, resume and rebalance",
		About: "From kubectl apply's answer, or the raw Thrift call's beginning, until Nimbus shows it, looked at each 50 ms. Goal: at most a second more than the raw call.",
		Head:  []string{"change", "through the object", "one raw call", "more", "goal"},
	}
	name := c.name("change")
	manifest := strings.NewReplacer("NAME", name, "IMAGE", tiny.image, "PATH", tiny.path, "CLASS", tiny.class, "MODE", "image-volume").Replace(example)
	if err := c.apply(ctx, manifest); err != nil {
		return nil, err
	}
	if err := c.ready(ctx, name); err != nil {
		return nil, err
	}
	var object, raw [3][]time.Duration
	for range rounds {
		for i, change := range changes {
			took, err := change.through(ctx, c, name)
			if err != nil {
				return nil, err
			}
			object[i] = append(object[i], took)
		}
		if err := c.bare(ctx, name, &raw); err != nil {
			return nil, err
		}
	}
	for i, change := range changes {
		more := figures.Median(object[i]) - figures.Median(raw[i])
		table.Row(change.name, figures.Median(object[i]), figures.Median(raw[i]), more, figures.Goal("≤ +1 s", more <= time.Second))
	}
	return []figures.Table{table}, c.gone(ctx, name)
}

// change is a change of a spec, and when Nimbus shows it.
type change struct {
	name, patch string
	after       string // the condition's reason once it is over
	shown       func(nimbus.Summary) bool
}

func is(status string) func(nimbus.Summary) bool {
	return func(t nimbus.Summary) bool { return t.Status == status }
}

// changes lead back to where they begin.
var changes = []change{
	{"suspend", `{"spec":{"suspend":true}}`, "Suspended", is(storm.Inactive)},
	{"resume", `{"spec":{"suspend":false}}`, "Active", is(storm.Active)},
	{"rebalance", `{"spec":{"update":{"rebalanceWaitSeconds":1},"topology":{"config":{"topology.max.spout.pending":PENDING}}}}`, "Active", is(storm.Rebalancing)},
}

// through makes the change in the object, and waits for all to be quiet again.
func (ch change) through(ctx context.Context, c *cluster, name string) (time.Duration, error) {
	c.number++
	patch := strings.ReplaceAll(ch.patch, "PENDING", strconv.Itoa(1000+c.number))
	if _, err := c.kubectl.Run(ctx, "patch", "stormtopology", name, "-n", namespace, "--type=merge", "-p", patch); err != nil {
		return 0, err
	}
	_, took, err := c.until(ctx, time.Now(), name, ch.shown)
	if err != nil {
		return 0, err
	}
	_, err = c.kubectl.Run(ctx, "wait", `--for=jsonpath={.status.conditions[?(@.type=="Ready")].reason}=`+ch.after, "stormtopology/"+name, "-n", namespace, "--timeout="+patience.String())
	return took, err
}

// bare makes the same changes by raw calls, while the object is paused.
func (c *cluster) bare(ctx context.Context, name string, raw *[3][]time.Duration) error {
	pause := func(value string) error {
		_, err := c.kubectl.Run(ctx, "annotate", "stormtopology", name, "-n", namespace, "--overwrite", "storm.apache.org/paused"+value)
		return err
	}
	if err := pause("=true"); err != nil {
		return err
	}
	for i, call := range []func() error{
		func() error { return c.nimbus.Deactivate(ctx, name) },
		func() error { return c.nimbus.Activate(ctx, name) },
		func() error {
			wait := int32(1)
			return c.nimbus.Rebalance(ctx, storm.Call{Name: name, WaitSeconds: &wait})
		},
	} {
		began := time.Now()
		if err := call(); err != nil {
			return err
		}
		_, took, err := c.until(ctx, began, name, changes[i].shown)
		if err != nil {
			return err
		}
		raw[i] = append(raw[i], took)
	}
	if _, _, err := c.until(ctx, time.Now(), name, is(storm.Active)); err != nil {
		return err
	}
	return pause("-")
}

func sorted(values []time.Duration) []time.Duration { return slices.Sorted(slices.Values(values)) }
