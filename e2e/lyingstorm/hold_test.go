package lyingstorm

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stormhooks/stormhooks/e2e/testkit"
)

const (
	// heldUp is what a liar may cost the others.
	heldUp = 100 * time.Millisecond
	// busy is how late an answer is, with no liar about, where the machine has no
	// time for the test: nothing can be told of what is later still.
	busy = 400 * time.Millisecond
)

const (
	runFor   = 6 * time.Second
	patience = 30 * time.Second
)

// Beside a Storm that answers there are ten that lie, each with ten topologies:
// those of the good one are held up by no more than 100 ms, the server stays
// within the memory that its Deployment gives it, and every topology of a liar
// says what is wrong.
func TestLiarsHoldUpNobodyElse(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	var result measured
	for try := range 3 { // whoever else uses the machine holds up, too
		result = measure(t)
		t.Logf("try %d: p99 from due to answered %v alone (%d syncs), %v among %d liars (%d syncs, %d sent away); most memory %d MiB",
			try+1, result.alone, result.quiet, result.among, len(Lies), result.loud, result.away, result.memory)
		if result.among-result.alone <= heldUp {
			break
		}
	}
	switch by := result.among - result.alone; {
	case result.alone > busy:
		t.Logf("the machine is too busy to tell by how much the good Storm's topologies are held up")
	case by > heldUp:
		t.Errorf("the good Storm's topologies are held up by %v", by)
	}
	if result.memory > 256 {
		t.Errorf("%d MiB, the Deployment gives it 256", result.memory)
	}
	testkit.Golden(t, "testdata/said.golden", []byte(result.said))
}

type measured struct {
	alone, among      time.Duration
	quiet, loud, away int
	memory            int
	said              string
}

// measure runs two hook servers at once, one with the liars and one without, so
// that both run under the same load.
func measure(t *testing.T) measured {
	calm, hookServer := startServer(t), startServer(t)
	quiet := newController(t, calm.url, honest(startStorm(t, Storm{Lie: Honest}, 20)))
	good := startStorm(t, Storm{Lie: Honest}, 20)
	objects, clusters := honest(good), []*object(nil)
	hosts := map[string]string{good.String(): "honest:6627"}
	for _, lie := range Lies {
		liar := Storm{Lie: lie, Wait: map[Lie]time.Duration{Slow: 300 * time.Millisecond}[lie]}
		if lie == Circle {
			liar.Other = startStorm(t, Storm{Lie: Circle, Other: good}, 0)
			hosts[liar.Other.String()] = "another:6627"
		}
		at := startStorm(t, liar, 1)
		hosts[at.String()] = string(lie) + ":6627"
		for i := range 10 {
			objects = append(objects, topologyOf(string(lie), i, at))
		}
		clusters = append(clusters, &object{of: string(lie), name: "cluster " + string(lie), hook: "/cluster/sync", parent: clusterOf(string(lie), at)})
	}
	loud, beside := newController(t, hookServer.url, objects), newController(t, hookServer.url, clusters)
	var all sync.WaitGroup
	for _, c := range []*controller{quiet, loud, beside} {
		all.Go(func() { c.run(runFor) })
	}
	all.Wait()
	t.Logf("sent away: %v", loud.away)
	return measured{
		alone: p99(quiet.took["honest"]), among: p99(loud.took["honest"]),
		quiet: len(quiet.took["honest"]), loud: len(loud.took["honest"]), away: loud.away["honest"],
		memory: hookServer.most(t), said: said(loud, beside, hosts),
	}
}

func honest(at Address) (objects []*object) {
	for i := range 20 {
		o := topologyOf("honest", i, at)
		o.every = 500 * time.Millisecond
		objects = append(objects, o)
	}
	return objects
}

func newController(t *testing.T, url string, objects []*object) *controller {
	for _, o := range objects {
		o.due = time.Now()
	}
	return &controller{t: t, url: url, objects: objects, took: map[string][]time.Duration{}, away: map[string]int{}, status: map[string]map[string]any{}}
}

// startStorm starts one, on a loopback address of its own, that lists the first
// topologies of its StormCluster.
func startStorm(t *testing.T, s Storm, topologies int) Address {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	s.Self = Address{"127.0.0.1", int32(listener.Addr().(*net.TCPAddr).Port)}
	for i := range topologies {
		name := fmt.Sprintf("%s-%d", s.Lie, i)
		s.Topologies = append(s.Topologies, Topology{
			ID: name + "-1-1767268830", Name: name, Status: "ACTIVE",
			Conf: fmt.Sprintf(`{"stormhooks.cluster":"uid-kube-system","stormhooks.owner":"n/%s","stormhooks.uid":"t-%s","stormhooks.revision":"old","topology.workers":1}`, name, name),
		})
	}
	go func() { _ = s.Serve(listener) }()
	return s.Self
}

func p99(took []time.Duration) time.Duration {
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return took[len(took)*99/100]
}

// said is what the first topology of each Storm says, and its StormCluster.
func said(topologies, clusters *controller, hosts map[string]string) string {
	var text strings.Builder
	for _, lie := range Lies {
		if lie == Slow {
			continue // it says nothing wrong, when its turn comes
		}
		if lie != Crowded { // that one is checked by its id, and sometimes by the list: either is reported
			fmt.Fprintf(&text, "%s, one that runs: %v\n", lie, topologies.status[string(lie)+"-0"]["message"])
		}
		fmt.Fprintf(&text, "%s, one that does not: %v\n", lie, topologies.status[string(lie)+"-9"]["message"])
		fmt.Fprintf(&text, "%s, its StormCluster: %v\n\n", lie, clusters.status["cluster "+string(lie)]["message"])
	}
	said := text.String()
	for at, name := range hosts {
		said = strings.ReplaceAll(said, at, name)
	}
	return said
}
