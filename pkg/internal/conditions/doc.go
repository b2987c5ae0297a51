// Package conditions puts the conditions of a status together: every one of
// them at each pass, in a fixed order, with the time of a change carried over
// from the status before.
//
// In: states, and the conditions that the parent had. Out: conditions. Called by
// pkg/topology and pkg/cluster. The clock is handed in: apimachinery's
// meta.SetStatusCondition reads it inside, which a pure function cannot.
package conditions
