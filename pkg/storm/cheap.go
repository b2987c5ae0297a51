package storm

import "time"

// Workers is the setting with the number of workers. A rebalance changes the number
// and the setting: neither changes the other.
const Workers = "topology.workers"

// MessageTimeout is the setting that is the wait before a kill or a rebalance if the
// call has none. DefaultMessageTimeout is its default (storm: conf/defaults.yaml,
// v2.8.1).
const (
	MessageTimeout        = "topology.message.timeout.secs"
	DefaultMessageTimeout = 30 * time.Second
)

// cheap are the settings that a rebalance may change. Nimbus keeps overrides without
// checking them, and halts when it reads a wrong one (NumberFormatException in
// addAcker, v2.8.1). So this is an allow-list: what Storm reads when it schedules or
// starts a worker, and checks nowhere else. Their types and ranges are those of
// Settings.
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

// Cheap says whether a rebalance may change a setting. Every other setting needs a
// restart, which Storm checks.
func Cheap(key string) bool { return cheap[key] }
