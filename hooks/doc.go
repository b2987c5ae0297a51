// Package hooks is the door to Metacontroller: HTTP in, HTTP out. It decodes a
// call, asks Storm, lets pkg think, carries out the calls to Storm that were
// decided, and answers. It keeps nothing but its connections to Storm and a
// cache of a few seconds, which may be lost at any time.
//
// The rooms that one call goes through, forward only:
//
//	server.go      routes, graceful stop   a POST from Metacontroller
//	door.go        who is let in: TLS, client certificate, bearer token
//	watched.go     its certificates and tokens, read again when they change
//	hook.go        the limits of one call, and its log
//	topology.go    /topology/…             decode → ask Storm → pkg/topology → act → answer
//	cluster.go     /cluster/…              the same with pkg/cluster
//	storms.go      the Storms, and the limits of each
//	storms_one.go  one Storm: its client behind a cache
//	shared.go      one cached value: loaded once for all who wait
//	patience.go    how long a call waits for a slow Storm
//	respond.go     the only place that picks a status code
//	metrics.go     counters by hook, rule and reason
//
// The import order is in pkg/arch_test.go.
//
// It must never take a decision: what to do is pkg's. Start at server.go for the
// edge, at pkg/topology/sync.go for the thinking.
package hooks
