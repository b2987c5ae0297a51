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

// noon is when everything happens: nothing that is shown depends on it.
var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// world is what Metacontroller and Storm would know.
type world struct {
	config   topology.Config
	parent   *v1beta1.StormTopology
	cluster  *v1beta1.StormCluster
	children map[string]map[string]map[string]any // kind, namespace/name, object
	storm    storm.View
}

// newWorld has the objects with the defaults of the CRDs, and an evident
// placeholder for each thing that only a cluster knows.
func newWorld(parent *v1beta1.StormTopology, cluster *v1beta1.StormCluster, config topology.Config) *world {
	w := &world{config: config, parent: parent.DeepCopy(), children: map[string]map[string]map[string]any{}}
	Default(w.parent)
	if w.parent.UID == "" {
		w.parent.UID = placeholder("uid", "StormTopology", parent.Name)
	}
	if w.parent.Generation == 0 {
		w.parent.Generation = 1
	}
	if cluster == nil {
		cluster = unknownCluster(parent)
	}
	w.cluster = cluster.DeepCopy()
	DefaultCluster(w.cluster)
	if w.cluster.Status.Identity == "" {
		w.cluster.Status.Identity = string(placeholder("identity", "StormCluster", w.cluster.Name))
	}
	w.storm = storm.View{Identity: w.cluster.Status.Identity, Listed: true, Fresh: true}
	return w
}

// unknownCluster stands for a StormCluster that was not given.
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

// placeholder stands for what is not known. It holds no space and no sign that
// JSON or a shell would write otherwise.
func placeholder(what, kind, name string) types.UID {
	return types.UID("(" + what + "-of-" + kind + "-" + name + ")")
}

// sync makes one hook call.
func (w *world) sync() (topology.Result, []map[string]any, error) {
	request, err := w.request()
	if err != nil {
		return topology.Result{}, nil, err
	}
	result, err := topology.Sync(request, w.config, w, noon)
	if err != nil {
		return topology.Result{}, nil, err
	}
	w.parent.Status = result.Status
	body, err := metacontroller.Encode(result.Response)
	if err != nil {
		return topology.Result{}, nil, err
	}
	var answer struct {
		Children []map[string]any `json:"children"`
	}
	if err := metacontroller.DecodeObject(body, &answer); err != nil {
		return topology.Result{}, nil, err
	}
	return result, answer.Children, nil
}

// Look answers as the Storm of this world.
func (w *world) Look(topology.Question, bool) storm.View { return w.storm }

// Act takes every call, and does nothing.
func (w *world) Act(_ topology.Question, call storm.Call) storm.Outcome {
	return storm.Outcome{Call: call}
}

func (w *world) request() (metacontroller.Request, error) {
	request := metacontroller.Request{Children: metacontroller.Objects{}, Related: metacontroller.Objects{}}
	var err error
	if request.Parent, err = json.Marshal(w.parent); err != nil {
		return request, fmt.Errorf("writing StormTopology %q: %w", w.parent.Name, err)
	}
	for kind, objects := range w.children {
		request.Children[kind] = map[string]json.RawMessage{}
		for key, object := range objects {
			if request.Children[kind][key], err = json.Marshal(object); err != nil {
				return request, fmt.Errorf("writing %s: %w", key, err)
			}
		}
	}
	relate := func(kind, name string, object any) {
		var text []byte
		if text, err = json.Marshal(object); err == nil {
			if request.Related[kind] == nil {
				request.Related[kind] = map[string]json.RawMessage{}
			}
			request.Related[kind][name] = text
		}
	}
	relate("StormCluster."+v1beta1.GroupVersion.Group+"/"+v1beta1.GroupVersion.Version, w.cluster.Namespace+"/"+w.cluster.Name, w.cluster)
	for _, name := range []string{"kube-system", w.parent.Namespace} {
		relate("Namespace.v1", name, corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, UID: placeholder("uid", "Namespace", name)}})
	}
	if storage := w.parent.Spec.Topology.Jar.Storage; storage != nil && storage.ClaimName != "" {
		relate("PersistentVolumeClaim.v1", w.parent.Namespace+"/"+storage.ClaimName, corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{
			Namespace: w.parent.Namespace, Name: storage.ClaimName, UID: placeholder("uid", "PersistentVolumeClaim", storage.ClaimName)}})
	}
	return request, err
}

// fulfil makes a child that was asked for, and lets it do at once what it is for.
func (w *world) fulfil(child map[string]any) {
	kind, _ := child["kind"].(string)
	metadata, _ := child["metadata"].(map[string]any)
	name, _ := metadata["name"].(string)
	object := copied(child)
	made := object["metadata"].(map[string]any)
	made["uid"] = string(placeholder("uid", kind, name))
	made["creationTimestamp"] = noon.Format(time.RFC3339)
	key := kind + ".v1"
	switch kind {
	case "Job":
		key = "Job.batch/v1"
		object["status"] = map[string]any{
			"startTime": noon.Format(time.RFC3339),
			"conditions": []any{map[string]any{
				"type": string(batchv1.JobComplete), "status": "True", "lastTransitionTime": noon.Format(time.RFC3339)}},
		}
	case "Pod":
		object["status"] = map[string]any{"phase": string(corev1.PodSucceeded)}
	}
	if w.children[key] == nil {
		w.children[key] = map[string]map[string]any{}
	}
	w.children[key][w.parent.Namespace+"/"+name] = object
}

// copied is a copy of an object down to its metadata: that alone is changed.
func copied(object map[string]any) map[string]any {
	out := map[string]any{}
	for key, value := range object {
		out[key] = value
	}
	metadata := map[string]any{}
	if before, is := object["metadata"].(map[string]any); is {
		for key, value := range before {
			metadata[key] = value
		}
	}
	out["metadata"] = metadata
	return out
}
