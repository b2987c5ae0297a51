package sim

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/stormhooks/stormhooks/e2e/standin"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/cluster"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// typed keeps the typed value of each object's last version, so that it is made
// once for each, and the untyped form of each parent's last status.
type typed struct {
	objects  map[types.UID]typedObject
	statuses map[types.UID]typedStatus
}

type typedObject struct {
	version *unstructured.Unstructured
	value   any
}

type typedStatus struct {
	typed   any
	untyped map[string]any
}

func newTyped() *typed {
	return &typed{objects: map[types.UID]typedObject{}, statuses: map[types.UID]typedStatus{}}
}

// as is an object's typed value. It is never changed.
func as[T any](t *typed, object *unstructured.Unstructured) *T {
	uid := object.GetUID()
	if kept, found := t.objects[uid]; found && kept.version == object {
		return kept.value.(*T)
	}
	value := convert[T](object)
	t.objects[uid] = typedObject{object, value}
	return value
}

func convert[T any](object *unstructured.Unstructured) *T {
	value := new(T)
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, value); err != nil {
		panic(fmt.Sprintf("typing %s %s: %v", object.GetKind(), object.GetName(), err))
	}
	return value
}

// all are a group's typed values, in the order of their keys, as on the wire.
func all[T any](t *typed, group map[string]*unstructured.Unstructured) []T {
	if len(group) == 0 {
		return nil
	}
	values := make([]T, 0, len(group))
	for _, key := range slices.Sorted(maps.Keys(group)) {
		values = append(values, *as[T](t, group[key]))
	}
	return values
}

func (t *typed) topology(request standin.DirectRequest) topology.Objects {
	return topology.Objects{
		Parent:     as[v1beta1.StormTopology](t, request.Parent),
		Finalizing: request.Hook == standin.Finalize,

		Claims: all[corev1.PersistentVolumeClaim](t, request.Children["PersistentVolumeClaim.v1"]),
		Jobs:   all[batchv1.Job](t, request.Children["Job.batch/v1"]),
		Pods:   all[corev1.Pod](t, request.Children["Pod.v1"]),

		Clusters:    all[v1beta1.StormCluster](t, request.Related["StormCluster.storm.apache.org/v1beta1"]),
		Namespaces:  all[corev1.Namespace](t, request.Related["Namespace.v1"]),
		StepPods:    all[corev1.Pod](t, request.Related["Pod.v1"]),
		GivenClaims: all[corev1.PersistentVolumeClaim](t, request.Related["PersistentVolumeClaim.v1"]),
	}
}

func (t *typed) cluster(request standin.DirectRequest) cluster.Objects {
	objects := cluster.Objects{Parent: as[v1beta1.StormCluster](t, request.Parent), Finalizing: request.Hook == standin.Finalize}
	for _, topology := range all[v1beta1.StormTopology](t, request.Related["StormTopology.storm.apache.org/v1beta1"]) {
		if topology.Namespace == objects.Parent.Namespace && topology.Spec.ClusterRef == objects.Parent.Name {
			objects.Users.Add(topology.Name)
		}
	}
	return objects
}

// status is the untyped form of a parent's status, which is the same map while
// the status is the same.
func (t *typed) status(uid types.UID, status any) map[string]any {
	kept := t.statuses[uid]
	if kept.untyped != nil && reflect.DeepEqual(kept.typed, status) {
		return kept.untyped
	}
	raw, err := utiljson.Marshal(status)
	var untyped map[string]any
	if err == nil {
		err = utiljson.Unmarshal(raw, &untyped)
	}
	if err != nil {
		panic(fmt.Sprintf("a status that is not JSON: %v", err))
	}
	t.statuses[uid] = typedStatus{status, untyped}
	return untyped
}

// changed says which typed value is not what its object says any more: some code
// wrote into what is read only.
func (t *typed) changed() string {
	for _, kept := range t.objects {
		var again any
		switch kept.value.(type) {
		case *v1beta1.StormTopology:
			again = convert[v1beta1.StormTopology](kept.version)
		case *v1beta1.StormCluster:
			again = convert[v1beta1.StormCluster](kept.version)
		case *batchv1.Job:
			again = convert[batchv1.Job](kept.version)
		case *corev1.Pod:
			again = convert[corev1.Pod](kept.version)
		case *corev1.PersistentVolumeClaim:
			again = convert[corev1.PersistentVolumeClaim](kept.version)
		case *corev1.Namespace:
			again = convert[corev1.Namespace](kept.version)
		}
		if !reflect.DeepEqual(again, kept.value) {
			return kept.version.GetKind() + " " + kept.version.GetName()
		}
	}
	return ""
}
