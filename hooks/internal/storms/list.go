package storms

import (
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
)

// list is what is kept of Storm's list of topologies: enough to find the topology of a
// name. Everything else of a topology is read by its id.
type list struct {
	byName map[string]listed
	bytes  int // about what it takes in memory
}

type listed struct {
	id, status                string
	workers, executors, tasks int32
}

// listedBytes is what an entry takes besides its texts.
const listedBytes = 96

func listOf(summaries []nimbus.Summary) list {
	l := list{byName: make(map[string]listed, len(summaries))}
	statuses := map[string]string{} // one copy of each
	for name, s := range nimbus.ByName(summaries) {
		if strings.HasPrefix(s.ID, name) {
			name = s.ID[:len(name)] // one copy of both
		}
		status, known := statuses[s.Status]
		if !known {
			status = s.Status
			statuses[status] = status
		}
		l.byName[name] = listed{id: s.ID, status: status, workers: int32(s.Workers), executors: int32(s.Executors), tasks: int32(s.Tasks)}
		l.bytes += listedBytes + len(s.ID)
	}
	return l
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
