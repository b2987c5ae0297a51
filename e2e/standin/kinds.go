package standin

// The kinds of a cluster with Stormhooks in it.
var (
	Topologies = NewKind("storm.apache.org/v1beta1", "stormtopologies", "StormTopology", true)
	Clusters   = NewKind("storm.apache.org/v1beta1", "stormclusters", "StormCluster", true)
	Jobs       = NewKind("batch/v1", "jobs", "Job", true)
	Pods       = NewKind("v1", "pods", "Pod", true)
	Claims     = NewKind("v1", "persistentvolumeclaims", "PersistentVolumeClaim", true)
	Namespaces = NewKind("v1", "namespaces", "Namespace", false)
)
