// Package thousands is a quiet cluster of thousands of topologies on one Nimbus: the
// real hook server and the real Thrift client, called by Metacontroller's stand-in with
// its workers, in real time. It counts what each event of such a cluster costs.
//
// In: how many topologies, and what the calls of Nimbus cost. Out: syncs, live calls of
// the API server, calls of Nimbus by kind, and how long the slowest topology waits until
// it is what its object says.
//
//	world.go   the objects, the hook server and Metacontroller's workers
//	events.go  what happens to the cluster
//	counts.go  what it costs
//	store.go   the API server in memory, for several goroutines
//	kube.go    the controllers of Kubernetes: Jobs, pods, namespaces, garbage
//	pod.go     a submitting pod: the handover itself, in this process
//	nimbus.go  a Nimbus whose calls take time
//	answers.go what it answers, and changes
//	wire.go    Thrift, as the library writes it
//
// Its test is small, and fails if a call that grows with the Storm is made too often.
// `make bench FIGURE=thousands` is the large one.
package thousands
