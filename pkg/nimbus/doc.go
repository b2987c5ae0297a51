// Package nimbus speaks with Storm's Nimbus by Thrift: it reads what runs,
// makes the few calls that change something, stands in for a Nimbus towards a
// topology's main (the recorder), and hands a recorded topology over to the
// real one.
//
// In: seeds and a port, an id, a call, a recorded submission. Out: the values of
// pkg/storm, typed errors, refusals with a reason. Called by hooks and by
// pkg/inpod. It takes no decision: what a look means is pkg/topology's, what
// comes next in a handover is pkg/storm's.
//
// Where to start: client.go (one Storm, and how its leader is found), look.go
// (what a look is put together from), recorder.go, handover.go.
package nimbus

//go:generate thrift --gen go:skip_remote,package_prefix=github.com/stormhooks/stormhooks/pkg/internal/thrift/ -out ../internal/thrift storm.thrift
//go:generate gofmt -w ../internal/thrift/storm
