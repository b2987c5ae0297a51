package sim

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stormhooks/stormhooks/e2e/sim/nimbusmodel"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// The simulation's Storm answers as nimbusmodel does, which the story nimbus-model
// holds to a real Nimbus.
func TestStormAnswersAsTheModel(t *testing.T) {
	for seed := range uint64(300) {
		now := begin
		clock := func() time.Time { return now }
		small, model := newStorm(clock), nimbusmodel.New(clock, 1)
		model.Nimbus(0).Uploaded("jar")
		var story []string
		for _, act := range nimbusmodel.Sequence(rand.New(rand.NewPCG(seed, 0)), 20, "a", "b") {
			if act.Verb == nimbusmodel.Pause {
				now = now.Add(act.Pause.Round(time.Second))
				continue
			}
			if act.Wait == nil { // the small one knows no topology's own wait
				act.Wait = new(int32(2))
			}
			if act.Verb == nimbusmodel.DryRun || act.Verb == nimbusmodel.Submit && spoilt(act) {
				continue // what Nimbus refuses is the world's to choose
			}
			model.Settle()
			want := act.On(model, "", "jar")
			got := small.does(act)
			story = append(story, act.String()+": "+want)
			if want != got {
				t.Fatalf("seed %d:\n%s\nthe simulation's Storm: %s", seed, strings.Join(story, "\n"), got)
			}
			model.Settle() // what has no wait happens at once
			for _, name := range []string{"a", "b"} {
				want, got := shown(model, name), "gone"
				if there := small.List(name).Topology; there != nil {
					got = there.Status + " " + there.Fingerprint.Revision
				}
				if want != got {
					t.Fatalf("seed %d:\n%s\n%s in the model: %s\nin the simulation's Storm: %s", seed, strings.Join(story, "\n"), name, want, got)
				}
			}
		}
	}
}

func spoilt(act nimbusmodel.Act) bool {
	_, fine := act.Conf["topology.message.timeout.secs"].(int64)
	return !fine || act.NoJar || storm.NameProblem(act.Name) != ""
}

func shown(model *nimbusmodel.Storm, name string) string {
	b := model.Named(name)
	if b == nil {
		return "gone"
	}
	return b.Status + " " + storm.FingerprintOf(model.Settings(b.ID)).Revision
}

// does carries an act out, and says the class of the answer.
func (s *Storm) does(act nimbusmodel.Act) string {
	var err error
	switch act.Verb {
	case nimbusmodel.Submit:
		status := storm.Active
		if act.Inactive {
			status = storm.Inactive
		}
		_, err = s.Submit(submitted{name: act.Name, status: status, fingerprint: storm.FingerprintOf(act.Conf)})
	case nimbusmodel.Kill:
		_, err = s.Kill(act.Name, act.Wait)
	case nimbusmodel.Activate:
		err = s.Turn(act.Name, storm.Active)
	case nimbusmodel.Deactivate:
		err = s.Turn(act.Name, storm.Inactive)
	case nimbusmodel.Rebalance:
		err = s.Rebalance(storm.Call{Name: act.Name, WaitSeconds: act.Wait, Overrides: act.Overrides})
	}
	switch {
	case err == nil:
		return "taken"
	case strings.HasSuffix(err.Error(), "is not alive"):
		return "not alive"
	case strings.HasSuffix(err.Error(), "is already alive"):
		return "already alive"
	}
	return "untyped"
}
