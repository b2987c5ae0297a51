// Package nimbusmodel is a Storm without a JVM: one ZooKeeper, its Nimbuses and
// what they answer, as Storm 2.8.1 does (storm-server/.../nimbus/Nimbus.java).
//
// In: calls, a clock, and a chance that decides which trap springs. Out: the
// answers, as errors of pkg/nimbus. The story nimbus-model makes the same calls to
// it and to a real Nimbus and compares each answer (compare.go); a test of e2e/sim
// holds the simulation's own, smaller Storm to it.
//
//	storm.go    what ZooKeeper, the blob store and a Nimbus hold
//	timers.go   what happens by the passing of time
//	leader.go   who leads, restarts, changes of leaders
//	act.go      kill, activate, deactivate, rebalance
//	submit.go   uploads and submissions
//	read.go     the list, a topology, its conf
//	traps.go    what may go wrong, counted
//	compare.go  the model beside another Nimbus, call by call
//
// Time stands still in a call, and nothing happens by itself: Settle lets happen
// what is due.
package nimbusmodel
