package nimbus

import (
	"context"

	"github.com/stormhooks/stormhooks/pkg/internal/text"
	gen "github.com/stormhooks/stormhooks/pkg/internal/thrift/storm"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Summary is one line of Storm's list of topologies.
type Summary struct {
	ID, Name, Status          string
	Workers, Executors, Tasks int
	SchedStatus               string
}

// Info is what Storm says about one topology.
type Info struct {
	ID, Name, Status string
	Executors        []Executor
	// Errors are the newest error of each component that reported one.
	Errors      []storm.ComponentError
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

// longestWord is the longest status, version or host name that is kept.
const longestWord = 128

func shortWord(said string) string { return text.Head(saidBy(said), longestWord) }

// List is every topology in Storm. Nimbus reads it from ZooKeeper, so it is right even
// from a Nimbus that has just stopped leading: only the list proves absence.
func (c *Client) List(ctx context.Context) ([]Summary, error) {
	said, err := ask(ctx, c.read("getTopologySummaries"), func(ctx context.Context, n *gen.NimbusClient) ([]*gen.TopologySummary, error) {
		return n.GetTopologySummaries(ctx)
	})
	if err != nil {
		return nil, err
	}
	list := make([]Summary, 0, len(said))
	for _, s := range said {
		list = append(list, Summary{
			ID: text.Head(s.ID, longestSaid), Name: text.Head(s.Name, longestSaid), Status: shortWord(s.Status), SchedStatus: saidBy(s.GetSchedStatus()),
			Workers: int(s.NumWorkers), Executors: int(s.NumExecutors), Tasks: int(s.NumTasks),
		})
	}
	return list, nil
}

// Info is one topology by id. It costs Nimbus the same in a full cluster as in an empty
// one, unlike the calls by name and getTopologySummary.
func (c *Client) Info(ctx context.Context, id string) (Info, error) {
	said, err := ask(ctx, c.read("getTopologyInfoWithOpts"), func(ctx context.Context, n *gen.NimbusClient) (*gen.TopologyInfo, error) {
		one := gen.NumErrorsChoice_ONE
		return n.GetTopologyInfoWithOpts(ctx, id, &gen.GetInfoOptions{NumErrChoice: &one})
	})
	if err != nil {
		return Info{}, err
	}
	info := Info{ID: text.Head(said.ID, longestSaid), Name: text.Head(said.Name, longestSaid), Status: shortWord(said.Status), SchedStatus: saidBy(said.GetSchedStatus())}
	for _, e := range said.Executors {
		info.Executors = append(info.Executors, Executor{
			FirstTask: int(e.ExecutorInfo.TaskStart), EndTask: int(e.ExecutorInfo.TaskEnd),
			Host: e.Host, Port: int(e.Port), Uptime: int(e.UptimeSecs), Emitted: emittedBy(e.Stats),
		})
	}
	for component, errs := range said.Errors {
		for _, e := range errs {
			info.Errors = append(info.Errors, storm.ComponentError{
				Component: saidBy(component), Message: e.Error, Host: shortWord(e.GetHost()), Time: int64(e.ErrorTimeSecs),
			})
		}
	}
	return info, nil
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

// ClusterInfo counts Storm's supervisors, slots and topologies. The caller sets
// Identity.
func (c *Client) ClusterInfo(ctx context.Context) (storm.ClusterView, error) {
	said, err := ask(ctx, c.read("getClusterInfo"), func(ctx context.Context, n *gen.NimbusClient) (*gen.ClusterSummary, error) {
		return n.GetClusterInfo(ctx)
	})
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
	self := selfOf(conf)
	if self.Identity == "" {
		return Self{}, &UntypedError{Method: "getNimbusConf", Msg: "it has no storm.zookeeper.servers"}
	}
	return self, nil
}
