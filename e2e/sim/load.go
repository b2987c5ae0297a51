package sim

import (
	"context"
	"fmt"
	"time"

	"github.com/stormhooks/stormhooks/e2e/standin"
)

// Costs are what topologies cost, all together.
type Costs struct{ Syncs, Reads, Writes, Nimbus int }

func (c Costs) less(before Costs) Costs {
	return Costs{c.Syncs - before.Syncs, c.Reads - before.Reads, c.Writes - before.Writes, c.Nimbus - before.Nimbus}
}

// Load is what a number of topologies costs, applied at once over some clusters:
// until all of them run, and in a time at rest after that.
type Load struct {
	Topologies, Clusters int
	Start, Rest          Costs
	Running              int
	Took                 time.Duration // of simulated time, until all of them run
}

// rest is how long a load is watched at rest.
const rest = 10 * time.Minute

// RunLoad applies topologies over clusters, each with its namespace and its Storm.
func RunLoad(manifests []*standin.CompositeController, many, over int) Load {
	load, crowd := Load{Topologies: many, Clusters: over}, newCrowd(manifests, over)
	began := crowd.w.now
	for i := range many {
		crowd.apply(i, over)
	}
	load.Running = crowd.untilRunning(many)
	crowd.passes(2 * time.Minute) // till nothing starts any more
	load.Took, load.Start = crowd.w.now.Sub(began), crowd.w.costs()
	crowd.passes(rest)
	load.Rest = crowd.w.costs().less(load.Start)
	return load
}

// Submissions are what single submissions cost beside a number of topologies that run.
type Submissions struct {
	Running, More int
	// Syncs of one submission, beyond those of the others at rest.
	Syncs float64
}

// RunSubmissions applies topologies, one after another, to one cluster where many run.
func RunSubmissions(manifests []*standin.CompositeController, many, more int) Submissions {
	crowd := newCrowd(manifests, 1)
	for i := range many {
		crowd.apply(i, 1)
	}
	running := crowd.untilRunning(many)
	crowd.passes(15 * time.Minute)
	before := crowd.w.costs()
	crowd.passes(rest)
	atRest := float64(crowd.w.costs().less(before).Syncs) / float64(many) / rest.Seconds()
	before, others := crowd.w.costs(), 0.0
	const each = 30 * time.Second
	for i := range more {
		crowd.apply(many+i, 1)
		crowd.passes(each)
		others += atRest * float64(many+i) * each.Seconds()
	}
	syncs := float64(crowd.w.costs().less(before).Syncs) - others
	return Submissions{Running: running, More: more, Syncs: syncs / float64(more)}
}

// newCrowd is a fair world with so many clusters, each with its namespace and its Storm.
func newCrowd(manifests []*standin.CompositeController, over int) *crowd {
	w := NewWorld(manifests)
	w.route = map[string]*Storm{}
	for i := range over {
		in := fmt.Sprintf("load-%d", i)
		seed := "nimbus." + in + ".example.org"
		w.route[seed] = newStorm(func() time.Time { return w.now })
		w.create(standin.Namespaces, map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": in}})
		w.createCluster(in, seed)
	}
	return &crowd{w: w, jobs: map[string]bool{}, pods: map[string]bool{}}
}

// apply applies one topology to one of the clusters.
func (c *crowd) apply(number, over int) {
	object := topologyObject("Kill", "copy", "Auto")
	called := fmt.Sprintf("t-%d", number)
	object["metadata"] = map[string]any{"name": called, "namespace": fmt.Sprintf("load-%d", number%over)}
	object["spec"].(map[string]any)["topology"].(map[string]any)["name"] = called
	c.w.create(standin.Topologies, object)
}

// untilRunning lets time pass until so many topologies run, an hour at most, and says how
// many do.
func (c *crowd) untilRunning(many int) int {
	for end := c.w.now.Add(time.Hour); ; c.w.now = c.next() {
		c.run()
		running := 0
		for _, s := range c.w.route {
			running += len(s.topologies)
		}
		if running >= many || !c.w.now.Before(end) {
			return running
		}
	}
}

// passes lets time pass.
func (c *crowd) passes(time time.Duration) {
	for end := c.w.now.Add(time); c.w.now.Before(end); c.w.now = c.next() {
		c.run()
	}
}

func (w *World) costs() Costs { return Costs{w.syncs, w.reads, w.writes, w.nimbus} }

// crowd runs a fair world of many topologies. It looks only at the Jobs and pods
// that have changed.
type crowd struct {
	w          *World
	jobs, pods map[string]bool // namespace/name
}

func (c *crowd) run() {
	for moved := true; moved; {
		moved = false
		for behind := c.w.memory.Behind(); len(behind) > 0; behind = c.w.memory.Behind() {
			for _, r := range behind {
				c.advance(r)
			}
			moved = true
		}
		for _, controller := range c.w.controllers {
			for controller.Step(context.Background()) {
				moved = true
			}
		}
		moved = c.machines() || moved
	}
}

// advance moves a cache, and remembers whom the event concerns.
func (c *crowd) advance(r standin.Resource) {
	event, moved := c.w.memory.Advance(r)
	if !moved {
		return
	}
	for _, controller := range c.w.controllers {
		controller.Handle(context.Background(), event)
	}
	if event.New == nil {
		return
	}
	key := event.New.GetNamespace() + "/" + event.New.GetName()
	switch r.Kind {
	case standin.Jobs.Kind:
		c.jobs[key] = true
	case pods.Kind:
		c.pods[key] = true
		for _, ref := range event.New.GetOwnerReferences() {
			c.jobs[event.New.GetNamespace()+"/"+ref.Name] = true
		}
	}
}

// machines lets the Job controller and the kubelets act.
func (c *crowd) machines() bool {
	version := c.w.memory.Version()
	for key := range c.jobs {
		if job := c.w.memory.Live(standin.Jobs.Resource, key); job != nil {
			c.w.jobController(job)
		}
		delete(c.jobs, key)
	}
	for key := range c.pods {
		pod := c.w.memory.Live(pods.Resource, key)
		if pod != nil {
			c.w.kubelet(pod)
		}
		if pod == nil || c.w.processes[pod.GetUID()] == nil {
			delete(c.pods, key)
		}
	}
	return version != c.w.memory.Version() || c.due()
}

// due says whether a process has something to do now.
func (c *crowd) due() bool {
	for _, p := range c.w.processes {
		if !p.next.After(c.w.now) {
			return true
		}
	}
	return false
}

// next is when something happens next.
func (c *crowd) next() time.Time {
	due := c.w.now.Add(time.Minute)
	sooner := func(at time.Time) {
		if at.After(c.w.now) && at.Before(due) {
			due = at
		}
	}
	for _, controller := range c.w.controllers {
		if at, waits := controller.Queue().Due(); waits {
			sooner(at)
		}
	}
	for _, p := range c.w.processes {
		sooner(p.next)
	}
	// A sync and its effects take time, so nothing is looked at more
	// often than each half second.
	return maxTime(due, c.w.now.Add(500*time.Millisecond))
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
