package nimbusmodel

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
)

const slack = 2 * time.Second

// other is a Nimbus whose timers are late and whose calls take time.
type other struct {
	*Storm
	random *rand.Rand
	at     time.Time
	wrong  func(Act, string) string // what it answers instead
}

func newOther(random *rand.Rand) *other {
	o := &other{random: random, at: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	o.Storm = New(func() time.Time { return o.at }, 1)
	o.Nimbus(0).Uploaded("jar")
	return o
}

// late fires what is due, if it likes to, and what is overdue.
func (o *other) late() {
	for again := true; again; {
		again = false
		for i, t := range o.timers {
			over := o.at.Sub(t.at)
			if over >= 0 && o.random.Float64() < 0.1 || over > slack*9/10 {
				o.fire(i)
				again = true
				break
			}
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

func (o *other) call(c *Comparison, real, model func(*Storm) string) error {
	began := o.at
	o.at = o.at.Add(time.Duration(o.random.IntN(200)) * time.Millisecond)
	o.late()
	answer := real(o.Storm)
	o.at = o.at.Add(time.Duration(o.random.IntN(200)) * time.Millisecond)
	return c.Call(began, o.at, answer, model)
}

// sequence runs acts on the other one and on a model.
func (o *other) sequence(acts []Act, names ...string) (story []string, calls int, err error) {
	model := o.Storm.Clone()
	c := Compare(model, slack)
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

// A Nimbus that does as the model does is no difference, however late it is.
func TestNoDifferenceWhereThereIsNone(t *testing.T) {
	for seed := range uint64(150) {
		random := rand.New(rand.NewPCG(seed, 0))
		story, _, err := newOther(random).sequence(Sequence(random, 12, "a", "b"), "a", "b")
		if err != nil {
			t.Fatalf("seed %d:\n%s\n%v", seed, strings.Join(story, "\n"), err)
		}
	}
}

// One that does not is found out.
func TestDifferencesAreFound(t *testing.T) {
	cases := map[string]func(Act, string) string{
		"kill of what is killed": func(act Act, answer string) string {
			if act.Verb == Kill && answer == Answer(&nimbus.NotAliveError{}) {
				return Answer(nil)
			}
			return answer
		},
		"activate is always taken": func(act Act, answer string) string {
			if act.Verb == Activate && answer == Answer(untyped("")) {
				return Answer(nil)
			}
			return answer
		},
		"a wrong setting is an untyped failure": func(act Act, answer string) string {
			if act.Verb == Submit && answer == Answer(&nimbus.InvalidTopologyError{}) {
				return Answer(untyped(""))
			}
			return answer
		},
	}
	for name, wrong := range cases {
		found := false
		for seed := range uint64(200) {
			random := rand.New(rand.NewPCG(seed, 0))
			o := newOther(random)
			o.wrong = wrong
			if _, _, err := o.sequence(Sequence(random, 12, "a", "b"), "a", "b"); err != nil {
				found = true
				break
			}
		}
		if !found {
			t.Errorf("%s: 200 sequences did not notice", name)
		}
	}
}
