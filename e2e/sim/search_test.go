package sim

import (
	"flag"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"
)

var depth = flag.Int("depth", 2, "how many moves deep TestEveryOrder searches")

// TestEveryOrder searches small worlds: every order of their moves, with two
// disturbances at any place, and from each state a fair ending.
func TestEveryOrder(t *testing.T) {
	roots := Roots(shipped(t))
	var (
		group sync.WaitGroup
		lock  sync.Mutex
		turn  = make(chan struct{}, 2)
	)
	for _, name := range slices.Sorted(maps.Keys(roots)) {
		group.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			began := time.Now()
			s := Search{Disturbances: 2, Ends: true}
			found := s.From(roots[name], *depth)
			lock.Lock()
			defer lock.Unlock()
			t.Logf("%-40s depth %d, %7d states, %14.0f orders, %7d fair endings, %s", name, found.Depth, found.States, found.Orders, found.Ended, time.Since(began).Round(time.Millisecond))
			if found.Violation != nil {
				t.Errorf("%s: %s", name, found.Violation)
			}
		})
	}
	group.Wait()
}
