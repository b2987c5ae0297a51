package nimbusmodel

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Act is one call, or a pause, of a sequence that is compared.
type Act struct {
	Verb      string
	Name      string
	Wait      *int32
	Workers   int32
	Overrides map[string]any
	Conf      map[string]any
	Inactive  bool
	// NoJar: no JAR is where the submission says, beside one that was uploaded.
	NoJar bool
	Pause time.Duration
}

// The verbs of an Act.
const (
	Submit     = "submit"
	DryRun     = "dry run"
	Kill       = "kill"
	Activate   = "activate"
	Deactivate = "deactivate"
	Rebalance  = "rebalance"
	Pause      = "pause"
)

// Probe ends the name of what is not to be submitted.
const Probe = "--probe"

// Compared are the settings of a topology that are compared: those that
// pkg/nimbus reads.
var Compared = []string{"topology.workers", storm.KeyOwner, storm.KeyRevision, storm.KeyJar}

// Sequence is a random one of so many acts over a few names. Most begin with what
// there has to be for the others to do anything.
func Sequence(random *rand.Rand, length int, names ...string) []Act {
	acts := make([]Act, 0, length)
	if random.IntN(8) > 0 {
		acts = append(acts, Act{Verb: Submit, Name: names[0], Inactive: random.IntN(4) == 0, Conf: confOf("act 0")})
	}
	for len(acts) < length {
		acts = append(acts, randomAct(random, names[random.IntN(len(names))], len(acts)))
	}
	return acts
}

func randomAct(random *rand.Rand, name string, number int) Act {
	note := fmt.Sprintf("act %d", number)
	var wait *int32
	if n := random.Int32N(5); n < 4 { // 4: the topology's own
		wait = &n
	}
	switch n := random.IntN(100); {
	case n < 28:
		act := Act{Verb: Submit, Name: name, Inactive: random.IntN(4) == 0, Conf: confOf(note)}
		return spoiled(random, act)
	case n < 34:
		act := Act{Verb: DryRun, Name: name, Conf: confOf(note), NoJar: true}
		return spoiled(random, act)
	case n < 48:
		return Act{Verb: Kill, Name: name, Wait: wait}
	case n < 56:
		return Act{Verb: Activate, Name: name}
	case n < 64:
		return Act{Verb: Deactivate, Name: name}
	case n < 82:
		return Act{Verb: Rebalance, Name: name, Wait: wait, Workers: random.Int32N(3), Overrides: overrides(random, note)}
	}
	return Act{Verb: Pause, Pause: time.Duration(random.IntN(4000)) * time.Millisecond}
}

func confOf(note string) map[string]any {
	return map[string]any{
		"topology.message.timeout.secs": int64(2), "topology.workers": int64(1),
		storm.KeyOwner: "ns/topology", storm.KeyRevision: note, storm.KeyJar: note,
	}
}

func overrides(random *rand.Rand, note string) map[string]any {
	return [](map[string]any){
		nil,
		{storm.KeyRevision: note},
		{storm.KeyRevision: note, "topology.message.timeout.secs": int64(1 + random.IntN(3))},
		{"topology.workers": int64(2), storm.KeyJar: note},
	}[random.IntN(4)]
}

// spoiled makes a submission one that Nimbus does not take, one time in four.
func spoiled(random *rand.Rand, act Act) Act {
	switch random.IntN(16) {
	case 0:
		act.Conf["topology.message.timeout.secs"] = "soon"
	case 1:
		act.NoJar = true
	case 2:
		act.Name += ".x"
	case 3:
		act.Name += "ü"
	}
	return act
}

func (a Act) String() string {
	text := a.Verb + " " + a.Name
	if a.Wait != nil {
		text += fmt.Sprintf(" wait %d", *a.Wait)
	}
	if a.Workers > 0 || len(a.Overrides) > 0 {
		text += fmt.Sprintf(" %d workers, %v", a.Workers, a.Overrides)
	}
	if a.Verb == Pause {
		return fmt.Sprintf("pause %s", a.Pause)
	}
	if a.Verb == Submit || a.Verb == DryRun {
		text += fmt.Sprintf(" inactive %t, message timeout %v, JAR %t", a.Inactive, a.Conf["topology.message.timeout.secs"], !a.NoJar)
	}
	return text
}

// On carries an act out on the model's leader and says what came of it. id is the
// one that a submission got; location is where a JAR lies.
func (a Act) On(s *Storm, id, location string) string {
	n := s.Nimbus(0)
	if a.NoJar {
		location = Beside(location)
	}
	var err error
	switch a.Verb {
	case DryRun:
		_, err = n.Submit(Submission{Name: a.Name + Probe, Location: location, Conf: a.Conf})
	case Submit:
		_, err = n.Submit(Submission{Name: a.Name, Location: location, Conf: a.Conf, Inactive: a.Inactive, ID: id})
	case Kill:
		_, err = n.Kill(a.Name, a.Wait)
	case Activate:
		_, err = n.Activate(a.Name)
	case Deactivate:
		_, err = n.Deactivate(a.Name)
	case Rebalance:
		_, err = n.Rebalance(a.Name, a.Wait, a.Workers, a.Overrides)
	}
	return Answer(err)
}

// Listed says which of the names are listed, and how.
func Listed(list []nimbus.Summary, err error, names ...string) string {
	if err != nil {
		return Answer(err)
	}
	var lines []string
	for _, t := range list {
		if slices.Contains(names, t.Name) {
			lines = append(lines, t.ID+" "+t.Status)
		}
	}
	slices.Sort(lines)
	return "list: " + strings.Join(lines, ", ")
}

// Shown says what an Info comes to.
func Shown(info nimbus.Info, err error) string {
	if err != nil {
		return "info: " + Answer(err)
	}
	return "info: " + info.Name + " " + info.Status
}

// Settings says what a conf comes to.
func Settings(conf map[string]any, err error) string {
	if err != nil {
		return "conf: " + Answer(err)
	}
	var lines []string
	for _, key := range Compared {
		lines = append(lines, fmt.Sprintf("%s=%v", key, conf[key]))
	}
	return "conf: " + strings.Join(lines, " ")
}
