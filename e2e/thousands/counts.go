package thousands

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Costs are what was done so far.
type Costs struct {
	// Syncs are calls of sync and finalize, TurnedAway those of all hooks that got a 429,
	// Failed the syncs that ended in an error.
	Syncs, Customizes, TurnedAway, Failed int
	// FailedHandovers are those of submitting pods, by reason. They are repeated later.
	FailedHandovers map[string]int
	// Reads and Writes are Metacontroller's live calls of the API server.
	Reads, Writes int
	// Nimbus are the calls of Nimbus, by caller and method.
	Nimbus map[Caller]map[string]int
}

// Costs are what was done so far.
func (w *World) Costs() Costs {
	w.counting.Lock()
	defer w.counting.Unlock()
	costs := w.costs
	costs.FailedHandovers = maps.Clone(w.costs.FailedHandovers)
	costs.Nimbus = map[Caller]map[string]int{}
	for caller, calls := range w.costs.Nimbus {
		costs.Nimbus[caller] = maps.Clone(calls)
	}
	return costs
}

// called counts a call of Nimbus.
func (w *World) called(caller Caller, made Call) {
	w.counting.Lock()
	defer w.counting.Unlock()
	w.costs.Nimbus[caller][made.Method]++
	if growing[made.Method] {
		w.growing[caller] = append(w.growing[caller], made)
	}
}

// Since is what was done after before.
func (c Costs) Since(before Costs) Costs {
	since := Costs{
		Syncs: c.Syncs - before.Syncs, Customizes: c.Customizes - before.Customizes,
		TurnedAway: c.TurnedAway - before.TurnedAway, Failed: c.Failed - before.Failed,
		FailedHandovers: more(c.FailedHandovers, before.FailedHandovers),
		Reads:           c.Reads - before.Reads, Writes: c.Writes - before.Writes,
		Nimbus: map[Caller]map[string]int{},
	}
	for caller, calls := range c.Nimbus {
		since.Nimbus[caller] = more(calls, before.Nimbus[caller])
	}
	return since
}

// more is by how much each count has grown, if it has.
func more(now, before map[string]int) map[string]int {
	grown := map[string]int{}
	for name, count := range now {
		if n := count - before[name]; n > 0 {
			grown[name] = n
		}
	}
	return grown
}

// Failures lists how many handovers failed for each reason, or is empty.
func (c Costs) Failures() string {
	var list []string
	for _, reason := range slices.Sorted(maps.Keys(c.FailedHandovers)) {
		list = append(list, fmt.Sprintf("%d handovers failed: %s", c.FailedHandovers[reason], reason))
	}
	return strings.Join(list, "; ")
}

// Calls lists the calls of Nimbus by one caller: those that grow with the Storm first.
func (c Costs) Calls(of Caller) string {
	methods := slices.SortedFunc(maps.Keys(c.Nimbus[of]), func(a, b string) int {
		if growing[a] != growing[b] {
			return map[bool]int{true: -1, false: 1}[growing[a]]
		}
		return strings.Compare(a, b)
	})
	for i, method := range methods {
		methods[i] = fmt.Sprintf("%s %d", method, c.Nimbus[of][method])
	}
	return strings.Join(methods, ", ")
}

// Closest is the shortest time between the beginnings of two calls of one method, of
// those whose cost grows with the Storm, by one caller after a time. It is an hour if
// there were no two.
func (w *World) Closest(caller Caller, after time.Time) time.Duration {
	w.counting.Lock()
	defer w.counting.Unlock()
	closest, last := time.Hour, map[string]time.Time{}
	made := slices.SortedFunc(slices.Values(w.growing[caller]), func(a, b Call) int { return a.Began.Compare(b.Began) })
	for _, call := range made {
		if call.Began.Before(after) {
			continue
		}
		if before, found := last[call.Method]; found {
			closest = min(closest, call.Began.Sub(before))
		}
		last[call.Method] = call.Began
	}
	return closest
}
