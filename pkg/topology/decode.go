package topology

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sort"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/revision"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
)

// Kinds as Metacontroller keys them.
const (
	kindClaim     = "PersistentVolumeClaim.v1"
	kindJob       = "Job.batch/v1"
	kindPod       = "Pod.v1"
	kindNamespace = "Namespace.v1"
	kindConfigMap = "ConfigMap.v1"
	kindCluster   = "StormCluster." + v1beta1.Group + "/" + v1beta1.Version
)

// Decode types the objects of a request. The error wraps metacontroller.ErrBadRequest.
func Decode(request metacontroller.Request) (Objects, error) {
	var from decoder
	if err := from.parent(request.Parent); err != nil {
		return Objects{}, err
	}
	for _, group := range []struct {
		related bool
		objects metacontroller.Objects
	}{{false, request.Children}, {true, request.Related}} {
		for _, kind := range []string{kindClaim, kindJob, kindPod, kindCluster, kindNamespace, kindConfigMap} {
			for _, raw := range group.objects.Of(kind) {
				if err := from.add(metacontroller.Part{Related: group.related, Kind: kind, Raw: raw}); err != nil {
					return Objects{}, err
				}
			}
		}
	}
	return from.all(request.Finalizing), nil
}

// Read is Decode for the body of a call, as it arrives. Its memory does not grow with the
// number of pods. The error is of metacontroller.Stream.
func Read(body io.Reader) (Objects, error) {
	var from decoder
	finalizing, err := metacontroller.Stream(body, from.add)
	if err != nil {
		return Objects{}, err
	}
	return from.all(finalizing), nil
}

// decoder gathers the objects of a request.
type decoder struct {
	Objects
	running, ended podsKept
}

func (d *decoder) parent(raw json.RawMessage) error {
	parent := new(v1beta1.StormTopology)
	if err := metacontroller.DecodeObject(raw, parent, unreadOfParents); err != nil {
		return err
	}
	if parent.Name == "" || parent.Namespace == "" {
		return fmt.Errorf("%w: the parent has no name or no namespace", metacontroller.ErrBadRequest)
	}
	convert(&parent.Status)
	d.Parent = parent
	return nil
}

func (d *decoder) add(part metacontroller.Part) error {
	switch {
	case part.Parent:
		return d.parent(part.Raw)
	case part.Related:
		return d.addRelated(part)
	}
	switch part.Kind {
	case kindClaim:
		return appendTo(&d.Claims, part, unreadOfClaims, d.isChild)
	case kindJob:
		return appendTo(&d.Jobs, part, unreadOfJobs, d.isChild)
	case kindPod:
		return appendTo(&d.Pods, part, unreadOfPods, d.isChild)
	}
	return nil
}

func (d *decoder) addRelated(part metacontroller.Part) error {
	switch part.Kind {
	case kindCluster:
		return appendTo(&d.Clusters, part, metacontroller.AlwaysSkipped, nil)
	case kindNamespace:
		return appendTo(&d.Namespaces, part, unreadOfNamespaces, nil)
	case kindPod:
		return d.addStepPod(part)
	case kindClaim:
		return appendTo(&d.GivenClaims, part, unreadOfClaims, nil)
	case kindConfigMap:
		return d.addConfigMap(part)
	}
	return nil
}

// addConfigMap keeps the hash only: a hundred of them may have 1 MiB each.
func (d *decoder) addConfigMap(part metacontroller.Part) error {
	var m corev1.ConfigMap
	if err := decodePart(part, &m, metacontroller.AlwaysSkipped); err != nil {
		return err
	}
	if d.ConfigMaps == nil {
		d.ConfigMaps = map[string]string{}
	}
	d.ConfigMaps[m.Name] = revision.ConfigMapHash(&m)
	return nil
}

// isChild says whether a child may have a name that Stormhooks gives to one. Any number of
// others may be there, which Metacontroller deletes after the answer.
func (d *decoder) isChild(name string) bool {
	if d.Parent == nil {
		return true // its name is not known yet
	}
	of := d.Parent.Name
	return slices.Contains([]string{children.ClaimName(of), children.ExtractJobName(of), children.SubmitJobName(of), children.TopologyPodName(of)}, name)
}

func (d *decoder) addStepPod(part metacontroller.Part) error {
	var pod corev1.Pod
	if err := decodePart(part, &pod, unreadOfPods); err != nil {
		return err
	}
	switch {
	case d.Parent != nil && !isOfStep(&pod, d.Parent.Name, children.StepExtract) && !isOfStep(&pod, d.Parent.Name, children.StepSubmit):
	case pod.Status.Phase == corev1.PodSucceeded, pod.Status.Phase == corev1.PodFailed:
		d.ended.add(&pod, len(part.Raw))
	default:
		d.running.add(&pod, len(part.Raw))
	}
	return nil
}

// all are the objects, in an order that does not depend on that of the request.
func (d *decoder) all(finalizing bool) Objects {
	d.Finalizing = finalizing
	d.StepPods = d.ended.appendNewest(d.running.appendNewest(nil))
	sorted(d.Claims)
	sorted(d.Jobs)
	sorted(d.Pods)
	sorted(d.Clusters)
	sorted(d.Namespaces)
	sorted(d.StepPods)
	sorted(d.GivenClaims)
	return d.Objects
}

func decodePart(part metacontroller.Part, into any, skipped metacontroller.Skipped) error {
	if err := metacontroller.DecodeObject(part.Raw, into, skipped); err != nil {
		return fmt.Errorf("%s: %w", part.Kind, err)
	}
	return nil
}

// pointer is an object of Kubernetes.
type pointer[T any] interface {
	*T
	metav1.Object
}

// appendTo appends an object with a name that is wanted; nil wants all.
func appendTo[T any, P pointer[T]](objects *[]T, part metacontroller.Part, skipped metacontroller.Skipped, wanted func(name string) bool) error {
	var empty T
	at := len(*objects)
	*objects = append(*objects, empty)
	object := &(*objects)[at]
	err := decodePart(part, object, skipped)
	if err != nil || wanted != nil && !wanted(P(object).GetName()) {
		*objects = (*objects)[:at]
	}
	return err
}

// sorted sorts by namespace and name, as the keys of Metacontroller are sorted. It compares
// where they are: each comparison of slices.SortFunc would copy two.
func sorted[T any, P pointer[T]](objects []T) {
	key := func(o *T) string { return P(o).GetNamespace() + "/" + P(o).GetName() }
	sort.SliceStable(objects, func(i, j int) bool { return key(&objects[i]) < key(&objects[j]) })
}

// mostOfPods is how much of a topology's pods is kept in memory, in bytes as they came: of
// those that have ended, and of the others. It is room for hundreds, and a topology has
// two; more are there only if another program keeps them. The youngest count: one that
// still runs keeps the topology waiting, however many there are.
const mostOfPods = 8 << 20

// podsKept are the youngest of some pods.
type podsKept struct {
	pods  []sizedPod
	bytes int
}

type sizedPod struct {
	*corev1.Pod
	bytes int
}

func (k *podsKept) add(pod *corev1.Pod, bytes int) {
	k.pods = append(k.pods, sizedPod{pod, bytes})
	if k.bytes += bytes; k.bytes > 2*mostOfPods {
		k.trim()
	}
}

// trim drops the oldest beyond mostOfPods. Which ones stay does not depend on their order.
func (k *podsKept) trim() {
	slices.SortFunc(k.pods, func(a, b sizedPod) int {
		return cmp.Or(b.CreationTimestamp.Compare(a.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
	})
	kept := 0
	for i, pod := range k.pods {
		if kept+pod.bytes > mostOfPods {
			clear(k.pods[i:])
			k.pods = k.pods[:i]
			break
		}
		kept += pod.bytes
	}
	k.bytes = kept
}

func (k *podsKept) appendNewest(pods []corev1.Pod) []corev1.Pod {
	if k.bytes > mostOfPods {
		k.trim()
	}
	pods = slices.Grow(pods, len(k.pods))
	for _, pod := range k.pods {
		pods = append(pods, *pod.Pod)
	}
	return pods
}

// convert gives a status of an earlier version its present fields.
func convert(status *v1beta1.StormTopologyStatus) {
	if a := status.Attempts; a != nil {
		a.RequestedAt, a.NamedAt = cmp.Or(a.RequestedAt, a.NamedAt), nil
	}
}
