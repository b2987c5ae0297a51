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
//
// What an answer has is read in one of two ways. A short one is read whole, and decoded by
// the generated code (asker.go). A list, a description and a conf can be large; they are
// decoded while they arrive, and only what is used is kept:
//
//	answer.go      a call, and the head and the end of its answer
//	list.go, info.go, conf.go   what is kept of the answer
//	conf_json.go   a conf is JSON in one string
//	wire.go        Thrift's types
//	arriving.go    the bytes, the turns of large answers, and their memory
//	limits.go      every limit of them
package nimbus

//go:generate thrift --gen go:skip_remote,package_prefix=github.com/stormhooks/stormhooks/pkg/internal/thrift/ -out ../internal/thrift storm.thrift
//go:generate gofmt -w ../internal/thrift/storm
