package topology

import (
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// goneFromStorm answers (c): nil when it holds. It kills the object's topology. Only to
// remove the finalizer it needs the proof that there is none: what waits is checked again.
func goneFromStorm(seen Observed, memory *v1beta1.DeletionStatus, removes bool) ([]storm.Call, *wait) {
	switch {
	case seen.Parent.Deletion() == v1beta1.DeletionOrphan,
		(seen.Cluster == nil || seen.Storm.Heard == Silent) && neverTried(seen):
		return nil, nil
	}
	if wait := cannotKill(seen); wait != nil {
		if stormGone(seen) {
			return nil, nil
		}
		return nil, wait
	}
	own := seen.Storm.Topology // Must 3: nil where the fingerprint is not this object's
	switch {
	case own == nil && removes && !seen.Storm.View.Proves():
		return nil, unproven()
	case own == nil:
		return nil, nil
	}
	var calls []storm.Call
	for _, t := range []*storm.Topology{own, seen.Other.Topology} {
		if t.Alive() {
			calls = append(calls, storm.Call{Verb: storm.Kill, Name: t.Name, ID: t.ID, WaitSeconds: seen.Parent.Spec.KillWaitSeconds})
			memory.KilledAt = stamp(seen.Now)
		}
	}
	drains := seen.drain()
	since := seen.sinceKilled()
	if memory.KilledAt != nil {
		since = age(memory.KilledAt, seen.Now)
	}
	waiting := waitFor(untilDone(drains, since, max(whileShort, seen.poll())), v1beta1.Killing, "Storm is draining and killing topology %q. This StormTopology is removed afterwards.", own.Name)
	if other := seen.Other.Topology; other != nil {
		waiting.message = fmt.Sprintf("Storm is draining and killing topologies %q and %q. This StormTopology is removed afterwards.", own.Name, other.Name)
	}
	if drains > longDrain {
		waiting.message += fmt.Sprintf(" Draining takes %s, the wait that the spec had when the topology was killed. To delete this StormTopology now and leave the rest to Storm: %s",
			drains, seen.annotate(v1beta1.AnnotationAbandon+"=true"))
	}
	return calls, waiting
}

// forgets is the call that deletes what lost submissions have left in Storm's blob store,
// once nothing can come any more: a pod that was killed deletes nothing. It is made in the
// call that removes the finalizer. A Storm that fails at it keeps some files, and the object
// is not held for that (Must 9).
func forgets(seen Observed) []storm.Call {
	if seen.Parent.Deletion() == v1beta1.DeletionOrphan || !hadDependencies(seen) || cannotKill(seen) != nil || seen.Storm.View.ImpossibleID {
		return nil
	}
	return []storm.Call{{Verb: storm.Forget, Name: seen.Parent.StormName(), Mark: seen.Target.Fingerprint.KeyMark()}}
}

// unproven waits for a look at the list, which follows in the same call.
func unproven() *wait {
	w := waitFor(time.Second, v1beta1.Deleting, "Reading Storm's list of topologies.")
	w.proof = true
	return w
}

// cannotKill says why Storm cannot be called to kill the topology, or cannot be
// believed; nil where it can.
func cannotKill(seen Observed) *wait {
	answer := seen.Storm
	switch {
	case seen.Cluster == nil:
		do := "Apply it again."
		if seen.NamespaceDeleting {
			do = "Nothing can be applied in a namespace that is being deleted: kill the topology in Storm by hand if it is running."
		}
		return withWayOut(seen, v1beta1.ClusterNotFound, "StormCluster %q does not exist, so the topology cannot be killed. %s", seen.Parent.Spec.ClusterRef, do)
	case answer.Heard == NotAsked:
		return waitFor(whileUnseen, v1beta1.Deleting, "Waiting for namespace %s, whose uid identifies this Kubernetes cluster. This resolves by itself.", metav1.NamespaceSystem)
	case answer.Heard == Silent:
		what := "If Storm has a topology of this StormTopology, it will be killed once Storm answers."
		if seen.Parent.Status.StormID != "" && !alreadyKilled(seen) {
			what = "The topology will be killed once Storm answers."
		}
		reason := v1beta1.ClusterUnreachable
		if answer.View.TooOld {
			reason = v1beta1.StormTooOld
		}
		return withWayOut(seen, reason, "%s %s", followed(answer.View.Problem), what)
	case answer.Heard == AnotherStorm: // Must 4
		return withWayOut(seen, v1beta1.ClusterChanged, "The seeds of StormCluster %q now lead to a different Storm, where nothing is killed. Point them back.", seen.Cluster.Name)
	case maybeOurs(seen), seen.twoNames() && maybeOurs(seen.beside()): // Must 8
		t := answer.View.Topology
		if !maybeOurs(seen) {
			t = seen.Other.View.Topology
		}
		return withWayOut(seen, v1beta1.ClusterUnreachable, "Storm has topology %q but does not say who owns it: %s If this StormTopology does, the topology will be killed once Storm says so.", t.Name, followed(t.ConfProblem))
	}
	return nil
}

// alreadyKilled says whether this deletion has killed the topology.
func alreadyKilled(seen Observed) bool {
	deletion := seen.Parent.Status.Deletion
	return deletion != nil && deletion.KilledAt != nil
}

// withWayOut says what a deletion waits for, and how to do without.
func withWayOut(seen Observed, reason, format string, args ...any) *wait {
	w := waitFor(whileSilent, reason, format, args...)
	if seen.NamespaceDeleting && (seen.Cluster == nil || silentFor(seen) >= silentForLong) {
		w.message += fmt.Sprintf(" To delete all StormTopologies of namespace %s and leave their topologies running: ", seen.Parent.Namespace) +
			text.Command("kubectl", "annotate", "stormtopologies", "-n", seen.Parent.Namespace, "--all", v1beta1.AnnotationAbandon+"=true")
		return w
	}
	w.message += " To delete this StormTopology and leave its topology running: " + seen.annotate(v1beta1.AnnotationAbandon+"=true")
	return w
}

// maybeOurs says whether Storm has a topology of this name, does not reveal its
// owner, and may have it from a submission of this object that no answer has told of yet:
//
//	pod ───── submit ─ dies
//	Nimbus ───── takes it ── its conf cannot be read (a new leader, for example)
//	hook ───────────────────── delete ─ finalize: Storm must say whose it is
func maybeOurs(seen Observed) bool {
	return seen.Storm.Heard == Unreadable || seen.Storm.Heard == OwnerUnknown && !neverTried(seen)
}

// neverTried says whether no child was ever requested for this object. That is
// proof enough only where Storm cannot be asked, or does not say whose a topology
// is: what an object of the same name left in Storm before is found by asking.
func neverTried(seen Observed) bool {
	status, aim := seen.Parent.Status, seen.Aim
	remembered := status.Attempts != nil || status.StormID != "" || status.Jar != nil || len(status.History) > 0
	exists := aim.Submit.exists() || aim.Submit.LeftOver != nil || aim.Extract.Job != nil || aim.Claim != nil && aim.givenClaim() == ""
	return !remembered && !exists
}

// stormGone says whether Storm itself is in the namespace that is being deleted, and does
// not answer any more: it takes its topologies along. What only looks like a host of the
// namespace must have been silent for a while.
func stormGone(seen Observed) bool {
	if !seen.NamespaceDeleting || seen.Cluster == nil || seen.Storm.Heard == NotAsked {
		return false
	}
	inside, alike := true, true
	for _, seed := range seen.Cluster.SeedHosts() {
		service, probably := inNamespace(seed, seen.Parent.Namespace)
		inside, alike = inside && service, alike && (service || probably)
	}
	leader, leads := inNamespace(hostOf(seen.Cluster.Status.Leader), seen.Parent.Namespace)
	return inside || (alike || leader || leads) && silentFor(seen) >= stormGoneAfter
}

// inNamespace says whether a host is one of the namespace's own: certainly, as
// NAME.NAMESPACE.svc or POD.NAME.NAMESPACE.svc, with or without a cluster's domain, or
// alike, as NAME.NAMESPACE or POD.NAME.NAMESPACE.
func inNamespace(host, namespace string) (certainly, alike bool) {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	service, _, found := strings.Cut(host+".", ".svc.")
	ends := strings.HasSuffix(service, "."+namespace) || strings.HasSuffix(service, "."+namespace+".")
	return found && ends, !found && ends
}

// hostOf is the host of host:port.
func hostOf(address string) string {
	return strings.Trim(address[:max(strings.LastIndexByte(address, ':'), 0)], "[]")
}

// silentFor is for how long Storm has not answered.
func silentFor(seen Observed) time.Duration {
	if seen.Storm.Heard != Silent {
		return 0
	}
	return age(seen.Parent.Status.SilentSince, seen.Now)
}
