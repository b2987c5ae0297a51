package sim

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestMustsInAnyOrder(t *testing.T) {
	manifests, err := LoadManifests("../../manifests/install/stormtopology-controller.yaml", "../../manifests/install/stormcluster-controller.yaml")
	if err != nil {
		t.Fatal(err)
	}
	rules := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		w := NewWorld(manifests, func(label string, n int) int { return rapid.IntRange(0, n-1).Draw(t, label) })
		violation := w.Run(rapid.IntRange(20, 250).Draw(t, "moves"))
		for rule, n := range w.rules {
			rules[rule] += n
		}
		if violation != "" {
			t.Fatalf("%s\n%s", violation, strings.Join(w.timeline, "\n"))
		}
	})
	t.Logf("rules: %v", rules)
}
