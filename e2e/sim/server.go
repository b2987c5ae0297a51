package sim

import (
	"fmt"
	"maps"
	"time"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// listCache is how long a hook server keeps the list of topologies.
const listCache = 5 * time.Second

// server is what one of two hook servers keeps: they answer in turns, and neither knows
// what the other has done.
type server struct{ lists map[keptOf]keptList }

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

func (s *server) clone() *server { return &server{lists: maps.Clone(s.lists)} }

// look is what a hook server gets to know: by id where it is alive, else from the list,
// which the server may have kept for a few seconds. A fresh look reads no kept list.
func (w *World) look(name, id string, fresh bool) storm.View {
	view := w.storm.List(name)
	if !view.Answered() {
		return view
	}
	if t := view.Topology; t != nil && t.ID == id {
		view.Listed, view.Fresh = false, fresh
		return view
	}
	of, kept := keptOf{name: name}, w.servers[w.serving].lists
	if w.storm == w.storms[1] {
		of.storm = 1
	}
	if last, found := kept[of]; !fresh && found && w.now.Sub(last.at) < listCache {
		last.view.Fresh = false
		return last.view
	}
	kept[of] = keptList{view, w.now}
	view.Fresh = fresh
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
