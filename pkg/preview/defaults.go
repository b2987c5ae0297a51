package preview

import "github.com/stormhooks/stormhooks/pkg/api/v1beta1"

// Default sets the defaults that the API server would set by the schema of the CRD. A
// test in the module kubectl-storm compares both.
func Default(topology *v1beta1.StormTopology) {
	if topology.Spec.DeletionPolicy == "" {
		topology.Spec.DeletionPolicy = v1beta1.DeletionKill
	}
	topology.Spec.Topology.Jar.Container.ExtractionMode = topology.Mode()
}

// DefaultCluster is Default for a StormCluster.
func DefaultCluster(cluster *v1beta1.StormCluster) {
	cluster.Spec.Nimbus.Port = cluster.Port()
	if cluster.Spec.PollSeconds == 0 {
		cluster.Spec.PollSeconds = v1beta1.DefaultPollSeconds
	}
}
