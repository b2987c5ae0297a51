// Package v1beta1 is the API storm.apache.org/v1beta1: StormTopology, a Storm
// topology that is packaged in a container image, and StormCluster, a Storm
// that already runs.
//
// The CRDs in manifests/install are generated from these types. A field is here
// from the day its behaviour works.
//
// +kubebuilder:object:generate=true
// +groupName=storm.apache.org
package v1beta1
