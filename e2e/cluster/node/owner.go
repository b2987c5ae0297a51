package node

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/stormhooks/stormhooks/e2e/cluster/place"
	"github.com/stormhooks/stormhooks/e2e/cluster/run"
)

// ownerFile names the state folder of the cluster on this machine: network,
// cgroups and addresses are there once, caches may be many.
var ownerFile = "/run/stormhooks-cluster"

// claim notes that the cluster is this cache's.
func claim() error {
	return os.WriteFile(ownerFile, []byte(place.State()+"\n"), 0o644)
}

// othersCluster says whether the cluster that is up is another cache's. What a
// dead one left is anybody's to clear away.
func othersCluster() error {
	text, err := os.ReadFile(ownerFile)
	if err != nil {
		return nil // there is none, or it was never noted
	}
	state := strings.TrimSpace(string(text))
	if state == place.State() {
		return nil
	}
	for _, process := range run.Recorded(filepath.Join(state, "pid")) {
		if process.Alive() {
			return fmt.Errorf("another cluster is up on this machine, and there can be only one. Remove it: STORMHOOKS_CACHE=%s make cluster-down", filepath.Dir(state))
		}
	}
	unmount(state)
	return nil
}
