package nimbus

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// topologyInfo reads a TopologyInfo. Of an executor's statistics, which are most of it,
// only the number of emitted tuples is kept. Its component is counted, not kept.
func (c *cursor) topologyInfo() (info Info) {
	has, hosts, components, newest := 0, map[string]string{}, map[string]*storm.Component{}, newestError{}
	c.structure(1, func(id int16, kind byte) bool {
		switch {
		case id == 1 && kind == typeString:
			info.ID = string(c.head(longestName + 50))
		case id == 2 && kind == typeString:
			info.Name = string(c.head(longestName + 50))
		case id == 3 && kind == typeI32:
			info.Uptime = int(c.i32())
			return true
		case id == 4 && kind == typeList:
			info.Executors = nil
			clear(components)
			c.list(func() { c.executor(&info, hosts, components) })
		case id == 5 && kind == typeString:
			info.Status = statusOf(c.head(4*longestWord + 1))
		case id == 6 && kind == typeMap:
			newest = newestError{}
			c.errors(&newest)
		case id == 513 && kind == typeString:
			info.SchedStatus = saidBy(c.text(longestSaid))
			return true
		default:
			return false
		}
		has |= 1 << id
		return true
	})
	c.requires(has == 1<<1|1<<2|1<<4|1<<5|1<<6)
	info.LastError = newest.kept()
	for _, name := range slices.Sorted(maps.Keys(components)) {
		info.Components = append(info.Components, *components[name])
	}
	return info
}

// executor adds an ExecutorSummary. hosts has one copy of each host, components one of each
// component.
func (c *cursor) executor(info *Info, hosts map[string]string, components map[string]*storm.Component) {
	e, has, component := Executor{}, 0, new(storm.Component)
	c.structure(2, func(id int16, kind byte) bool {
		switch {
		case id == 1 && kind == typeStruct:
			c.tasks(&e)
		case id == 2 && kind == typeString:
			component = c.component(components)
			return true
		case id == 3 && kind == typeString:
			said := c.head(longestSaid)
			if _, known := hosts[string(said)]; !known {
				c.err = cmp.Or(c.err, c.arrives.keep(len(said)+executorKept))
				host := string(said)
				hosts[host] = host
			}
			e.Host = hosts[string(said)]
		case id == 4 && kind == typeI32:
			e.Port = int(c.i32())
		case id == 5 && kind == typeI32:
			e.Uptime = int(c.i32())
		case id == 7 && kind == typeStruct:
			e.Emitted = c.emitted()
			return true
		default:
			return false
		}
		has |= 1 << id
		return true
	})
	c.requires(has == 1<<1|1<<3|1<<4|1<<5)
	if c.err == nil {
		c.err = c.arrives.keep(executorKept)
	}
	info.Executors = append(info.Executors, e)
	component.Executors++
	component.Tasks += e.EndTask - e.FirstTask + 1
}

// component reads the name of an executor's component, and returns what is counted of it.
func (c *cursor) component(known map[string]*storm.Component) *storm.Component {
	name := c.head(storm.LongestComponent + 1)
	if found := known[string(name)]; found != nil {
		return found
	}
	c.err = cmp.Or(c.err, c.arrives.keep(len(name)+executorKept))
	found := &storm.Component{Name: string(name)}
	known[found.Name] = found
	return found
}

// tasks reads an ExecutorInfo.
func (c *cursor) tasks(e *Executor) {
	c.structure(3, func(id int16, kind byte) bool {
		switch {
		case id == 1 && kind == typeI32:
			e.FirstTask = int(c.i32())
		case id == 2 && kind == typeI32:
			e.EndTask = int(c.i32())
		default:
			return false
		}
		return true
	})
}

// emitted reads ExecutorStats: of its field 1, the counts of all streams since the start.
func (c *cursor) emitted() (sum int64) {
	c.structure(3, func(id int16, kind byte) bool {
		if id != 1 || kind != typeMap {
			return false
		}
		c.entries(typeMap, func() {
			all := string(c.head(longestWord)) == ":all-time"
			c.entries(typeI64, func() {
				c.drop(int(c.i32()))
				if count := c.i64(); all {
					sum += count
				}
			})
		})
		return true
	})
	return sum
}

// newestError is the newest error, of two at the same time that of the first component.
type newestError struct {
	found         bool
	of, say, host []byte
	time          int32
}

// errors reads the map from components to their errors.
func (c *cursor) errors(newest *newestError) {
	var one newestError
	c.entries(typeList, func() {
		one.of = append(one.of[:0], c.head(4*longestWord+1)...)
		c.list(func() {
			c.errorInfo(&one)
			if newest.olderThan(one) {
				newest.found, newest.time = true, one.time
				newest.of, newest.say, newest.host = append(newest.of[:0], one.of...), append(newest.say[:0], one.say...), append(newest.host[:0], one.host...)
			}
		})
	})
}

// errorInfo reads an ErrorInfo.
func (c *cursor) errorInfo(one *newestError) {
	one.say, one.host, one.time = one.say[:0], one.host[:0], 0
	c.structure(3, func(id int16, kind byte) bool {
		switch {
		case id == 1 && kind == typeString:
			one.say = append(one.say, c.head(4*longestVerdict+1)...)
		case id == 2 && kind == typeI32:
			one.time = c.i32()
		case id == 3 && kind == typeString:
			one.host = append(one.host, c.head(4*longestWord+1)...)
		default:
			return false
		}
		return true
	})
}

func (e *newestError) olderThan(one newestError) bool {
	return !e.found || one.time > e.time || one.time == e.time && bytes.Compare(one.of, e.of) < 0
}

// kept is what is kept of it: of its stack trace, the first line.
func (e *newestError) kept() *storm.ComponentError {
	if !e.found {
		return nil
	}
	line, _, _ := bytes.Cut(bytes.TrimSpace(e.say), []byte("\n"))
	return &storm.ComponentError{
		Component: shortWord(string(e.of)), Message: cmp.Or(text.Said(string(line), longestVerdict), "an error without a text"),
		Host: shortWord(string(e.host)), Time: int64(e.time),
	}
}
