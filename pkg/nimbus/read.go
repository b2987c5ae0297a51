package nimbus

import (
	"context"

	"github.com/apache/thrift/lib/go/thrift"

	gen "github.com/stormhooks/stormhooks/pkg/internal/thrift/storm"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Info is what Storm says about one topology.
type Info struct {
	ID, Name, Status string
	// Uptime is for how long Nimbus has had it, in seconds.
	Uptime    int
	Executors []Executor
	// Components are those of the executors, sorted by name.
	Components []storm.Component
	// LastError is the newest error that a component reported; nil if none did.
	LastError   *storm.ComponentError
	SchedStatus string
}

// Executor is one executor and where it is assigned.
type Executor struct {
	FirstTask, EndTask int
	Host               string
	Port               int
	// Uptime is 0 until the executor has sent a heartbeat.
	Uptime int
	// Emitted is the number of its tuples since it started, over all streams, as of
	// the last statistics (about one a minute). Only the stories of e2e/cluster use it.
	Emitted int64
}

// Info is one topology by id. It costs Nimbus the same in a full cluster as in an empty
// one, unlike the calls by name and getTopologySummary.
func (c *Client) Info(ctx context.Context, id string) (Info, error) {
	const method = "getTopologyInfoWithOpts"
	if err := c.large.last("info " + id); err != nil {
		return Info{}, err
	}
	one := gen.NumErrorsChoice_ONE
	info, err := c.info(ctx, method, &gen.NimbusGetTopologyInfoWithOptsArgs{ID: id, Options: &gen.GetInfoOptions{NumErrChoice: &one}})
	if err != nil {
		c.large.remember("info "+id, err)
		return Info{}, err
	}
	if info.ID != id {
		return Info{}, &UntypedError{Method: method, Msg: "its answer is about another topology"}
	}
	if !manageable(info.Name) {
		info.Name = ""
	}
	return info, nil
}

// IDOf is the id of the topology that has a name. The leader keeps the names in memory
// (Nimbus.java toTopoId, v2.8.1), so it costs the same in a full cluster as in an empty
// one. A Nimbus that does not lead denies each name, and one before Storm 2.3 does not
// know the call.
func (c *Client) IDOf(ctx context.Context, name string) (string, error) {
	const method = "getTopologyInfoByNameWithOpts"
	none := gen.NumErrorsChoice_NONE
	info, err := c.info(ctx, method, &gen.NimbusGetTopologyInfoByNameWithOptsArgs{Name: name, Options: &gen.GetInfoOptions{NumErrChoice: &none}})
	switch {
	case err != nil:
		return "", err
	case info.Name != name || !storm.ValidID(info.ID):
		return "", &UntypedError{Method: method, Msg: "its answer is about another topology"}
	}
	return info.ID, nil
}

func (c *Client) info(ctx context.Context, method string, args thrift.TStruct) (info Info, err error) {
	err = c.stream(ctx, question{
		method: method, args: args, throws: aboutOne,
		kind: typeStruct, read: func(answer *cursor) { info = answer.topologyInfo() },
	})
	return info, err
}

// Self reads Nimbus's own conf.
func (c *Client) Self(ctx context.Context) (Self, error) {
	conf, err := c.nimbusConf(ctx)
	if err != nil {
		return Self{}, err
	}
	return selfIn(conf)
}

// selfIn is selfOf a conf that must be a Nimbus's.
func selfIn(conf map[string]any) (Self, error) {
	self := selfOf(conf)
	if self.Identity == "" {
		return Self{}, &UntypedError{Method: "getNimbusConf", Msg: "it has no storm.zookeeper.servers"}
	}
	return self, nil
}
