// Package conditions makes the conditions of a status: all of them in each call, in a
// fixed order. A condition whose status did not change keeps its time.
//
// In: states, and the conditions of the previous status. Out: conditions. Called by
// pkg/topology and pkg/cluster. The time is a parameter: meta.SetStatusCondition of
// apimachinery reads the clock, which a pure function cannot do.
package conditions
