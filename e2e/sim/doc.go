// Package sim proves the product's own pure code in every order of events.
//
// It joins pkg/topology, storm.Next and Metacontroller's loop (e2e/standin, over
// a store in memory with unordered, lagging watches) to a model of the Job
// controller, the kubelet, the garbage collector and the namespace controller
// (kube.go, pod.go) and to a model of Storm with its traps (storm.go). A seed
// chooses which of them moves next, what is late, lost or repeated, who crashes,
// and what people do. After every move the musts of pkg/topology are checked
// (musts.go); after a fair ending the state is what the spec says, and two more
// syncs write nothing, nor do two of another Stormhooks.
//
//	world.go      what there is, and time
//	moves.go      what machinery and people do; faults.go: what goes wrong
//	uploads.go    the JARs that pods send to Nimbus, and what they leave there
//	force.go      a pod deleted by force, whose process keeps running; what the simulation leaves out there
//	hook.go       the hook server: typed values, or the wire's bytes
//	schedule.go   an order of moves from a seed; replay and shrinking
//	run.go        many seeds over all cores; one in a hundred over the wire, too
//	coverage.go   rules and transitions that a run came by; transitions.go: those there are
//	search.go     every order of a small world, from where it matters
//	load.go       what many topologies on many clusters cost
//	clone.go      a world twice
//	green.go      an object with two names in Storm
//	traps.go     what Storm, a clock or a pod does that surprises
//	directed_test.go  worlds that come by one trap for certain
//	mutants_test.go  the product with each guard taken out; mutated_test.go builds it
//
// In: seeds. Out: a violation with its seed and a timeline that a person can read,
// made as short as it comes. Tests only; nothing that ships imports it.
//
//	make sim                       100,000 schedules, and small worlds in every order
//	make sim SCHEDULES=1 SEED=4711 one of them again
//	make mutants                   which schedule notices that a guard is gone
//	make sim-load                  100, 1,000 and 10,000 topologies on 20 clusters
package sim
