package topology

import (
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/diagnose"
	"github.com/stormhooks/stormhooks/pkg/internal/revision"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// jarLost says whether a submission found the volume without the JAR that the
// extraction had copied there: it was removed since. Times of objects are whole seconds,
// so two Jobs of one second count as in this order: a submission comes after its
// extraction, and the next extraction comes seconds after a submission that failed.
func jarLost(goal Goal, known *v1beta1.JarStatus, extract, submit Child) bool {
	var copied *metav1.Time
	switch {
	case extract.Job != nil:
		copied = &extract.Job.CreationTimestamp
	case goal.copiedBeside(known):
		copied = known.CopiedAt
	}
	if !goal.copies() || copied == nil || submit.Job == nil || submit.Job.CreationTimestamp.Before(copied) {
		return false
	}
	return slices.ContainsFunc(submit.Pods, func(pod corev1.Pod) bool {
		message, told := termination.Of(&pod, children.SubmitContainer)
		return told && message.Reason == v1beta1.JarNotFound
	})
}

func diagnosed(seen Observed, goal Goal, subject diagnose.Subject, c Child) *diagnose.Problem {
	problem := diagnosedAlone(seen, goal, subject, c)
	if problem == nil || !problem.Counts || !c.deadlinePassed() || !drained(seen.Parent.Status, c) {
		return problem
	}
	waited := *problem
	waited.Reason, waited.Counts = v1beta1.Killing, false
	waited.Message = "The pod of the submission reached its deadline while Storm was draining the previous topology, so the attempt does not count. It will be retried. To wait for less, kill that topology in Storm again, with a shorter wait."
	return &waited
}

// drained says whether Storm drained a topology when the pod ended: when it was asked
// last, or when this attempt was judged first.
func drained(before v1beta1.StormTopologyStatus, c Child) bool {
	tried := before.Attempts
	return before.StormStatus == storm.Killed ||
		tried != nil && tried.Step == children.StepSubmit && tried.Number == c.serves.Attempt && tried.LastReason == v1beta1.Killing
}

func diagnosedAlone(seen Observed, goal Goal, subject diagnose.Subject, c Child) *diagnose.Problem {
	switch {
	case goal.Parent.Mode() == v1beta1.ExtractionVolume && imageVolumeDropped(c.Job, children.SubmitJobName(goal.Parent.Name)):
		return diagnose.ImageVolumeDropped(c.Job)
	case helperDropped(c):
		return diagnose.HelperDropped(c.Job, c.Pod)
	case c.Pod != nil:
		return diagnose.Pod(c.Pod, subject, seen.Now)
	}
	return diagnose.Job(c.Job, c.Pods, goal.Claim, subject, seen.Now)
}

// imageVolumeDropped says whether the API server left the image volume out of the
// submitting Job, as it silently does where the feature is off
// (k8s.io/kubernetes/pkg/api/pod/util.go).
func imageVolumeDropped(job *batchv1.Job, name string) bool {
	if job == nil || job.Name != name {
		return false
	}
	for _, volume := range job.Spec.Template.Spec.Volumes {
		if volume.Name == children.ImageVolume && volume.Image != nil {
			return false
		}
	}
	return true
}

// helperDropped says whether the API server left the image volume with the helper out of a
// child, in the same way: its container runs the helper, and nothing brings it.
func helperDropped(c Child) bool {
	spec := c.podSpec()
	if spec == nil || c.helper() != (children.Helper{}) {
		return false
	}
	return slices.ContainsFunc(spec.Containers, func(c corev1.Container) bool { return slices.Equal(c.Command, []string{children.HelperPath}) })
}

func subjectOf(seen Observed, parent *v1beta1.StormTopology) diagnose.Subject {
	var secrets []string
	for _, secret := range children.PullSecrets(parent, seen.Cluster) {
		secrets = append(secrets, secret.Name)
	}
	return diagnose.Subject{
		PullSecrets:   secrets,
		Namespace:     parent.Namespace,
		Topology:      parent.Name,
		Cluster:       parent.Spec.ClusterRef,
		EnforcedLevel: seen.PodSecurity,

		MissingConfigMaps: revision.MissingConfigMaps(parent.Spec.Template, seen.Objects.ConfigMaps),
	}
}
