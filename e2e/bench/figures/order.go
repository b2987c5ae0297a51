package figures

// Order is that of the sections in the file of results.
var Order = []string{
	"sync", "jar", "start", "memory", "share", "counts", "growth", "thousands", // e2e/bench
	"ready", "submitted", "ready-stock", "workers", "gap", "stream", "change", "jvm", // e2e/cluster/bench
	"growth-cluster", // make load TOPOLOGIES=1,10,100
}
