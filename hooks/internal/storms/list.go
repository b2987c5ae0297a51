package storms

import (
	"time"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// list is what is kept of Storm's list of topologies: enough to find the topology of a
// name. Everything else of a topology is read by its id.
type list struct {
	byName map[string]listed
	// leader is who led when it began to be read, and had led for leaderSettles; else zero.
	leader storm.Leader
	bytes  int // about what it takes in memory
}

type listed struct {
	id, status                string
	workers, executors, tasks int32
}

// listedBytes is what an entry takes besides its texts.
const listedBytes = 96

// add adds a topology while the list arrives. Its id begins with its name, and both share
// the memory (pkg/nimbus).
func (l *list) add(s nimbus.Summary) {
	known, is := l.byName[s.Name]
	switch {
	case !is:
		l.bytes += listedBytes + max(len(s.ID), len(s.Name))
	case !s.Outranks(nimbus.Summary{ID: known.id, Status: known.status}):
		return
	}
	l.byName[s.Name] = listed{id: s.ID, status: s.Status, workers: int32(s.Workers), executors: int32(s.Executors), tasks: int32(s.Tasks)}
}

// named is the topology of a name; nil if there is none.
func (l list) named(name string) *nimbus.Summary {
	found, is := l.byName[name]
	if !is {
		return nil
	}
	return &nimbus.Summary{
		ID: found.id, Name: name, Status: found.status,
		Workers: int(found.workers), Executors: int(found.executors), Tasks: int(found.tasks),
	}
}

func (l list) pause(took time.Duration) time.Duration { return listPause(len(l.byName), took) }
