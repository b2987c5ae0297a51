package nimbus

import (
	"context"
	"fmt"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// classPaths is the setting of Nimbus that names the other versions of Storm whose
// topologies its supervisors can run.
const classPaths = "supervisor.worker.version.classpath.map"

// RefusedClient says why the leader accepts no topology of a client of a version, for a
// person; empty if it may. Nimbus needs a class path of the client's major version: its
// own, or one that it is configured with (Nimbus.java submitTopologyWithOpts and Utils.java
// getCompatibleVersion, v2.8.1 and 3.0.0-SNAPSHOT).
func (c *Client) RefusedClient(ctx context.Context, version string) string {
	leader, err := c.Leader(ctx)
	if err != nil || !storm.OtherMajor(version, leader.Version) {
		return ""
	}
	conf, err := c.nimbusConf(ctx)
	if err != nil {
		return ""
	}
	others, unread := otherVersions(conf)
	if unread {
		return ""
	}
	for other := range others {
		if !storm.OtherMajor(version, other) {
			return ""
		}
	}
	major, _, _ := strings.Cut(leader.Version, ".")
	return fmt.Sprintf("The StormCluster's image has Storm %s, and Nimbus, which is Storm %s, accepts topologies of Storm %s only. Set spec.image of the StormCluster to an image of Storm %s.",
		version, leader.Version, major, leader.Version)
}

// otherVersions are the class paths that a Nimbus is configured with. unread: it has some
// that are too long to be read.
func otherVersions(conf map[string]any) (others map[string]any, unread bool) {
	value, set := conf[classPaths]
	others, _ = value.(map[string]any)
	return others, set && others == nil
}
