// Package nimbus talks to Storm's Nimbus by Thrift: it reads what runs, makes the few
// calls that change something, stands in for Nimbus while a topology's main runs (the
// recorder), and hands the recorded topology over to the real Nimbus.
//
// In: seeds and a port, an id, a call, a recorded submission. Out: the values of
// pkg/storm, typed errors, problems. Called by hooks and pkg/inpod. It decides nothing:
// pkg/topology decides what a look means, pkg/storm the next step of a handover.
//
// Where to start: client.go (one Storm, and how its leader is found), look.go (the
// calls of a look), recorder.go, handover.go.
package nimbus

//go:generate thrift --gen go:skip_remote,package_prefix=github.com/stormhooks/stormhooks/pkg/internal/thrift/ -out ../internal/thrift storm.thrift
//go:generate gofmt -w ../internal/thrift/storm
