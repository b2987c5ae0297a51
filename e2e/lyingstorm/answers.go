package lyingstorm

import (
	"fmt"
	"sync"
)

// honest is the frame by which a Nimbus that leads answers a call. Field numbers
// and types: storm-client/src/storm.thrift, v2.8.1.
func (s *Storm) honest(c call) []byte {
	w := reply(c)
	switch c.method {
	case "getLeader":
		w.field(tStruct, 0)
		s.nimbus(w)
	case "getNimbusConf":
		w.field(tString, 0).text(fmt.Sprintf(`{"storm.zookeeper.servers":[%q],"storm.zookeeper.root":"/storm","storm.zookeeper.port":2181%s}`, s.Self.Host, s.Conf))
	case "getTopologySummaries":
		w.field(tList, 0)
		s.list(w)
	case "getClusterInfo":
		w.field(tStruct, 0)
		w.field(tList, 1).raw(tStruct).i32(0)
		w.field(tList, 3)
		s.list(w)
		w.field(tList, 4).raw(tStruct).i32(1)
		s.nimbus(w)
		w.stop()
	case "getTopologyInfoWithOpts":
		s.info(w, c.first)
	case "getTopologyConf":
		topology, ok := s.find(c.first)
		if !ok {
			return s.notAlive(w, c.first)
		}
		w.field(tString, 0).text(topology.Conf)
	case "killTopologyWithOpts", "activate", "deactivate", "rebalance":
		if s.Says != "" {
			return exception(c, s.Says)
		}
	default:
		return exception(c, s.says("Invalid method name: '"+c.method+"'"))
	}
	return w.frame()
}

func (s *Storm) nimbus(w *writer) {
	leader := s.Self
	if s.Lie == Circle {
		leader = s.Other
	}
	w.field(tString, 1).text(leader.Host)
	w.field(tI32, 2).i32(leader.Port)
	w.field(tI32, 3).i32(100)
	w.field(tBool, 4).raw(1)
	w.field(tString, 5).text(s.says("2.8.1"))
	w.stop()
}

func (s *Storm) list(w *writer) {
	crowd, more := crowds[s.Lie], []byte(nil)
	if crowd.of > 0 {
		more = crowd.made()
	}
	w.raw(tStruct).i32(int32(len(s.Topologies) + crowd.of))
	for _, topology := range s.Topologies {
		topology.Status = s.says(topology.Status)
		w.summary(topology, s.Says)
	}
	w.raw(more...)
}

// crowd is many topologies. They are made once: what they cost is to be the hook server's,
// not the liar's.
type crowd struct {
	of   int
	made func() []byte
}

var crowds = map[Lie]crowd{Crowded: crowdOf(16_000), Overcrowded: crowdOf(17_000)}

func crowdOf(count int) crowd {
	return crowd{count, sync.OnceValue(func() []byte {
		var w writer
		for i := range count {
			name := fmt.Sprintf("crowd-%d", i)
			w.summary(Topology{ID: name + "-1-1767268830", Name: name, Status: "ACTIVE"}, "")
		}
		return w.bytes
	})}
}

func (s *Storm) info(w *writer, id string) {
	topology, ok := s.find(id)
	if !ok {
		s.notAlive(w, id)
		return
	}
	w.field(tStruct, 0)
	w.field(tString, 1).text(topology.ID)
	w.field(tString, 2).text(topology.Name)
	w.field(tI32, 3).i32(100)
	w.field(tList, 4).raw(tStruct).i32(0)
	w.field(tString, 5).text(s.says(topology.Status))
	w.field(tMap, 6).raw(tString, tList)
	if s.Says == "" {
		w.i32(0).stop()
		return
	}
	w.i32(1).text(s.Says).raw(tStruct).i32(1)
	w.field(tString, 1).text(s.Says)
	w.field(tI32, 2).i32(1)
	w.field(tString, 3).text(s.Says)
	w.stop()
	w.field(tString, 513).text(s.Says)
	w.stop()
}

func (s *Storm) find(id string) (Topology, bool) {
	for _, topology := range s.Topologies {
		if topology.ID == id && s.Lie != Denier {
			return topology, true
		}
	}
	return Topology{}, false
}

// notAlive is field 1 of the results that have it.
func (s *Storm) notAlive(w *writer, id string) []byte {
	w.field(tStruct, 1)
	w.field(tString, 1).text(s.says(id + " is not alive"))
	w.stop()
	return w.frame()
}
