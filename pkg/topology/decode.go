package topology

import (
	"cmp"
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
)

// Kinds as Metacontroller keys them.
const (
	kindClaim     = "PersistentVolumeClaim.v1"
	kindJob       = "Job.batch/v1"
	kindPod       = "Pod.v1"
	kindNamespace = "Namespace.v1"
	kindCluster   = "StormCluster." + v1beta1.Group + "/" + v1beta1.Version
)

// Decode types the objects of a request. The error wraps metacontroller.ErrBadRequest.
func Decode(request metacontroller.Request) (Objects, error) {
	objects := Objects{Parent: new(v1beta1.StormTopology), Finalizing: request.Finalizing}
	if err := metacontroller.DecodeObject(request.Parent, objects.Parent, metacontroller.AlwaysSkipped); err != nil {
		return Objects{}, err
	}
	if objects.Parent.Name == "" || objects.Parent.Namespace == "" {
		return Objects{}, fmt.Errorf("%w: the parent has no name or no namespace", metacontroller.ErrBadRequest)
	}
	convert(&objects.Parent.Status)
	var err error
	if objects.Claims, err = metacontroller.DecodeAll[corev1.PersistentVolumeClaim](request.Children, kindClaim, unreadOfClaims); err != nil {
		return Objects{}, err
	}
	if objects.Jobs, err = metacontroller.DecodeAll[batchv1.Job](request.Children, kindJob, unreadOfJobs); err != nil {
		return Objects{}, err
	}
	if objects.Pods, err = metacontroller.DecodeAll[corev1.Pod](request.Children, kindPod, unreadOfPods); err != nil {
		return Objects{}, err
	}
	if objects.Clusters, err = metacontroller.DecodeAll[v1beta1.StormCluster](request.Related, kindCluster, metacontroller.AlwaysSkipped); err != nil {
		return Objects{}, err
	}
	if objects.Namespaces, err = metacontroller.DecodeAll[corev1.Namespace](request.Related, kindNamespace, unreadOfNamespaces); err != nil {
		return Objects{}, err
	}
	if objects.StepPods, err = metacontroller.DecodeAll[corev1.Pod](request.Related, kindPod, unreadOfPods); err != nil {
		return Objects{}, err
	}
	objects.GivenClaims, err = metacontroller.DecodeAll[corev1.PersistentVolumeClaim](request.Related, kindClaim, unreadOfClaims)
	return objects, err
}

// convert gives a status of an earlier version its present fields.
func convert(status *v1beta1.StormTopologyStatus) {
	if a := status.Attempts; a != nil {
		a.RequestedAt, a.NamedAt = cmp.Or(a.RequestedAt, a.NamedAt), nil
	}
}
