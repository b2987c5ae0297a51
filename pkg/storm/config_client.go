package storm

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	textutil "github.com/stormhooks/stormhooks/pkg/internal/text" // text is a rule here
)

// ofTopologies are settings that only workers and Nimbus read, in the conf of a topology.
// A name that ends with a dot matches all names that begin with it.
var ofTopologies = []string{"topology.", "worker.", "task.", "executor.", "storm.messaging.", "num.stat.buckets"}

// notOfClient are settings that daemons and workers read, and the JVM that submits does not.
var notOfClient = []string{"drpc.", "pacemaker.", "supervisor.", "storm.thrift.tls."}

// topologyAutoCredentials is the one setting of topologies that Storm's client reads
// itself (getAutoCredentials in
// storm-client/src/jvm/org/apache/storm/security/auth/ClientAuthUtils.java, v2.8.1).
const topologyAutoCredentials = "topology.auto-credentials"

// TopologySettings are the keys in spec.config of a StormCluster that have no effect
// there, sorted: they are settings of topologies, and the JVM that submits does not read
// them. They do no harm, so they are not refused.
func TopologySettings(config map[string]any) []string {
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(config)) {
		if isOfTopologies(key) {
			keys = append(keys, key)
		}
	}
	return keys
}

func isOfTopologies(key string) bool {
	return key != topologyAutoCredentials && matches(ofTopologies, key)
}

// matches says whether a name is that of the key, or ends with a dot and begins it.
func matches(names []string, key string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		return key == name || strings.HasSuffix(name, ".") && strings.HasPrefix(key, name)
	})
}

// TopologySettingsRemark is what to do about them; empty if there are none.
func TopologySettingsRemark(keys []string) string {
	switch len(keys) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("spec.config[%q] is a setting of topologies, and spec.config is only for Storm's client: no topology gets it. "+
			"Set it in spec.topology.config of the StormTopology.", textutil.Cut(keys[0], 63))
	}
	return fmt.Sprintf("spec.config[%q] and %d more are settings of topologies, and spec.config is only for Storm's client: no topology gets them. "+
		"Set them in spec.topology.config of the StormTopology.", textutil.Cut(keys[0], 63), len(keys)-1)
}
