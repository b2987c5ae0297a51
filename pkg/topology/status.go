package topology

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/conditions"
	"github.com/stormhooks/stormhooks/pkg/internal/diagnose"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// unknownToStorm is stormStatus while Storm does not answer.
const unknownToStorm = "Unknown"

// Report says what a person reads. It judges from what was observed, never from
// what the answer is about to ask for.
func Report(seen Observed, d Decision, now time.Time) v1beta1.StormTopologyStatus {
	before := seen.Parent.Status
	if d.asBefore {
		before.SilentSince = d.SilentSince
		return before
	}
	for _, outcome := range d.Outcomes {
		if outcome.Problem != "" {
			d.Ready.Message = fmt.Sprintf("Storm did not take the %s: %s It is tried again.", outcome.Call.Verb, sentence(outcome.Problem))
		}
	}
	status := v1beta1.StormTopologyStatus{
		ObservedGeneration: seen.Parent.Generation,
		Phase:              d.Phase,
		Message:            d.Ready.Message,
		StormName:          seen.Parent.StormName(),
		TargetRevision:     seen.Target.Fingerprint.Revision,
		Change:             seen.changeUnderWay(),
		Rollback:           d.Rollback,
		Selector:           selector(seen.Parent.Name),
		Jar:                seen.jarStatus(),
		Attempts:           d.Attempts,
		MissingSince:       d.MissingSince,
		SilentSince:        d.SilentSince,
		Deletion:           d.Deletion,
	}
	if d.Rollback != nil {
		status.Change = nil // nothing is under way to the target
	}
	seen.reportStorm(&status, d)
	seen.remember(&status, d, now)
	status.Conditions = conditions.Set(before.Conditions, seen.states(d, status, now), seen.Parent.Generation, now)
	return status
}

// reportStorm says what Storm has, or what it had when it was last asked.
func (seen Observed) reportStorm(status *v1beta1.StormTopologyStatus, d Decision) {
	before := seen.Parent.Status
	ours := seen.ours()
	if ours == nil {
		if seen.heardOfOurs() && d.MissingSince == nil {
			return // Storm surely has none of ours
		}
		status.StormID, status.Revision, status.StartTime = before.StormID, before.Revision, before.StartTime
		status.AdoptedRevision = before.AdoptedRevision
		status.Workers, status.WorkersWanted, status.WorkersUp = before.Workers, before.WorkersWanted, before.WorkersUp
		status.Executors, status.Tasks, status.LastError = before.Executors, before.Tasks, before.LastError
		status.Remark = before.Remark
		switch {
		case d.MissingSince != nil:
			status.Workers, status.WorkersUp = 0, fmt.Sprintf("0/%d", before.WorkersWanted)
		case status.StormID != "":
			status.StormStatus = unknownToStorm
		}
		return
	}
	status.StormID, status.StormStatus, status.Revision = ours.ID, ours.Status, seen.revisionOf(ours)
	if seen.adopts(ours) {
		status.AdoptedRevision = seen.adoptedRevision()
	}
	if seconds, ok := storm.StartTime(ours.ID); ok {
		start := metav1.NewTime(time.Unix(seconds, 0).UTC())
		status.StartTime = &start
	}
	status.Executors, status.Tasks = int32(ours.Executors), int32(ours.Tasks)
	status.WorkersWanted = int32(seen.wantedOf(ours))
	if ours.Detailed {
		status.Workers = int32(ours.WorkersUp)
	} else if before.StormID == ours.ID {
		status.Workers = before.Workers
	}
	status.WorkersUp = fmt.Sprintf("%d/%d", status.Workers, status.WorkersWanted)
	status.LastError = seen.lastError(ours)
	status.Remark = seen.remark()
}

// remark is what the submission of what runs found worth saying, remembered
// after its pod has gone.
func (seen Observed) remark() string {
	ours := seen.ours()
	if ours == nil {
		return ""
	}
	for i := range seen.Submit.Pods {
		for _, status := range seen.Submit.Pods[i].Status.ContainerStatuses {
			if status.State.Terminated == nil {
				continue
			}
			if message, ok := termination.Parse(status.State.Terminated.Message); ok && message.Facts.StormID == ours.ID {
				return message.Facts.Remark
			}
		}
	}
	if before := seen.Parent.Status; before.StormID == ours.ID {
		return before.Remark
	}
	return ""
}

// jarStatus is what the extraction found out, remembered after its child has gone.
func (seen Observed) jarStatus() *v1beta1.JarStatus {
	for _, s := range []Step{seen.Extract, seen.Submit} {
		for i := range s.Pods {
			if facts, found := extractedFacts(&s.Pods[i]); found {
				return &v1beta1.JarStatus{
					SHA256: facts.SHA256, Size: facts.Size,
					Image: imageOf(&s.Pods[i]), Revision: s.Serves.JarRevision,
				}
			}
		}
	}
	return seen.Parent.Status.Jar
}

// extractedFacts are those of a container that ended well and knows of a JAR.
func extractedFacts(pod *corev1.Pod) (termination.Facts, bool) {
	for _, statuses := range [][]corev1.ContainerStatus{pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses} {
		for _, status := range statuses {
			if status.State.Terminated == nil || status.State.Terminated.ExitCode != 0 {
				continue
			}
			if message, ok := termination.Parse(status.State.Terminated.Message); ok && message.Facts.SHA256 != "" {
				return message.Facts, true
			}
		}
	}
	return termination.Facts{}, false
}

// imageOf is the JAR's image, as the pod names it.
func imageOf(pod *corev1.Pod) string {
	for _, containers := range [][]corev1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
		for _, container := range containers {
			if container.Name == children.ExtractContainer {
				return container.Image
			}
		}
	}
	for _, volume := range pod.Spec.Volumes {
		if volume.Image != nil {
			return volume.Image.Reference
		}
	}
	return ""
}

// states are all conditions, in their fixed order.
func (seen Observed) states(d Decision, status v1beta1.StormTopologyStatus, now time.Time) []conditions.Typed {
	states := []conditions.Typed{
		{Type: v1beta1.ConditionReady, State: d.Ready},
		{Type: v1beta1.ConditionAvailable, State: seen.available()},
		{Type: v1beta1.ConditionJarReady, State: seen.jarState(d, now)},
		{Type: v1beta1.ConditionSubmitted, State: seen.submitted(d)},
		{Type: v1beta1.ConditionTopologyErrors, State: topologyErrors(status)},
	}
	switch d.Class {
	case diagnose.Waiting:
		states = append(states, conditions.Typed{Type: v1beta1.ConditionReconciling, State: conditions.True(d.Ready.Reason, d.Ready.Message)})
	case diagnose.Stalled:
		states = append(states, conditions.Typed{Type: v1beta1.ConditionStalled, State: conditions.True(d.Ready.Reason, d.Ready.Message)})
	}
	return states
}

// heardOfOurs says whether Storm answered, and is the right one.
func (seen Observed) heardOfOurs() bool {
	return seen.Heard && seen.Storm.Answered() && !seen.anotherStorm() && !seen.unreadable()
}

func (seen Observed) available() conditions.State {
	if !seen.heardOfOurs() {
		if seen.Parent.Status.StormID == "" {
			return conditions.False(v1beta1.NotSubmitted, "Nothing of it was running when Storm was last asked.")
		}
		return conditions.Unknown(v1beta1.ClusterUnreachable, "Storm has not been heard of it; it ran as "+seen.Parent.Status.StormID+" when it last was.")
	}
	switch ours := seen.ours(); {
	case ours.Alive():
		return conditions.True(v1beta1.Active, "Revision "+seen.revisionOf(ours)+" runs.")
	case ours != nil:
		return conditions.False(v1beta1.Killing, "Storm drains and kills revision "+seen.revisionOf(ours)+".")
	}
	return conditions.False(v1beta1.NotSubmitted, "Storm runs nothing of it.")
}

// jarState says nothing that hangs on Jobs and volume while the target runs: its
// JAR is not asked for then, and their deletion must not change the status.
func (seen Observed) jarState(d Decision, now time.Time) conditions.State {
	switch {
	case seen.heardOfOurs() && seen.runsTarget():
		return conditions.True(v1beta1.NotNeeded, "The target revision runs; its JAR is asked for when it has to be submitted again.")
	case seen.copies() && seen.jarReady(now):
		return conditions.True(v1beta1.Extracted, "The JAR has been copied to the volume and checked.")
	case !seen.copies() && seen.submission(now).at == working && !seen.extractsInside():
		return conditions.True(v1beta1.Extracted, "The pod that submits has the JAR.")
	case d.Phase == v1beta1.PhaseExtracting || d.Phase == v1beta1.PhaseUpdating || d.Phase == v1beta1.PhaseFailed || d.Phase == v1beta1.PhaseUpdateFailed:
		return conditions.False(d.Ready.Reason, d.Ready.Message)
	}
	return conditions.False(v1beta1.NotSubmitted, "The JAR has not been extracted.")
}

func (seen Observed) submitted(d Decision) conditions.State {
	switch {
	case !seen.heardOfOurs() && seen.Parent.Status.StormID != "":
		return conditions.Unknown(v1beta1.ClusterUnreachable, "Storm has not been heard of it.")
	case seen.heardOfOurs() && seen.runsTarget():
		return conditions.True(v1beta1.Active, "Storm has the target revision.")
	}
	return conditions.False(d.Ready.Reason, d.Ready.Message)
}
