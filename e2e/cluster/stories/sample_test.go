package stories

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
)

const (
	// sampleEvery is how often a sampled topology is looked at.
	sampleEvery = 100 * time.Millisecond
	// asksAtOnce bounds the questions that Nimbus has not answered yet: the next one
	// is asked when its time has come, however long the last one takes.
	asksAtOnce = 4
)

// sampler looks at one topology in Storm's list again and again, and keeps when
// it became another one or had another status.
type sampler struct {
	name   string
	stop   context.CancelFunc
	ended  chan struct{}
	mutex  sync.Mutex
	spells []spell
	looks  int
	asked  time.Time // when the last noted look began
	// apart is the longest time between two looks that were answered.
	apart time.Duration
}

// spell is a time during which a topology was the same: from the first answer
// that said so to the last question that was answered so.
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
	go s.run(ctx, w.nimbusOf(ts.Getenv("NIMBUS")))
}

func (s *sampler) run(ctx context.Context, client *nimbus.Client) {
	defer close(s.ended)
	defer client.Close()
	var asking sync.WaitGroup
	defer asking.Wait()
	free := make(chan struct{}, asksAtOnce)
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	for {
		free <- struct{}{}
		asking.Go(func() {
			defer func() { <-free }()
			asked := time.Now()
			if list, err := client.List(ctx); err == nil { // no answer says nothing of the topology
				s.note(list, asked, time.Now())
			}
		})
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *sampler) note(list []nimbus.Summary, asked, answered time.Time) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if asked.Before(s.asked) { // a later question has been answered already
		return
	}
	is := spell{status: "gone", first: answered, last: asked}
	for _, topology := range list {
		if topology.Name == s.name {
			is.id, is.status = topology.ID, topology.Status
		}
	}
	s.looks++
	before := s.asked
	s.asked = asked
	if n := len(s.spells); n > 0 {
		s.apart = max(s.apart, asked.Sub(before))
		if s.spells[n-1].id == is.id && s.spells[n-1].status == is.status {
			s.spells[n-1].last = asked
			return
		}
	}
	s.spells = append(s.spells, is)
}

// gap is from the last look that saw a topology active to the first that saw its
// successor; false where there was none.
func (s *sampler) gap() (time.Duration, bool) {
	var active *spell
	for i := range s.spells {
		at := &s.spells[i]
		if active != nil && at.id != "" && at.id != active.id {
			return at.first.Sub(active.last), true
		}
		if at.status == "ACTIVE" {
			active = at
		}
	}
	return 0, false
}

// String has a line for each spell, and the gap.
func (s *sampler) String() string {
	var text strings.Builder
	for _, at := range s.spells {
		fmt.Fprintf(&text, "%6.1fs %s %s\n", at.first.Sub(s.spells[0].first).Seconds(), at.status, at.id)
	}
	if gap, was := s.gap(); was {
		fmt.Fprintf(&text, "figure: gap %.1fs from the last look that saw it active to the first that saw its successor\n", gap.Seconds())
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

// logLag is how much later than a line was written the container runtime may stamp it, on
// two busy processors.
const logLag = 100 * time.Millisecond

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
		ts.Fatalf("%s is not being sampled: sample %s", args[0], args[0])
	}
	s.stop()
	<-s.ended
	if s.looks == 0 {
		ts.Fatalf("Storm did not answer once")
	}
	fmt.Fprint(ts.Stdout(), s)
	if gap, was := s.gap(); was {
		w.mutex.Lock()
		w.gaps[args[0]] = append(w.gaps[args[0]], gap)
		w.mutex.Unlock()
	}
	if len(args) == 1 {
		return
	}
	said := logged(ts, args[2], args[3])
	left, ever := s.left()
	if !ever || left.Add(logLag).Before(said) {
		ts.Fatalf("%s was not active any more at %s; the log said %q at %s\n%s", s.name, left, args[3], said, s)
	}
	fmt.Fprintf(ts.Stdout(), "it was active until %.1fs after %q\n", left.Sub(said).Seconds(), args[3])
}

// gaps NAME WAIT prints the gaps of all of a topology's samples, beyond Storm's own
// kill wait.
func (w *world) gapsOf(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: gaps NAME WAIT")
	}
	wait, err := time.ParseDuration(args[1])
	ts.Check(err)
	w.mutex.Lock()
	gaps := slices.Sorted(slices.Values(w.gaps[args[0]]))
	w.mutex.Unlock()
	if len(gaps) == 0 {
		ts.Fatalf("no sample of %s saw a successor", args[0])
	}
	median := (gaps[(len(gaps)-1)/2] + gaps[len(gaps)/2]) / 2
	fmt.Fprintf(ts.Stdout(), "figure: of %d updates the gap beyond the kill wait of %s is %.1fs in the median, %.1fs at worst\n",
		len(gaps), wait, (median - wait).Seconds(), (gaps[len(gaps)-1] - wait).Seconds())
}

// logged is when a log's first line that matches was written.
func logged(ts *testscript.TestScript, log, line string) time.Time {
	matches, err := regexp.Compile(line)
	ts.Check(err)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	text, err := logs(ctx, ts, "--timestamps", log)
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
