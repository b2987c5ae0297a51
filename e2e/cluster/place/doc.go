// Package place says where things lie: the checkout, the cache that outlives
// runs, and the state of the one cluster that is up.
//
// In: the environment (STORMHOOKS_CACHE) and the current folder. Out: paths.
// It makes no folder and reads no file but go.mod.
package place
