package storm

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// docs/topologies.md lists the settings that a rebalance changes.
func TestCheapSettingsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/topologies.md")
	if err != nil {
		t.Fatal(err)
	}
	_, row, _ := strings.Cut(string(text), "| `workers`, the executors of `components`, and the settings ")
	row, _, _ = strings.Cut(row, " |")
	documented := regexp.MustCompile("topology[.][a-z.]+").FindAllString(row, -1)
	slices.Sort(documented)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(cheap)), documented); diff != "" {
		t.Errorf("docs/topologies.md, Changes (-code +document)\n%s", diff)
	}
}

// A wrong override puts Nimbus into a crash loop, so each of them must have a rule.
func TestCheapSettingsAreChecked(t *testing.T) {
	for key := range cheap {
		if _, problems := Settings(map[string]any{key: map[string]any{"no": "setting"}}); len(problems) != 1 {
			t.Errorf("%s accepts a map: Nimbus would halt", key)
		}
	}
}
