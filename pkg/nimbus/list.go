package nimbus

import (
	"context"
	"errors"

	gen "github.com/stormhooks/stormhooks/pkg/internal/thrift/storm"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Summary is one line of Storm's list of topologies.
type Summary struct {
	// ID is empty if the peer says one that Storm cannot make.
	ID, Name, Status          string
	Workers, Executors, Tasks int
	// Uptime is for how long Nimbus has had it, in seconds.
	Uptime int
}

// Outranks says which of two topologies counts that a list has under one name. Storm has
// at most one, except after the worst change of leaders. One that is not killed counts,
// then the younger.
func (s Summary) Outranks(other Summary) bool {
	if (s.ID == "") != (other.ID == "") {
		return other.ID == ""
	}
	if (s.Status == storm.Killed) != (other.Status == storm.Killed) {
		return other.Status == storm.Killed
	}
	started, _ := storm.StartTime(s.ID)
	others, _ := storm.StartTime(other.ID)
	return started > others
}

// EachTopology calls each for every topology in Storm whose name a StormTopology can have,
// while the list arrives. After an error the list has not been read to its end. Nimbus
// reads it from ZooKeeper, so it is right even from a Nimbus that has just stopped leading:
// only the list proves absence.
//
// Storm has getTopologySummaries since 2.3, and before that only getClusterInfo, which
// reads the same from ZooKeeper (Nimbus.java getClusterInfoImpl, v2.2.1).
func (c *Client) EachTopology(ctx context.Context, each func(Summary)) error {
	if !c.hasNoList() {
		err := c.stream(ctx, question{
			method: "getTopologySummaries", args: gen.NewNimbusGetTopologySummariesArgs(), throws: aboutAll,
			kind: typeList, read: func(answer *cursor) { answer.topologies(each) },
		})
		var old *TooOldError
		if !errors.As(err, &old) || old.Method != "getTopologySummaries" {
			return err
		}
		c.mu.Lock()
		c.noList = c.leader
		c.mu.Unlock()
	}
	_, err := c.clusterInfo(ctx, each)
	return err
}

// List is EachTopology as a list, in the order of Nimbus.
func (c *Client) List(ctx context.Context) ([]Summary, error) {
	list := []Summary{}
	if err := c.EachTopology(ctx, func(s Summary) { list = append(list, s) }); err != nil {
		return nil, err
	}
	return list, nil
}

// hasNoList says whether this run of the leader did not know getTopologySummaries.
func (c *Client) hasNoList() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.noList.Host != "" && c.noList.Same(c.leader)
}

// ClusterInfo counts Storm's supervisors, slots and topologies. The caller sets
// what is of Self.
func (c *Client) ClusterInfo(ctx context.Context) (storm.ClusterView, error) {
	view, err := c.clusterInfo(ctx, nil)
	if err != nil {
		return storm.ClusterView{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	view.Version, view.Leader = c.leader.Version, c.leader.At()
	return view, nil
}

// clusterInfo counts, and calls each for every topology unless it is nil.
func (c *Client) clusterInfo(ctx context.Context, each func(Summary)) (view storm.ClusterView, err error) {
	err = c.stream(ctx, question{
		method: "getClusterInfo", args: gen.NewNimbusGetClusterInfoArgs(), throws: aboutAll,
		kind: typeStruct, read: func(answer *cursor) {
			view = storm.ClusterView{}
			answer.clusterSummary(&view, each)
		},
	})
	return view, err
}

// clusterSummary reads a ClusterSummary.
func (c *cursor) clusterSummary(view *storm.ClusterView, each func(Summary)) {
	supervisors, topologies := 0, 0
	c.structure(1, func(id int16, kind byte) bool {
		switch {
		case id == 1 && kind == typeList:
			supervisors++
			c.list(func() { c.supervisor(view) })
		case id == 3 && kind == typeList && each != nil:
			topologies++
			c.topologies(each)
		case id == 3 && kind == typeList:
			topologies++
			c.list(func() {
				view.Topologies++
				c.skip(typeStruct, 2)
			})
		default:
			return false
		}
		return true
	})
	c.requires(supervisors == 1 && topologies == 1)
}

// supervisor counts a SupervisorSummary.
func (c *cursor) supervisor(view *storm.ClusterView) {
	slots, used := false, false
	c.structure(2, func(id int16, kind byte) bool {
		switch {
		case id == 3 && kind == typeI32:
			slots = true
			view.SlotsTotal += int(c.i32())
		case id == 4 && kind == typeI32:
			used = true
			view.SlotsUsed += int(c.i32())
		default:
			return false
		}
		return true
	})
	c.requires(slots && used)
	view.Supervisors++
}

// requires fails where an answer does not have exactly the parts that Storm always sends.
func (c *cursor) requires(all bool) {
	if c.err == nil && !all {
		c.err = errShort
	}
}

// topologies calls each for every topology of a list whose name a StormTopology can have.
func (c *cursor) topologies(each func(Summary)) {
	var line summary
	field := func(id int16, kind byte) bool { return line.read(c, id, kind) }
	c.list(func() {
		line = summary{}
		c.structure(2, field)
		c.requires(line.has == summaryFields)
		if c.err != nil || !line.manageable {
			return
		}
		if c.err = c.arrives.keep(keptEach + len(line.ID) + len(line.Status)); c.err == nil {
			each(line.Summary)
		}
	})
}

// summary is a TopologySummary that is being read.
type summary struct {
	Summary
	// has has a bit for each field that was read.
	has        byte
	manageable bool
}

// summaryFields are the fields 1 to 5, and 7.
const summaryFields = 1<<1 | 1<<2 | 1<<3 | 1<<4 | 1<<5 | 1<<7

func (s *summary) read(c *cursor, id int16, kind byte) bool {
	switch {
	case id == 1 && kind == typeString:
		if s.ID = string(c.head(longestName + 50)); !storm.ValidID(s.ID) {
			s.ID = ""
		}
	case id == 2 && kind == typeString:
		s.named(c.head(longestName + 50))
	case id == 3 && kind == typeI32:
		s.Tasks = int(c.i32())
	case id == 4 && kind == typeI32:
		s.Executors = int(c.i32())
	case id == 5 && kind == typeI32:
		s.Workers = int(c.i32())
	case id == 6 && kind == typeI32:
		s.Uptime = int(c.i32())
		return true
	case id == 7 && kind == typeString:
		s.Status = statusOf(c.head(4*longestWord + 1))
	default:
		return false
	}
	s.has |= 1 << id
	return true
}

// named sets the name. Its id begins with it, and both share the memory.
func (s *summary) named(said []byte) {
	if n := len(said); n < len(s.ID) && s.ID[:n] == string(said) {
		s.Name = s.ID[:n]
	} else {
		s.Name = string(said)
	}
	s.manageable = manageable(s.Name)
}

// manageable says whether a StormTopology can have the name.
func manageable(name string) bool { return len(name) <= longestName && storm.NameProblem(name) == "" }

// statusOf is a status without a copy of each.
func statusOf(said []byte) string {
	for _, known := range [...]string{storm.Active, storm.Inactive, storm.Killed, storm.Rebalancing} {
		if string(said) == known {
			return known
		}
	}
	return shortWord(string(said))
}
