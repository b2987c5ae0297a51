package sim

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/stormhooks/stormhooks/e2e/standin"
)

// Schedule is an order of events: moves by name, each with the seed of whatever
// it chooses itself. So a schedule from which moves are taken is still one.
type Schedule struct {
	Running bool // it begins with a topology that runs
	Begin   uint64
	Moves   []Move
}

// Move is one event.
type Move struct {
	Name string
	Seed uint64
}

// Run lets a seed choose a schedule as it goes, and gives the schedule and the
// first violation.
func (w *World) Run(seed uint64) (Schedule, string) {
	dice := rand.New(rand.NewPCG(seed, 0))
	s := Schedule{Running: dice.IntN(2) == 1, Begin: dice.Uint64()}
	w.begins(s)
	machinery, disturbances := w.machinery(), w.disturbances()
	for range 20 + dice.IntN(231) {
		if w.violated != "" {
			return s, w.violated
		}
		moves := machinery
		if dice.IntN(8) == 7 {
			moves = disturbances
		}
		m := pick(moves, dice)
		move := Move{m.name, dice.Uint64()}
		s.Moves = append(s.Moves, move)
		w.makes(m, move.Seed)
	}
	w.endFairly()
	return s, w.violated
}

// Replay runs a schedule. A move that cannot happen is passed over.
func (w *World) Replay(s Schedule) string {
	byName := map[string]move{}
	for _, m := range append(w.machinery(), w.disturbances()...) {
		byName[m.name] = m
	}
	w.begins(s)
	for _, move := range s.Moves {
		if w.violated != "" {
			return w.violated
		}
		if m := byName[move.Name]; m.can() {
			w.makes(m, move.Seed)
		}
	}
	w.endFairly()
	return w.violated
}

// begins: half of all schedules begin with a topology that runs.
func (w *World) begins(s Schedule) {
	w.dice.Seed(s.Begin, 0)
	if s.Running {
		w.apply()
		w.settle(5 * time.Minute)
	}
	w.unfair = true
}

func (w *World) makes(m move, seed uint64) {
	w.dice.Seed(seed, 0)
	w.seen.moves++
	w.seen.named[m.name]++
	m.do()
	w.check()
}

// pick chooses one of the moves that can happen, by weight.
func pick(moves []move, dice *rand.Rand) move {
	total := 0
	can := make([]bool, len(moves))
	for i, m := range moves {
		if can[i] = m.can(); can[i] {
			total += m.weight
		}
	}
	at := dice.IntN(total)
	for i, m := range moves {
		if !can[i] {
			continue
		}
		if at -= m.weight; at < 0 {
			return m
		}
	}
	panic("no move can happen: time always passes")
}

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
	fails := func(s Schedule) bool { return NewWorld(manifests).Replay(s) != "" }
	if fails(s) { // a violation may hang on a choice that a replay does not repeat
		for size := len(s.Moves); size > 0; size /= 2 {
			for at := 0; at+size <= len(s.Moves); {
				less := Schedule{Running: s.Running, Begin: s.Begin}
				less.Moves = append(append(less.Moves, s.Moves[:at]...), s.Moves[at+size:]...)
				if fails(less) {
					s = less
				} else {
					at += size
				}
			}
		}
	}
	w := NewWorld(manifests)
	w.recording = true
	what := w.Replay(s)
	return Violation{Seed: seed, What: what, Schedule: s, Timeline: w.timeline}
}
