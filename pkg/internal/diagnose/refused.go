package diagnose

import (
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// podRefused is a Job older than RefusedAfter that was begun and has no pod.
// A refusal is seen by nothing else: the Job's status is {ready:0, startTime,
// terminating:0, uncountedTerminatedPods:{}}, and its events are not ours to read.
func podRefused(j jobView) *Problem {
	status := j.job.Status
	if status.StartTime == nil || len(j.pods) > 0 || j.now.Sub(j.job.CreationTimestamp.Time) < RefusedAfter {
		return nil
	}
	if status.Active > 0 || status.Failed > 0 || status.Succeeded > 0 || len(status.Conditions) > 0 {
		return nil // a pod was made; that it is not related yet is the watches' lag
	}
	spec := &j.job.Spec.Template.Spec
	if broken := violations(j.about.EnforcedLevel, spec); len(broken) > 0 {
		return report(v1beta1.PodSecurityViolation,
			"namespace %s enforces the Pod Security Standard %s, which forbids the pod of job %s: %s. Change %s or %s, or the namespace's label pod-security.kubernetes.io/enforce.",
			quote(j.about.Namespace), quote(j.about.EnforcedLevel), quote(j.job.Name), text.Cut(strings.Join(broken, "; "), 400), fieldSecurityContext, fieldTemplate)
	}
	return report(v1beta1.PodRefused,
		"Kubernetes refuses the pod of job %s, most often for a ResourceQuota%s. It goes on when there is room; see: kubectl describe job %s -n %s; kubectl describe quota -n %s.",
		quote(j.job.Name), otherCauses(j), j.job.Name, j.job.Namespace, j.job.Namespace)
}

// otherCauses names what the pod asks for and may not be there.
func otherCauses(j jobView) string {
	spec := j.job.Spec.Template.Spec
	var missing []string
	if spec.ServiceAccountName != "" {
		missing = append(missing, "service account "+quote(spec.ServiceAccountName))
	}
	if spec.PriorityClassName != "" {
		missing = append(missing, "PriorityClass "+quote(spec.PriorityClassName))
	}
	if spec.RuntimeClassName != nil {
		missing = append(missing, "RuntimeClass "+quote(*spec.RuntimeClassName))
	}
	if len(missing) == 0 {
		return ""
	}
	return ", or since there is no " + strings.Join(missing, " or no ")
}
