package nimbusmodel

import (
	"sort"
	"time"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
)

// heartbeatWithin is how long a worker needs to start and to report.
const heartbeatWithin = 5 * time.Second

// List is every topology, as ZooKeeper has it: right even from a Nimbus that
// does not lead.
func (n *Nimbus) List() ([]nimbus.Summary, error) {
	if err := n.receives("getTopologySummaries"); err != nil {
		return nil, err
	}
	list := make([]nimbus.Summary, 0, len(n.storm.bases))
	for _, b := range n.storm.bases {
		list = append(list, nimbus.Summary{ID: b.ID, Name: b.Name, Status: b.Status, Workers: 1, Executors: 1, Tasks: 1})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].ID < list[j].ID })
	return list, nil
}

// Info is one topology by id. Of one that has just been removed Nimbus says
// NotAlive, or stumbles.
func (n *Nimbus) Info(id string) (nimbus.Info, error) {
	const method = "getTopologyInfoWithOpts"
	if err := n.receives(method); err != nil {
		return nimbus.Info{}, err
	}
	b := n.storm.bases[id]
	if b == nil {
		return nimbus.Info{}, &nimbus.NotAliveError{Msg: id}
	}
	if n.storm.springs(RemovedMeanwhile) {
		return nimbus.Info{}, untyped(method)
	}
	uptime := 0
	if up := n.storm.Now().Sub(b.Assigned); up > heartbeatWithin {
		uptime = int((up - heartbeatWithin) / time.Second)
	}
	info := nimbus.Info{ID: b.ID, Name: b.Name, Status: b.Status}
	for i := range int(b.Workers) {
		info.Executors = append(info.Executors, nimbus.Executor{
			FirstTask: i + 1, EndTask: i + 1, Host: "worker", Port: 6700 + i, Uptime: uptime,
		})
	}
	return info, nil
}

// Conf is a topology's, also for a while after the topology is gone.
func (n *Nimbus) Conf(id string) (map[string]any, error) {
	if err := n.receives("getTopologyConf"); err != nil {
		return nil, err
	}
	kept, there := n.storm.confs[id]
	b := n.storm.bases[id]
	if b == nil && there && n.storm.meanwhileDue(kept.until) {
		delete(n.storm.confs, id) // the clean-up has come to it
		there = false
	}
	switch {
	case !there:
		return nil, &nimbus.NotAliveError{Msg: id}
	case b != nil && b.private:
		return nil, &nimbus.AuthorizationError{Msg: "getTopologyConf on topology " + b.Name + " is not authorized"}
	case b == nil:
		n.storm.count(ConfOfTheGone)
	}
	return kept.settings, nil
}
