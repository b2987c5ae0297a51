package diagnose

import (
	"regexp"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// podLost is a pod that did not end by itself: it was evicted or deleted, or its node
// was lost or shut down.
func podLost(v view) *Problem {
	how := v.howLost()
	if how == "" {
		return nil
	}
	next := "Another attempt follows."
	if !ended(v.pod) {
		next = "The next attempt waits until the pod is gone."
	}
	return report(v1beta1.PodLost, "%s %s. %s", v.owner(), how, next)
}

// howLost says how the pod was lost, the most certain way first; empty if it was not.
func (v view) howLost() string {
	status := v.pod.Status
	if v.nodeGone() {
		return "should have ended, and node " + quote(v.pod.Spec.NodeName) + " does not report it. Check the node. If it is gone, delete it from Kubernetes"
	}
	if status.Reason == "Evicted" {
		return "was evicted" + evicted(status.Message)
	}
	if hit := condition(v.pod, corev1.DisruptionTarget); hit != nil && hit.Status == corev1.ConditionTrue {
		return v.disrupted(hit.Reason)
	}
	if v.pod.DeletionTimestamp != nil && !ended(v.pod) {
		return "is being deleted before it finished"
	}
	if status.Phase == corev1.PodFailed && status.Reason != "" {
		return "was stopped by Kubernetes (" + joinedBy(": ", v.steady(status.Reason), v.steady(amounts.ReplaceAllString(status.Message, ""))) + ")"
	}
	for _, c := range v.containers {
		if end, failed := c.failed(); failed && (end.Reason == termination.StatusUnknown || interrupted(end) || c.name == mainOf(&v.pod.Spec) && killedFromOutside(end)) {
			return "was killed before it finished"
		}
	}
	return ""
}

// amounts are those of a pod that a kubelet does not accept (k8s.io/kubernetes 1.37,
// pkg/kubelet/lifecycle/predicate.go, InsufficientResourceError).
var amounts = regexp.MustCompile(`, requested: \d+, used: \d+, capacity: \d+`)

// joinedBy joins the texts that are not empty.
func joinedBy(separator string, texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(text string) bool { return text == "" }), separator)
}

// killedFromOutside says whether a signal or the loss of the node ended the container,
// or containerd does not know what did (255 and Unknown, after its restart: containerd
// internal/cri/server/restart.go). What it wrote before is not a report of the helper.
func killedFromOutside(end *corev1.ContainerStateTerminated) bool {
	return end.ExitCode == 128+9 || end.ExitCode == 128+15 || end.Reason == "Unknown"
}

// nodeGone says whether the pod should have ended long ago and its end is not reported.
// A pod on a lost node stays so until its Node object is deleted. deletionTimestamp is
// the time of the request plus the grace, by the clock of the API server: that of the node
// does not matter. It decides what is said, and nothing else.
func (v view) nodeGone() bool {
	if ended(v.pod) {
		return false
	}
	if v.pod.Status.Reason == "NodeLost" {
		return true
	}
	gone := v.pod.DeletionTimestamp
	return gone != nil && v.pod.Spec.NodeName != "" && v.now.Sub(gone.Time) > lostAfter
}

// evicted keeps the first sentence of the kubelet's text that says why. The others
// contain amounts, which change (k8s.io/kubernetes 1.37,
// pkg/kubelet/eviction/helpers.go).
func evicted(said string) string {
	for _, part := range strings.Split(said, ". ") {
		part = clause(part)
		if part == "" || strings.Contains(part, " was using ") || strings.HasPrefix(part, "Threshold quantity") {
			continue
		}
		return ": " + text.Cut(part, 300)
	}
	return ""
}

// disrupted translates the reasons of the condition DisruptionTarget
// (k8s.io/api/core/v1, PodReason…; k8s.io/kubernetes pkg/controller).
func (v view) disrupted(reason string) string {
	switch reason {
	case "PreemptionByScheduler":
		return "was preempted by a pod of higher priority"
	case "EvictionByEvictionAPI":
		return "was evicted, as happens when a node is drained"
	case "DeletionByTaintManager":
		return "was deleted because its node has a NoExecute taint, as an unresponsive node gets"
	case "DeletionByPodGC":
		return "was on a node that no longer exists"
	case "TerminationByKubelet":
		return "was stopped by its node, which lacks a resource or is shutting down"
	}
	return "was disrupted (" + v.steady(reason) + ")"
}

// unexplained is a pod that failed without any explanation.
func unexplained(v view) *Problem {
	if v.pod.Status.Phase != corev1.PodFailed {
		return nil
	}
	return report(v1beta1.PodLost, "%s failed and gave no reason. See: %s", v.owner(), v.look())
}

// slowAfter is how long a pod may take for its next step before it counts as slow. The
// first pull of Storm's image takes a minute or more.
const slowAfter = 3 * time.Minute

// slowToStart is a pod that has not started for long and reports nothing. Only its
// events show why: a volume that cannot be mounted, a sandbox without network or with
// too little memory, a large image.
func slowToStart(v view) *Problem {
	if ended(v.pod) {
		return nil
	}
	at, bound := boundAt(v.pod) // the node's own clock may be ahead or behind
	if !bound {
		return slowToBind(v)
	}
	if v.now.Sub(at) < slowAfter {
		return nil
	}
	for _, c := range v.containers {
		switch {
		case c.state.Running != nil && c.beside: // it runs beside the next containers
			continue
		case c.state.Running != nil && !runsHelper(c.name) && c.name != mainOf(&v.pod.Spec):
			return report(v1beta1.ContainerFailed,
				"Container %s, which another component put into %s, does not end, and the next containers wait for it. Fix it where it is configured, or keep it out of these pods by the label or annotation of that component in %s. See: %s",
				quote(c.name), v.owner(), fieldTemplate, v.look())
		case c.state.Running != nil:
			return nil // the next containers wait for it
		case c.state.Terminated != nil:
			continue
		}
		if runsHelper(c.name) && c.limit != 0 && c.limit <= runcMemory { // its sandbox has the limit, too
			return report(v1beta1.ContainerFailed,
				"Container %s of %s does not start. Its memory limit is %s, which may be too little to start any container. %s",
				quote(c.name), v.home(), c.memory, v.raise(c.name))
		}
		return report(v1beta1.ContainerFailed,
			"Container %s of %s has not started, and its status gives no reason.%s Only the events of the pod say what it waits for: %s",
			quote(c.name), v.home(), v.secrets(), v.look())
	}
	return nil
}

// unmounted is a pod that waits for a ConfigMap of a volume. The kubelet says so in an event
// only, and its container waits with the reason ContainerCreating.
func unmounted(v view) *Problem {
	if _, bound := boundAt(v.pod); !bound || ended(v.pod) || slices.ContainsFunc(v.containers, container.began) {
		return nil
	}
	for _, volume := range v.pod.Spec.Volumes {
		for _, name := range configMapsOf(volume) {
			if slices.Contains(v.about.MissingConfigMaps, name) {
				return report(v1beta1.ContainerFailed,
					"ConfigMap %s of %s.volumes does not exist in namespace %s, and %s waits for it. Create it.",
					quote(name), fieldTemplate, quote(v.pod.Namespace), v.home())
			}
		}
	}
	return nil
}

// began says whether the container runs, or ran.
func (c container) began() bool { return c.state.Running != nil || c.state.Terminated != nil }

// configMapsOf are the ConfigMaps that a volume mounts.
func configMapsOf(volume corev1.Volume) (names []string) {
	if volume.ConfigMap != nil {
		names = append(names, volume.ConfigMap.Name)
	}
	if volume.Projected != nil {
		for _, source := range volume.Projected.Sources {
			if source.ConfigMap != nil {
				names = append(names, source.ConfigMap.Name)
			}
		}
	}
	return names
}

// secrets says which Secrets a pod mounts and needs, at most two: whether they exist, the hook
// server may not read.
func (v view) secrets() string {
	var names []string
	add := func(name string, optional *bool) {
		if optional == nil || !*optional {
			names = append(names, quote(name))
		}
	}
	for _, volume := range v.pod.Spec.Volumes {
		if s := volume.Secret; s != nil {
			add(s.SecretName, s.Optional)
		}
		if volume.Projected == nil {
			continue
		}
		for _, source := range volume.Projected.Sources {
			if s := source.Secret; s != nil {
				add(s.Name, s.Optional)
			}
		}
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	names = names[:min(len(names), 2)]
	return " Check that each Secret of its volumes exists (" + strings.Join(names, ", ") + ")."
}
