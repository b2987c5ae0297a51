package topology

import (
	"slices"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
)

// Times of objects are whole seconds, so two Jobs may have the same.
func TestJarLost(t *testing.T) {
	for reason, test := range map[string]struct {
		extractAt, submitAt int64
		want                bool
	}{
		"the submission came later":               {10, 12, true},
		"the submission came in the same second":  {10, 10, true},
		"the extraction has run again since then": {12, 10, false},
	} {
		t.Run(reason, func(t *testing.T) {
			job := func(uid types.UID, at int64) *batchv1.Job {
				return &batchv1.Job{ObjectMeta: metav1.ObjectMeta{UID: uid, CreationTimestamp: metav1.Unix(at, 0)}}
			}
			pod := corev1.Pod{Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{Name: children.SubmitContainer,
				State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 1, FinishedAt: metav1.NewTime(time.Unix(13, 0)),
					Message: `{"reason":"JarNotFound","message":"It is missing."}`}}}}}}
			extract := Child{Job: job("extract-1", test.extractAt)}
			submit := Child{Job: job("submit-1", test.submitAt), Pods: []corev1.Pod{pod}}
			if got := jarLost(Goal{Parent: &v1beta1.StormTopology{}}, nil, extract, submit); got != test.want {
				t.Errorf("%v, want %v", got, test.want)
			}
		})
	}
}

// Where the API server removed the volume with the helper, in any mode, the problem is the
// helper's. In mode image-volume the volume with the JAR went with it: then the mode is.
func TestTheHelpersVolumeIsDropped(t *testing.T) {
	for _, mode := range []v1beta1.ExtractionMode{v1beta1.ExtractionCopy, v1beta1.ExtractionInit, v1beta1.ExtractionVolume} {
		for _, mounted := range []bool{false, true} {
			parent := &v1beta1.StormTopology{ObjectMeta: metav1.ObjectMeta{Name: "x"}}
			parent.Spec.Topology.Jar.Container.ExtractionMode = mode
			plan := children.Plan{Topology: parent, Cluster: &v1beta1.StormCluster{}, Helper: children.Helper{Image: "helper:1", Mounted: mounted}}
			child := Child{Job: children.MakeSubmitJob(plan)}
			if mode == v1beta1.ExtractionInit {
				child = Child{Pod: children.MakeTopologyPod(plan)}
			}
			if helperDropped(child) {
				t.Errorf("%s, mounted %t: the helper is there", mode, mounted)
			}
			spec := child.podSpec()
			spec.Volumes = slices.DeleteFunc(spec.Volumes, func(v corev1.Volume) bool { return v.Image != nil })
			problem := diagnosedAlone(Observed{}, Goal{Parent: parent}, subjectOf(Observed{}, parent), child)
			dropped := problem != nil && problem.Reason == v1beta1.ImageVolumeUnsupported
			if want := mounted || mode == v1beta1.ExtractionVolume; dropped != want {
				t.Errorf("%s, mounted %t: %+v", mode, mounted, problem)
			}
			if want := mounted && mode != v1beta1.ExtractionVolume; dropped && problem.Helper != want {
				t.Errorf("%s, mounted %t: of the helper: %t", mode, mounted, problem.Helper)
			}
		}
	}
}
