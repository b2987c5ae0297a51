package topology

import (
	"math"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/conditions"
	"github.com/stormhooks/stormhooks/pkg/internal/revision"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Config is what the installation decides.
type Config struct {
	// HelperImage holds the helper that the pods of a topology run, as /stormhooks.
	HelperImage string
	// HelperMount is how they get it.
	HelperMount HelperMount
}

// helper is how the children towards a goal get the helper.
func (c Config) helper(goal Goal) children.Helper {
	return c.HelperMount.of(c.HelperImage, goal.Parent.Mode())
}

// Question is what Storm is asked, and where.
type Question struct {
	Seeds []string
	Port  int32
	TLS   *v1beta1.NimbusTLS
	// Name of the topology; ID as it was last known, empty for a look at the list.
	Name, ID string
	// Other is its second name, and OtherID the id that had it; empty for an object with
	// one name.
	Other, OtherID string
	// NoList: the list is not read, so what is not found may exist all the same.
	NoList bool
}

// Objects are the objects of a call, typed. They are read only: whoever holds
// typed objects already may hand in the same ones again and again.
type Objects struct {
	Parent     *v1beta1.StormTopology
	Finalizing bool

	// The children.
	Claims []corev1.PersistentVolumeClaim
	Jobs   []batchv1.Job
	Pods   []corev1.Pod

	// What customize requested.
	Clusters    []v1beta1.StormCluster
	Namespaces  []corev1.Namespace
	StepPods    []corev1.Pod
	GivenClaims []corev1.PersistentVolumeClaim
	// ConfigMaps are the hashes of the ConfigMaps that spec.template names and that exist,
	// by name.
	ConfigMaps map[string]string
}

// Observed is the world as one call shows it, sorted once. It is never changed
// once built.
type Observed struct {
	Config  Config
	Objects Objects
	// Now is the time of the call.
	Now    time.Time
	Parent *v1beta1.StormTopology
	// Finalizing: the call is a finalize call.
	Finalizing bool
	// Deleting: the object is being deleted, or its whole namespace is.
	Deleting bool
	// NamespaceDeleting: the namespace is being deleted.
	NamespaceDeleting bool
	// Cluster is nil where the StormCluster does not exist.
	Cluster *v1beta1.StormCluster
	// Kubernetes is the uid of kube-system; empty while it has not been seen.
	Kubernetes string
	// PodSecurity is the level that the namespace enforces, empty for none.
	PodSecurity string

	// Inputs are those of main, now and at the submission of what runs.
	Inputs MainInputs
	// Storm is Storm's answer. Its zero value is NotAsked. Other is what Storm has under the
	// second name; NotAsked for an object with one name.
	Storm, Other Answer
	// Beside is what the status remembers of Other's topology; nil where there is none.
	Beside *v1beta1.Beside
	// Target is what the spec requests. Aim is what this call works towards: the
	// target, or the last good revision while a failed target is rolled back.
	Target, Aim Goal
	// NameConflict is the other topology that has the name, or may get it back; nil
	// where the name is this object's.
	NameConflict *v1beta1.NameConflictStatus
	// Progress says whether what runs has come up; nil where that is not judged.
	Progress *v1beta1.Progress
	// goesBack: the goal that is being sorted is the way back.
	goesBack bool
	// Change is how the aim is reached from what runs, or ran until it was killed
	// for this change; nil where nothing ran, or the aim runs.
	Change *v1beta1.Change
}

// MainInputs are what main reads besides spec.topology.
type MainInputs struct {
	// Now are those of a submission that is requested now. Then are those of the submission
	// of what runs, or ran last.
	Now, Then revision.Inputs
	// Key is that of the revision (revision.Inputs).
	Key string
	// Restart are the names of the inputs that changed since and restart, Other those that
	// changed and take effect at the next submission.
	Restart, Other []string
}

// Target is a revision that a spec requests.
type Target struct {
	Fingerprint storm.Fingerprint
	Settings    map[string]any
	// Scales are what the spec says of components.
	Scales map[string]storm.Scale
	// ClientSettings are for the submitting JVM only.
	ClientSettings map[string]any
	// Problems say why the spec cannot be carried out; empty when it can.
	Problems []string
	// Ignored says which settings this Storm ignores; empty if it ignores none, or is not
	// known.
	Ignored string
}

// Goal is a revision to reach, and where each step on the way to it stands.
type Goal struct {
	Target
	// Parent is the object with the spec of this revision.
	Parent *v1beta1.StormTopology
	// Because says why the aim is not the target; nil where it is.
	Because *v1beta1.Rollback
	// Runs: this very revision runs in Storm.
	Runs bool
	// Claim is the volume for the JAR, nil where there is none.
	Claim *corev1.PersistentVolumeClaim
	// Volume, Extract and Submit are the steps. Volume and Extract are those of
	// mode copy.
	Volume, Extract, Submit Attempt
	// JarReady: a submission can start, as far as its JAR is concerned.
	JarReady bool

	hash *specHash
}

// specHash is the hash of the specs that a goal's children are created from. It is
// computed when it is first needed, since most calls do without.
type specHash struct {
	parent  *v1beta1.StormTopology
	cluster *v1beta1.StormCluster
	key     string // of main's inputs
	taken   string
}

func (h *specHash) get() string {
	if h.taken == "" {
		h.taken = revision.SpecHash(h.parent, h.cluster)
	}
	return h.taken
}

// unscaled is the hash of what can make a failed revision work.
func (h *specHash) unscaled() string { return revision.Unscaled(h.parent, h.cluster, h.key) }

// wasUnscaled says whether a status remembers that hash, or that of an earlier hook server.
func (h *specHash) wasUnscaled(hash string) bool {
	return hash == h.unscaled() || hash == revision.UnscaledBefore(h.parent, h.cluster, h.key)
}

// runs says whether what runs is this goal's revision.
func runs(answer Answer, goal Goal) bool {
	t := answer.Running()
	switch {
	case t == nil:
		return false
	case answer.Heard == Adopted:
		return answer.Revision == goal.Fingerprint.Revision
	}
	return t.Fingerprint.SameRevision(goal.Fingerprint)
}

// copies says whether the mode copies the JAR to a claim before it is submitted.
func (g Goal) copies() bool { return g.Parent.Mode() == v1beta1.ExtractionCopy }

// copiedBeside says whether the status remembers that the JAR was copied to the claim that
// exists now, by a Job that could not stay.
func (g Goal) copiedBeside(known *v1beta1.JarStatus) bool {
	return known != nil && known.CopiedAt != nil && g.Claim != nil &&
		known.Claim == string(g.Claim.UID) && known.Revision == g.Fingerprint.Jar
}

// givenClaim is the claim that the spec gives by name; Stormhooks creates none then.
func (g Goal) givenClaim() string {
	if storage := g.Parent.Spec.Topology.Jar.Storage; storage != nil {
		return storage.ClaimName
	}
	return ""
}

// spentStep is the step that has failed as often as attempts follow soon: the submission,
// or the extraction that it needs. It is nil where none is.
func (g Goal) spentStep() *Attempt {
	switch {
	case g.Submit.spent():
		return &g.Submit
	case g.copies() && !g.JarReady && g.Extract.spent():
		return &g.Extract
	}
	return nil
}

// messageTimeout is Storm's own wait for a kill or a rebalance.
func (t Target) messageTimeout() time.Duration { return messageTimeout(t.Settings) }

func messageTimeout(settings map[string]any) time.Duration {
	if timeout, ok := settings[storm.MessageTimeout].(int64); ok {
		return time.Duration(timeout) * time.Second
	}
	return storm.DefaultMessageTimeout
}

// drain is how long Storm drains what runs, once it is killed by Stormhooks: the kill
// wait of the spec, or the message timeout of what runs.
func (seen Observed) drain() time.Duration {
	if wait := seen.Parent.Spec.KillWaitSeconds; wait != nil {
		return time.Duration(*wait) * time.Second
	}
	return seen.runningTimeout()
}

// runningTimeout is the message timeout of what runs or drains: as its conf has it, or as
// the spec that it was submitted from, or that of the target.
func (seen Observed) runningTimeout() time.Duration {
	if t := seen.Storm.Topology; t != nil && t.MessageTimeout > 0 {
		return time.Duration(min(t.MessageTimeout, math.MaxInt32)) * time.Second // an int of Java
	}
	if ran := revision.SpecOf(seen.Parent.Status.LastSpec); ran != nil {
		settings, _ := storm.Settings(ran.Config)
		return messageTimeout(settings)
	}
	return seen.Target.messageTimeout()
}

// sinceKilled is for how long the topology has been seen to drain.
func (seen Observed) sinceKilled() time.Duration {
	available, _ := conditions.Find(seen.Parent.Status.Conditions, v1beta1.ConditionAvailable)
	if available.Reason != v1beta1.Killing {
		return 0
	}
	return age(&available.LastTransitionTime, seen.Now)
}

// longestDrain is how long a submission of the aim may have to wait for the name, at the
// longest: what drains may have been killed by hand, with Storm's own wait.
func (seen Observed) longestDrain() time.Duration {
	return max(seen.drain(), seen.runningTimeout(), seen.Aim.messageTimeout())
}

// extractsInside says whether the Pod of init-container mode has not reached its
// main container yet.
func (g Goal) extractsInside() bool {
	if g.Parent.Mode() != v1beta1.ExtractionInit {
		return false
	}
	if g.Submit.Pod == nil {
		return true
	}
	status := termination.Status(g.Submit.Pod, children.SubmitContainer)
	return status == nil || status.State.Waiting != nil
}

// lastID is the id of the topology when Storm was last asked; empty where there was none,
// and where an older status has one that Storm cannot make.
func (seen Observed) lastID() string {
	if id := seen.Parent.Status.StormID; storm.ValidID(id) {
		return id
	}
	return ""
}

// phaseBefore is the phase that the status has, or Pending.
func (seen Observed) phaseBefore() v1beta1.Phase {
	if before := seen.Parent.Status.Phase; before != "" {
		return before
	}
	return v1beta1.PhasePending
}

// attemptsSoFar are those in the status. A status that lags has none, and the next
// answer may leave the child out: so they are then read from a child that has not
// ended. Must 8: that something was submitted is never forgotten.
//
//	sync ─ child created ─ status: attempts ─┐ (the parent's watch is late)
//	sync ─ sees the child, not the status ───┴ leaves it out, writes its status
//	finalize ───────────────────────────────── was anything ever submitted?
func (seen Observed) attemptsSoFar() *v1beta1.Attempts {
	submit := seen.Aim.Submit
	if before := seen.Parent.Status.Attempts; before != nil || !submit.exists() || submit.ended() {
		return before
	}
	return &v1beta1.Attempts{Revision: submit.serves.Revision, Step: children.StepSubmit,
		Number: max(submit.serves.Attempt, 1), Failures: submit.serves.Failures}
}

// submissionTried says whether the attempts so far are submissions.
func (seen Observed) submissionTried() bool {
	tried := seen.attemptsSoFar()
	return tried != nil && tried.Step == children.StepSubmit
}

// poll is how often a steady topology is checked. The uid spreads it, so that
// topologies that were applied together are not checked together.
func (seen Observed) poll() time.Duration {
	period := time.Duration(v1beta1.DefaultPollSeconds) * time.Second
	if seen.Cluster != nil {
		period = seen.Cluster.Poll()
	}
	var sum uint32
	for _, b := range []byte(seen.Parent.UID) {
		sum = sum*31 + uint32(b)
	}
	return period*9/10 + period/5*time.Duration(sum%100)/100
}

// hadDependencies says whether a revision of the object had any, as far as is known: one
// that was never submitted may have left them, too.
func hadDependencies(seen Observed) bool {
	return seen.Parent.Status.HadDependencies ||
		len(seen.Parent.Spec.Topology.Jar.Container.Dependencies) > 0 || len(seen.Aim.Parent.Spec.Topology.Jar.Container.Dependencies) > 0
}
