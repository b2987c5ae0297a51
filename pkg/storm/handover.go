package storm

import "fmt"

// A handover replaces the topology that runs under a name by a recorded revision. Next
// returns the next step, and Seen.After keeps its result. The submitting pod and the
// simulation carry the steps out, and decide nothing.
//
//	look ─▶ upload ─▶ probe ─▶ look ─▶ kill ─▶ wait until gone ─▶ submit ─▶ look ─▶ done
//	          └ and the dependencies, if it has any
//	 ▲         │                                                   ▲  │
//	 │         └────────────── nothing has the name ───────────────┘  │
//	 └──── a lost answer, another leader, an old upload, a failure ───┘
//
// Must 2: the old revision keeps running until the JAR of its successor lies on the
// leader and Nimbus has accepted everything else of it. While nothing runs, the
// submission itself replaces the dry run. What the dry run cannot prove shows after the
// kill: then the handover ends soon, and the hook server brings the old revision back.

// Do is one step of a handover.
type Do string

// Steps that are carried out; a new look must follow each.
const (
	DoLook   Do = "look"                    // at what has the name; the list proves that nothing has it
	DoUpload Do = "upload"                  // the JAR, to the leader
	DoDepend Do = "upload the dependencies" // to the leader's blob store
	DoProbe  Do = "probe"                   // the dry run: would Nimbus accept the topology?
	DoKill   Do = "kill"                    // the topology that has the name, with its wait
	DoSubmit Do = "submit"
)

// Looks that wait for something.
const (
	DoWaitGone  Do = "wait until the killed topology is gone"
	DoWaitShown Do = "wait until Storm shows the submission" // looks at the name alone
)

// Ends.
const (
	Done         Do = "done"          // this revision is running, as ID
	StepBack     Do = "step back"     // a newer revision of the same object is running
	Stop         Do = "stop"          // a stop was requested, and nothing is half done
	NameConflict Do = "name conflict" // a topology that this object did not submit has the name
	OtherStorm   Do = "another storm" // the seeds lead to a different Storm
	Unreachable  Do = "unreachable"   // Storm does not answer, and nothing is half done
	JarRefused   Do = "JAR refused"   // Nimbus fails at the JAR, whatever is submitted
	Rejected     Do = "rejected"      // Storm rejected the topology
	GiveUp       Do = "give up"       // a step failed too often
)

// Step is what to do, Pause seconds from now. ID is the topology that it is about. Why
// is for a person, if the handover ends.
type Step struct {
	Do    Do
	ID    string
	Pause int64
	Why   string
}

// Ends says whether the handover is over.
func (s Step) Ends() bool {
	switch s.Do {
	case DoLook, DoUpload, DoDepend, DoProbe, DoKill, DoSubmit, DoWaitGone, DoWaitShown:
		return false
	}
	return true
}

// Want is what should run.
type Want struct {
	Name string
	// Identity of the Storm that the topology belongs to; empty accepts any.
	Identity    string
	Fingerprint Fingerprint
	// Adopt is the id of a topology that Stormhooks did not submit and may replace.
	Adopt string
	// NeverKills: what has the name is not replaced.
	NeverKills bool
	// Dependencies says whether it has any beside its JAR.
	Dependencies bool
}

const (
	// uploadFor is how long an uploaded JAR is assumed to exist, or half of the time that
	// Nimbus keeps it, if that is shorter. By default, Nimbus removes it an hour after its
	// last write (nimbus.inbox.jar.expiration.secs 3600).
	uploadFor = 30 * 60
	// lookFor is how old the look before a kill or a submission may be: Storm kills by
	// name, whatever has that name by then.
	lookFor = 3
	// silentFor is how long to wait for a Storm that does not answer while nothing is
	// half done.
	silentFor = 60
	// shownFor is how long Storm may take to list a submission that it accepted.
	shownFor = 30
	// failuresBefore limits the failures before our kill, failuresAfter those after
	// it: then nothing is running, and giving up is worse.
	failuresBefore = 5
	failuresAfter  = 10
	// submissionsAfterKill limits the submissions after our kill at which a leader that
	// has the JAR fails without a type, or which it never lists. It accepted the dry run,
	// which ends before the JAR is read, so it would fail again. The previous revision
	// can run.
	submissionsAfterKill = 2
	// uploadsRefused limits the uploads at which a leader fails without a type, and, before
	// our kill, those that had begun and have no answer. Each leaves its part on a disk that
	// may be full.
	uploadsRefused = 2

	// drainPause is the time between two looks at a killed topology whose end is unknown,
	// longestDrainPause the longest where it is known.
	drainPause        = 2
	longestDrainPause = 10
	// removedWithin is how long after its kill wait Storm usually removes a topology.
	removedWithin = 20
)

// Next returns the next step of a handover.
func Next(seen Seen, want Want) Step {
	if seen.Refusal != "" {
		return Step{Do: Rejected, Why: seen.Refusal}
	}
	if !seen.fresh && !seen.denied {
		return whenUnknown(seen)
	}
	if id := seen.View.Identity; want.Identity != "" && id != want.Identity {
		return Step{Do: OtherStorm, Why: fmt.Sprintf(
			"the seeds lead to a different Storm (%s) than that of the topology (%s)", id, want.Identity)}
	}
	switch there := seen.View.Topology; {
	case !seen.fresh: // Must 1: what may be submitted needs a proof
		return prerequisite(seen, want, Step{Do: DoLook})
	case there == nil:
		return whenNameIsFree(seen, want)
	case newer(there, want): // killed or not: only its own successor may replace it
		return Step{Do: StepBack, ID: there.ID, Why: fmt.Sprintf(
			"generation %d of this topology has been submitted already, as %s", there.Fingerprint.Generation, there.ID)}
	case !there.Alive() && promised(there, want): // Must 3: its owner submits it again
		return Step{Do: NameConflict, ID: there.ID, Why: conflict(there)}
	case !there.Alive():
		return waitGone(seen, there)
	case there.ConfKnown && there.Fingerprint.SameRevision(want.Fingerprint):
		return Step{Do: Done, ID: there.ID} // Must 1: no matter which pod submitted it, or for which uid
	case !replaceable(there, want): // Must 3
		return Step{Do: NameConflict, ID: there.ID, Why: conflict(there)}
	case want.NeverKills: // Must 2: only the hook server knows what else runs
		return Step{Do: StepBack, ID: there.ID, Why: fmt.Sprintf("%s has the name, with revision %s", there.ID, there.Fingerprint.Revision)}
	default:
		return prerequisite(seen, want, Step{Do: DoKill, ID: there.ID})
	}
}

// whenUnknown is the step while it is unknown what Storm has.
func whenUnknown(seen Seen) Step {
	switch silent := seen.silentSince; {
	case seen.awaits():
		return Step{Do: DoWaitShown, Pause: seen.pause()}
	case seen.underWay():
		// Only Storm can say how the act ended.
		return Step{Do: DoLook, Pause: seen.pause()}
	case seen.Terminated:
		return Step{Do: Stop}
	case seen.View.Lasting, silent != 0 && seen.Now-silent >= silentFor:
		return Step{Do: Unreachable, Why: seen.View.Problem}
	}
	return Step{Do: DoLook, Pause: seen.pause()}
}

// whenNameIsFree is the step while no topology has the name.
func whenNameIsFree(seen Seen, want Want) Step {
	if seen.awaits() {
		// Must 1: Nimbus may still be processing a submission whose answer was lost,
		// while it waits for replication. It is never repeated without a look.
		return Step{Do: DoWaitShown, Pause: seen.pause()}
	}
	return prerequisite(seen, want, Step{Do: DoSubmit})
}

// promised says whether the name of a killed topology is another StormTopology's:
// between the kill and the submission of an update, and after a kill by hand, its owner
// needs the name again.
func promised(there *Topology, want Want) bool {
	return there.ConfKnown && there.Fingerprint.Owner != "" && !replaceable(there, want)
}

// waitGone waits for a killed topology that no other StormTopology owns: it has the
// name, and Storm removes it by itself.
func waitGone(seen Seen, there *Topology) Step {
	if seen.Terminated && !seen.underWay() {
		return Step{Do: Stop}
	}
	return Step{Do: DoWaitGone, ID: there.ID, Pause: seen.drainPause(there)}
}

// prerequisite returns what must happen before the step, or the step (Must 2).
func prerequisite(seen Seen, want Want, step Step) Step {
	switch {
	case seen.Terminated && !seen.underWay():
		return Step{Do: Stop}
	case seen.jarFailures >= uploadsRefused:
		return Step{Do: JarRefused, Why: seen.LastFailure}
	case seen.partsLost >= uploadsRefused && seen.Killed == "":
		// The way to Nimbus breaks off, and each attempt leaves its part on the disk.
		return Step{Do: Unreachable, Why: seen.LastFailure}
	case seen.Killed != "" && seen.submitFailures >= submissionsAfterKill: // Must 2
		return Step{Do: GiveUp, Why: seen.LastFailure}
	case seen.Failures >= seen.patience() && (seen.failedStep == DoUpload || seen.failedStep == DoDepend):
		// An upload that fails says nothing about the topology.
		return Step{Do: Unreachable, Why: seen.LastFailure}
	case seen.Failures >= seen.patience():
		return Step{Do: GiveUp, Why: seen.LastFailure}
	case !seen.uploaded() || seen.jarDoubted:
		return Step{Do: DoUpload}
	case want.Dependencies && !seen.depended():
		return Step{Do: DoDepend}
	case step.Do == DoKill && !seen.Probed:
		return Step{Do: DoProbe}
	case seen.Now-seen.lookedAt > lookFor, seen.unjudged:
		// After a delay the act must rest on the present state. Whether a submission has
		// failed shows in a look after its wait (Must 2).
		return Step{Do: DoLook}
	}
	return step
}

// newer says whether it is of the same object and uid, and has a higher generation and
// another revision. Generations of different uids cannot be compared.
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
		return fmt.Sprintf("topology %s in Storm has the name, and its owner is unknown. %s", there.ID, there.ConfProblem)
	case f.Owner == "":
		return fmt.Sprintf("topology %s in Storm has the name, and was not submitted by Stormhooks", there.ID)
	default:
		return fmt.Sprintf("topology %s in Storm has the name, and belongs to StormTopology %s of the Kubernetes cluster %s", there.ID, f.Owner, f.Cluster)
	}
}
