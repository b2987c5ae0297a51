package nimbusmodel

import (
	"github.com/stormhooks/stormhooks/pkg/nimbus"
)

// Trap is something that surprises whoever asks a Nimbus.
type Trap string

// Traps that Chance springs.
const (
	NeverArrived       Trap = "a call is lost on its way"
	AnswerLost         Trap = "an answer is lost"
	Unconnected        Trap = "no connection"
	FailedBefore       Trap = "an untyped failure, with nothing done"
	FailedAfter        Trap = "an untyped failure, with all done"
	NoLeader           Trap = "no leader is named"
	LeaderMoves        Trap = "another leader between the question and the call"
	LeaderWithoutNames Trap = "a leader that knows no names yet"
	SlowReplication    Trap = "a submission that is let in after its client has gone"
	HalfDone           Trap = "a removal or a rebalance that is half done"
	GoesMeanwhile      Trap = "a topology that goes in the middle of a call"
	RemovedMeanwhile   Trap = "a topology that is being removed"
	FailsBehindTheJar  Trap = "a submission that fails behind the JAR, with nothing done"
	NoRoom             Trap = "an upload to a disk that is full"
	// A submission whose Nimbus lost its lead in the last second of the wait.
	AdmittedByFormerLeader Trap = "a submission that is let in by one that leads no more"
)

// Chances are the traps that Chance is asked of.
var Chances = []Trap{NeverArrived, AnswerLost, Unconnected, FailedBefore, FailedAfter, NoLeader, LeaderMoves,
	LeaderWithoutNames, SlowReplication, HalfDone, GoesMeanwhile, RemovedMeanwhile, FailsBehindTheJar, NoRoom, AdmittedByFormerLeader}

// Traps that follow from what was done before.
const (
	DeniedByOneThatKnowsNot Trap = "a living topology is denied"
	NotTheLeader            Trap = "a Nimbus that does not lead"
	NoTransition            Trap = "a status from which it cannot be done"
	TakenOfTheGone          Trap = "a call that is taken, of what is gone"
	Locked                  Trap = "a call that waits for Nimbus's lock"
	JarGone                 Trap = "the JAR is not on this Nimbus"
	ConfOfTheGone           Trap = "the conf of a topology that is gone"
	TwoOfAName              Trap = "a second topology of a name"
	TimerOfAFormerLeader    Trap = "a timer of one that leads no more"
	HaltedByAnOverride      Trap = "Nimbus halts at an override"
)

// Follow are the traps that follow from others: no choice decides them.
var Follow = []Trap{DeniedByOneThatKnowsNot, NotTheLeader, NoTransition, TakenOfTheGone, Locked, JarGone, ConfOfTheGone,
	TwoOfAName, TimerOfAFormerLeader, HaltedByAnOverride}

func (s *Storm) count(trap Trap) { s.Sprung[trap]++ }

func (s *Storm) springs(trap Trap) bool {
	if s.Chance == nil || !s.Chance(trap) {
		return false
	}
	s.count(trap)
	return true
}

// receives is what may keep a call from being made.
func (n *Nimbus) receives(method string) error {
	switch {
	case n.Down, n.storm.springs(Unconnected):
		return n.unreachable()
	case n.storm.springs(NeverArrived):
		return lost(n)
	case n.storm.springs(FailedBefore):
		return untyped(method)
	}
	return nil
}

// answers is what may happen to the answer to a call that was carried out.
// Listeners are told after the act, and may fail (notifyTopologyActionListener).
func (n *Nimbus) answers(method string) error {
	switch {
	case n.storm.springs(AnswerLost):
		return lost(n)
	case n.storm.springs(FailedAfter):
		return untyped(method)
	}
	return nil
}

// lost is what a client knows of a call without an answer.
func lost(n *Nimbus) error {
	return &nimbus.UnreachableError{At: n.Host + ":6627", Why: "it does not answer in time"}
}
