// Package demo is `make demo`: it applies the guide's first example as it stands
// in the guide, follows it, and shows what came of it.
//
// In: a kubectl, and a cluster with Stormhooks in it (package install). Out:
// what a person reads on the way.
package demo
