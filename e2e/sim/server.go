package sim

import (
	"fmt"
	"maps"
	"time"

	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// listCache is how long a hook server keeps the list of topologies.
const listCache = 5 * time.Second

// server is what one of two hook servers keeps: they answer in turns, and neither knows
// what the other has done.
type server struct {
	lists map[keptOf]keptList
	ahead time.Duration // its clock
}

// keptOf is a name in a Storm; the empty name is the whole list.
type keptOf struct {
	storm int
	name  string
}

type keptList struct {
	view storm.View
	at   time.Time
}

func newServer() *server { return &server{lists: map[keptOf]keptList{}} }

func (s *server) clone() *server { return &server{lists: maps.Clone(s.lists), ahead: s.ahead} }

// clock is that of the hook server that answers.
func (w *World) clock() time.Time { return w.now.Add(w.servers[w.serving].ahead) }

// clocksStepBack: both servers' clocks are set back by hours, once. They stay so: a clock
// that is set ahead by hours ends every wait early, and no program without a clock of its
// own can tell.
func (w *World) clocksStepBack() {
	w.faults.steppedBack = true
	w.sprung(clockBack)
	w.note("stormhooks: the clocks of the servers step back by 3 h")
	for _, s := range w.servers {
		s.ahead -= 3 * time.Hour
	}
}

// look is what a hook server gets to know: by id where it is alive, by name where that is
// enough, else from the list, which the server may have kept for a few seconds. A fresh look
// reads no kept list.
func (w *World) look(q topology.Question, fresh bool) storm.View {
	view := w.storm.List(q.Name)
	if !view.Answered() {
		return view
	}
	if q.NoList && !w.faults.answers.undescribed {
		return w.withoutList(view)
	}
	if t := view.Topology; t != nil && t.ID == q.ID && !w.faults.answers.undescribed {
		view.Listed, view.Fresh = false, fresh
		return view
	}
	of, kept := keptOf{name: q.Name}, w.servers[w.serving].lists
	if w.storm == w.storms[1] {
		of.storm = 1
	}
	if last, found := kept[of]; !fresh && found && w.now.Sub(last.at) < listCache {
		last.view.Fresh = false
		return last.view
	}
	if w.faults.answers.list != "" {
		return w.listLost()
	}
	if view.Topology == nil && !w.now.Before(w.faults.settles) {
		view.Leader = w.leader(w.storm)
	}
	kept[of] = keptList{view, w.now}
	view.Fresh = fresh
	return view
}

// withoutList is a look at the one topology: by its id, and by its name. A Nimbus that has
// just begun to lead, or leads no more, denies what it has.
func (w *World) withoutList(view storm.View) storm.View {
	view.Listed, view.Fresh = false, false
	if view.Topology != nil && w.chance(5) {
		w.sprung(denied)
		view.Topology = nil
	}
	return view
}

// serverKeeps describes what the servers know of the topology that is not too old.
func (w *World) serverKeeps() (kept []string) {
	for _, server := range w.servers {
		for i := range w.storms {
			if last, found := server.lists[keptOf{i, stormName}]; found && w.now.Sub(last.at) < listCache {
				kept = append(kept, fmt.Sprintf("%d %d %+v", i, last.at.Unix(), last.view.Topology))
			}
		}
		kept = append(kept, "|")
	}
	return kept
}
