package nimbus

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/internal/text"
	gen "github.com/stormhooks/stormhooks/pkg/internal/thrift/storm"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Summary is one line of Storm's list of topologies.
type Summary struct {
	// ID is empty if the peer says one that Storm cannot make.
	ID, Name, Status          string
	Workers, Executors, Tasks int
	SchedStatus               string
}

// Info is what Storm says about one topology.
type Info struct {
	ID, Name, Status string
	Executors        []Executor
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

// List is every topology in Storm whose name a StormTopology can have. Nimbus reads it from ZooKeeper, so it is right even
// from a Nimbus that has just stopped leading: only the list proves absence.
func (c *Client) List(ctx context.Context) ([]Summary, error) {
	said, err := c.summaries(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]Summary, 0, len(said))
	for _, s := range said {
		if manageable(s.Name) {
			list = append(list, summaryOf(s))
		}
	}
	return list, nil
}

// summaries is the list of Nimbus. Storm has getTopologySummaries since 2.3, and before
// that only getClusterInfo, which reads the same from ZooKeeper (Nimbus.java
// getClusterInfoImpl, v2.2.1).
func (c *Client) summaries(ctx context.Context) ([]*gen.TopologySummary, error) {
	if !c.hasNoList() {
		said, err := ask(ctx, c.read("getTopologySummaries"), func(ctx context.Context, n *gen.NimbusClient) ([]*gen.TopologySummary, error) {
			return n.GetTopologySummaries(ctx)
		})
		var old *TooOldError
		if !errors.As(err, &old) || old.Method != "getTopologySummaries" {
			return said, err
		}
		c.mu.Lock()
		c.noList = c.leader
		c.mu.Unlock()
	}
	said, err := c.clusterInfo(ctx)
	if err != nil {
		return nil, err
	}
	return said.Topologies, nil
}

// hasNoList says whether this run of the leader did not know getTopologySummaries.
func (c *Client) hasNoList() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.noList.Host != "" && c.noList.Same(c.leader)
}

// manageable says whether a StormTopology can have the name.
func manageable(name string) bool { return len(name) <= longestName && storm.NameProblem(name) == "" }

// longestName is the longest spec.topology.name.
const longestName = 200

func summaryOf(s *gen.TopologySummary) Summary {
	summary := Summary{
		ID: s.ID, Name: s.Name, Status: shortWord(s.Status), SchedStatus: saidBy(s.GetSchedStatus()),
		Workers: int(s.NumWorkers), Executors: int(s.NumExecutors), Tasks: int(s.NumTasks),
	}
	if !storm.ValidID(s.ID) {
		summary.ID = ""
	}
	return summary
}

// Info is one topology by id. It costs Nimbus the same in a full cluster as in an empty
// one, unlike the calls by name and getTopologySummary.
func (c *Client) Info(ctx context.Context, id string) (Info, error) {
	if err := c.large.last("info " + id); err != nil {
		return Info{}, err
	}
	said, err := ask(ctx, c.read("getTopologyInfoWithOpts"), func(ctx context.Context, n *gen.NimbusClient) (*gen.TopologyInfo, error) {
		one := gen.NumErrorsChoice_ONE
		return n.GetTopologyInfoWithOpts(ctx, id, &gen.GetInfoOptions{NumErrChoice: &one})
	})
	if err != nil {
		c.large.remember("info "+id, err)
		return Info{}, err
	}
	if said.ID != id {
		return Info{}, &UntypedError{Method: "getTopologyInfoWithOpts", Msg: "its answer is about another topology"}
	}
	info := Info{ID: id, Name: said.Name, Status: shortWord(said.Status), SchedStatus: saidBy(said.GetSchedStatus()), LastError: newestError(said.Errors)}
	if !manageable(said.Name) {
		info.Name = ""
	}
	for _, e := range said.Executors {
		info.Executors = append(info.Executors, Executor{
			FirstTask: int(e.ExecutorInfo.TaskStart), EndTask: int(e.ExecutorInfo.TaskEnd),
			Host: e.Host, Port: int(e.Port), Uptime: int(e.UptimeSecs), Emitted: emittedBy(e.Stats),
		})
	}
	return info, nil
}

// idOf is the id of the topology that has a name. The leader keeps the names in memory
// (Nimbus.java toTopoId, v2.8.1), so it costs the same in a full cluster as in an empty
// one. A Nimbus that does not lead denies each name, and one before Storm 2.3 does not
// know the call.
func (c *Client) idOf(ctx context.Context, name string) (string, error) {
	const method = "getTopologyInfoByNameWithOpts"
	said, err := ask(ctx, c.read(method), func(ctx context.Context, n *gen.NimbusClient) (*gen.TopologyInfo, error) {
		none := gen.NumErrorsChoice_NONE
		return n.GetTopologyInfoByNameWithOpts(ctx, name, &gen.GetInfoOptions{NumErrChoice: &none})
	})
	switch {
	case err != nil:
		return "", err
	case said.Name != name || !storm.ValidID(said.ID):
		return "", &UntypedError{Method: method, Msg: "its answer is about another topology"}
	}
	return said.ID, nil
}

// newestError is the newest error, of two at the same time that of the first component.
// Of its stack trace the first line is kept.
func newestError(said map[string][]*gen.ErrorInfo) *storm.ComponentError {
	var newest *gen.ErrorInfo
	of := ""
	for component, errs := range said {
		for _, e := range errs {
			if newest == nil || e.ErrorTimeSecs > newest.ErrorTimeSecs || e.ErrorTimeSecs == newest.ErrorTimeSecs && component < of {
				newest, of = e, component
			}
		}
	}
	if newest == nil {
		return nil
	}
	line, _, _ := strings.Cut(strings.TrimSpace(newest.Error), "\n")
	return &storm.ComponentError{
		Component: shortWord(of), Message: cmp.Or(text.Said(line, longestVerdict), "an error without a text"), Host: shortWord(newest.GetHost()), Time: int64(newest.ErrorTimeSecs),
	}
}

func emittedBy(stats *gen.ExecutorStats) (sum int64) {
	if stats == nil {
		return 0
	}
	for _, count := range stats.Emitted[":all-time"] {
		sum += count
	}
	return sum
}

func (c *Client) clusterInfo(ctx context.Context) (*gen.ClusterSummary, error) {
	return ask(ctx, c.read("getClusterInfo"), func(ctx context.Context, n *gen.NimbusClient) (*gen.ClusterSummary, error) {
		return n.GetClusterInfo(ctx)
	})
}

// ClusterInfo counts Storm's supervisors, slots and topologies. The caller sets
// Identity.
func (c *Client) ClusterInfo(ctx context.Context) (storm.ClusterView, error) {
	said, err := c.clusterInfo(ctx)
	if err != nil {
		return storm.ClusterView{}, err
	}
	c.mu.Lock()
	leader := c.leader
	c.mu.Unlock()
	view := storm.ClusterView{
		Version: leader.Version, Leader: leader.At(),
		Supervisors: len(said.Supervisors), Topologies: len(said.Topologies),
	}
	for _, s := range said.Supervisors {
		view.SlotsTotal += int(s.NumWorkers)
		view.SlotsUsed += int(s.NumUsedWorkers)
	}
	return view, nil
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
