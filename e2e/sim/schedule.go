package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stormhooks/stormhooks/e2e/standin"
)

// Schedule is an order of events: moves by name, each with the seed of whatever
// it chooses itself. So a schedule from which moves are taken is still one.
type Schedule struct {
	Running bool // it begins with a topology that runs
	Judged  bool // its object has a deadline
	Green   bool // its object has strategy BlueGreen
	Begin   uint64
	Moves   []Move
}

// undrained says whether its object has strategy BlueGreen without a drain.
func (s Schedule) undrained() bool { return s.Green && s.Begin%2 == 1 }

// Move is one event.
type Move struct {
	Name string
	Seed uint64
}

// How says how a world is run.
type How struct {
	Recording bool // with its timeline
	Wire      bool // requests and answers go through their bytes
}

// Run lets a seed choose a schedule as it goes, and gives the world that it came to.
func Run(manifests []*standin.CompositeController, seed uint64, how How) (*World, Schedule) {
	dice := rand.New(rand.NewPCG(seed, 0))
	s := Schedule{Running: dice.IntN(2) == 1, Begin: dice.Uint64(), Judged: seed%judgedEach == judgedEach-1, Green: isGreen(seed)}
	w := begins(manifests, s, how)
	machinery, disturbances, seldom := w.swarm(dice)
	moments := w.moments()
	if !s.Running && dice.IntN(4) > 0 {
		s.Moves = append(s.Moves, Move{"apply", dice.Uint64()})
		w.dice.Seed(s.Moves[0].Seed, 0)
		w.apply()
		w.check()
	}
	for range 20 + dice.IntN(181) {
		switch {
		case w.violated != "":
			return w, s
		case w.object(standin.Namespaces, namespace) == nil: // nothing more can happen
			w.endFairly()
			return w, s
		}
		moves := machinery
		switch {
		case w.matters() && dice.IntN(2) == 0:
			moves = moments
		case dice.IntN(seldom) == 0:
			moves = disturbances
		}
		m, can := pick(moves, dice)
		if !can {
			continue
		}
		move := Move{m.name, dice.Uint64()}
		s.Moves = append(s.Moves, move)
		w.makes(m, move.Seed)
	}
	w.endFairly()
	return w, s
}

// Replay runs a schedule. A move that cannot happen is passed over.
func Replay(manifests []*standin.CompositeController, s Schedule, how How) *World {
	w := begins(manifests, s, how)
	byName := map[string]move{}
	for _, m := range slices.Concat(w.machinery(), w.disturbances(), w.moments()) {
		byName[m.name] = m
	}
	byName[breaks] = move{name: breaks, can: func() bool { return true }, do: func() { w.violate("Must 0: it is broken") }}
	for _, move := range s.Moves {
		if w.violated != "" {
			return w
		}
		if m := byName[move.Name]; m.can() {
			w.makes(m, move.Seed)
		}
	}
	w.endFairly()
	return w
}

// begins is the world that a schedule begins with: half of them with a topology
// that runs already.
func begins(manifests []*standin.CompositeController, s Schedule, how How) *World {
	if !s.Running {
		w := NewWorld(manifests)
		w.recording, w.wire, w.unfair, w.judges, w.green, w.undrained = how.Recording, how.Wire, true, s.Judged, s.Green, s.undrained()
		return w
	}
	if how != (How{}) {
		w := runs(manifests, s, how)
		w.unfair = true
		return w
	}
	policy, mode, update := (&World{dice: rand.NewPCG(s.Begin, 0)}).whatIsApplied()
	key := [4]string{policy, mode, update, fmt.Sprint(s.Judged, s.Green, s.undrained())}
	kept, found := begun.Load(key)
	if !found {
		kept, _ = begun.LoadOrStore(key, runs(manifests, s, how))
	}
	w := kept.(*World).clone()
	w.unfair, w.syncs = true, 0
	return w
}

// begun are worlds with a topology that runs, by what was applied. They are cloned,
// and never gone on with.
var begun sync.Map

func runs(manifests []*standin.CompositeController, s Schedule, how How) *World {
	w := NewWorld(manifests)
	w.recording, w.wire = how.Recording, how.Wire
	w.judges, w.green, w.undrained = s.Judged, s.Green, s.undrained()
	w.dice.Seed(s.Begin, 0)
	w.apply()
	w.settle(5 * time.Minute)
	return w
}

func (w *World) makes(m move, seed uint64) {
	w.dice.Seed(seed, 0)
	w.seen.moves++
	w.seen.named[m.name]++
	m.do()
	w.check()
}

// swarm gives each schedule weights of its own (A. Groce et al., Swarm Testing,
// ISSTA 2012): many disturbances are left out of it, so that the others come
// together as they seldom do where all have their turn. One of seldom moves is a
// disturbance.
func (w *World) swarm(dice *rand.Rand) (machinery, disturbances []move, seldom int) {
	machinery, disturbances = w.machinery(), w.disturbances()
	factors, seldom := []int{0, 0, 3, 15}, []int{4, 8, 16}[dice.IntN(3)]
	if dice.IntN(4) == 0 { // with all of them
		factors = []int{3}
	}
	for i := range machinery {
		machinery[i].weight *= []int{1, 1, 4}[dice.IntN(3)]
	}
	for i := range disturbances {
		m := &disturbances[i]
		switch factor := factors[dice.IntN(len(factors))]; {
		case strings.HasPrefix(m.name, "apply"):
			m.weight *= 3 // nothing happens in an empty world
		case slices.Contains(last, m.name):
			m.weight *= factor / 3 // nor of one in which everything has been deleted
		default:
			m.weight *= factor
		}
	}
	return machinery, disturbances, seldom
}

// pick chooses one of the moves that can happen, by weight; false where none can.
func pick(moves []move, dice *rand.Rand) (move, bool) {
	total := 0
	can := make([]bool, len(moves))
	for i, m := range moves {
		if can[i] = m.can(); can[i] {
			total += m.weight
		}
	}
	if total == 0 {
		return move{}, false
	}
	at := dice.IntN(total)
	for i, m := range moves {
		if !can[i] {
			continue
		}
		if at -= m.weight; at < 0 {
			return m, true
		}
	}
	panic("the weights do not add up")
}

// breaks is a move that no seed chooses: it proves that a violation is found and
// shrunk.
const breaks = "it breaks"

// Violation is a schedule that breaks a must, made as small as it comes.
type Violation struct {
	Seed     uint64
	What     string
	Schedule Schedule
	Timeline []string
}

func (v Violation) String() string {
	text := fmt.Sprintf("seed %d: %s\n%d moves are left of the schedule; it begins with a topology that runs: %v\n",
		v.Seed, v.What, len(v.Schedule.Moves), v.Schedule.Running)
	for _, line := range v.Timeline {
		text += line + "\n"
	}
	return text
}

// Shrink takes from a schedule what the violation does not need, and gives the
// timeline of what is left.
func Shrink(manifests []*standin.CompositeController, seed uint64, s Schedule) Violation {
	fails := func(s Schedule) bool { return Replay(manifests, s, How{}).violated != "" }
	if fails(s) { // a violation may hang on a choice that a replay does not repeat
		for size := len(s.Moves); size > 0; size /= 2 {
			for at := 0; at+size <= len(s.Moves); {
				less := Schedule{Running: s.Running, Judged: s.Judged, Green: s.Green, Begin: s.Begin}
				less.Moves = append(append(less.Moves, s.Moves[:at]...), s.Moves[at+size:]...)
				if fails(less) {
					s = less
				} else {
					at += size
				}
			}
		}
	}
	w := Replay(manifests, s, How{Recording: true})
	return Violation{Seed: seed, What: w.violated, Schedule: s, Timeline: w.timeline}
}
