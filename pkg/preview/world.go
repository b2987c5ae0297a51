package preview

import (
	"encoding/json"
	"fmt"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// noon is the time of everything: no output depends on it.
var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// world is what Metacontroller and Storm know.
type world struct {
	config  topology.Config
	objects topology.Objects
	storm   storm.View
}

// newWorld has the objects with the defaults of the CRDs, and a placeholder for each
// value that only a cluster knows.
func newWorld(parent *v1beta1.StormTopology, cluster *v1beta1.StormCluster, config topology.Config) *world {
	parent = parent.DeepCopy()
	Default(parent)
	if parent.UID == "" {
		parent.UID = placeholder("uid", "StormTopology", parent.Name)
	}
	if parent.Generation == 0 {
		parent.Generation = 1
	}
	if cluster == nil {
		cluster = unknownCluster(parent)
	}
	cluster = cluster.DeepCopy()
	DefaultCluster(cluster)
	if cluster.Status.Identity == "" {
		cluster.Status.Identity = string(placeholder("identity", "StormCluster", cluster.Name))
	}
	w := &world{config: config, storm: storm.View{Identity: cluster.Status.Identity, Listed: true, Fresh: true}}
	w.objects = topology.Objects{Parent: parent, Clusters: []v1beta1.StormCluster{*cluster}}
	for _, name := range []string{metav1.NamespaceSystem, parent.Namespace} {
		w.objects.Namespaces = append(w.objects.Namespaces, corev1.Namespace{
			ObjectMeta: metav1.ObjectMeta{Name: name, UID: placeholder("uid", "Namespace", name)}})
	}
	if storage := parent.Spec.Topology.Jar.Storage; storage != nil && storage.ClaimName != "" {
		w.objects.GivenClaims = []corev1.PersistentVolumeClaim{{ObjectMeta: metav1.ObjectMeta{
			Namespace: parent.Namespace, Name: storage.ClaimName, UID: placeholder("uid", "PersistentVolumeClaim", storage.ClaimName)}}}
	}
	return w
}

// target is the revision that the object requests.
func (w *world) target() string {
	return topology.Observe(w.objects, w.config, noon).Target.Fingerprint.Revision
}

// unknownCluster replaces a StormCluster that was not given.
func unknownCluster(parent *v1beta1.StormTopology) *v1beta1.StormCluster {
	name := parent.Spec.ClusterRef
	return &v1beta1.StormCluster{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: parent.Namespace},
		Spec: v1beta1.StormClusterSpec{
			Nimbus: v1beta1.Nimbus{Seeds: []string{string(placeholder("spec.nimbus.seeds", "StormCluster", name))}},
			Image:  string(placeholder("spec.image", "StormCluster", name)),
		},
	}
}

// placeholder replaces an unknown value. It has no space and no character that JSON or a
// shell would escape.
func placeholder(what, kind, name string) types.UID {
	return types.UID("(" + what + "-of-" + kind + "-" + name + ")")
}

// sync makes one hook call, and returns the children of the answer as Metacontroller gets
// them.
func (w *world) sync() (topology.Result, []map[string]any, error) {
	result, err := topology.Respond(w.objects, w.config, w, noon)
	if err != nil {
		return topology.Result{}, nil, err
	}
	body, err := metacontroller.Encode(result.Response)
	if err != nil {
		return topology.Result{}, nil, err
	}
	var answer struct {
		Children []map[string]any `json:"children"`
	}
	if err := metacontroller.DecodeObject(body, &answer, metacontroller.AlwaysSkipped); err != nil {
		return topology.Result{}, nil, err
	}
	parent := *w.objects.Parent
	parent.Status = result.Status
	w.objects.Parent = &parent
	return result, answer.Children, nil
}

// Look answers as the Storm of this world.
func (w *world) Look(topology.Question, bool) (storm.View, error) { return w.storm, nil }

// Act accepts every call, and does nothing.
func (w *world) Act(_ topology.Question, call storm.Call) (storm.Outcome, error) {
	return storm.Outcome{Call: call}, nil
}

// create creates the requested children that do not exist yet, and completes each
// at once. A child that exists has no spec in the answer.
func (w *world) create(requested []map[string]any) (created []map[string]any, err error) {
	for _, child := range requested {
		if _, has := child["spec"]; !has {
			continue
		}
		if err := w.complete(child); err != nil {
			return nil, err
		}
		created = append(created, child)
	}
	return created, nil
}

// complete adds a child to the world in the state in which its work is done.
func (w *world) complete(child map[string]any) error {
	text, err := json.Marshal(child)
	if err != nil {
		return fmt.Errorf("encoding a child: %w", err)
	}
	switch child["kind"] {
	case "PersistentVolumeClaim":
		var claim corev1.PersistentVolumeClaim
		err = metacontroller.DecodeObject(text, &claim, metacontroller.AlwaysSkipped)
		identify(&claim, "PersistentVolumeClaim")
		w.objects.Claims = append(w.objects.Claims, claim)
	case "Job":
		var job batchv1.Job
		err = metacontroller.DecodeObject(text, &job, metacontroller.AlwaysSkipped)
		identify(&job, "Job")
		job.Status.Conditions = []batchv1.JobCondition{{Type: batchv1.JobComplete, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(noon)}}
		w.objects.Jobs = append(w.objects.Jobs, job)
	case "Pod":
		var pod corev1.Pod
		err = metacontroller.DecodeObject(text, &pod, metacontroller.AlwaysSkipped)
		identify(&pod, "Pod")
		pod.Status.Phase = corev1.PodSucceeded
		w.objects.Pods = append(w.objects.Pods, pod)
	}
	return err
}

// identify sets what Kubernetes would: the uid and the time.
func identify(object metav1.Object, kind string) {
	object.SetUID(placeholder("uid", kind, object.GetName()))
	object.SetCreationTimestamp(metav1.NewTime(noon))
}
