package sim

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/stormhooks/stormhooks/e2e/standin"
)

// A Nimbus that fails at each submission gets the JAR twice, from all pods together.
func TestPodsSendAJarTwice(t *testing.T) {
	w := NewWorld(shipped(t))
	object := topologyObject("Kill", "copy", "Auto")
	set := func(value any, path ...string) {
		if err := unstructured.SetNestedField(object, value, path...); err != nil {
			t.Fatal(err)
		}
	}
	set(behindClass, "spec", "topology", "mainClass")
	set(map[string]any{"limit": int64(5), "maxBackoffSeconds": int64(10)}, "spec", "retry")
	w.create(standin.Topologies, object)
	w.settle(2 * time.Hour)
	if w.violated != "" || w.podCounter < 6 || w.uploads.submissions < 20 || len(w.uploads.whole) != 2 {
		t.Errorf("%d pods made %d submissions and uploads at %v. %s", w.podCounter, w.uploads.submissions, w.uploads.whole, w.violated)
	}
}

// A full disk gets two parts of a JAR in an hour, from all pods together, and the JAR once it
// has room.
func TestPodsLeaveAFullDisk(t *testing.T) {
	for name, runs := range map[string]bool{"a first submission": false, "an update": true} {
		w := NewWorld(shipped(t))
		w.faults.full = !runs
		w.applies("Kill", "copy", "Auto")
		if runs {
			w.settle(time.Hour)
			w.faults.full = true
			w.set("main.B", "spec", "topology", "mainClass")
		}
		w.settle(5 * time.Hour)
		parts := w.uploads.parts
		if w.violated != "" || len(parts) < 8 {
			t.Errorf("%s: %d parts in five hours. %s", name, len(parts), w.violated)
		}
		for i := 2; i < len(parts); i++ {
			if gap := parts[i].Sub(parts[i-2]); gap < time.Hour {
				t.Errorf("%s: three parts within %s", name, gap)
			}
		}
		w.faults.full = false
		w.settle(2 * time.Hour)
		if there := w.storm.topologies[stormName]; there == nil || w.violated != "" {
			t.Errorf("%s: it does not run: %s", name, w.violated)
		}
	}
}
