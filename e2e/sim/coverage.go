package sim

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// coverage counts what runs have come by.
type coverage struct {
	schedules, moves, syncs int
	rules                   map[string]int
	transitions             map[transition]int
	named                   map[string]int // moves by name
	traps                   map[string]int
}

// transition is what a handover sees, and what Next answers.
type transition struct {
	sees string
	do   storm.Do
}

// sees is the kind of world that a handover sees.
func sees(seen storm.Seen, want storm.Want) string {
	t := seen.View.Topology
	switch {
	case !seen.View.Answered():
		return "nothing"
	case want.Identity != "" && seen.View.Identity != "" && seen.View.Identity != want.Identity:
		return "another Storm"
	case t == nil:
		return "no topology"
	case !t.Alive():
		return "a killed topology"
	case !t.ConfKnown:
		return "an unreadable topology"
	case !t.Fingerprint.SameOwner(want.Fingerprint):
		return "another owner's topology"
	case t.Fingerprint.SameRevision(want.Fingerprint):
		return "our topology, this revision"
	case t.Fingerprint.UID == want.Fingerprint.UID && t.Fingerprint.Generation > want.Fingerprint.Generation:
		return "our topology, newer"
	}
	return "our topology, another revision"
}

func newCoverage() *coverage {
	return &coverage{rules: map[string]int{}, transitions: map[transition]int{}, named: map[string]int{}, traps: map[string]int{}}
}

func (c *coverage) add(more *coverage) {
	c.schedules += more.schedules
	c.moves += more.moves
	c.syncs += more.syncs
	addAll(c.rules, more.rules)
	addAll(c.transitions, more.transitions)
	addAll(c.named, more.named)
	addAll(c.traps, more.traps)
}

func addAll[K comparable](to, from map[K]int) {
	for key, n := range from {
		to[key] += n
	}
}

// String is the coverage as a table, in the order of rules.
func (c *coverage) table(rules []string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%d schedules, %d moves, %d syncs\n", c.schedules, c.moves, c.syncs)
	text.WriteString("rules of pkg/topology\n")
	for _, rule := range rules {
		fmt.Fprintf(&text, "  %-52s %9d\n", rule, c.rules[rule])
	}
	text.WriteString("transitions of storm.Next\n")
	for _, t := range slices.SortedFunc(maps.Keys(c.transitions), func(a, b transition) int {
		return strings.Compare(a.String(), b.String())
	}) {
		fmt.Fprintf(&text, "  %-52s %9d\n", t, c.transitions[t])
	}
	text.WriteString("traps\n")
	for _, trap := range traps {
		fmt.Fprintf(&text, "  %-52s %9d\n", trap, c.traps[trap])
	}
	text.WriteString("moves\n")
	for _, name := range slices.Sorted(maps.Keys(c.named)) {
		fmt.Fprintf(&text, "  %-52s %9d\n", name, c.named[name])
	}
	return text.String()
}

func (t transition) String() string { return t.sees + " → " + string(t.do) }
