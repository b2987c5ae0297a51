package stories

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stormhooks/stormhooks/e2e/cluster/kube"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
)

// sampleEvery is how often a sampled topology is looked at.
const sampleEvery = 100 * time.Millisecond

// sampler looks at one topology in Storm's list again and again, and keeps when
// it became another one or had another status.
type sampler struct {
	name   string
	stop   context.CancelFunc
	ended  chan struct{}
	mutex  sync.Mutex
	spells []spell
	looks  int
	// apart is the longest time between two looks that were answered.
	apart time.Duration
}

// spell is a time during which a topology was the same.
type spell struct {
	id, status  string
	first, last time.Time
}

// sample NAME begins to look at a topology in Storm ten times a second.
func (w *world) sample(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: sample NAME")
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &sampler{name: args[0], stop: cancel, ended: make(chan struct{})}
	w.mutex.Lock()
	w.samplers[args[0]] = s
	w.mutex.Unlock()
	ts.Defer(cancel)
	go s.run(ctx, nimbusAt(ts.Getenv("NIMBUS")))
}

func (s *sampler) run(ctx context.Context, client *nimbus.Client) {
	defer close(s.ended)
	defer client.Close()
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	for {
		if list, err := client.List(ctx); err == nil { // no answer says nothing of the topology
			s.note(list, time.Now())
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *sampler) note(list []nimbus.Summary, now time.Time) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	is := spell{status: "gone", first: now, last: now}
	for _, topology := range list {
		if topology.Name == s.name {
			is.id, is.status = topology.ID, topology.Status
		}
	}
	s.looks++
	if n := len(s.spells); n > 0 {
		s.apart = max(s.apart, now.Sub(s.spells[n-1].last))
		if s.spells[n-1].id == is.id && s.spells[n-1].status == is.status {
			s.spells[n-1].last = now
			return
		}
	}
	s.spells = append(s.spells, is)
}

// String has a line for each spell, and the gap: from the last look that saw a
// topology active to the first that saw its successor.
func (s *sampler) String() string {
	var text strings.Builder
	var active *spell
	for i := range s.spells {
		at := &s.spells[i]
		fmt.Fprintf(&text, "%6.1fs %s %s\n", at.first.Sub(s.spells[0].first).Seconds(), at.status, at.id)
		if active != nil && at.id != "" && at.id != active.id {
			fmt.Fprintf(&text, "figure: gap %.1fs from the last look that saw %s active to the first that saw %s\n",
				at.first.Sub(active.last).Seconds(), active.id, at.id)
			active = nil
		}
		if at.status == "ACTIVE" {
			active = at
		}
	}
	fmt.Fprintf(&text, "looked at %d times, at most %d ms apart\n", s.looks, s.apart.Milliseconds())
	return text.String()
}

// left is when the topology that was active first was seen otherwise.
func (s *sampler) left() (time.Time, bool) {
	for i := 1; i < len(s.spells); i++ {
		if s.spells[i-1].status == "ACTIVE" {
			return s.spells[i].first, true
		}
	}
	return time.Time{}, false
}

// sampled NAME [after LOG REGEXP] ends the looks, prints what they saw, and holds
// that the first topology was active until LOG (of kubectl logs) had a line REGEXP.
func (w *world) sampled(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 && (len(args) != 4 || args[1] != "after") {
		ts.Fatalf("usage: sampled NAME [after LOG REGEXP]")
	}
	w.mutex.Lock()
	s := w.samplers[args[0]]
	delete(w.samplers, args[0])
	w.mutex.Unlock()
	if s == nil {
		ts.Fatalf("nobody samples %s: sample %s", args[0], args[0])
	}
	s.stop()
	<-s.ended
	if s.looks == 0 {
		ts.Fatalf("Storm did not answer once")
	}
	fmt.Fprint(ts.Stdout(), s)
	if len(args) == 1 {
		return
	}
	said := logged(ts, args[2], args[3])
	left, ever := s.left()
	if !ever || left.Before(said) {
		ts.Fatalf("%s was not active any more at %s; the log said %q at %s\n%s", s.name, left, args[3], said, s)
	}
	fmt.Fprintf(ts.Stdout(), "it was active until %.1fs after %q\n", left.Sub(said).Seconds(), args[3])
}

// logged is when a log's first line that matches was written.
func logged(ts *testscript.TestScript, log, line string) time.Time {
	matches, err := regexp.Compile(line)
	ts.Check(err)
	k := kube.Kubectl{Program: place.Bin("kubectl"), Kubeconfig: ts.Getenv("KUBECONFIG")}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	text, err := k.Run(ctx, "logs", "-n", ts.Getenv("NS"), "--timestamps", log)
	ts.Check(err)
	for _, said := range bytes.Split([]byte(text), []byte("\n")) {
		stamp, rest, _ := bytes.Cut(said, []byte(" "))
		if matches.Match(rest) {
			at, err := time.Parse(time.RFC3339Nano, string(stamp))
			ts.Check(err)
			return at
		}
	}
	ts.Fatalf("no line of %s is like %q:\n%s", log, line, text)
	return time.Time{}
}
