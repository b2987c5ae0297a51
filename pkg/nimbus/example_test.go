package nimbus_test

import (
	"context"
	"fmt"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// recorded is a recorded Nimbus. A Client is also a Source, which makes the calls.
type recorded struct{}

func (recorded) Self(context.Context) (nimbus.Self, error) {
	return nimbus.Self{Identity: "storm-1"}, nil
}

func (recorded) Named(_ context.Context, name string, _ bool) (*nimbus.Summary, error) {
	if name != "wordcount" {
		return nil, nil
	}
	return &nimbus.Summary{ID: "wordcount-1-1767268800", Name: name, Status: storm.Active, Workers: 2, Executors: 27, Tasks: 27}, nil
}

func (recorded) IDOf(context.Context, string) (string, error) { return "wordcount-1-1767268800", nil }

func (recorded) Info(_ context.Context, id string) (nimbus.Info, error) {
	return nimbus.Info{ID: id, Name: "wordcount", Status: storm.Active, Executors: []nimbus.Executor{
		{Host: "supervisor-0", Port: 6700, Uptime: 40},
		{Host: "supervisor-0", Port: 6701}}}, nil
}

func (recorded) Facts(context.Context, string) (nimbus.Facts, error) {
	return nimbus.Facts{WorkersWanted: 2, Fingerprint: storm.Fingerprint{Owner: "storm-system/wordcount", Revision: "7be8bbe09520"}}, nil
}

func (recorded) ListLeader() storm.Leader { return storm.Leader{} }

func (recorded) Fresh() bool { return true }

// A look at one name: what Storm has under it, its owner, and how many of its workers
// have sent a heartbeat.
func ExampleLook() {
	view := nimbus.Look(context.Background(), recorded{}, "wordcount", "")
	fmt.Println(view.Topology.ID, view.Topology.Status, view.Topology.Fingerprint.Owner)
	fmt.Printf("%d of %d workers up\n", view.Topology.WorkersUp, view.Topology.Workers)

	gone := nimbus.Look(context.Background(), recorded{}, "another", "")
	fmt.Println("another is gone:", gone.Gone())
	// Output:
	// wordcount-1-1767268800 ACTIVE storm-system/wordcount
	// 1 of 2 workers up
	// another is gone: true
}
