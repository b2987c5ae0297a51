package thousands

import (
	"context"
	"encoding/json"
	"net"
	"sync"
	"time"

	"github.com/apache/thrift/lib/go/thrift"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// CallCosts are the time that calls of Nimbus take on one of its processors. What other
// calls do meanwhile makes them longer.
type CallCosts struct {
	// Each is for each topology in Storm, in getTopologySummaries and getClusterInfo.
	Each time.Duration
	// One is for any other call.
	One time.Duration
	// Processors are those of Nimbus.
	Processors int
}

// slice is how long a call has a processor before it is another's turn.
const slice = 5 * time.Millisecond

// Times are how long things take.
type Times struct {
	// PodStart is from a pod's creation until its container runs; Extract and Main are
	// how long the containers run, Main without the handover.
	PodStart, Extract, Main time.Duration
	// Round is the period of Storm's scheduler; WorkerStart is how long a worker needs
	// until it reports.
	Round, WorkerStart time.Duration
}

// Caller says who calls Nimbus.
type Caller string

// The callers.
const (
	HookServer Caller = "hook server"
	Pods       Caller = "pods"
)

// growing are the calls whose cost grows with the number of topologies in Storm.
var growing = map[string]bool{"getTopologySummaries": true, "getClusterInfo": true}

// Storm is what a World calls: a Nimbus that leads.
type Storm interface {
	// Listen answers a caller at a port of loopback until the context ends, and tells each
	// call. The Nimbus names this port as the leader's, so that no call goes past it.
	Listen(ctx context.Context, called func(Call)) (port int32, err error)
}

// double is a Nimbus whose calls take time, and its Storm.
type double struct {
	costs     CallCosts
	times     Times
	began     time.Time
	processor chan struct{}

	mu     sync.Mutex
	serial int
	byID   map[string]*running
	byName map[string]*running
	inbox  map[string]bool
}

// Call is one call of Nimbus.
type Call struct {
	Method string
	Began  time.Time
	Took   time.Duration
}

// running is a topology in Storm.
type running struct {
	id, name, status string
	conf             map[string]any
	workers          int
	assigned, up     time.Time
}

func newNimbus(costs CallCosts, times Times) *double {
	return &double{
		costs: costs, times: times, began: time.Now(), processor: make(chan struct{}, max(1, costs.Processors)),
		byID: map[string]*running{}, byName: map[string]*running{}, inbox: map[string]bool{},
	}
}

// ownConf is Nimbus's own conf.
var ownConf = map[string]any{"storm.zookeeper.servers": []any{"zookeeper"}, "storm.zookeeper.root": "/storm", "storm.zookeeper.port": 2181.0}

// Listen implements Storm.
func (n *double) Listen(ctx context.Context, called func(Call)) (port int32, err error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(loopback, "0"))
	if err != nil {
		return 0, err
	}
	context.AfterFunc(ctx, func() { _ = listener.Close() })
	port = int32(listener.Addr().(*net.TCPAddr).Port)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			context.AfterFunc(ctx, func() { _ = conn.Close() })
			go n.talk(ctx, conn, called, port)
		}
	}()
	return port, nil
}

func (n *double) talk(ctx context.Context, conn net.Conn, called func(Call), port int32) {
	config := &thrift.TConfiguration{}
	framed := thrift.NewTFramedTransportConf(thrift.NewTSocketFromConnConf(conn, config), config)
	defer func() { _ = framed.Close() }()
	w := wire{ctx, thrift.NewTBinaryProtocolConf(framed, config)}
	for {
		c, err := w.readCall()
		if err != nil {
			return
		}
		began := time.Now()
		n.spend(ctx, c.method)
		called(Call{c.method, began, time.Since(began)})
		if err := n.answer(w, c, port); err != nil {
			return
		}
	}
}

// spend takes the time of a call, a slice of a processor at a time.
func (n *double) spend(ctx context.Context, method string) {
	left := n.costs.One
	if growing[method] {
		n.mu.Lock()
		left += n.costs.Each * time.Duration(len(n.byID))
		n.mu.Unlock()
	}
	for left > 0 && ctx.Err() == nil {
		n.processor <- struct{}{}
		began := time.Now()
		time.Sleep(min(left, slice))
		left -= time.Since(began)
		<-n.processor
	}
}

// run puts a topology into Storm; n.mu is held. It gets workers with the scheduler's
// next round, or has had them for an hour.
func (n *double) run(name, id string, conf map[string]any, settled bool) {
	t := &running{id: id, name: name, status: storm.Active, conf: conf, workers: workersIn(conf)}
	if settled {
		t.assigned = n.began.Add(-time.Hour)
		t.up = t.assigned
	} else {
		n.schedule(t)
	}
	n.byID[t.id], n.byName[t.name] = t, t
}

func (n *double) schedule(t *running) {
	t.assigned = time.Now().Truncate(n.times.Round).Add(n.times.Round)
	t.up = t.assigned.Add(n.times.WorkerStart)
}

func (n *double) remove(t *running) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.byID, t.id)
	if n.byName[t.name] == t {
		delete(n.byName, t.name)
	}
}

// workersIn is topology.workers of a conf, which is decoded JSON or as Go has it.
func workersIn(conf map[string]any) int {
	switch workers := conf["topology.workers"].(type) {
	case float64:
		return int(workers)
	case int:
		return workers
	}
	return 1
}

func jsonOf(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // maps of strings and numbers
	}
	return string(text)
}
