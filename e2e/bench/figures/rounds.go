package figures

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Contender is one way to do a thing.
type Contender struct {
	Name string
	Do   func()
}

// Cost is what one operation cost, a value a round.
type Cost struct {
	Name          string
	Wall, CPU     []time.Duration
	Allocs, Bytes uint64 // of one operation, in the last round
}

// Compare lets contenders take turns for a number of rounds, each for about so
// much of a processor's time a round.
func Compare(rounds int, each time.Duration, contenders ...Contender) []Cost {
	costs := make([]Cost, len(contenders))
	times := make([]int, len(contenders))
	for i, c := range contenders {
		costs[i].Name = c.Name
		times[i] = repeats(each, c.Do)
	}
	for range rounds {
		for i, c := range contenders {
			costs[i].round(times[i], c.Do)
		}
	}
	return costs
}

// repeats is how often a thing is done in so much of a processor's time, at least
// once. On a machine that others use a clock would give it too few turns to matter
// beside the collection before each round.
func repeats(each time.Duration, do func()) int {
	for n := 1; ; n *= 2 {
		began := CPU()
		for range n {
			do()
		}
		if took := CPU() - began; took > each/8 || n > 1<<30 {
			return max(1, int(float64(n)*float64(each)/float64(took)))
		}
	}
}

func (c *Cost) round(n int, do func()) {
	// What the contender before left behind is not this one's to clear.
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, began := CPU(), time.Now()
	for range n {
		do()
	}
	wall, used := time.Since(began), CPU()-cpu
	runtime.ReadMemStats(&after)
	c.Wall = append(c.Wall, wall/time.Duration(n))
	c.CPU = append(c.CPU, used/time.Duration(n))
	c.Allocs = (after.Mallocs - before.Mallocs) / uint64(n)
	c.Bytes = (after.TotalAlloc - before.TotalAlloc) / uint64(n)
}

// CPU is the processor time of this process so far, garbage collection included.
func CPU() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(fmt.Sprintf("reading this process' own usage: %v", err))
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// Latencies does a thing so many times in all, so many at once, and gives how
// long each took, sorted.
func Latencies(total, atOnce int, do func()) []time.Duration {
	took := make([]time.Duration, total)
	var wait sync.WaitGroup
	for worker := range atOnce {
		wait.Go(func() {
			for i := worker; i < total; i += atOnce {
				began := time.Now()
				do()
				took[i] = time.Since(began)
			}
		})
	}
	wait.Wait()
	slices.Sort(took)
	return took
}

// Percentile of sorted values.
func Percentile(sorted []time.Duration, percent float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(float64(len(sorted))*percent/100))]
}

// Median of values in any order.
func Median[T time.Duration | float64 | int64](values []T) T {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// Ratio is the median of the rounds' ratios of one to another.
func Ratio(of, to []time.Duration) float64 {
	ratios := make([]float64, 0, len(of))
	for i := range min(len(of), len(to)) {
		if to[i] > 0 {
			ratios = append(ratios, float64(of[i])/float64(to[i]))
		}
	}
	return Median(ratios)
}
