// Package standin is Metacontroller's CompositeController loop, rebuilt from its
// documented and observed behaviour (Metacontroller 4.17.2) for places where the
// real one cannot run: a simulation that must choose every order of events, and
// a test cluster on a machine that has no image of it.
//
// In comes a shipped CompositeController manifest (Load), a Store (the API
// server and the watch caches) and Hooks (our hook server). Out go calls to the
// hooks and writes to the Store: the same ones, in the same order, with the same
// blind spots as the real controller's. What the real one does badly is done
// badly here too, on purpose: an AlreadyExists is swallowed, a status conflict
// hides the error of a child, a hook that answers 429 without a delay gets a hot loop.
//
//	manifest.go    what a CompositeController may say here; all else is an error at load
//	store.go       Store, Cache, Event, Hooks: what the loop needs of the world
//	controller.go  events to keys, keys to steps
//	sync.go        one sync, in Metacontroller's order; read this first
//	claim.go       which children are the parent's: adopt, release
//	customize.go   related objects, and who is woken by them
//	reach.go       which of many parents to ask about; family.go: whom a cache need not look at
//	hook.go        one call: encode, 429, status codes, strict decoding
//	children.go    delete what is not named, create what is absent
//	status.go      the parent's finalizer and status, read live and written whole
//	queue.go       deduplicated keys, timers (earliest wins), backoff
//	kinds.go       the kinds of a cluster with Stormhooks in it
//	memory*.go     an API server in memory: versions, finalizers, garbage collection,
//	               and a cache for each kind that moves only when told
//	tap.go         a Store that lets the caller look, interleave, fail or lose answers
//
// Nothing here starts a goroutine, reads the clock or draws a random number: time
// comes from Options.Now, order from Options.Order, and a step is taken when
// Step is called. So one seed gives one run.
package standin
