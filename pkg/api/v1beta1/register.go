package v1beta1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Group and Version of the API.
const (
	Group   = "storm.apache.org"
	Version = "v1beta1"
)

// GroupVersion is storm.apache.org/v1beta1.
var GroupVersion = schema.GroupVersion{Group: Group, Version: Version}

// AddToScheme registers the kinds, for programs that use them with client-go or
// controller-runtime.
func AddToScheme(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion,
		&StormTopology{}, &StormTopologyList{},
		&StormCluster{}, &StormClusterList{},
	)
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}
