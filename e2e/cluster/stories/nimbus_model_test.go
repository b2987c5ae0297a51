package stories

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stormhooks/stormhooks/e2e/cluster/rawcall"
	"github.com/stormhooks/stormhooks/e2e/sim/nimbusmodel"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

const (
	// sequencesAtOnce keeps Nimbus busy, and the machine usable: most of a
	// sequence is waiting.
	sequencesAtOnce = 12
	// settledWithin is how long whatever was begun may take to end: Nimbus's timers
	// wait for one another, and for its scheduling.
	settledWithin = 10 * time.Minute
)

// stormModel makes the same calls to the Storm at $NIMBUS and to the
// simulation's model of it: SEQUENCES of LENGTH acts over two names each.
func (w *world) stormModel(ts *testscript.TestScript, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	sequences, length, seed := number(ts, args[0]), number(ts, args[1]), number(ts, args[2])
	client := w.nimbusOf(ts.Getenv("NIMBUS"))
	defer client.Close()
	recorded, location, err := rawcall.Recorded(ctx, w.checkout, client)
	ts.Check(err)
	var mutex sync.Mutex
	var waiting sync.WaitGroup
	var failed string
	sum := pairFigures{acts: map[string]int{}, answers: map[string]int{}}
	free := make(chan struct{}, sequencesAtOnce)
	for i := range sequences {
		free <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		waiting.Go(func() {
			defer func() { <-free }()
			pair := newPair(ts.Getenv("NIMBUS"), fmt.Sprintf("%s-%d", ts.Getenv("NS"), i), recorded, location)
			defer pair.client.Close()
			err := pair.run(ctx, nimbusmodel.Sequence(rand.New(rand.NewPCG(uint64(seed), uint64(i))), length, pair.names...))
			mutex.Lock()
			defer mutex.Unlock()
			sum.add(pair)
			if err != nil && ctx.Err() == nil {
				cancel() // the others end, too; what they are told by then does not count
				failed = fmt.Sprintf("sequence %d of seed %d differs:\n%s\n%v", i, seed, strings.Join(pair.story, "\n"), err)
			}
		})
	}
	waiting.Wait()
	ts.Logf("figure: %d sequences, %d calls compared, %d of them with one possible answer; acts %v; answers to them %v",
		sequences, sum.calls, sum.sure, sum.acts, sum.answers)
	if failed != "" {
		ts.Fatalf("%s", failed)
	}
	ts.Check(ctx.Err()) // the time was up
}

type pairFigures struct {
	calls, sure   int
	acts, answers map[string]int
}

func (f *pairFigures) add(p *pair) {
	f.calls += p.compared.Calls
	f.sure += p.compared.Sure
	for verb, n := range p.acts {
		f.acts[verb] += n
	}
	for answer, n := range p.answers {
		f.answers[answer] += n
	}
}

func number(ts *testscript.TestScript, text string) int {
	n, err := strconv.Atoi(text)
	ts.Check(err)
	return n
}

// pair is a real Nimbus and the model of one, to which the same is done.
type pair struct {
	host     string
	client   *nimbus.Client
	recorded nimbus.Recorded
	location string
	names    []string
	compared *nimbusmodel.Comparison

	ids     map[string]string // the newest id of each name, gone or not
	began   time.Time
	story   []string
	acts    map[string]int
	answers map[string]int
}

func newPair(host, name string, recorded nimbus.Recorded, location string) *pair {
	model := nimbusmodel.New(time.Now, 1)
	model.Nimbus(0).Uploaded(location)
	return &pair{
		host:   host,
		client: nimbus.New([]string{host}, 6627, nimbus.WithLimit(rawcall.Limit)), recorded: recorded, location: location,
		names: []string{name + "-a", name + "-b"}, compared: nimbusmodel.Compare(model),
		ids: map[string]string{}, began: time.Now(), acts: map[string]int{}, answers: map[string]int{},
	}
}

func (p *pair) run(ctx context.Context, acts []nimbusmodel.Act) error {
	for _, act := range acts {
		if err := p.do(ctx, act); err != nil {
			return err
		}
		if err := p.look(ctx, act.Name); err != nil {
			return fmt.Errorf("%w\nafter the last act", err)
		}
	}
	if err := p.settle(ctx); err != nil {
		return fmt.Errorf("%w\nat the end", err)
	}
	none := int32(0)
	for _, name := range p.names {
		_ = p.client.Kill(ctx, name, &none)
	}
	return nil
}

// settle looks until all that was begun has ended.
func (p *pair) settle(ctx context.Context) error {
	for began := time.Now(); ; time.Sleep(500 * time.Millisecond) {
		if err := p.look(ctx, p.names...); err != nil {
			return err
		}
		if p.compared.Settled() {
			return nil
		}
		if time.Since(began) > settledWithin {
			return fmt.Errorf("it does not end:\n%s", p.story[len(p.story)-1])
		}
	}
}

// do makes one act on both.
func (p *pair) do(ctx context.Context, act nimbusmodel.Act) error {
	p.acts[act.Verb]++
	if act.Verb == nimbusmodel.Pause {
		p.tell("%s", act)
		time.Sleep(act.Pause)
		return nil
	}
	began := time.Now()
	answer, id := p.real(ctx, act)
	ended := time.Now()
	p.answers[act.Verb+": "+answer]++
	p.tell("%s: %s", act, answer)
	return p.compared.Call(began, ended, answer, func(s *nimbusmodel.Storm) string { return act.On(s, id, p.location) })
}

// real makes an act on the real Nimbus. The id is that of what was submitted.
func (p *pair) real(ctx context.Context, act nimbusmodel.Act) (answer, id string) {
	var err error
	switch act.Verb {
	case nimbusmodel.Submit, nimbusmodel.DryRun:
		err = p.submit(ctx, act)
		if act.Verb == nimbusmodel.Submit && err == nil {
			if there, _ := find(ctx, p.client, act.Name); there != nil {
				id = there.ID
				p.ids[act.Name] = id
			}
		}
	case nimbusmodel.Kill:
		err = p.client.Kill(ctx, act.Name, act.Wait)
	case nimbusmodel.Activate:
		err = p.client.Activate(ctx, act.Name)
	case nimbusmodel.Deactivate:
		err = p.client.Deactivate(ctx, act.Name)
	case nimbusmodel.Rebalance:
		err = p.client.Rebalance(ctx, storm.Call{Name: act.Name, WaitSeconds: act.Wait, Workers: act.Workers, Overrides: act.Overrides})
	}
	return nimbusmodel.Answer(err), id
}

func (p *pair) submit(ctx context.Context, act nimbusmodel.Act) error {
	conf, err := json.Marshal(act.Conf)
	if err != nil {
		return err
	}
	name, location := act.Name, p.location
	if act.NoJar {
		location = nimbusmodel.Beside(location)
	}
	if act.Verb == nimbusmodel.DryRun {
		name += nimbusmodel.Probe
	}
	return rawcall.Submit(ctx, p.host, name, location, string(conf), p.recorded.Topology, act.Inactive)
}

// look compares what both show: the list, and for some names the newest id's
// status and settings, also when it is gone.
func (p *pair) look(ctx context.Context, names ...string) error {
	err := p.compare("list", func() string {
		list, err := p.client.List(ctx)
		return nimbusmodel.Listed(list, err, p.names...)
	}, func(s *nimbusmodel.Storm) string {
		list, err := s.Nimbus(0).List()
		return nimbusmodel.Listed(list, err, p.names...)
	})
	for _, name := range names {
		id := p.ids[name]
		if err != nil || id == "" {
			continue
		}
		err = p.compare("info "+id, func() string { return nimbusmodel.Shown(p.client.Info(ctx, id)) },
			func(s *nimbusmodel.Storm) string { return nimbusmodel.Shown(s.Nimbus(0).Info(id)) })
		if err == nil {
			err = p.compare("conf "+id, func() string { return nimbusmodel.Settings(p.client.Conf(ctx, id)) },
				func(s *nimbusmodel.Storm) string { return nimbusmodel.Settings(s.Nimbus(0).Conf(id)) })
		}
	}
	return err
}

func (p *pair) compare(what string, real func() string, model func(*nimbusmodel.Storm) string) error {
	began := time.Now()
	answer := real()
	ended := time.Now()
	if strings.HasPrefix(what, "list") {
		p.tell("  %s", answer)
	}
	if err := p.compared.Call(began, ended, answer, model); err != nil {
		return fmt.Errorf("%s, asked at %.2f s in %.2f s:\n%w", what, began.Sub(p.began).Seconds(), ended.Sub(began).Seconds(), err)
	}
	return nil
}

func (p *pair) tell(format string, args ...any) {
	p.story = append(p.story, fmt.Sprintf("%7.2f ", time.Since(p.began).Seconds())+fmt.Sprintf(format, args...))
}
