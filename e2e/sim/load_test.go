package sim

import (
	"flag"
	"fmt"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"
)

var loads = flag.String("loads", "20,60", "how many topologies TestLoad applies, one number after another")

// TestLoad: what topologies cost grows no faster than their number: for each of
// them it is the same, however many there are.
func TestLoad(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // a large world is garbage in small part
	const clusters, more = 20, 1.05
	var before Load
	text := "topologies on 20 clusters, all applied at once: for each until it runs, and for each in a minute at rest\n" +
		"topologies   syncs   reads  writes  Nimbus |  syncs   reads  writes  Nimbus    (simulated, real time)\n"
	for _, number := range strings.Split(*loads, ",") {
		many, err := strconv.Atoi(number)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		load := RunLoad(shipped(t), many, clusters)
		if load.Running != many {
			t.Fatalf("%d of %d topologies run", load.Running, many)
		}
		text += fmt.Sprintf("%10d %s | %s    %s, %s\n", many, each(load.Start, many, 1), each(load.Rest, many, rest.Minutes()),
			load.Took, time.Since(began).Round(time.Millisecond))
		if before.Topologies > 0 {
			grows(t, "until they run", many, load.Start, before.Topologies, before.Start, more)
			grows(t, "at rest", many, load.Rest, before.Topologies, before.Rest, more)
		}
		before = load
	}
	t.Log(text)
}

// TestSubmissionsWakeNoOthers: what one submission costs does not grow with the number of
// topologies that run in the same Storm.
func TestSubmissionsWakeNoOthers(t *testing.T) {
	few, many := RunSubmissions(shipped(t), 20, 10), RunSubmissions(shipped(t), 100, 10)
	t.Logf("syncs of one submission: %.1f beside %d topologies, %.1f beside %d", few.Syncs, few.Running, many.Syncs, many.Running)
	if few.Running != 20 || many.Running != 100 {
		t.Fatal("not all run")
	}
	// A status with new counts is written at most once in the time of the test, and
	// starts a check of each topology.
	if most := few.Syncs + float64(many.Running)/float64(many.More) + 1; many.Syncs > most {
		t.Errorf("%.1f syncs of one submission beside %d topologies, and %.1f beside %d", many.Syncs, many.Running, few.Syncs, few.Running)
	}
}

func each(c Costs, many int, minutes float64) string {
	share := func(n int) float64 { return float64(n) / float64(many) / minutes }
	return fmt.Sprintf("%7.2f %7.2f %7.2f %7.2f", share(c.Syncs), share(c.Reads), share(c.Writes), share(c.Nimbus))
}

func grows(t *testing.T, when string, many int, costs Costs, fewer int, before Costs, more float64) {
	t.Helper()
	for what, pair := range map[string][2]int{
		"syncs": {costs.Syncs, before.Syncs}, "reads": {costs.Reads, before.Reads},
		"writes": {costs.Writes, before.Writes}, "calls of Nimbus": {costs.Nimbus, before.Nimbus},
	} {
		if now, was := float64(pair[0])/float64(many), float64(pair[1])/float64(fewer); now > was*more {
			t.Errorf("%s: %.2f %s for each of %d topologies, and %.2f for each of %d", when, now, what, many, was, fewer)
		}
	}
}
