package topology

import (
	"fmt"
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/conditions"
)

// silentAfter is the least time between two looks that found Storm silent
// before its topologies' conditions say Unknown: one lost answer is no news.
const silentAfter = 5 * time.Second

// paused claims a topology that a person works on. It is not Ready meanwhile,
// whatever runs: nobody looks after it. A pod that would kill and submit meanwhile
// is ended.
func paused(seen Observed, now time.Time) (Decision, bool) {
	if !seen.Parent.Paused() {
		return Decision{}, false
	}
	ending := ""
	if seen.submitting(now) {
		ending = " A submission that was under way is being ended; if what ran before has been killed for it already, it goes on to its end."
	}
	d := seen.keeping(seen.phaseBefore()).waiting(v1beta1.Paused,
		"Nothing is made and Storm is told nothing while the annotation %s is \"true\". Remove it to go on. A deletion is carried out all the same.%s", v1beta1.AnnotationPaused, ending)
	d.Submit = seen.submitUnlessLive()
	d.Class = ""
	return d.again(seen.poll()), true
}

// invalidSpec claims a spec that cannot be carried out. What runs goes on.
func invalidSpec(seen Observed, _ time.Time) (Decision, bool) {
	if len(seen.Target.Problems) == 0 {
		return Decision{}, false
	}
	return seen.refusing(strings.Join(seen.Target.Problems, " ")), true
}

// refusing says what is wrong with the spec. What runs goes on.
func (seen Observed) refusing(problem string) Decision {
	phase := v1beta1.PhaseFailed
	if seen.running() != nil {
		phase = v1beta1.PhaseUpdateFailed
	}
	d := seen.keeping(phase).stalled(v1beta1.InvalidSpec, "%s", problem)
	d.Submit = seen.submitUnlessLive() // a submission of the spec before must not go on
	return d.again(seen.poll())
}

// clusterMissing claims a topology whose Storm is not known.
func clusterMissing(seen Observed, _ time.Time) (Decision, bool) {
	if seen.Cluster == nil {
		do := "Apply it, or delete this StormTopology and apply it with another spec.clusterRef"
		if seen.Parent.Status.StormID != "" {
			do = "The topology runs on in Storm, and nobody looks after it. Apply the StormCluster again: a deletion of this StormTopology waits for it, too"
		}
		return seen.keeping(seen.phaseBefore()).waiting(v1beta1.ClusterNotFound,
			"StormCluster %q is not in namespace %q. %s (kubectl get stormclusters -n %s).",
			seen.Parent.Spec.ClusterRef, seen.Parent.Namespace, do, seen.Parent.Namespace), true
	}
	if seen.Kubernetes == "" {
		return seen.keeping(seen.phaseBefore()).waiting(v1beta1.NotSubmitted,
			"Namespace %s has not been seen yet, so this cluster's topologies cannot be told from others'. This passes by itself.", kubeSystem).again(2 * time.Second), true
	}
	return Decision{}, false
}

// stormUnreachable claims a topology whose Storm does not answer. The first
// time nothing changes but the memory of it.
func stormUnreachable(seen Observed, now time.Time) (Decision, bool) {
	problem := seen.Storm.Problem
	if seen.unreadable() {
		problem = seen.Storm.Topology.ConfProblem
	}
	if problem == "" {
		return Decision{}, false
	}
	d := seen.keeping(seen.phaseBefore()).waiting(v1beta1.ClusterUnreachable,
		"%s Nothing is changed meanwhile, and it goes on by itself when Storm answers.", sentence(problem))
	d.MissingSince = seen.Parent.Status.MissingSince
	d.Ready.Status = conditions.Unknown("", "").Status
	d.SilentSince = seen.Parent.Status.SilentSince
	if d.SilentSince == nil {
		d.SilentSince = stamp(now)
	}
	d.asBefore = len(seen.Parent.Status.Conditions) > 0 && age(d.SilentSince, now) < silentAfter &&
		seen.Parent.Status.ObservedGeneration == seen.Parent.Generation
	return d.again(whileSilent), true
}

// anotherStorm claims a topology whose seeds lead to a Storm that is not the
// one that it was submitted to: a namesake there is not ours to judge.
func anotherStorm(seen Observed, _ time.Time) (Decision, bool) {
	if !seen.anotherStorm() {
		return Decision{}, false
	}
	d := seen.keeping(seen.phaseBefore()).stalled(v1beta1.ClusterChanged,
		"The seeds of StormCluster %q lead to another Storm (%s) than before (%s); nothing is submitted or killed there. "+
			"Point them at the former one, or, if it is meant: kubectl annotate stormcluster %s -n %s --overwrite %s=%s",
		seen.Cluster.Name, seen.Storm.Identity, seen.Cluster.Status.Identity,
		seen.Cluster.Name, seen.Cluster.Namespace, v1beta1.AnnotationAcceptStorm, seen.Storm.Identity)
	d.Submit = seen.submitUnlessLive()
	return d.again(seen.poll()), true
}

// nameConflict claims a topology whose name in Storm is taken by one that does
// not bear our fingerprint.
func nameConflict(seen Observed, _ time.Time) (Decision, bool) {
	t := seen.Storm.Topology
	if t == nil || seen.ours() != nil {
		return Decision{}, false
	}
	whose, do := "bears no fingerprint of Stormhooks", "Kill it there"
	switch {
	case !t.ConfKnown:
		whose = "does not let us read whose it is (" + t.ConfProblem + ")"
	case t.Fingerprint.Owner != "" && t.Fingerprint.Cluster != seen.Kubernetes:
		whose = "was submitted for StormTopology " + t.Fingerprint.Owner + " of another Kubernetes cluster"
	case t.Fingerprint.Owner != "": // killed there, it would be submitted again
		whose = "was submitted for StormTopology " + t.Fingerprint.Owner
		do = "Delete that StormTopology (it cannot be adopted)"
	}
	d := seen.keeping(v1beta1.PhasePending).waiting(v1beta1.NameConflict,
		"Storm has a topology %q (%s) that %s. It is left alone. %s, or delete this StormTopology and apply it with another spec.topology.name.",
		t.Name, t.ID, whose, do)
	if t.ConfKnown && t.Fingerprint.Cluster != seen.Kubernetes { // one of another object here would be wanted by both
		d.Ready.Message += fmt.Sprintf(" To take it over: kubectl annotate stormtopology %s -n %s --overwrite %s=%s",
			seen.Parent.Name, seen.Parent.Namespace, v1beta1.AnnotationAdopt, t.ID)
	}
	d.Submit = seen.submitUnlessLive()
	return d.again(seen.poll()), true
}

// phaseBefore is the phase that a topology had, or Pending.
func (seen Observed) phaseBefore() v1beta1.Phase {
	if before := seen.Parent.Status.Phase; before != "" {
		return before
	}
	return v1beta1.PhasePending
}

// submitting says whether a submission is seen that has not ended.
func (seen Observed) submitting(now time.Time) bool {
	return seen.Submit.live(now) || seen.Submit.there() && !seen.Submit.ended()
}

// submitUnlessLive keeps a submit Job that has ended, for its logs, and leaves
// out one that has not.
func (seen Observed) submitUnlessLive() Want {
	if seen.Submit.ended() {
		return Kept
	}
	return Absent
}

// poll is how often a steady topology is looked at; spread by the uid, so that
// those applied together are not looked at together.
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

// sentence ends a text with a full stop.
func sentence(text string) string {
	if text == "" || strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}
