package topology

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/revision"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// A drain is not looked at more often than it is worth, whether its length is known or
// not, and its end is noticed soon.
func TestLooksAtADrain(t *testing.T) {
	for _, test := range []struct {
		drains, known time.Duration
		looks         int
		late          time.Duration
	}{
		{10 * time.Minute, 10 * time.Minute, 40, time.Second},
		{time.Hour, time.Hour, 150, time.Second},
		{time.Hour, 30 * time.Second, 180, 30 * time.Second}, // storm kill -w 3600
		{time.Second, time.Hour, 1, 10 * time.Second},        // storm kill -w 1
		{30 * time.Second, 30 * time.Second, 3, time.Second},
	} {
		objects, view := updatingWith(v1beta1.ExtractionVolume)
		objects.Parent.Status.Conditions = []metav1.Condition{{Type: v1beta1.ConditionAvailable,
			Status: metav1.ConditionFalse, Reason: v1beta1.Killing, LastTransitionTime: metav1.NewTime(tested)}}
		view.Topology.Status, view.Topology.MessageTimeout = storm.Killed, int(test.known.Seconds())
		view.Topology.Fingerprint.Revision = Observe(objects, Config{}, tested).Target.Fingerprint.Revision
		looks, since := 0, time.Duration(0)
		for ; since < test.drains; looks++ {
			d := Decide(Observe(objects, Config{}, tested.Add(since)).WithStorm(view))
			if d.Rule != "killed" || d.Look.Again <= 0 {
				t.Fatalf("rule %q looks again in %s", d.Rule, d.Look.Again)
			}
			since += d.Look.Again
		}
		if looks > test.looks || since-test.drains > test.late {
			t.Errorf("it drains for %s (known: %s): %d looks, its end is noticed after %s", test.drains, test.known, looks, since-test.drains)
		}
	}
}

// While Storm does not say for how long it drains what runs, the spec of that says so,
// however large it is.
func TestDrainOfALargeSpec(t *testing.T) {
	objects, _ := updatingWith(v1beta1.ExtractionVolume)
	for name, large := range map[string]string{"small": "", "large": strings.Repeat("x", 70_000)} {
		objects.Parent.Spec.KillWaitSeconds = nil
		objects.Parent.Status.LastSpec = revision.Compact(v1beta1.LastSpec{Topology: &v1beta1.Topology{
			Config: v1beta1.Settings{"topology.message.timeout.secs": int64(77), "large": large}}}, nil)
		if drain := Observe(objects, Config{}, tested).drain(); drain != 77*time.Second {
			t.Errorf("%s: it drains for %s", name, drain)
		}
	}
}
