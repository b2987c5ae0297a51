package storm

import "fmt"

// A handover replaces what runs under a topology's name by a recorded revision.
// Next says what comes next, Seen.After keeps what came of it; whoever carries
// the steps out (the submitting pod, the simulation) decides nothing.
//
//	look ─▶ upload ─▶ probe ─▶ look ─▶ kill ─▶ wait until gone ─▶ submit ─▶ look ─▶ done
//	 ▲         │                                                   ▲  │
//	 │         └────────────── nothing has the name ───────────────┘  │
//	 └──── a lost answer, another leader, an old upload, a failure ───┘
//
// The old revision runs until its successor's JAR lies on the leader and Nimbus
// has taken everything else of it. Must 2. Where nothing runs the submission
// itself asks.

// Do is one step of a handover.
type Do string

// Steps that are carried out; each makes a new look necessary.
const (
	DoLook   Do = "look"   // the list, afresh
	DoUpload Do = "upload" // the JAR, to the leader
	DoProbe  Do = "probe"  // ask Nimbus whether it would take it
	DoKill   Do = "kill"   // what stands in the way, with its wait
	DoSubmit Do = "submit"
)

// Looks that wait for something.
const (
	DoWaitGone  Do = "wait until the killed topology is gone"
	DoWaitShown Do = "wait until Storm shows the submission"
)

// Ends.
const (
	Done         Do = "done"          // this revision runs, as ID
	StepBack     Do = "step back"     // a newer revision of ours is there
	Stop         Do = "stop"          // told to stop, with nothing half done
	NameConflict Do = "name conflict" // a stranger has the name
	OtherStorm   Do = "another storm" // the seeds lead to another Storm
	Unreachable  Do = "unreachable"   // Storm does not answer, and nothing is under way
	Rejected     Do = "rejected"      // Storm said no
	GiveUp       Do = "give up"       // it failed too often
)

// Step is what comes next, Pause seconds from now. ID is the topology that it is
// about, Why what a person is told where it ends.
type Step struct {
	Do    Do
	ID    string
	Pause int64
	Why   string
}

// Ends says whether the handover is over.
func (s Step) Ends() bool {
	switch s.Do {
	case DoLook, DoUpload, DoProbe, DoKill, DoSubmit, DoWaitGone, DoWaitShown:
		return false
	}
	return true
}

// Want is what is to run.
type Want struct {
	Name string
	// Identity of the Storm that the topology belongs to; empty takes any.
	Identity    string
	Fingerprint Fingerprint
	// Adopt is the id of a topology that is not ours and may be replaced.
	Adopt string
}

const (
	// uploadFor is how long an uploaded JAR is relied on. Nimbus removes it an
	// hour after its last write (nimbus.inbox.jar.expiration.secs 3600).
	uploadFor = 30 * 60
	// lookFor is how old a look may be that a kill or a submission rests on: Storm
	// kills by name, whatever has come to bear it.
	lookFor = 3
	// silentFor is how long a silent Storm is waited for before anything of ours
	// is under way.
	silentFor = 60
	// shownFor is how long a submission that Storm took may take to be listed.
	shownFor = 30
	// failuresBefore and failuresAfter bound the failures before a kill of ours
	// and after it, when nothing runs and more patience is due.
	failuresBefore = 5
	failuresAfter  = 10
)

// Next is the next step of a handover.
func Next(seen Seen, want Want) Step {
	if seen.Refusal != "" {
		return Step{Do: Rejected, Why: seen.Refusal}
	}
	if !seen.looked() {
		return blind(seen)
	}
	if id := seen.View.Identity; want.Identity != "" && id != want.Identity {
		return Step{Do: OtherStorm, Why: fmt.Sprintf(
			"the seeds lead to another Storm (%s) than the one that the topology belongs to (%s)", id, want.Identity)}
	}
	switch there := seen.View.Topology; {
	case there == nil:
		return free(seen)
	case newer(there, want): // killed or not: what becomes of it is for its own successor
		return Step{Do: StepBack, ID: there.ID, Why: fmt.Sprintf(
			"generation %d of this topology has been submitted already, as %s", there.Fingerprint.Generation, there.ID)}
	case !there.Alive():
		return waitGone(seen, there)
	case there.ConfKnown && there.Fingerprint.SameRevision(want.Fingerprint):
		return Step{Do: Done, ID: there.ID} // Must 1: whoever submitted it, and under whichever uid
	case !replaceable(there, want): // Must 3
		return Step{Do: NameConflict, ID: there.ID, Why: conflict(there)}
	default:
		return prepared(seen, Step{Do: DoKill, ID: there.ID})
	}
}

// blind is the step of one who does not know what Storm has.
func blind(seen Seen) Step {
	switch silent := seen.silentSince; {
	case seen.underWay():
		// Nothing but Storm can say what became of it.
		return Step{Do: DoLook, Pause: seen.pause()}
	case seen.Terminated:
		return Step{Do: Stop}
	case silent != 0 && seen.Now-silent >= silentFor:
		return Step{Do: Unreachable, Why: seen.View.Problem}
	}
	return Step{Do: DoLook, Pause: seen.pause()}
}

// free is the step while nothing has the name.
func free(seen Seen) Step {
	if seen.Now < seen.sentUntil {
		// Must 1: a submission whose answer is lost may still be at work in
		// Nimbus, in its wait for replication. It is never made again blindly.
		return Step{Do: DoWaitShown, Pause: 1}
	}
	return prepared(seen, Step{Do: DoSubmit})
}

// waitGone waits for a killed topology, whoever's: it holds the name, and Storm
// removes it by itself.
func waitGone(seen Seen, there *Topology) Step {
	if seen.Terminated && !seen.underWay() {
		return Step{Do: Stop}
	}
	return Step{Do: DoWaitGone, ID: there.ID, Pause: 1}
}

// prepared is the step itself where all that must come before has been done.
// Must 2.
func prepared(seen Seen, step Step) Step {
	switch {
	case seen.Terminated && !seen.underWay():
		return Step{Do: Stop}
	case seen.Failures >= seen.patience() && seen.failedAt == DoUpload:
		// That no JAR is taken says nothing of the topology: a Nimbus that fails at
		// that for long (its disk is full, say) is as good as away.
		return Step{Do: Unreachable, Why: "Nimbus does not take the JAR: " + seen.LastFailure}
	case seen.Failures >= seen.patience():
		return Step{Do: GiveUp, Why: seen.LastFailure}
	case !seen.uploaded():
		return Step{Do: DoUpload}
	case step.Do == DoKill && !seen.Probed:
		return Step{Do: DoProbe}
	case seen.Now-seen.lookedAt > lookFor:
		return Step{Do: DoLook} // whoever was held up in between acts on what is so now
	}
	return step
}

// newer: ours by uid, of a higher generation and another revision. Generations
// of different uids say nothing of each other.
func newer(there *Topology, want Want) bool {
	f := there.Fingerprint
	return there.ConfKnown && f.SameOwner(want.Fingerprint) && !f.SameRevision(want.Fingerprint) &&
		f.UID == want.Fingerprint.UID && f.Generation > want.Fingerprint.Generation
}

func replaceable(there *Topology, want Want) bool {
	return there.ConfKnown && there.Fingerprint.SameOwner(want.Fingerprint) ||
		want.Adopt != "" && want.Adopt == there.ID && !there.Fingerprint.OwnedIn(want.Fingerprint.Cluster)
}

func conflict(there *Topology) string {
	switch f := there.Fingerprint; {
	case !there.ConfKnown:
		return fmt.Sprintf("topology %s in Storm has the name, and nobody can tell whose it is. %s", there.ID, there.ConfProblem)
	case f.Owner == "":
		return fmt.Sprintf("topology %s in Storm has the name, and was not submitted by Stormhooks", there.ID)
	default:
		return fmt.Sprintf("topology %s in Storm has the name, and belongs to StormTopology %s of the Kubernetes cluster %s", there.ID, f.Owner, f.Cluster)
	}
}
