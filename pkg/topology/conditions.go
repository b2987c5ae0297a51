package topology

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/conditions"
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
	return conditions.True(v1beta1.Active, "Revision "+revision+" is running.")
}

// jarState says nothing that depends on Jobs and volume while the target runs: its
// JAR is not needed then, and their deletion must not change the status.
func jarState(seen Observed, says Says) conditions.State {
	target := seen.Target
	switch {
	case target.Runs && seen.Aim.Because == nil:
		return conditions.True(v1beta1.NotNeeded, "The JAR is not needed now: the target revision is running. "+nextJar(target.Parent.Mode()))
	case target.copies() && target.JarReady:
		return conditions.True(v1beta1.Extracted, "The JAR has been copied to the volume and checked.")
	case !target.copies() && target.Submit.State == Running && !target.extractsInside():
		return conditions.True(v1beta1.Extracted, "The submitting pod has the JAR.")
	}
	switch says.Phase {
	case v1beta1.PhaseExtracting, v1beta1.PhaseUpdating, v1beta1.PhaseFailed, v1beta1.PhaseUpdateFailed:
		return conditions.False(says.Reason, says.Message)
	}
	return conditions.False(v1beta1.NotSubmitted, "The JAR has not been extracted.")
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
		return conditions.True(v1beta1.Active, "Storm runs the target revision.")
	}
	return conditions.False(says.Reason, says.Message)
}
