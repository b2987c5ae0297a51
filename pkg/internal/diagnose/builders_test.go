package diagnose

import (
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// began is when everything in these tests was created. No message contains its digits.
var began = time.Date(2031, 7, 19, 13, 47, 53, 0, time.UTC)

// soon, later and late are how long after that a hook is called.
const (
	soon  = 2 * time.Second
	later = 12 * time.Second
	late  = time.Hour
)

var about = Subject{Namespace: "storm-system", Topology: "wc", Cluster: "test-cluster"}

func plan() children.Plan {
	return children.Plan{
		Topology: &v1beta1.StormTopology{
			ObjectMeta: metav1.ObjectMeta{Name: "wc", Namespace: "storm-system"},
			Spec: v1beta1.StormTopologySpec{ClusterRef: "test-cluster", Topology: v1beta1.Topology{
				MainClass: "com.mycompany.MyTopology",
				Jar:       v1beta1.Jar{Container: v1beta1.JarContainer{Image: "mycompany/x:1", Path: "/app/topology.jar"}},
			}},
		},
		Helper:     children.Helper{Image: "stormhooks/stormhooks:v1"},
		Cluster:    &v1beta1.StormCluster{Spec: v1beta1.StormClusterSpec{Image: "apache/storm:2.8.1"}},
		Serves:     children.Serves{Revision: "8d1f", JarRevision: "41c0", Claim: "u", Attempt: 1},
		Submission: storm.Submission{},
	}
}

// extractJob and submitJob are the Jobs of a plan, as the API server has them.
func extractJob(changes ...func(*batchv1.Job)) *batchv1.Job {
	return made(children.MakeExtractJob(plan()), changes)
}

func submitJob(changes ...func(*batchv1.Job)) *batchv1.Job {
	return made(children.MakeSubmitJob(plan()), changes)
}

func made(job *batchv1.Job, changes []func(*batchv1.Job)) *batchv1.Job {
	job.UID, job.CreationTimestamp = "job-uid", metav1.NewTime(began)
	job.Status = batchv1.JobStatus{Ready: new(int32), StartTime: &metav1.Time{Time: began}, Active: 1}
	for _, change := range changes {
		change(job)
	}
	return job
}

// refused is the status of a Job whose pod the API server rejects.
func refused(job *batchv1.Job) {
	job.Status = batchv1.JobStatus{
		Ready: new(int32), Terminating: new(int32), StartTime: &metav1.Time{Time: began},
		UncountedTerminatedPods: &batchv1.UncountedTerminatedPods{},
	}
}

// jobFailed is a Job whose pod failed.
func jobFailed(job *batchv1.Job) {
	job.Status.Active, job.Status.Failed = 0, 1
	for _, kind := range []batchv1.JobConditionType{batchv1.JobFailureTarget, batchv1.JobFailed} {
		job.Status.Conditions = append(job.Status.Conditions, batchv1.JobCondition{
			Type: kind, Status: corev1.ConditionTrue, Reason: batchv1.JobReasonBackoffLimitExceeded, LastTransitionTime: metav1.NewTime(began)})
	}
}

// podOf is the pod of the Job: bound to a node and accepted by its kubelet. All
// containers wait.
func podOf(job *batchv1.Job, changes ...func(*corev1.Pod)) corev1.Pod {
	pod := corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: job.Name + "-x7k2p", Namespace: job.Namespace, UID: "pod-uid",
			Labels: job.Spec.Template.Labels, CreationTimestamp: metav1.NewTime(began),
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "batch/v1", Kind: "Job", Name: job.Name, UID: job.UID, Controller: new(true)}},
		},
		Spec: *job.Spec.Template.Spec.DeepCopy(),
		Status: corev1.PodStatus{Phase: corev1.PodPending, StartTime: &metav1.Time{Time: began}, Conditions: []corev1.PodCondition{
			{Type: corev1.PodScheduled, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(began)},
			{Type: corev1.PodReady, Status: corev1.ConditionFalse, Reason: "ContainersNotReady"},
		}},
	}
	pod.Spec.NodeName, pod.Spec.ServiceAccountName = "node-1", "default"
	for _, container := range pod.Spec.InitContainers {
		set(&pod.Status.InitContainerStatuses, container.Name, waits("PodInitializing", ""))
	}
	for _, container := range pod.Spec.Containers {
		set(&pod.Status.ContainerStatuses, container.Name, waits("PodInitializing", ""))
	}
	for _, change := range changes {
		change(&pod)
	}
	return pod
}

func set(list *[]corev1.ContainerStatus, name string, state corev1.ContainerState) {
	for i := range *list {
		if (*list)[i].Name == name {
			(*list)[i].State = state
			return
		}
	}
	*list = append(*list, corev1.ContainerStatus{Name: name, State: state})
}

// has sets the state of a container. The containers before it have succeeded, and a
// container that failed ends the pod.
func has(name string, state corev1.ContainerState) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		list := &pod.Status.ContainerStatuses
		if name == children.HelperContainer {
			list = &pod.Status.InitContainerStatuses
		} else if len(pod.Spec.InitContainers) > 0 {
			set(&pod.Status.InitContainerStatuses, children.HelperContainer, ends("Completed", 0, ""))
		}
		set(list, name, state)
		if state.Running != nil {
			pod.Status.Phase = corev1.PodRunning
		}
		if state.Terminated != nil && state.Terminated.ExitCode != 0 {
			pod.Status.Phase = corev1.PodFailed
		}
	}
}

func waits(reason, message string) corev1.ContainerState {
	return corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}
}

func runs() corev1.ContainerState {
	return corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(began)}}
}

func ends(reason string, code int32, message string) corev1.ContainerState {
	return corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
		Reason: reason, ExitCode: code, Message: message, StartedAt: metav1.NewTime(began), FinishedAt: metav1.NewTime(began)}}
}

// podReason is a pod that Kubernetes ended.
func podReason(reason, message string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Status.Phase, pod.Status.Reason, pod.Status.Message = corev1.PodFailed, reason, message
	}
}

// notBound is a pod without a node, and what the scheduler reports.
func notBound(reason, message string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Spec.NodeName, pod.Status.StartTime = "", nil
		pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses = nil, nil
		pod.Status.Conditions = nil
		if reason != "" {
			pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: reason, Message: message}}
		}
	}
}

func disruptedBy(reason string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Status.Conditions = append(pod.Status.Conditions, corev1.PodCondition{
			Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, Reason: reason, LastTransitionTime: metav1.NewTime(began)})
	}
}

func deleted(pod *corev1.Pod) {
	pod.DeletionTimestamp, pod.DeletionGracePeriodSeconds = &metav1.Time{Time: began.Add(30 * time.Second)}, new(int64(30))
}

func claimIn(phase corev1.PersistentVolumeClaimPhase, changes ...func(*corev1.PersistentVolumeClaim)) *corev1.PersistentVolumeClaim {
	claim := &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Name: "topology-jar-wc", Namespace: "storm-system", UID: "u", CreationTimestamp: metav1.NewTime(began)},
		Spec: corev1.PersistentVolumeClaimSpec{StorageClassName: new("standard"), Resources: corev1.VolumeResourceRequirements{
			Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}}},
		Status: corev1.PersistentVolumeClaimStatus{Phase: phase},
	}
	for _, change := range changes {
		change(claim)
	}
	return claim
}
