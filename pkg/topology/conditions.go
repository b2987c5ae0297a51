package topology

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/conditions"
	"github.com/stormhooks/stormhooks/pkg/internal/diagnose"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// states are all conditions, in their fixed order.
func states(seen Observed, says Says, status v1beta1.StormTopologyStatus) []conditions.Typed {
	ready := conditions.State{Status: says.Ready, Reason: says.Reason, Message: says.Message}
	states := []conditions.Typed{
		{Type: v1beta1.ConditionReady, State: ready},
		{Type: v1beta1.ConditionAvailable, State: availableState(seen)},
		{Type: v1beta1.ConditionJarReady, State: jarState(seen, says)},
		{Type: v1beta1.ConditionSubmitted, State: submittedState(seen, says)},
		{Type: v1beta1.ConditionTopologyErrors, State: topologyErrors(seen, status)},
	}
	return append(states, classStates(seen, says, status)...)
}

// classStates say who has to act.
func classStates(seen Observed, says Says, status v1beta1.StormTopologyStatus) []conditions.Typed {
	before := seen.Parent.Status
	stalled, was := conditions.Find(before.Conditions, v1beta1.ConditionStalled)
	if was && says.Class == conditions.Waiting && !seen.Deleting && before.ObservedGeneration == seen.Parent.Generation &&
		(seen.Storm.silent() || failsOn(stalled.Reason, before.Attempts, status.Attempts)) {
		return conditions.Stalled.Typed(stalled.Reason, stalled.Message)
	}
	return says.Class.Typed(says.Reason, says.Message)
}

// failsOn says whether an attempt follows those that failed for a reason, at the same
// step. That it is tried, or that Storm is silent, proves nothing: a person still has to
// act, and a health check must not see the topology recover and fail in turns.
func failsOn(reason string, before, now *v1beta1.Attempts) bool {
	return before != nil && now != nil && before.Failures > 0 && now.Failures >= before.Failures && before.LastReason == reason &&
		before.Revision == now.Revision && before.Step == now.Step
}

func availableState(seen Observed) conditions.State {
	before, revision := seen.lastID(), seen.Storm.revisionName()
	last, _ := conditions.Find(seen.Parent.Status.Conditions, v1beta1.ConditionAvailable)
	switch {
	case !seen.Storm.Known() && before == "" && last.Status == metav1.ConditionFalse:
		return conditions.False(v1beta1.NotSubmitted, "The topology was not running when Storm last answered.")
	case !seen.Storm.Known() && before == "":
		return conditions.Unknown(v1beta1.ClusterUnreachable, "Storm has not said yet whether the topology is running.")
	case !seen.Storm.Known():
		return conditions.Unknown(v1beta1.ClusterUnreachable, "Storm has not answered yet. When it last did, the topology ran as "+before+".")
	case seen.Storm.Topology == nil:
		return conditions.False(v1beta1.NotSubmitted, "Storm does not run this topology.")
	case seen.Storm.Running() == nil:
		return conditions.False(v1beta1.Killing, "Storm is draining and killing revision "+revision+".")
	}
	return conditions.True(v1beta1.Active, inStorm(seen, revision))
}

// inStorm says how Storm has the revision that counts as running. No look follows while a pod
// submits, so its kill is seen late.
func inStorm(seen Observed, revision string) string {
	submit := seen.Aim.Submit
	switch status := seen.Storm.Topology.Status; {
	case status == storm.Inactive:
		return "Revision " + revision + " is in Storm, INACTIVE."
	case status == storm.Rebalancing:
		return "Storm is rebalancing revision " + revision + "."
	case submit.State == Running && submit.problem == nil && submit.serves.Beside == "" && !seen.Aim.Runs:
		return "Revision " + revision + " was running when Storm was last asked. The submitting pod has Storm kill it once its successor is ready."
	}
	return "Revision " + revision + " is running."
}

// jarState says nothing that depends on Jobs and volume while Storm has the target, or while
// the object is deleted: its JAR is not needed then, and their deletion must not change the
// status. It is about the JAR alone: what fails behind its check leaves it True.
func jarState(seen Observed, says Says) conditions.State {
	target := seen.Target
	last, _ := conditions.Find(seen.Parent.Status.Conditions, v1beta1.ConditionJarReady)
	sameTarget := seen.Parent.Status.TargetRevision == target.Fingerprint.Revision
	refuted := jarRefuted(target)
	switch {
	case seen.Deleting && last.Status == metav1.ConditionTrue:
		return conditions.True(v1beta1.NotNeeded, jarOfDeleted)
	case seen.Deleting:
		return conditions.False(v1beta1.Deleting, jarOfDeleted)
	case target.Runs || runs(seen.Other, target):
		return conditions.True(v1beta1.NotNeeded, "The JAR is not needed now: Storm has the target revision. "+nextJar(target.Parent.Mode()))
	case !seen.Storm.Known() && sameTarget && last.Reason == v1beta1.NotNeeded:
		return conditions.True(v1beta1.NotNeeded, "The JAR is not needed now: Storm had the target revision when it last answered. "+nextJar(target.Parent.Mode()))
	case target.copies() && target.JarReady:
		return conditions.True(v1beta1.Extracted, "The JAR has been copied to the volume and checked.")
	case refuted != nil && refuted.Reason == says.Reason:
		return conditions.False(says.Reason, says.Message)
	case refuted != nil:
		return conditions.False(refuted.Reason, sentence(refuted.Text()))
	case jarChecked(seen), sameTarget && last.Reason == v1beta1.Extracted && !target.copies():
		return conditions.True(v1beta1.Extracted, "A pod has found the JAR and checked it.")
	case target.Submit.State == Running && target.Submit.problem == nil && target.Parent.Mode() == v1beta1.ExtractionVolume:
		return conditions.False(v1beta1.Submitting, "The submitting pod checks the JAR. What it found is known when it ends.")
	case target.Submit.problem != nil:
		return conditions.False(says.Reason, says.Message)
	}
	switch says.Phase {
	case v1beta1.PhaseExtracting, v1beta1.PhaseUpdating, v1beta1.PhaseFailed, v1beta1.PhaseUpdateFailed:
		return conditions.False(says.Reason, says.Message)
	}
	if jar := seen.Parent.Status.Jar; jar != nil && jar.Revision == target.Fingerprint.Jar || knownToHaveRun(seen.Parent.Status, target.Fingerprint.Revision) {
		return conditions.False(v1beta1.NotSubmitted, "The JAR was found and checked for an earlier submission. "+nextJar(target.Parent.Mode()))
	}
	return conditions.False(v1beta1.NotSubmitted, "The JAR has not been extracted.")
}

const jarOfDeleted = "The JAR is not needed any more: this StormTopology is being deleted."

// jarRefuted is what a pod of the target shows to be wrong with its JAR, or with the image or
// the volume that it comes from; nil where none does.
func jarRefuted(target Goal) *diagnose.Problem {
	for _, at := range []Attempt{target.Extract, target.Submit} {
		if at.problem != nil && slices.Contains(ofTheJar, at.problem.Reason) && !extractedInside(at.Child) {
			return at.problem
		}
	}
	return nil
}

// jarChecked says whether a pod of the target is behind the check of its JAR: it has extracted it
// for its next container, or it failed at what comes then.
func jarChecked(seen Observed) bool {
	target := seen.Target
	if failed := seen.Aim.Because; failed != nil && failed.Revision == target.Fingerprint.Revision && (failed.Reason == v1beta1.ProgressDeadlineExceeded || slices.Contains(behindTheJar, failed.Reason)) {
		return true
	}
	submit := target.Submit
	if target.copies() || !submit.exists() || submit.serves.Revision != target.Fingerprint.Revision {
		return false
	}
	report, told := submit.left()
	return told && slices.Contains(behindTheJar, report.Reason) || extractedInside(submit.Child)
}

// extractedInside says whether the Pod of init-container mode has extracted the JAR.
func extractedInside(c Child) bool {
	if c.Pod == nil {
		return false
	}
	end := termination.End(c.Pod, children.ExtractContainer)
	return end != nil && end.ExitCode == 0
}

// knownToHaveRun says whether the status tells that a revision ran.
func knownToHaveRun(before v1beta1.StormTopologyStatus, revision string) bool {
	last, ran := lastRun(before.History)
	return before.Revision == revision || ran && last.Revision == revision
}

// ofTheJar are the reasons of what is wrong with the JAR, and with the image or the volume that
// it comes from.
var ofTheJar = []string{
	v1beta1.ImagePullFailed, v1beta1.ImageNotFound, v1beta1.ImageVolumeUnsupported,
	v1beta1.VolumePending, v1beta1.VolumeNotWritable, v1beta1.VolumeFull,
	v1beta1.JarNotFound, v1beta1.JarAmbiguous, v1beta1.JarUnreadable, v1beta1.JarInvalid, v1beta1.ChecksumMismatch,
	v1beta1.ExtractionFailed, v1beta1.ExtractionTimedOut,
}

// behindTheJar are the reasons that a submission reports only once it has checked the JAR.
var behindTheJar = []string{
	v1beta1.MainClassNotFound, v1beta1.JavaNotStarted, v1beta1.MainFailed, v1beta1.MainTimedOut,
	v1beta1.NothingSubmitted, v1beta1.SubmittedTwice, v1beta1.SubmissionRejected, v1beta1.SubmissionFailed,
	v1beta1.Superseded, v1beta1.NameConflict, v1beta1.ClusterUnreachable, v1beta1.ClusterChanged, v1beta1.StormTooOld,
}

// nextJar says where the next submission of a mode gets the JAR.
func nextJar(mode v1beta1.ExtractionMode) string {
	switch mode {
	case v1beta1.ExtractionVolume:
		return "The next submission mounts its image again."
	case v1beta1.ExtractionInit:
		return "The next submission extracts it again."
	}
	return "The next submission uses the one on the volume, or extracts it again."
}

func submittedState(seen Observed, says Says) conditions.State {
	switch {
	case !seen.Storm.Known() && seen.Parent.Status.StormID != "":
		return conditions.Unknown(v1beta1.ClusterUnreachable, "Storm has not answered yet.")
	case seen.Target.Runs:
		return conditions.True(v1beta1.Active, "Storm has the target revision.")
	}
	return conditions.False(says.Reason, says.Message)
}
