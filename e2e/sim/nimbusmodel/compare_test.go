package nimbusmodel

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
)

// other is a Nimbus whose timers are late and whose calls take time.
type other struct {
	*Storm
	random *rand.Rand
	at     time.Time
	pace
	wrong func(Act, string) string // what it answers instead
}

// pace is how fast a Nimbus is: each timer is so much late at most, each call takes
// so long at most. With early it fires timers before they are due.
type pace struct{ late, call, early time.Duration }

var paces = map[string]pace{
	"idle machine":      {late: 100 * time.Millisecond, call: 50 * time.Millisecond},
	"busy machine":      {late: 2 * time.Second, call: 400 * time.Millisecond},
	"timers late":       {late: time.Hour, call: 400 * time.Millisecond},
	"all of it is slow": {late: time.Hour, call: time.Minute},
}

func newOther(random *rand.Rand, pace pace) *other {
	o := &other{random: random, at: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), pace: pace}
	o.Storm = New(func() time.Time { return o.at }, 1)
	o.Nimbus(0).Uploaded("jar")
	return o
}

// timersFire fires what is due, if it likes to, and what is overdue.
func (o *other) timersFire() {
	for again := true; again; {
		again = false
		for i, t := range o.timers {
			over := o.at.Sub(t.at) + o.early
			if over >= 0 && o.random.Float64() < 0.1 || over > o.late {
				o.fire(i)
				again = true
				break
			}
		}
	}
	for id, c := range o.confs {
		if !c.until.IsZero() && o.at.After(c.until) && o.random.Float64() < 0.1 {
			delete(o.confs, id)
		}
	}
}

// unlock ends what is half done: an act waits for that.
func (o *other) unlock() {
	for o.Nimbus(0).locked() {
		for i, t := range o.timers {
			if t.event == removed || t.event == scheduled {
				o.fire(i)
				break
			}
		}
	}
}

func (o *other) takesTime() {
	o.at = o.at.Add(time.Duration(o.random.Int64N(int64(o.pace.call))) / 2)
}

func (o *other) call(c *Comparison, real, model func(*Storm) string) error {
	began := o.at
	o.takesTime()
	o.timersFire()
	answer := real(o.Storm)
	o.takesTime()
	return c.Call(began, o.at, answer, model)
}

// sequence runs acts on the other one and on a model.
func (o *other) sequence(acts []Act, names ...string) (story []string, calls int, err error) {
	model := o.Storm.Clone()
	c := Compare(model)
	ids := map[string]string{}
	for i, act := range acts {
		id := fmt.Sprintf("%s-%d-1", act.Name, i)
		if act.Verb == Pause {
			o.at = o.at.Add(act.Pause)
			continue
		}
		if act.Verb == Submit {
			ids[act.Name] = id
		}
		on := func(s *Storm) string { return act.On(s, id, "jar") }
		real := func(s *Storm) string {
			o.unlock()
			if o.wrong != nil {
				return o.wrong(act, on(s))
			}
			return on(s)
		}
		err := o.call(c, real, on)
		story = append(story, act.String())
		if err != nil {
			return story, c.Calls, err
		}
		list := func(s *Storm) string {
			list, err := s.Nimbus(0).List()
			return Listed(list, err, names...)
		}
		if err := o.call(c, list, list); err != nil {
			return story, c.Calls, err
		}
		for _, id := range ids {
			show := func(s *Storm) string {
				conf, err := s.Nimbus(0).Conf(id)
				return Shown(s.Nimbus(0).Info(id)) + Settings(conf, err)
			}
			if err := o.call(c, show, show); err != nil {
				return story, c.Calls, err
			}
		}
	}
	return story, c.Calls, nil
}

// A Nimbus that does what the model does makes no difference, however late its timers are.
func TestNoDifferenceWhereThereIsNone(t *testing.T) {
	for name, pace := range paces {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(150) {
				random := rand.New(rand.NewPCG(seed, 0))
				story, _, err := newOther(random, pace).sequence(Sequence(random, 12, "a", "b"), "a", "b")
				if err != nil {
					t.Fatalf("seed %d:\n%s\n%v", seed, strings.Join(story, "\n"), err)
				}
			}
		})
	}
}

// One that does not is found out, also where its timers are late.
func TestDifferencesAreFound(t *testing.T) {
	is := func(verb string, from, to error) func(Act, string) string {
		return func(act Act, answer string) string {
			if act.Verb == verb && answer == Answer(from) {
				return Answer(to)
			}
			return answer
		}
	}
	cases := map[string]struct {
		wrong func(Act, string) string
		early time.Duration
	}{
		"kill of what is gone":                  {wrong: is(Kill, &nimbus.NotAliveError{}, nil)},
		"activate is always taken":              {wrong: is(Activate, untyped(""), nil)},
		"rebalance is always taken":             {wrong: is(Rebalance, untyped(""), nil)},
		"a wrong setting is an untyped failure": {wrong: is(Submit, &nimbus.InvalidTopologyError{}, untyped(""))},
		"a call that changes nothing":           {wrong: is(Deactivate, nil, untyped(""))},
		"a wait that ends too soon":             {early: time.Second},
	}
	for name, c := range cases {
		for at, pace := range paces {
			if pace.call > time.Second && c.early > 0 {
				continue // a wait begins some time within a call
			}
			t.Run(name+", "+at, func(t *testing.T) {
				pace.early = c.early
				for seed := range uint64(200) {
					random := rand.New(rand.NewPCG(seed, 0))
					o := newOther(random, pace)
					o.wrong = c.wrong
					if _, _, err := o.sequence(Sequence(random, 12, "a", "b"), "a", "b"); err != nil {
						return
					}
				}
				t.Error("200 sequences did not notice")
			})
		}
	}
}

// A timer that has not fired yet makes no difference; Settled waits for it.
func TestSettled(t *testing.T) {
	o := newOther(rand.New(rand.NewPCG(1, 0)), paces["busy machine"])
	c := Compare(o.Storm.Clone())
	look := func() {
		t.Helper()
		answer := func(s *Storm) string {
			list, err := s.Nimbus(0).List()
			return Listed(list, err, "a")
		}
		if err := c.Call(o.at, o.at, answer(o.Storm), answer); err != nil {
			t.Fatal(err)
		}
	}
	for _, act := range []Act{{Verb: Submit, Name: "a"}, {Verb: Kill, Name: "a", Wait: new(int32(1))}} {
		on := func(s *Storm) string { return act.On(s, "a-1-1", "jar") }
		if err := c.Call(o.at, o.at, on(o.Storm), on); err != nil {
			t.Fatal(err)
		}
	}
	o.at = o.at.Add(10 * time.Hour)
	if look(); c.Settled() {
		t.Error("it is still listed as KILLED: its removal is to come")
	}
	o.Settle()
	if look(); !c.Settled() {
		t.Error("it is gone: nothing is to come")
	}
}
