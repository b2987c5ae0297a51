package storm

import "time"

// Workers is the setting that a rebalance changes with the number of workers:
// neither changes the other.
const Workers = "topology.workers"

// MessageTimeout is the setting that Storm waits by before it kills or moves a
// topology, where the call gives no wait. DefaultMessageTimeout is its default
// (storm: conf/defaults.yaml, v2.8.1).
const (
	MessageTimeout        = "topology.message.timeout.secs"
	DefaultMessageTimeout = 30 * time.Second
)

// cheap are the settings that a rebalance may change. Nimbus keeps overrides
// without a look at them and halts where it reads a wrong one
// (NumberFormatException in addAcker, v2.8.1), so this is an allow-list: what
// Storm reads when it schedules or starts a worker, and checks nowhere else.
// Their types and ranges are those of Settings.
var cheap = map[string]bool{
	Workers:                            true,
	"topology.max.spout.pending":       true,
	MessageTimeout:                     true,
	"topology.debug":                   true,
	"topology.stats.sample.rate":       true,
	"topology.worker.childopts":        true,
	"topology.worker.gc.childopts":     true,
	"topology.worker.max.heap.size.mb": true,
}

// Cheap says whether a rebalance may change a setting; every other one is a
// restart, which Storm checks.
func Cheap(key string) bool { return cheap[key] }
