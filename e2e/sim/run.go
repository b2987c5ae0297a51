package sim

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/stormhooks/stormhooks/e2e/standin"
)

// wireEach is how often a schedule is run twice, with typed values and over the
// wire, and must come to the same.
const wireEach = 100

// RunAll runs the schedules of n seeds from first on, over all cores, and gives
// what they came by and the violation of the lowest seed, if any.
func RunAll(manifests []*standin.CompositeController, first, n uint64) (*coverage, *Violation) {
	total := newCoverage()
	var (
		group  sync.WaitGroup
		lock   sync.Mutex
		next   atomic.Uint64
		failed *Violation
	)
	worker := func() {
		seen := newCoverage()
		for i := next.Add(1) - 1; i < n; i = next.Add(1) - 1 {
			violation := runOne(manifests, first+i, seen)
			if violation == nil {
				continue
			}
			lock.Lock()
			if failed == nil || violation.Seed < failed.Seed {
				failed = violation
			}
			lock.Unlock()
			next.Store(n) // the others end, too
		}
		lock.Lock()
		total.add(seen)
		lock.Unlock()
	}
	for range runtime.GOMAXPROCS(0) {
		group.Go(worker)
	}
	group.Wait()
	return total, failed
}

func runOne(manifests []*standin.CompositeController, seed uint64, seen *coverage) *Violation {
	defer func() {
		if cause := recover(); cause != nil {
			panic(fmt.Sprintf("seed %d: %v\n%s", seed, cause, debug.Stack()))
		}
	}()
	w, s := Run(manifests, seed, How{Recording: seed%wireEach == 0})
	violated := w.violated
	w.seen.schedules, w.seen.syncs = 1, w.syncs
	seen.add(w.seen)
	if violated != "" {
		v := Shrink(manifests, seed, s)
		if v.What == "" {
			v.What = violated + " (and not when it is replayed)"
		}
		return &v
	}
	if !w.recording {
		return nil
	}
	return overWire(manifests, seed, w, s)
}

// overWire runs a seed again on the wire's bytes: the timelines are the same.
func overWire(manifests []*standin.CompositeController, seed uint64, direct *World, s Schedule) *Violation {
	if what := direct.typed.changed(); what != "" {
		return &Violation{Seed: seed, What: "the product wrote into what is read only: " + what, Schedule: s, Timeline: direct.timeline}
	}
	w, _ := Run(manifests, seed, How{Recording: true, Wire: true})
	if w.violated == "" && slices.Equal(w.timeline, direct.timeline) {
		return nil
	}
	at := 0
	for at < min(len(w.timeline), len(direct.timeline)) && w.timeline[at] == direct.timeline[at] {
		at++
	}
	timeline := append(slices.Clone(direct.timeline[:min(at+3, len(direct.timeline))]), "but over the wire:")
	timeline = append(timeline, w.timeline[at:min(at+3, len(w.timeline))]...)
	return &Violation{Seed: seed, What: strings.TrimSpace(fmt.Sprint("typed values and the wire differ. ", w.violated)), Schedule: s, Timeline: timeline}
}
