package topology

import "fmt"

// workersIgnored claims a topology whose worker count Storm would ignore: a
// rebalance would not change it, and a person would wait for it without end.
func workersIgnored(seen Observed) (Decision, bool) {
	if seen.Parent.Spec.Topology.Workers == nil || !seen.Storm.View.IgnoresWorkers() {
		return pass()
	}
	return seen.refuse(fmt.Sprintf("spec.topology.workers is %d, and this Storm has the Resource Aware Scheduler (storm.scheduler of Nimbus), "+
		"which ignores it and assigns workers by memory and CPU. Remove spec.topology.workers (and do not use kubectl scale or an autoscaler), "+
		"or configure another scheduler in Storm.", *seen.Parent.Spec.Topology.Workers)), true
}
