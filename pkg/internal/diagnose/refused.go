package diagnose

import (
	"fmt"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// podRefused is a Job older than RefusedAfter that was started and has no pod. Nothing
// else shows a rejection: the Job's status is {ready:0, startTime, terminating:0,
// uncountedTerminatedPods:{}}, and Stormhooks does not read events.
func podRefused(j jobView) *Problem {
	status := j.job.Status
	if status.StartTime == nil || len(j.pods) > 0 || j.age() < RefusedAfter {
		return nil
	}
	if status.Active > 0 || status.Failed > 0 || status.Succeeded > 0 || len(status.Conditions) > 0 {
		return nil // it has a pod, which its watch does not show yet
	}
	spec := &j.job.Spec.Template.Spec
	if broken := violations(j.about.EnforcedLevel, spec); len(broken) > 0 {
		return report(v1beta1.PodSecurityViolation,
			"Namespace %s enforces Pod Security Standard %s, which forbids the pod of Job %s: %s. Change %s, %s, or the namespace's label pod-security.kubernetes.io/enforce.",
			quote(j.about.Namespace), quote(j.about.EnforcedLevel), quote(j.job.Name), firstOf(broken, longestQuote), fieldSecurityContext, fieldTemplate)
	}
	return report(v1beta1.PodRefused,
		"Kubernetes rejects the pod of Job %s, and only the events of the Job say why. %sIf they require resources, set %s; if they require labels, set %s. See: %s",
		quote(j.job.Name), knownOf(j), resourcesField(mainOf(spec)), fieldLabels, describeJob(j))
}

// knownOf is what is known of the pod beside its rejection: sentences, or nothing.
func knownOf(j jobView) (known string) {
	spec := j.job.Spec.Template.Spec
	var needs []string
	if spec.ServiceAccountName != "" {
		needs = append(needs, "service account "+quote(spec.ServiceAccountName))
	}
	if spec.PriorityClassName != "" {
		needs = append(needs, "PriorityClass "+quote(spec.PriorityClassName))
	}
	if spec.RuntimeClassName != nil {
		needs = append(needs, "RuntimeClass "+quote(*spec.RuntimeClassName))
	}
	if needs != nil {
		known = "The pod needs " + strings.Join(needs, " and ") + ". "
	}
	if enforces(j.about.EnforcedLevel) { // and what Stormhooks requested keeps to it
		known += fmt.Sprintf("The namespace enforces Pod Security Standard %s, which a container of another component may break. ", quote(j.about.EnforcedLevel))
	}
	return known
}

// firstOf joins the items that fit into limit bytes, at least the first, and says how
// many more there are.
func firstOf(items []string, limit int) string {
	joined := items[0]
	for i, item := range items[1:] {
		if len(joined)+len("; ")+len(item) > limit {
			return fmt.Sprintf("%s; and %d more", joined, len(items)-1-i)
		}
		joined += "; " + item
	}
	return joined
}
