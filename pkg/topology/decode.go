package topology

import (
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
)

// Objects are the objects of a call, typed. They are read only: whoever holds
// typed objects already may hand in the same ones again and again.
type Objects struct {
	Parent     *v1beta1.StormTopology
	Finalizing bool

	// The children.
	Claims []corev1.PersistentVolumeClaim
	Jobs   []batchv1.Job
	Pods   []corev1.Pod

	// What customize asked for.
	Clusters    []v1beta1.StormCluster
	Namespaces  []corev1.Namespace
	StepPods    []corev1.Pod
	GivenClaims []corev1.PersistentVolumeClaim
}

// Decode types the objects of a request. The error wraps metacontroller.ErrBadRequest.
func Decode(request metacontroller.Request) (Objects, error) {
	objects := Objects{Finalizing: request.Finalizing}
	var err error
	if objects.Parent, err = readers.parents.Object(request.Parent); err != nil {
		return Objects{}, err
	}
	if objects.Parent.Name == "" || objects.Parent.Namespace == "" {
		return Objects{}, fmt.Errorf("%w: the parent has no name or no namespace", metacontroller.ErrBadRequest)
	}
	if objects.Claims, err = readers.claims.All(request.Children, kindClaim); err != nil {
		return Objects{}, err
	}
	if objects.Jobs, err = readers.jobs.All(request.Children, kindJob); err != nil {
		return Objects{}, err
	}
	if objects.Pods, err = readers.pods.All(request.Children, kindPod); err != nil {
		return Objects{}, err
	}
	if objects.Clusters, err = readers.clusters.All(request.Related, kindCluster); err != nil {
		return Objects{}, err
	}
	if objects.Namespaces, err = readers.namespaces.All(request.Related, kindNamespace); err != nil {
		return Objects{}, err
	}
	if objects.StepPods, err = readers.pods.All(request.Related, kindPod); err != nil {
		return Objects{}, err
	}
	objects.GivenClaims, err = readers.claims.All(request.Related, kindClaim)
	return objects, err
}
