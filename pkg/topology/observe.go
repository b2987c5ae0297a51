package topology

import (
	"fmt"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
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

// Step is one of the two steps on the way into Storm: a Job, or the Pod of
// init-container mode.
type Step struct {
	// Job and Pod are nil where none is there; one of them at most.
	Job    *batchv1.Job
	Pod    *corev1.Pod
	Serves children.Serves
	// Stray is the step's child of another mode: it makes room, and is nothing else.
	Stray *Step
	// Pods are the child's own, Others those of a former one of the same step.
	Pods, Others []corev1.Pod
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

// Observe takes a request apart.
func Observe(request metacontroller.Request, config Config) (Observed, error) {
	seen := Observed{Config: config, Finalizing: request.Finalizing, Parent: &v1beta1.StormTopology{}}
	if err := metacontroller.DecodeObject(request.Parent, seen.Parent); err != nil {
		return Observed{}, err
	}
	if seen.Parent.Name == "" || seen.Parent.Namespace == "" {
		return Observed{}, fmt.Errorf("%w: the parent has no name or no namespace", metacontroller.ErrBadRequest)
	}
	if err := seen.related(request.Related); err != nil {
		return Observed{}, err
	}
	if err := seen.children(request.Children, request.Related); err != nil {
		return Observed{}, err
	}
	seen.Target = target(seen.Parent, seen.Cluster, seen.Kubernetes)
	return seen, nil
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

func (seen *Observed) related(objects metacontroller.Objects) error {
	clusters, err := metacontroller.DecodeAll[v1beta1.StormCluster](objects, kindCluster)
	if err != nil {
		return err
	}
	for i := range clusters {
		if clusters[i].Name == seen.Parent.Spec.ClusterRef && clusters[i].Namespace == seen.Parent.Namespace {
			seen.Cluster = &clusters[i]
		}
	}
	namespaces, err := metacontroller.DecodeAll[corev1.Namespace](objects, kindNamespace)
	if err != nil {
		return err
	}
	for _, namespace := range namespaces {
		if namespace.Name == kubeSystem {
			seen.Kubernetes = string(namespace.UID)
		}
		if namespace.Name == seen.Parent.Namespace {
			seen.Dying = namespace.DeletionTimestamp != nil || namespace.Status.Phase == corev1.NamespaceTerminating
			seen.PodSecurity = namespace.Labels["pod-security.kubernetes.io/enforce"]
		}
	}
	return nil
}

func (seen *Observed) children(objects, related metacontroller.Objects) error {
	name := seen.Parent.Name
	claims, err := metacontroller.DecodeAll[corev1.PersistentVolumeClaim](objects, kindClaim)
	if err != nil {
		return err
	}
	if given := seen.givenClaim(); given != "" {
		name = given
		if claims, err = metacontroller.DecodeAll[corev1.PersistentVolumeClaim](related, kindClaim); err != nil {
			return err
		}
	} else {
		name = children.ClaimName(name)
	}
	for i := range claims {
		if claims[i].Name == name && claims[i].Namespace == seen.Parent.Namespace {
			seen.Claim = &claims[i]
		}
	}
	name = seen.Parent.Name
	jobs, err := metacontroller.DecodeAll[batchv1.Job](objects, kindJob)
	if err != nil {
		return err
	}
	pods, err := metacontroller.DecodeAll[corev1.Pod](related, kindPod)
	if err != nil {
		return err
	}
	own, err := metacontroller.DecodeAll[corev1.Pod](objects, kindPod)
	if err != nil {
		return err
	}
	seen.Extract = step(jobs, pods, name, children.ExtractJobName(name), children.StepExtract)
	job := step(jobs, pods, name, children.SubmitJobName(name), children.StepSubmit)
	pod := podStep(own, pods, name)
	seen.Submit = job
	if seen.Parent.Mode() == v1beta1.ExtractionInit {
		job, pod = pod, job
		seen.Submit = job
	}
	if pod.there() {
		seen.Submit.Stray = &pod
	}
	return nil
}

// podStep is the Pod of init-container mode. It is among the related pods, too.
func podStep(own, related []corev1.Pod, topology string) Step {
	var s Step
	for i := range own {
		if own[i].Name == children.TopologyPodName(topology) {
			s.Pod = &own[i]
			s.Serves = children.ServesOf(s.Pod)
			s.Pods = []corev1.Pod{own[i]}
		}
	}
	for _, pod := range related {
		if pod.Labels[children.LabelTopology] == topology && pod.Labels[children.LabelStep] == children.StepSubmit &&
			(s.Pod == nil || pod.UID != s.Pod.UID) {
			s.Others = append(s.Others, pod)
		}
	}
	return s
}

func step(jobs []batchv1.Job, pods []corev1.Pod, topology, jobName, label string) Step {
	var s Step
	for i := range jobs {
		if jobs[i].Name == jobName {
			s.Job = &jobs[i]
			s.Serves = children.ServesOf(s.Job)
		}
	}
	for _, pod := range pods {
		if pod.Labels[children.LabelTopology] != topology || pod.Labels[children.LabelStep] != label {
			continue
		}
		if s.Job != nil && metav1.IsControlledBy(&pod, s.Job) {
			s.Pods = append(s.Pods, pod)
		} else {
			s.Others = append(s.Others, pod)
		}
	}
	return s
}

func target(parent *v1beta1.StormTopology, cluster *v1beta1.StormCluster, kubernetes string) Target {
	settings, problems := storm.Settings(parent.Spec.Topology.Config)
	if workers := parent.Spec.Topology.Workers; workers != nil {
		settings[storm.Workers] = int64(*workers)
	}
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

// givenClaim is the claim that the spec names, in place of one that is made.
func (seen Observed) givenClaim() string {
	if storage := seen.Parent.Spec.Topology.Jar.Storage; storage != nil {
		return storage.ClaimName
	}
	return ""
}

// copies says whether the mode copies the JAR to a claim before it is submitted.
func (seen Observed) copies() bool { return seen.Parent.Mode() == v1beta1.ExtractionCopy }

// deleting: the object is being deleted, or its whole namespace is; a custom
// resource gets its own deletionTimestamp only after all pods of the namespace
// are gone (k8s.io/kubernetes/pkg/controller/namespace/deletion).
func (seen Observed) deleting() bool {
	return seen.Finalizing || seen.Dying || seen.Parent.DeletionTimestamp != nil
}

// ours is the topology in Storm where it bears our fingerprint, or is the very
// one that the object adopts; else nil. Must 3.
func (seen Observed) ours() *storm.Topology {
	t := seen.Storm.Topology
	if t != nil && (t.ConfKnown && t.Fingerprint.SameOwner(seen.Target.Fingerprint) || seen.adopts(t)) {
		return t
	}
	return nil
}

// adopts says whether a topology is not ours and the object adopts that very id.
func (seen Observed) adopts(t *storm.Topology) bool {
	return t != nil && t.ID != "" && t.ID == seen.adopted() &&
		!(t.ConfKnown && t.Fingerprint.SameOwner(seen.Target.Fingerprint))
}

func (seen Observed) adopted() string { return seen.Parent.Annotations[v1beta1.AnnotationAdopt] }

// adoptedRevision is the revision that stands for the adopted topology: the one
// that the spec asked for when it was adopted.
func (seen Observed) adoptedRevision() string {
	if before := seen.Parent.Status.AdoptedRevision; before != "" {
		return before
	}
	return seen.Target.Fingerprint.Revision
}

// unreadable says whether Storm has the topology that was ours and does not say
// whose it is now: nobody's word to act on.
func (seen Observed) unreadable() bool {
	t := seen.Storm.Topology
	return t != nil && !t.ConfKnown && t.ID == seen.Parent.Status.StormID
}

// running is ours where it counts as running, else nil.
func (seen Observed) running() *storm.Topology {
	if t := seen.ours(); t.Alive() {
		return t
	}
	return nil
}

// runsTarget says whether what runs is what the spec asks for.
func (seen Observed) runsTarget() bool {
	t := seen.running()
	switch {
	case t == nil:
		return false
	case seen.adopts(t):
		return seen.adoptedRevision() == seen.Target.Fingerprint.Revision
	}
	return t.Fingerprint.SameRevision(seen.Target.Fingerprint)
}

// revisionOf is the revision that a topology of ours runs.
func (seen Observed) revisionOf(t *storm.Topology) string {
	if seen.adopts(t) {
		return seen.adoptedRevision()
	}
	return t.Fingerprint.Revision
}

// change is how the target is reached from what runs; nil where nothing runs, or
// the target does.
func (seen Observed) change() *v1beta1.Change {
	t := seen.running()
	switch {
	case t == nil || seen.runsTarget():
		return nil
	case seen.adopts(t):
		return &v1beta1.Change{Kind: v1beta1.ChangeRestart, Why: "the topology that was adopted is replaced"}
	}
	policy, last := v1beta1.UpdateAuto, (*v1beta1.Topology)(nil)
	if update := seen.Parent.Spec.Update; update != nil && update.Policy != "" {
		policy = update.Policy
	}
	if before := seen.Parent.Status.LastSpec; before != nil && before.Revision == t.Fingerprint.Revision {
		last = before.Topology
	}
	return revision.Compare(t.Fingerprint, seen.Target.Fingerprint, policy, last, &seen.Parent.Spec.Topology)
}

// anotherStorm says whether the seeds lead to another Storm than before.
func (seen Observed) anotherStorm() bool {
	known := seen.Cluster.Status.Identity
	return known != "" && seen.Storm.Identity != "" && seen.Storm.Identity != known
}

// seedsDie says whether Storm itself is in a namespace that is being deleted.
func (seen Observed) seedsDie() bool {
	if !seen.Dying || seen.Cluster == nil {
		return false
	}
	for _, seed := range seen.Cluster.SeedHosts() {
		if !inNamespace(seed, seen.Parent.Namespace) {
			return false
		}
	}
	return true
}

// inNamespace: NAME.NAMESPACE.svc or POD.NAME.NAMESPACE.svc, with or without
// the cluster's domain.
func inNamespace(host, namespace string) bool {
	service, _, found := strings.Cut(host+".", ".svc.")
	return found && strings.HasSuffix(service, "."+namespace)
}

func age(since *metav1.Time, now time.Time) time.Duration {
	if since == nil {
		return 0
	}
	return now.Sub(since.Time)
}
