package topology

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/revision"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Kinds as Metacontroller keys them.
const (
	kindClaim     = "PersistentVolumeClaim.v1"
	kindJob       = "Job.batch/v1"
	kindPod       = "Pod.v1"
	kindNamespace = "Namespace.v1"
	kindCluster   = "StormCluster." + v1beta1.Group + "/" + v1beta1.Version

	kubeSystem = "kube-system"
)

// Observed is the world as one call shows it. It is never changed once built.
type Observed struct {
	Config     Config
	Parent     *v1beta1.StormTopology
	Finalizing bool
	// Cluster is nil where no such StormCluster is there.
	Cluster *v1beta1.StormCluster
	// Kubernetes is the uid of kube-system; empty while it has not been seen.
	Kubernetes string
	// Dying: the namespace is being deleted.
	Dying bool
	// PodSecurity is the level that the namespace enforces, empty for none.
	PodSecurity string

	Claim   *corev1.PersistentVolumeClaim
	Extract Step
	Submit  Step

	Target Target
	// Storm is what Storm says; Heard is false while it has not been asked.
	Storm storm.View
	Heard bool
}

// Target is what the spec asks for.
type Target struct {
	Fingerprint storm.Fingerprint
	Settings    map[string]any
	// ClientSettings are for the submitting JVM only.
	ClientSettings map[string]any
	// Problems say why the spec cannot be carried out; empty when it can.
	Problems []string
}

// Observe sorts the objects of a call.
func Observe(objects Objects, config Config) Observed {
	seen := Observed{Config: config, Finalizing: objects.Finalizing, Parent: objects.Parent}
	seen.related(objects)
	seen.children(objects)
	seen.Target = target(seen.Parent, seen.Cluster, seen.Kubernetes)
	return seen
}

// Hearing is the same world with what Storm says.
func (seen Observed) Hearing(view storm.View) Observed {
	seen.Storm, seen.Heard = view, true
	return seen
}

// Question is what Storm should be asked; false where there is no Storm to ask.
func (seen Observed) Question() (Question, bool) {
	if seen.Cluster == nil || seen.Kubernetes == "" {
		return Question{}, false
	}
	question := Question{Seeds: seen.Cluster.SeedHosts(), Port: seen.Cluster.Port(), Name: seen.Parent.StormName()}
	if !seen.deleting() {
		question.ID = seen.Parent.Status.StormID
	}
	return question, true
}

func (seen *Observed) related(objects Objects) {
	for i, cluster := range objects.Clusters {
		if cluster.Name == seen.Parent.Spec.ClusterRef && cluster.Namespace == seen.Parent.Namespace {
			seen.Cluster = &objects.Clusters[i]
		}
	}
	for _, namespace := range objects.Namespaces {
		if namespace.Name == kubeSystem {
			seen.Kubernetes = string(namespace.UID)
		}
		if namespace.Name == seen.Parent.Namespace {
			seen.Dying = namespace.DeletionTimestamp != nil || namespace.Status.Phase == corev1.NamespaceTerminating
			seen.PodSecurity = namespace.Labels["pod-security.kubernetes.io/enforce"]
		}
	}
}

func (seen *Observed) children(objects Objects) {
	name := seen.Parent.Name
	claims, claim := objects.Claims, children.ClaimName(name)
	if given := seen.givenClaim(); given != "" {
		claims, claim = objects.GivenClaims, given
	}
	for i := range claims {
		if claims[i].Name == claim && claims[i].Namespace == seen.Parent.Namespace {
			seen.Claim = &claims[i]
		}
	}
	seen.Extract = step(objects.Jobs, objects.StepPods, name, children.ExtractJobName(name), children.StepExtract)
	job := step(objects.Jobs, objects.StepPods, name, children.SubmitJobName(name), children.StepSubmit)
	pod := podStep(objects.Pods, objects.StepPods, name)
	seen.Submit = job
	if seen.Parent.Mode() == v1beta1.ExtractionInit {
		job, pod = pod, job
		seen.Submit = job
	}
	if pod.there() {
		seen.Submit.Stray = &pod
	}
}

func target(parent *v1beta1.StormTopology, cluster *v1beta1.StormCluster, kubernetes string) Target {
	settings, problems := storm.Settings(parent.Spec.Topology.Config)
	if workers := parent.Spec.Topology.Workers; workers != nil {
		settings[storm.Workers] = int64(*workers)
	}
	if problem := storm.NameProblem(parent.StormName()); problem != "" {
		problems = append(problems, problem)
	}
	for i, arg := range parent.Spec.Topology.Args {
		if strings.Contains(arg, "\x00") {
			problems = append(problems, fmt.Sprintf("spec.topology.args[%d] has a NUL character, which no program can be given. Take it away.", i))
		}
	}
	problems = append(problems, children.TooLarge(parent, cluster)...)
	var clientSettings map[string]any
	if cluster != nil {
		var more []string
		clientSettings, more = storm.ClientSettings(cluster.Spec.Config)
		problems = append(problems, more...)
	}
	return Target{
		Settings:       settings,
		ClientSettings: clientSettings,
		Problems:       problems,
		Fingerprint: storm.Fingerprint{
			Cluster:    kubernetes,
			Owner:      parent.Namespace + "/" + parent.Name,
			UID:        string(parent.UID),
			Generation: parent.Generation,
			Revision:   revision.Of(parent),
			Jar:        revision.OfJar(parent),
			Restart:    revision.OfRestart(parent),
			Cheap:      strings.Join(revision.Cheap(parent), ","),
		},
	}
}

func related(parent *v1beta1.StormTopology) []metacontroller.RelatedRule {
	rules := []metacontroller.RelatedRule{
		{APIVersion: v1beta1.GroupVersion.String(), Resource: "stormclusters", Namespace: parent.Namespace, Names: []string{parent.Spec.ClusterRef}},
		{APIVersion: "v1", Resource: "pods", Namespace: parent.Namespace, LabelSelector: &metav1.LabelSelector{
			MatchLabels: map[string]string{children.LabelTopology: parent.Name}}},
		{APIVersion: "v1", Resource: "namespaces", Names: []string{parent.Namespace, kubeSystem}},
	}
	if storage := parent.Spec.Topology.Jar.Storage; storage != nil && storage.ClaimName != "" {
		rules = append(rules, metacontroller.RelatedRule{APIVersion: "v1", Resource: "persistentvolumeclaims",
			Namespace: parent.Namespace, Names: []string{storage.ClaimName}})
	}
	return rules
}
