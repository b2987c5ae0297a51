// Package standin runs the loop of e2e/standin against a real API server: caches
// are client-go informers, writes go through its dynamic client with the rate
// limit that Metacontroller has, and five workers a controller sync parents.
//
//	discovery.go  which resources there are
//	store.go      Store: live calls, informers shared by all controllers
//	events.go     Kubernetes Events, correlated as Metacontroller does
//	manager.go    CompositeController objects: start, restart on a new spec, stop
//	workers.go    the goroutines of one controller
//	hooks.go      counting, recording and logging the calls to the hooks
//	metrics.go    what was counted, for /metrics
//
// It is for clusters that have no image of Metacontroller. It drives what our own
// manifests use and refuses the rest by an event on the CompositeController.
package standin
