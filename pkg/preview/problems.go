package preview

import (
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// Problems are why the hook would report InvalidSpec: each is a sentence that begins with
// the field. What the schema and the rules of the CRD say is not among them. version is that
// of the Storm; empty is the newest.
func Problems(parent *v1beta1.StormTopology, version string) []string {
	cluster := unknownCluster(parent)
	cluster.Status.Version = version
	w := newWorld(parent, cluster, topology.Config{})
	return topology.Observe(w.objects, w.config, noon).Target.Problems
}

// ClusterProblems is Problems for a StormCluster.
func ClusterProblems(cluster *v1beta1.StormCluster) []string {
	_, problems := storm.ClientSettings(cluster.Status.Version, cluster.Spec.Config)
	if tls := cluster.Spec.Nimbus.TLS; tls != nil {
		if _, problem := storm.Authorities(tls.CABundle); problem != "" {
			problems = append(problems, problem)
		}
	}
	return problems
}
