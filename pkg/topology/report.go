package topology

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/conditions"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// unknownToStorm is stormStatus while Storm does not answer.
const unknownToStorm = "Unknown"

// Report says what a person reads. It judges from what was observed and from the
// outcomes of the calls, never from what the answer is about to request.
func Report(seen Observed, d Decision, outcomes []storm.Outcome) v1beta1.StormTopologyStatus {
	asked, before, memory := seen, seen.Parent.Status, d.Remember
	if d.Says.Unchanged {
		before.SilentSince = memory.SilentSince
		return before
	}
	seen = seen.after(outcomes, memory.DrainingSince != nil)
	d.Says.Message = impossibleID(seen) + d.Says.Message
	for _, outcome := range outcomes {
		if outcome.Problem != "" && outcome.Call.Verb != storm.Forget {
			d.Says.Message = fmt.Sprintf("Storm rejected the %s: %s It will be retried.", outcome.Call.Verb, followed(outcome.Problem))
		}
	}
	d.Says.Message = ignored(seen.Parent) + d.Says.Message
	status := v1beta1.StormTopologyStatus{
		ObservedGeneration: seen.Parent.Generation,
		Phase:              d.Says.Phase,
		Message:            d.Says.Message,
		StormName:          seen.lastName(),
		TargetRevision:     seen.Target.Fingerprint.Revision,
		Change:             seen.Change,
		Progress:           seen.Progress,
		Rollback:           seen.Aim.Because,
		Selector:           selector(seen.Parent.Name),
		Jar:                jarStatus(seen),
		HadDependencies:    hadDependencies(seen),
		Attempts:           memory.Attempts,
		MissingSince:       memory.MissingSince,
		SilentSince:        memory.SilentSince,
		NameConflict:       seen.NameConflict,
		Deletion:           memory.Deletion,
		Inputs:             seen.inputsRemembered(),
		SecondName:         seen.twoNames(),
		Beside:             seen.Beside,
	}
	if status.Beside != nil {
		status.Beside = status.Beside.DeepCopy()
		status.Beside.DrainingSince = cmp.Or(memory.DrainingSince, stillDraining(asked))
	}
	if status.Rollback != nil {
		status.Change = nil // nothing is under way to the target
	}
	switch {
	case seen.Storm.Topology != nil:
		reportTopology(&status, seen)
	case !seen.Storm.Known() || memory.MissingSince != nil:
		reportLastSeen(&status, seen)
	case seen.Deleting && seen.Storm.Heard == Absent && !seen.Storm.View.Listed:
		status.StormID = seen.lastID() // no list has said that it is gone (Must 8)
	}
	status.LastSpec, status.LastGood = rememberSpecs(asked)
	status.History = remember(asked, d, status)
	status.Conditions = conditions.Set(before.Conditions, states(seen, d.Says, status), seen.Parent.Generation, seen.Now)
	return status
}

// stillDraining is since when what runs has been deactivated for what is beside it, where this
// call does not say; nil where it runs.
func stillDraining(seen Observed) *metav1.Time {
	before, t := seen.Parent.Status.Beside, seen.Storm.Topology
	if before == nil || before.StormID != seen.Beside.StormID || t != nil && t.Status != storm.Inactive {
		return nil
	}
	return before.DrainingSince
}

// after is what was observed, with the topology as killed if Storm accepted its kill, and as
// INACTIVE if it drains from now on. The next look would say so: it would cost a write of each
// status in a namespace that is deleted, and it comes only at the end of a drain.
func (seen Observed) after(outcomes []storm.Outcome, drains bool) Observed {
	for _, outcome := range outcomes {
		if outcome.Problem != "" || seen.Storm.Topology == nil || outcome.Call.ID != seen.Storm.Topology.ID {
			continue
		}
		now := *seen.Storm.Topology
		switch verb := outcome.Call.Verb; {
		case verb == storm.Kill:
			now.Status = storm.Killed
			seen.Target.Runs, seen.Aim.Runs = false, false
		case verb == storm.Deactivate && drains:
			now.Status = storm.Inactive
		}
		seen.Storm.Topology, seen.Storm.View.Topology = &now, &now
	}
	return seen
}

// impossibleID begins a message with what is ignored of Storm's answer.
func impossibleID(seen Observed) string {
	if !seen.Storm.View.ImpossibleID {
		return ""
	}
	return fmt.Sprintf("Storm at %s gives topology %q an id that Storm cannot make. It is ignored. Check spec.nimbus of the StormCluster. ",
		text.Cut(strings.Join(seen.Cluster.SeedHosts(), ", "), 100), seen.Parent.StormName())
}

// reportTopology reports the topology in Storm.
func reportTopology(status *v1beta1.StormTopologyStatus, seen Observed) {
	before, t := seen.Parent.Status, seen.Storm.Topology
	status.StormName = seen.Storm.Name
	status.StormID, status.StormStatus, status.Revision = t.ID, t.Status, seen.Storm.Revision
	if seen.Storm.Heard == Adopted {
		status.AdoptedRevision = seen.Storm.Revision
	}
	if seconds, ok := storm.StartTime(t.ID); ok {
		start := metav1.NewTime(time.Unix(seconds, 0).UTC())
		status.StartTime = &start
	}
	status.Executors, status.Tasks = int32(t.Executors), int32(t.Tasks)
	reportComponents(status, seen)
	status.WorkersWanted = int32(seen.Storm.workersWanted())
	if t.Counted() {
		status.Workers = int32(t.WorkersUp)
	} else if before.StormID == t.ID {
		status.Workers = before.Workers
	}
	status.WorkersUp = fmt.Sprintf("%d/%d", status.Workers, status.WorkersWanted)
	status.FewerWorkers = fewerWorkers(seen)
	status.LastError = lastError(seen, t)
	status.Remark = seen.Storm.Remark
	status.NotApplied = notApplied(seen)
}

// reportLastSeen says what Storm had when it was last asked.
func reportLastSeen(status *v1beta1.StormTopologyStatus, seen Observed) {
	before := seen.Parent.Status
	status.StormID, status.Revision, status.StartTime = seen.lastID(), before.Revision, before.StartTime
	status.AdoptedRevision = before.AdoptedRevision
	status.Workers, status.WorkersWanted, status.WorkersUp = before.Workers, before.WorkersWanted, before.WorkersUp
	status.Executors, status.Tasks, status.LastError = before.Executors, before.Tasks, before.LastError
	status.Components, status.ComponentsNotShown = before.Components, before.ComponentsNotShown
	status.Remark, status.FewerWorkers, status.NotApplied = before.Remark, before.FewerWorkers, before.NotApplied
	switch {
	case status.MissingSince != nil:
		status.Workers, status.WorkersUp = 0, fmt.Sprintf("0/%d", before.WorkersWanted)
	case status.StormID != "":
		status.StormStatus = unknownToStorm
	}
}

// jarStatus is what the extraction found out, remembered after its child has gone.
func jarStatus(seen Observed) *v1beta1.JarStatus {
	for _, c := range []Child{seen.Target.Extract.Child, seen.Target.Submit.Child} {
		for i := range c.Pods {
			facts, found := extractedFacts(&c.Pods[i])
			if claim, _ := copiedTo(c, nil); found || claim != "" { // it may have ended without a report
				jar := &v1beta1.JarStatus{
					SHA256: facts.SHA256, Size: facts.Size,
					Dependencies: int32(facts.Dependencies), DependenciesSize: facts.DependenciesSize,
					Image: shownImage(imageOf(&c.Pods[i])), Revision: c.serves.JarRevision,
				}
				jar.Claim, jar.CopiedAt = copiedTo(c, seen.Parent.Status.Jar)
				return jar
			}
		}
	}
	return seen.Parent.Status.Jar
}

// copiedTo is the claim that an extraction copied its JAR to, and when its Job was created,
// where that Job does not say that it is complete.
func copiedTo(c Child, known *v1beta1.JarStatus) (claim string, since *metav1.Time) {
	switch {
	case c.Job == nil:
		return "", nil
	case c.serves.Claim != "" && len(c.Pods) > 0 && stepContainer(&c.Pods[0]) == children.ExtractContainer:
		outcome, _ := termination.OutcomeOf(c.Job)
		if c.doneBeside() || outcome == termination.Failed && c.complete() {
			return c.serves.Claim, &c.Job.CreationTimestamp
		}
	case known != nil && known.Revision == c.serves.JarRevision:
		return known.Claim, known.CopiedAt
	}
	return "", nil
}

// extractedFacts are those of a container that ended well and knows of a JAR.
func extractedFacts(pod *corev1.Pod) (termination.Facts, bool) {
	for status := range termination.Statuses(pod) {
		end := status.State.Terminated
		if end == nil || end.ExitCode != 0 {
			continue
		}
		if message, told := termination.Reported(end); told && message.Facts.SHA256 != "" {
			return message.Facts, true
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
		if volume.Name == children.ImageVolume && volume.Image != nil {
			return volume.Image.Reference
		}
	}
	return ""
}

// selector matches no pod: the scale subresource must have one, and a
// HorizontalPodAutoscaler would multiply by the pods that it matches.
func selector(topology string) string { return v1beta1.Group + "/no-pod=" + topology }
