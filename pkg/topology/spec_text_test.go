package topology_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/stormhooks/stormhooks/e2e/testkit/stories"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// What a person writes into an object reaches a message as what a terminal and a reader
// may see. The spec itself, in lastSpec, stays as it is.
func TestTextsOfASpecAreClean(t *testing.T) {
	const hostile = "x\x1b]0;owned\x07\x1b[2J\u202ea\u200b\x00b"
	at := func(value any, path ...string) map[string]any {
		for i := len(path) - 1; i >= 0; i-- {
			value = map[string]any{path[i]: value}
		}
		return map[string]any{"parent": value}
	}
	for name, change := range map[string]map[string]any{
		"a wrong value":         at(hostile, "spec", "topology", "config", "topology.workers"),
		"a wrong class":         at(hostile, "spec", "topology", "config", "topology.kryo.factory"),
		"a key":                 at("1", "spec", "topology", "config", "topology."+hostile),
		"a client's key":        at("1", "spec", "topology", "config", "nimbus.seeds"+hostile),
		"the main class":        at(hostile, "spec", "topology", "mainClass"),
		"an argument":           at([]any{hostile}, "spec", "topology", "args"),
		"the name":              at(hostile, "spec", "topology", "name"),
		"the image":             at(hostile, "spec", "topology", "jar", "container", "image"),
		"the path":              at("/"+hostile, "spec", "topology", "jar", "container", "path"),
		"the claim":             at(hostile, "spec", "topology", "jar", "storage", "claimName"),
		"the StormCluster":      at(hostile, "spec", "clusterRef"),
		"the annotation adopt":  at(hostile, "metadata", "annotations", "storm.apache.org/adopt"),
		"the annotation paused": at(hostile, "metadata", "annotations", "storm.apache.org/paused"),
		"the restart":           at(hostile, "metadata", "annotations", "storm.apache.org/restartedAt"),
	} {
		for _, story := range []string{"guide-copy", "storm-silent", "name-conflict", "rebalance", "jar-not-found"} {
			world := firstOf(t, story).Clone()
			stories.Merge(world, change)
			for range 2 { // the second call has the status of the first
				status := asMap(t, asked(t, world))
				world.Feed(maps.Clone(status))
				delete(status, "lastSpec")
				delete(status, "stormName") // the API server accepts only letters, digits, - and _
				storm.EachText(status, func(said string) {
					if strings.IndexFunc(said, hidden) >= 0 {
						t.Errorf("%s, %s: %q", name, story, said)
					}
				})
			}
		}
	}
}
