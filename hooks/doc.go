// Package hooks is the HTTP server for Metacontroller. It decodes a call, asks
// Storm, lets pkg decide, makes the calls to Storm that were decided, and answers.
// It keeps nothing but its connections to Storm and a cache of a few seconds, which
// may be lost at any time. Below this folder are the programs: hooks/stormhooks is
// the one of the image (serve, jar, submit), hooks/kubectl-storm the one for people.
//
// The files that one call goes through, forward only:
//
//	server.go      routes, graceful stop   a POST from Metacontroller
//	door.go        who is admitted: TLS, client certificate, bearer token
//	watched.go     its certificates and tokens, read again when they change
//	hook.go        the limits of one call, and its log
//	topology.go    /topology/…             decode → pkg/topology, which asks and calls Storm → answer
//	cluster.go     /cluster/…              the same with pkg/cluster
//	internal/storms  asks and calls Storm: cache, limits, slow Storms
//	respond.go     the only place that picks a status code
//	metrics.go     counters by hook, rule and reason
//
// The import order is in pkg/arch_test.go.
//
// It must never decide what to do: pkg does. Start at server.go for the edge, at
// pkg/topology/sync.go for the decisions.
package hooks
