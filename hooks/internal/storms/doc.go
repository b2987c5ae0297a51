// Package storms asks and calls Storms for the hooks: behind a cache of a few seconds,
// and so that a slow Storm delays the topologies of no other.
//
// In: a Query of one call of Metacontroller, or a call to make. Out: what Storm says, or
// a *BusyError: the caller comes back later. Called by hooks. It decides nothing about a
// topology, and all that it keeps may be lost at any time.
//
// Metacontroller has five workers for each controller, and a call that waits for a
// slow Storm occupies one of them. So where there are several Storms, a call to a fast
// one waits as long as it needs to. Of the calls to slow ones only a few wait at a time;
// the others are turned away and come back later:
//
//	workers   1  2  3  4  5
//	          │  │  └──┴──┴── fast Storms, and a new one for up to patience
//	          └──┴─────────── slots: whatever waits longer than patience
//
// A look goes through the files in this order, forward only:
//
//	storms.go      the Storms by address; Look, Cluster, Act
//	admission.go   how long a call may wait for its Storm
//	client.go      one Storm: its client behind the cache, and the source of one look
//	cache.go       one kept value: loaded once for all who wait, and not too often
//	async.go       a function that runs beside its caller
//	limits.go      every limit, and which must be shorter than which
//
// Words: a slot is one of the few places for calls that wait. A slow streak is how many
// answers in a row were slow. A trial call is one call to a slow Storm from time to time,
// which finds out whether it is fast again.
//
// What costs Storm more, the more topologies it has, is the list and getClusterInfo. A
// look by a known id needs neither. Where the list is needed, all looks share one, and
// the next one begins listPause after its end at the earliest. A look that needs a fresh list
// sooner is turned away, and so is a call for a topology that Nimbus does not describe, and
// one for which the list takes longer than listPatience: it would keep a worker from the
// others. When the same request comes back, it is answered as if its call had waited:
//
//	request A  ──asks──✕ 429                    comes back, unchanged ──▶ answer
//	                   │                                                    ▲
//	list       ─loads──┤ pause            ├─loads─────────┤ kept ───────────┘
//	                   └ asked at this time                 began later: fresh for A
package storms
