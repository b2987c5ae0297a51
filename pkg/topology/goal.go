package topology

import (
	"fmt"
	"path"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/diagnose"
	"github.com/stormhooks/stormhooks/pkg/internal/revision"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// goalOf sorts what the object requests, and the children on the way to it.
func goalOf(seen Observed, parent *v1beta1.StormTopology) Goal {
	goal := Goal{Target: targetOf(parent, seen.Cluster, seen.Kubernetes, seen.Inputs), Parent: parent,
		hash: &specHash{parent: parent, cluster: seen.Cluster, key: seen.Inputs.Key}}
	goal.Claim = claimOf(seen.Objects, goal.givenClaim(), parent)
	extract := jobChild(seen, parent.Name, children.ExtractJobName(parent.Name), children.StepExtract)
	submit := jobChild(seen, parent.Name, children.SubmitJobName(parent.Name), children.StepSubmit)
	other := podChild(seen, parent.Name)
	if parent.Mode() == v1beta1.ExtractionInit {
		submit, other = other, submit
	}
	if other.exists() {
		submit.LeftOver = &other
		submit.Live = submit.Live || other.Live
	}
	return withAttempts(seen, goal, extract, submit)
}

// claimOf is the claim for the JAR: the one that the spec gives, or the child.
func claimOf(objects Objects, given string, parent *v1beta1.StormTopology) *corev1.PersistentVolumeClaim {
	claims, name := objects.Claims, children.ClaimName(parent.Name)
	if given != "" {
		claims, name = objects.GivenClaims, given
	}
	for i := range claims {
		if claims[i].Name == name && claims[i].Namespace == parent.Namespace {
			return &claims[i]
		}
	}
	return nil
}

// podChild is the Pod of init-container mode. It is among the related pods, too.
func podChild(seen Observed, topology string) Child {
	objects := seen.Objects
	var c Child
	for i := range objects.Pods {
		if pod := &objects.Pods[i]; pod.Name == children.TopologyPodName(topology) {
			c.Pod, c.serves, c.Pods = pod, children.ServesOf(pod), []corev1.Pod{*pod}
		}
	}
	for i := range objects.StepPods {
		pod := &objects.StepPods[i]
		if isOfStep(pod, topology, children.StepSubmit) && (c.Pod == nil || pod.UID != c.Pod.UID) {
			c.Former = append(c.Former, *pod)
		}
	}
	c.Live = live(c.Pods, seen.Now) || live(c.Former, seen.Now)
	return c
}

func jobChild(seen Observed, topology, name, step string) Child {
	objects := seen.Objects
	var c Child
	for i := range objects.Jobs {
		if job := &objects.Jobs[i]; job.Name == name {
			c.Job, c.serves = job, children.ServesOf(job)
		}
	}
	for i := range objects.StepPods {
		pod := &objects.StepPods[i]
		switch {
		case !isOfStep(pod, topology, step):
		case c.Job != nil && metav1.IsControlledBy(pod, c.Job):
			c.Pods = append(c.Pods, *pod)
		default:
			c.Former = append(c.Former, *pod)
		}
	}
	c.Live = live(c.Pods, seen.Now) || live(c.Former, seen.Now)
	return c
}

func isOfStep(pod *corev1.Pod, topology, step string) bool {
	return pod.Labels[children.LabelTopology] == topology && pod.Labels[children.LabelStep] == step
}

// live says whether one of the pods may still run.
func live(pods []corev1.Pod, now time.Time) bool {
	for i := range pods {
		if diagnose.Live(&pods[i], now) {
			return true
		}
	}
	return false
}

// patternProblems says which patterns of a list in jar.container can match nothing.
func patternProblems(field string, patterns []string) (problems []string) {
	for i, pattern := range patterns {
		if _, err := path.Match(pattern, ""); err != nil {
			problems = append(problems, fmt.Sprintf("spec.topology.jar.container.%s[%d] is not a valid glob. Close each [ with a ], and write a backslash as \\\\.", field, i))
		}
	}
	return problems
}

func targetOf(parent *v1beta1.StormTopology, cluster *v1beta1.StormCluster, kubernetes string, inputs MainInputs) Target {
	version, ignored := "", ""
	if cluster != nil && cluster.Status.Version != "" {
		version = cluster.Status.Version
		ignored = storm.UndeclaredRemark("spec.topology.config", storm.Undeclared(parent.Spec.Topology.Config, version), version)
	}
	settings, problems := storm.SettingsIn(version, parent.Spec.Topology.Config)
	if workers := parent.Spec.Topology.Workers; workers != nil {
		settings[storm.Workers] = int64(*workers)
	}
	if problem := storm.NameProblem(parent.StormName()); problem != "" {
		problems = append(problems, problem)
	}
	for i, arg := range parent.Spec.Topology.Args {
		if strings.Contains(arg, "\x00") {
			problems = append(problems, fmt.Sprintf("spec.topology.args[%d] has a NUL character, which cannot be passed to a program. Remove it.", i))
		}
	}
	problems = append(problems, patternProblems("dependencies", parent.Spec.Topology.Jar.Container.Dependencies)...)
	problems = append(problems, patternProblems("files", parent.Spec.Topology.Jar.Container.Files)...)
	scales := scalesOf(parent.Spec.Topology.Components)
	workers, _ := settings[storm.Workers].(int64)
	problems = append(problems, storm.ScaleProblems(scales, int(workers))...)
	problems = append(problems, children.TooLarge(parent, cluster)...)
	var clientSettings map[string]any
	if cluster != nil {
		var more []string
		clientSettings, more = storm.ClientSettings(version, cluster.Spec.Config)
		problems = append(problems, more...)
	}
	whole, jar, restart := revision.All(parent, inputs.Key)
	return Target{
		Settings:       settings,
		Scales:         scales,
		ClientSettings: clientSettings,
		Problems:       problems,
		Ignored:        ignored,
		Fingerprint: storm.Fingerprint{
			Cluster:    kubernetes,
			Owner:      parent.Namespace + "/" + parent.Name,
			UID:        string(parent.UID),
			Generation: parent.Generation,
			Revision:   whole,
			Jar:        jar,
			Restart:    restart,
			Cheap:      strings.Join(revision.Cheap(parent), ","),
			Inputs:     inputs.submitted(),
		},
	}
}
