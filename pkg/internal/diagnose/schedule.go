package diagnose

import (
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// selectedNode is set on a claim whose StorageClass waits for the first
// consumer, once the scheduler has chosen the pod's node.
const selectedNode = "volume.kubernetes.io/selected-node"

// unschedulable is a pod that no node can run, as the scheduler reports.
func unschedulable(v view) *Problem {
	bound := condition(v.pod, corev1.PodScheduled)
	if v.pod.Spec.NodeName != "" || bound == nil || bound.Status != corev1.ConditionFalse {
		return nil
	}
	said := bound.Message
	switch {
	case bound.Reason == corev1.PodReasonSchedulingGated:
		return report(v1beta1.Unschedulable,
			"%s is blocked by scheduling gates that another component set and must remove. See: %s", v.owner(), v.look())
	case missingClaim.MatchString(said):
		name := missingClaim.FindStringSubmatch(said)[1]
		return report(v1beta1.VolumePending,
			"%s needs PersistentVolumeClaim %s, which does not exist. It continues once the claim has been created. See: %s",
			v.owner(), quote(name), text.Command("kubectl", "get", "pvc", "-n", v.pod.Namespace))
	case strings.Contains(said, "unbound immediate PersistentVolumeClaims"),
		strings.Contains(said, "binding volumes"),
		strings.Contains(said, "didn't find available persistent volumes to bind"),
		deletedClaim.MatchString(said):
		return unbound(v.claim, v)
	}
	return report(v1beta1.Unschedulable,
		"No node can run %s: %s. Free up or add a suitable node, or change %s. See: %s",
		v.owner(), v.nodesSay(said), fieldTemplate, v.look())
}

// The scheduler's texts about a claim (k8s.io/kubernetes 1.37,
// pkg/scheduler/framework/plugins/volumebinding/volume_binding.go).
var (
	missingClaim = regexp.MustCompile(`persistentvolumeclaim "([^"]+)" not found`)
	deletedClaim = regexp.MustCompile(`persistentvolumeclaim "[^"]+" (?:is being deleted|bound to non-existent persistentvolume)`)
)

// Parts of "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) …. preemption: …"
// (k8s.io/kubernetes 1.37, pkg/scheduler/framework/types.go, FitError.Error).
var (
	nodesAvailable = regexp.MustCompile(`^\d+/\d+ nodes are available:? ?`)
	nodeCount      = regexp.MustCompile(`(?:^|, )\d+ `)
)

// nodesSay keeps the scheduler's reasons and drops the number of nodes for each, which
// changes with the cluster's size. It sorts them, since the scheduler sorts by those
// numbers.
func (v view) nodesSay(said string) string {
	said = nodesAvailable.ReplaceAllString(text.Clean(said), "")
	said, _, _ = strings.Cut(said, " preemption: ")
	said, _, _ = strings.Cut(said, ". ") // the filters' reasons; those of the preemption follow
	var reasons []string
	for _, reason := range nodeCount.Split(said, -1) {
		if reason = v.steady(reason); reason != "" {
			reasons = append(reasons, reason)
		}
	}
	if len(reasons) == 0 {
		return "the scheduler gives no reason"
	}
	slices.Sort(reasons)
	return firstOf(slices.Compact(reasons), longestQuote)
}

// slowToBind is a pod about which the scheduler has reported nothing for long. With a
// claim that waits for its first consumer, its volume is still being created: the
// scheduler reports only after ten minutes.
func slowToBind(v view) *Problem {
	if v.now.Sub(v.pod.CreationTimestamp.Time) < slowAfter {
		return nil
	}
	if v.claim != nil && v.claim.Status.Phase == corev1.ClaimPending && v.claim.Annotations[selectedNode] != "" {
		return unbound(v.claim, v)
	}
	return report(v1beta1.Unschedulable,
		"The scheduler has not processed %s. Check that the Kubernetes scheduler runs. See: %s", v.owner(), v.look())
}
