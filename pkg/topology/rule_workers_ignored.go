package topology

import "fmt"

// workersIgnored claims a topology whose worker count Storm would ignore: a
// rebalance would not change it, and a person would wait for it without end.
func workersIgnored(seen Observed) (Decision, bool) {
	if !seen.Storm.View.IgnoresWorkers() {
		return pass()
	}
	spec := seen.Parent.Spec.Topology
	if name := executorsPerWorker(seen.Parent); name != "" && spec.Workers == nil {
		return seen.refuse(fmt.Sprintf("spec.topology.components[%q] has executorsPerWorker, and this Storm has the Resource Aware Scheduler (storm.scheduler of Nimbus), "+
			"which ignores the number of workers. Use executors instead.", name)), true
	}
	if spec.Workers == nil {
		return pass()
	}
	return seen.refuse(fmt.Sprintf("spec.topology.workers is %d, and this Storm has the Resource Aware Scheduler (storm.scheduler of Nimbus), "+
		"which ignores it and assigns workers by memory and CPU. Remove spec.topology.workers (and do not use kubectl scale or an autoscaler), "+
		"or configure another scheduler in Storm.", *spec.Workers)), true
}
