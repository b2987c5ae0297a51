// Package hooks is the door to Metacontroller: HTTP in, HTTP out. It decodes a
// call, asks Storm, lets pkg think, carries out the calls to Storm that were
// decided, and answers. It keeps nothing but its connections to Storm and a
// cache of a few seconds, which may be lost at any time.
//
// The rooms that one call goes through, forward only:
//
//	server.go      routes, graceful stop   a POST from Metacontroller
//	door.go        who is let in: TLS, client certificate, bearer token
//	hook.go        the limits of one call, and its log
//	topology.go    /topology/…             decode → ask Storm → pkg/topology → act → answer
//	cluster.go     /cluster/…              the same with pkg/cluster
//	storms.go      what is asked of Storm, and the cache
//	patience.go    how long a call waits for a slow Storm
//	respond.go     the only place that picks a status code
//	metrics.go     counters by hook, rule and reason
//
// Import order: pkg/api, pkg/storm < pkg/metacontroller, pkg/internal/conditions,
// pkg/internal/jar < pkg/internal/{diagnose,revision,children} < pkg/topology,
// pkg/cluster < hooks. pkg/nimbus and pkg/inpod stand below hooks, and nothing
// pure imports them (pkg/arch_test.go).
//
// It must never take a decision: what to do is pkg's. Start at server.go for the
// edge, at pkg/topology/sync.go for the thinking.
package hooks
