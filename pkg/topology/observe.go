package topology

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/revision"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Observe sorts the objects of a call. Storm has not been asked yet.
func Observe(objects Objects, config Config, now time.Time) Observed {
	parent := remembering(objects.Parent, now)
	seen := Observed{Config: config, Objects: objects, Now: now, Parent: parent, Finalizing: objects.Finalizing}
	for i, cluster := range objects.Clusters {
		if cluster.Name == parent.Spec.ClusterRef && cluster.Namespace == parent.Namespace {
			seen.Cluster = &objects.Clusters[i]
		}
	}
	for _, namespace := range objects.Namespaces {
		if namespace.Name == metav1.NamespaceSystem {
			seen.Kubernetes = string(namespace.UID)
		}
		if namespace.Name == parent.Namespace {
			seen.NamespaceDeleting = namespace.DeletionTimestamp != nil || namespace.Status.Phase == corev1.NamespaceTerminating
			seen.PodSecurity = namespace.Labels["pod-security.kubernetes.io/enforce"]
		}
	}
	// A custom resource gets its own deletionTimestamp only after all pods of the
	// namespace are gone (k8s.io/kubernetes/pkg/controller/namespace/deletion).
	seen.Deleting = seen.Finalizing || seen.NamespaceDeleting || parent.DeletionTimestamp != nil
	seen.Inputs = inputsOf(seen, revision.InputsOf(parent.Spec.Template, objects.ConfigMaps))
	seen.Target = goalOf(seen, parent)
	seen.Progress = progressOf(seen)
	seen.Beside = besideOf(seen)
	seen.Aim = aimOf(seen)
	seen.Change = changeOf(seen)
	seen.NameConflict = nameConflictOf(seen)
	return seen
}

// WithStorm returns a copy that includes Storm's answer.
func (seen Observed) WithStorm(view storm.View) Observed {
	seen.Storm, seen.Other = answersOf(seen, view)
	if inputs := inputsOf(seen, seen.Inputs.Now); inputs.Key != seen.Inputs.Key {
		seen.Inputs = inputs
		seen.Target = goalOf(seen, seen.Parent)
		seen.Storm, seen.Other = answersOf(seen, view) // what stands for an adopted topology is the target
	} else {
		seen.Inputs = inputs
	}
	seen.Target.Runs = runs(seen.Storm, seen.Target)
	seen.Progress = progressOf(seen)
	seen.Beside = besideOf(seen)
	seen.Aim = aimOf(seen)
	seen.Aim.Runs = runs(seen.Storm, seen.Aim)
	seen.Change = changeOf(seen)
	seen.NameConflict = nameConflictOf(seen)
	return seen
}

// Question is what Storm should be asked; false where there is no Storm to ask. A
// topology whose id is known is read by it: the list costs Nimbus more, the more
// topologies there are, and is read once the id is not alive.
func (seen Observed) Question() (Question, bool) {
	if seen.Cluster == nil || seen.Kubernetes == "" {
		return Question{}, false
	}
	name, other := seen.names()
	question := Question{
		Seeds: seen.Cluster.SeedHosts(), Port: seen.Cluster.Port(), TLS: seen.Cluster.Spec.Nimbus.TLS,
		Name: name, ID: seen.lastID(),
	}
	if seen.asksBoth() {
		question.Other, question.OtherID = other, seen.besideID()
	}
	return question, true
}

// related are the objects besides the children that a call needs.
func related(parent *v1beta1.StormTopology) []metacontroller.RelatedRule {
	rules := []metacontroller.RelatedRule{
		{APIVersion: v1beta1.GroupVersion.String(), Resource: "stormclusters", Namespace: parent.Namespace, Names: []string{parent.Spec.ClusterRef}},
		{APIVersion: "v1", Resource: "pods", Namespace: parent.Namespace, LabelSelector: &metav1.LabelSelector{
			MatchLabels: map[string]string{children.LabelTopology: parent.Name}}},
		{APIVersion: "v1", Resource: "namespaces", Names: []string{parent.Namespace, metav1.NamespaceSystem}},
	}
	if storage := parent.Spec.Topology.Jar.Storage; storage != nil && storage.ClaimName != "" {
		rules = append(rules, metacontroller.RelatedRule{APIVersion: "v1", Resource: "persistentvolumeclaims",
			Namespace: parent.Namespace, Names: []string{storage.ClaimName}})
	}
	if names := revision.ConfigMapNames(parent.Spec.Template); len(names) > 0 {
		rules = append(rules, metacontroller.RelatedRule{APIVersion: "v1", Resource: "configmaps", Namespace: parent.Namespace, Names: names})
	}
	return rules
}
