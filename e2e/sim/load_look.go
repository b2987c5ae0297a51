package sim

import (
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// counted is a look of the hook server's in a world of many clusters, with the calls
// that it makes: by id where that is known, by name where that is enough, else the list, which is kept for all who
// ask the same Storm; figures of what is there, and its conf.
func (w *World) counted(s *Storm, q topology.Question, fresh bool) storm.View {
	view := s.List(q.Name)
	view.Identity = w.identity(s)
	t := view.Topology
	if t != nil {
		w.nimbus += 2 // getTopologyInfoWithOpts, getTopologyConf
		if t.ID == q.ID {
			view.Listed, view.Fresh = false, fresh
			return view
		}
	}
	if q.NoList {
		w.nimbus++ // getTopologyInfoByNameWithOpts
		view.Listed, view.Fresh = false, false
		return view
	}
	of, kept := keptOf{name: q.Seeds[0]}, w.servers[w.serving].lists
	if last, found := kept[of]; !fresh && found && w.now.Sub(last.at) < listCache {
		view.Fresh = false
		return view
	}
	w.nimbus++ // getTopologySummaries
	kept[of] = keptList{at: w.now}
	view.Fresh = fresh
	return view
}
