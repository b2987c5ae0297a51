package topology

import (
	"fmt"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// saidLimit is the longest text of another program in a status, in bytes.
const saidLimit = 400

// Heard is the kind of Storm's answer: what has the topology's name there.
type Heard int

const (
	// NotAsked: Storm was not asked in this call.
	NotAsked Heard = iota
	// Silent: Storm did not answer.
	Silent
	// AnotherStorm: the seeds lead to a Storm that is not the previous one. What
	// has the name there is not looked at.
	AnotherStorm
	// Unreadable: the topology that ran as this object's, which does not reveal its
	// owner now.
	Unreadable
	// OwnerUnknown: another topology, which does not reveal its owner.
	OwnerUnknown
	// Foreign: a topology that this object did not submit and does not adopt.
	Foreign
	// Absent: nothing. Believe it only where the list was read (View.Listed).
	Absent
	// Own: a topology with this object's fingerprint.
	Own
	// Adopted: the very topology that this object adopts by its id.
	Adopted
)

// Answer is Storm's answer about the topology's name, sorted.
type Answer struct {
	Heard Heard
	// Name is the name in Storm that this answer is about.
	Name string
	View storm.View
	// Topology is the one that is Own or Adopted, else nil. Must 3.
	Topology *storm.Topology
	// Revision is the one that Topology has. For an adopted topology it is the one
	// that the spec had when it was adopted.
	Revision string
	// Remark is what the submission of Topology found worth saying.
	Remark string
}

// Known says whether Storm answered, is the right one, and does not hide whose
// topology it has: only then does Topology say what runs.
func (a Answer) Known() bool { return a.Heard >= OwnerUnknown }

// silent says whether Storm was asked and did not say what it has.
func (a Answer) silent() bool { return a.Heard == Silent || a.Heard == Unreadable }

// Running is Topology where it counts as running, else nil.
func (a Answer) Running() *storm.Topology {
	if a.Topology.Alive() {
		return a.Topology
	}
	return nil
}

// revisionName is Revision for a message. A fingerprint can lack it.
func (a Answer) revisionName() string {
	if a.Revision == "" {
		return "unknown"
	}
	return a.Revision
}

// workersWanted is how many workers Storm would assign: as many as have an
// executor, and as many as it thinks fit where its scheduler goes by resources
// alone, or the number is not known.
func (a Answer) workersWanted() int {
	t := a.Topology
	switch {
	case a.View.IgnoresWorkers(), t.WorkersWanted == 0: // or the conf cannot be read
		return max(t.Workers, 1)
	case t.Executors == 0: // not known yet
		return t.WorkersWanted
	}
	return min(t.WorkersWanted, t.Executors)
}

// startTime is when a topology was submitted, by its id, or otherwise.
func startTime(id string, otherwise time.Time) time.Time {
	if seconds, ok := storm.StartTime(id); ok {
		return time.Unix(seconds, 0)
	}
	return otherwise
}

// nameIsTaken describes the topology that has the name, and says what to do with it besides the
// use of another name, which harms nothing.
func (a Answer) nameIsTaken(kubernetes string) (whose, or string) {
	t := a.View.Topology
	or = ", or kill the topology in Storm."
	switch {
	case !t.ConfKnown:
		return "does not reveal its owner (" + t.ConfProblem + ")", or
	case t.Fingerprint.Owner == "":
		return "was not submitted by Stormhooks", or
	case t.Fingerprint.Cluster != kubernetes:
		return fmt.Sprintf("was submitted for StormTopology %s of another Kubernetes cluster", shown(t.Fingerprint.Owner)), or
	}
	// Killed, it would be submitted again, and another StormTopology cannot adopt it.
	return "was submitted for StormTopology " + shown(t.Fingerprint.Owner), ". If that StormTopology does not exist any more, apply it again to manage the topology, or kill the topology in Storm."
}

// ownerUnknown is the owner in the status where Storm does not say.
const ownerUnknown = "unknown"

// untilFree is how long the name is still left to its owner.
func untilFree(conflict *v1beta1.NameConflictStatus, now time.Time) time.Duration {
	return rest(leftToOwner(conflict), conflict.FreeSince.Time, now)
}

// leftToOwner is how long the name is left free. A topology that was not submitted by
// Stormhooks has no owner that submits it again.
func leftToOwner(conflict *v1beta1.NameConflictStatus) time.Duration {
	if conflict == nil || conflict.Owner == "" {
		return secondLook
	}
	return ownerReturns
}

// shown is the owner in a fingerprint, which anyone who submits can write (Must 10).
func shown(owner string) string { return text.Cut(text.Clean(owner), 320) }

// adoptedID is the id that the object adopts, empty for none.
func adoptedID(parent *v1beta1.StormTopology) string {
	return parent.Annotations[v1beta1.AnnotationAdopt]
}
