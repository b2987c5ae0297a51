package storm

import (
	"maps"
	"slices"
	"strings"
)

// ofDaemons are settings that Storm's daemons read from their own storm.yaml, and nothing
// from the conf of a topology. Most are constants of DaemonConfig.java, which Storm's client
// does not declare. A name that ends with a dot matches all names that begin with it.
var ofDaemons = []string{
	"nimbus.", "supervisor.", "ui.", "logviewer.", "drpc.http.", "drpc.https.", "drpc.childopts", "pacemaker.childopts",
	"storm.daemon.", "storm.health.check.", "storm.exhibitor.", "storm.log4j2.conf.dir",
	"storm.scheduler", "storm.scheduler.", "resource.aware.scheduler.", "multitenant.scheduler.", "isolation.scheduler.",
	"storm.cgroup.", "storm.supervisor.", "storm.resource.isolation.", "storm.oci.", "scheduler.", "blacklist.scheduler.",
	"worker.profiler.childopts",
}

// checkedOnly are settings that Storm checks, or reckons with, in the conf of a topology, and
// whose purpose they have only in the conf of a daemon.
var checkedOnly = []string{"storm.local.dir", "storm.local.hostname", "worker.childopts", "worker.gc.childopts"}

// forTopologies are the settings of topologies that do what one of a daemon does for all.
var forTopologies = map[string]string{
	"worker.childopts":    "topology.worker.childopts",
	"worker.gc.childopts": "topology.worker.gc.childopts",
	"storm.scheduler":     "topology.scheduler.strategy",
}

// OfDaemons says whether a setting has no effect in a topology, since only Storm's daemons
// read it, or nothing does. instead is the setting of topologies that does the same; empty
// if there is none.
func OfDaemons(key string) (only bool, instead string) {
	_, is := slices.BinarySearch(slices.Sorted(slices.Values(notRead)), key)
	if !is && !strings.HasPrefix(key, "topology.") {
		_, isRead := reads[key]
		is = matches(ofDaemons, key) && !isRead || slices.Contains(checkedOnly, key)
	}
	return is, forTopologies[key]
}

// Flat are the settings that a map under a name most likely means: {topology: {workers: 2}}
// means topology.workers. They are nil if the map is the value of a setting.
func Flat(key string, value any) map[string]any {
	of, isMap := value.(map[string]any)
	if _, known := declared[key]; !isMap || known || len(of) == 0 {
		return nil
	}
	flat := map[string]any{}
	for inner, value := range of {
		below := Flat(key+"."+inner, value)
		if below == nil {
			below = map[string]any{key + "." + inner: value}
		}
		maps.Copy(flat, below)
	}
	prefix, _, _ := strings.Cut(key, ".")
	for name := range flat {
		if _, known := declared[name]; known || slices.Contains([]string{"topology", "nimbus", "storm", "worker", "supervisor"}, prefix) {
			return flat
		}
	}
	return nil
}
