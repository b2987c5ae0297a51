package topology

import (
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/revision"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// givenClaim is the claim that the spec names, in place of one that is made.
func (seen Observed) givenClaim() string {
	if storage := seen.Parent.Spec.Topology.Jar.Storage; storage != nil {
		return storage.ClaimName
	}
	return ""
}

// copies says whether the mode copies the JAR to a claim before it is submitted.
func (seen Observed) copies() bool { return seen.Parent.Mode() == v1beta1.ExtractionCopy }

// deleting: the object is being deleted, or its whole namespace is; a custom
// resource gets its own deletionTimestamp only after all pods of the namespace
// are gone (k8s.io/kubernetes/pkg/controller/namespace/deletion).
func (seen Observed) deleting() bool {
	return seen.Finalizing || seen.Dying || seen.Parent.DeletionTimestamp != nil
}

// ours is the topology in Storm where it bears our fingerprint, or is the very
// one that the object adopts; else nil. Must 3.
func (seen Observed) ours() *storm.Topology {
	t := seen.Storm.Topology
	if t != nil && (t.ConfKnown && t.Fingerprint.SameOwner(seen.Target.Fingerprint) || seen.adopts(t)) {
		return t
	}
	return nil
}

// adopts says whether a topology is not ours and the object adopts that very id.
// An object that is deleted before its status told of that adopts nothing any more:
//
//	adopt ─ delete (StormCluster missing) ─ let go
//	               StormCluster applied ──────────── finalize by the parent of before
func (seen Observed) adopts(t *storm.Topology) bool {
	if t == nil || t.ID == "" || t.ID != seen.adopted() || t.Fingerprint.OwnedIn(seen.Kubernetes) {
		return false
	}
	return !seen.deleting() || seen.Parent.Status.AdoptedRevision != ""
}

func (seen Observed) adopted() string { return seen.Parent.Annotations[v1beta1.AnnotationAdopt] }

// adoptedRevision is the revision that stands for the adopted topology: the one
// that the spec asked for when it was adopted.
func (seen Observed) adoptedRevision() string {
	if before := seen.Parent.Status.AdoptedRevision; before != "" {
		return before
	}
	return seen.Target.Fingerprint.Revision
}

// unreadable says whether Storm has the topology that was ours and does not say
// whose it is now: nobody's word to act on. One that is adopted is ours by its id
// alone: Storm may never let us read what another user submitted.
func (seen Observed) unreadable() bool {
	t := seen.Storm.Topology
	return t != nil && !t.ConfKnown && t.ID == seen.Parent.Status.StormID && !seen.adopts(t)
}

// maybeOurs says whether Storm has a topology of our name, does not say whose it
// is, and may have it from a submission of ours that no answer has told of yet:
//
//	pod ───── submit ─ dies
//	Nimbus ───── takes it ── its conf is not to be had (a leader that is new, say)
//	hook ───────────────────── delete ─ finalize: Storm must say whose it is
func (seen Observed) maybeOurs() bool {
	t := seen.Storm.Topology
	return t != nil && !t.ConfKnown && !seen.adopts(t) && !seen.neverTried()
}

// running is ours where it counts as running, else nil.
func (seen Observed) running() *storm.Topology {
	if t := seen.ours(); t.Alive() {
		return t
	}
	return nil
}

// runsTarget says whether what runs is what the spec asks for.
func (seen Observed) runsTarget() bool {
	t := seen.running()
	switch {
	case t == nil:
		return false
	case seen.adopts(t):
		return seen.adoptedRevision() == seen.Target.Fingerprint.Revision
	}
	return t.Fingerprint.SameRevision(seen.Target.Fingerprint)
}

// revisionOf is the revision that a topology of ours runs.
func (seen Observed) revisionOf(t *storm.Topology) string {
	if seen.adopts(t) {
		return seen.adoptedRevision()
	}
	return t.Fingerprint.Revision
}

// change is how the target is reached from what runs; nil where nothing runs, or
// the target does.
func (seen Observed) change() *v1beta1.Change {
	t := seen.running()
	switch {
	case t == nil || seen.runsTarget():
		return nil
	case seen.adopts(t):
		return &v1beta1.Change{Kind: v1beta1.ChangeRestart, Why: "the topology that was adopted is replaced"}
	}
	policy, last := v1beta1.UpdateAuto, (*v1beta1.Topology)(nil)
	if update := seen.Parent.Spec.Update; update != nil && update.Policy != "" {
		policy = update.Policy
	}
	if before := seen.Parent.Status.LastSpec; before != nil && before.Revision == t.Fingerprint.Revision {
		last = before.Topology
	}
	return revision.Compare(t.Fingerprint, seen.Target.Fingerprint, policy, last, &seen.Parent.Spec.Topology)
}

// changeUnderWay is the change, also while what ran before has been killed for it.
func (seen Observed) changeUnderWay() *v1beta1.Change {
	before, tried := seen.Parent.Status, seen.tried()
	if seen.running() == nil && before.Change != nil && before.Change.Kind == v1beta1.ChangeRestart &&
		before.TargetRevision == seen.Target.Fingerprint.Revision && tried != nil && tried.Step == children.StepSubmit {
		return before.Change
	}
	return seen.change()
}

// anotherStorm says whether the seeds lead to another Storm than before.
func (seen Observed) anotherStorm() bool {
	known := seen.Cluster.Status.Identity
	return known != "" && seen.Storm.Identity != "" && seen.Storm.Identity != known
}

// seedsDie says whether Storm itself is in a namespace that is being deleted.
func (seen Observed) seedsDie() bool {
	if !seen.Dying || seen.Cluster == nil {
		return false
	}
	for _, seed := range seen.Cluster.SeedHosts() {
		if !inNamespace(seed, seen.Parent.Namespace) {
			return false
		}
	}
	return true
}

// inNamespace: NAME.NAMESPACE.svc or POD.NAME.NAMESPACE.svc, with or without
// the cluster's domain.
func inNamespace(host, namespace string) bool {
	service, _, found := strings.Cut(host+".", ".svc.")
	return found && strings.HasSuffix(service, "."+namespace)
}

func age(since *metav1.Time, now time.Time) time.Duration {
	if since == nil {
		return 0
	}
	return now.Sub(since.Time)
}
