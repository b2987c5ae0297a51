// Package v1beta1 is the API storm.apache.org/v1beta1: StormTopology, a Storm
// topology in a container image, and StormCluster, an existing Storm.
//
// The CRDs in manifests/crds are generated from these types; the comments of the
// fields are what kubectl explain prints. A field is here from the day its behaviour
// works.
//
// +kubebuilder:object:generate=true
// +groupName=storm.apache.org
package v1beta1
