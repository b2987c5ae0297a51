package sim

import (
	"maps"
	"math/rand/v2"
	"slices"
	"time"
)

// clone is a second world in the same state, whose future is its own.
func (w *World) clone() *World {
	c := *w
	c.dice = rand.NewPCG(0, 0)
	now := func() time.Time { return c.now }
	c.memory = w.memory.Clone(now)
	for i := range c.storms {
		c.storms[i] = w.storms[i].clone(now)
	}
	c.storm = c.twin(w, w.storm)
	for i := range c.servers {
		c.servers[i] = w.servers[i].clone()
	}
	c.typed = &typed{objects: maps.Clone(w.typed.objects), statuses: maps.Clone(w.typed.statuses)}
	c.processes = maps.Clone(w.processes)
	for uid, p := range c.processes {
		copied := *p
		copied.storm = c.twin(w, p.storm)
		c.processes[uid] = &copied
	}
	c.ended, c.podMade, c.left = maps.Clone(w.ended), maps.Clone(w.podMade), maps.Clone(w.left)
	c.faults.late = slices.Clone(w.faults.late)
	for i, late := range c.faults.late {
		c.faults.late[i].to = c.twin(w, late.to)
	}
	if back := &c.faults.returning; back.to != nil {
		back.to = c.twin(w, back.to)
	}
	c.faults.nodes = maps.Clone(w.faults.nodes)
	for uid, node := range c.faults.nodes {
		copied := *node
		c.faults.nodes[uid] = &copied
	}
	c.faults.ghosts, c.faults.lies = maps.Clone(w.faults.ghosts), maps.Clone(w.faults.lies)
	c.lag = maps.Clone(w.lag)
	c.uploads = uploads{}
	c.timeline = slices.Clone(w.timeline)
	c.seen = newCoverage()
	c.controllers = nil
	for _, controller := range w.controllers {
		c.controllers = append(c.controllers, controller.Clone(c.tap(), c.hooks(), c.options()))
	}
	return &c
}

// twin is the clone's own of one of the original's Storms.
func (w *World) twin(original *World, s *Storm) *Storm {
	if s == original.storms[1] {
		return w.storms[1]
	}
	return w.storms[0]
}

func (s *Storm) clone(now func() time.Time) *Storm {
	c := *s
	c.now = now
	c.topologies = maps.Clone(s.topologies)
	c.blobs = blobs{there: maps.Clone(s.blobs.there), begun: maps.Clone(s.blobs.begun), doomed: maps.Clone(s.blobs.doomed)}
	for name, t := range c.topologies {
		copied := *t
		c.topologies[name] = &copied
	}
	return &c
}
