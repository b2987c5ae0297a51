// Package lyingstorm is a Nimbus that lies: one that never answers, answers a
// letter at a time, promises gigabytes, speaks in broken frames, swallows large
// ones, sends one from leader to leader, denies what runs, lists hundreds of
// thousands of topologies, or says what is meant for a terminal, a shell or a log. It is for tests, in this process or in a pod
// (e2e/cluster/cmd/lyingstorm).
//
// In: a listener, a lie, and the topologies of its Storm. Out: what a hook server
// has to stand. It speaks Thrift's binary protocol by a writer of its own, since
// the library will not write what is broken.
//
// Where to start: storm.go (the lies), answers.go (what an honest one would say).
package lyingstorm
