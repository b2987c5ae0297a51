package preview

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/address"
	"github.com/stormhooks/stormhooks/pkg/internal/image"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// Problems are why the hook would report InvalidSpec, and what no kubelet accepts: each is
// a sentence that begins with the field. What the schema and the rules of the CRD say is
// not among them. version is that of the Storm; empty is the newest.
func Problems(parent *v1beta1.StormTopology, version string) []string {
	cluster := unknownCluster(parent)
	cluster.Status.Version = version
	w := newWorld(parent, cluster, topology.Config{})
	problems := topology.Observe(w.objects, w.config, noon).Target.Problems
	return append(problems, onImage("spec.topology.jar.container.image", parent.Spec.Topology.Jar.Container.Image)...)
}

func onImage(field, name string) []string {
	if problem := image.Problem(name); problem != "" {
		return []string{field + " " + problem}
	}
	return nil
}

// ClusterProblems is Problems for a StormCluster.
func ClusterProblems(cluster *v1beta1.StormCluster) []string {
	_, problems := storm.ClientSettings(cluster.Status.Version, cluster.Spec.Config)
	if tls := cluster.Spec.Nimbus.TLS; tls != nil {
		if _, problem := storm.Authorities(tls.CABundle); problem != "" {
			problems = append(problems, problem)
		}
	}
	problems = append(problems, onImage("spec.image", cluster.Spec.Image)...)
	for i, seed := range cluster.Spec.Nimbus.Seeds {
		if kind := neverDialled(seed); kind != "" {
			problems = append(problems, fmt.Sprintf("spec.nimbus.seeds[%d] is %s, %s. Stormhooks does not connect to it. Write the name of Nimbus's Service, or the address of its host.", i, text.Said(seed, 100), kind))
		}
	}
	return problems
}

// neverDialled says what kind of address a seed is, if Stormhooks refuses to dial it.
func neverDialled(seed string) string {
	if name := strings.ToLower(strings.TrimSuffix(seed, ".")); name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return address.Loopback
	}
	ip, err := netip.ParseAddr(seed)
	if err != nil {
		return ""
	}
	return address.Refused(ip)
}
