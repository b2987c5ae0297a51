package nimbus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Source answers the calls of one look: a Client, or a Client behind a cache. It is made
// for that look, and knows how old an answer may be.
type Source interface {
	// Self is what Nimbus says of itself.
	Self(context.Context) (Self, error)
	// Named is the topology that the list has under a name; nil if none. again requires
	// a list that is read after this call, or after the first one of a request that comes
	// back.
	Named(ctx context.Context, name string, again bool) (*Summary, error)
	// IDOf is the id of the topology that has a name, without the list. That it is not
	// alive proves nothing: the Nimbus may not lead.
	IDOf(ctx context.Context, name string) (string, error)
	// Info is one topology, by id.
	Info(ctx context.Context, id string) (Info, error)
	// Facts are of a topology's conf, by id.
	Facts(ctx context.Context, id string) (Facts, error)
	// ListLeader is the Nimbus that led when the list of Named was read, and for minutes
	// before; zero if that is not known.
	ListLeader() storm.Leader
	// Fresh says whether all that counts of the answers so far was read after the look
	// began.
	Fresh() bool
}

// Self is what is needed of Nimbus's own conf. It changes only with the leader, and
// contains no secret.
type Self struct {
	// Identity tells this Storm from another (storm.IdentityOf).
	Identity string
	// Scheduler is the class that assigns slots to topologies, empty for Storm's default.
	Scheduler string
	// RunsOthers: it is configured with class paths of other versions of Storm, so it may
	// accept topologies of another major version.
	RunsOthers bool
	// AuthorizesNames: only a caller with a name may read and kill a topology.
	AuthorizesNames bool
}

// selfOf reads it (settingsRead has each key). Identity is empty if the conf is not a
// Nimbus's.
func selfOf(conf map[string]any) Self {
	scheduler, _ := conf["storm.scheduler"].(string)
	others, unread := otherVersions(conf)
	return Self{
		Identity: storm.IdentityOf(conf), Scheduler: shortWord(scheduler),
		RunsOthers: len(others) > 0 || unread, AuthorizesNames: storm.AuthorizesNames(conf),
	}
}

// Facts is what is needed of a topology's conf. For one id it changes only by a
// rebalance, which anybody may make. It contains no secret.
type Facts struct {
	Fingerprint   storm.Fingerprint
	WorkersWanted int
	// MessageTimeout is topology.message.timeout.secs.
	MessageTimeout int
}

// FactsOf reads them (settingsRead has each key).
func FactsOf(conf map[string]any) Facts {
	return Facts{Fingerprint: storm.FingerprintOf(conf), WorkersWanted: numberOf(conf["topology.workers"]), MessageTimeout: numberOf(conf[storm.MessageTimeout])}
}

func numberOf(value any) int {
	switch n := value.(type) {
	case json.Number:
		i, _ := strconv.Atoi(n.String())
		return i
	case float64:
		return int(n)
	}
	return 0
}

// Look asks what Storm has under a name. A topology with a known id is read by that id
// alone; the list is read if the id is empty, or not alive.
func Look(ctx context.Context, from Source, name, id string) storm.View {
	return look(ctx, from, name, func(l *looker) error { return l.at(id) })
}

// LookWithoutList is a Look at the one topology, by its id and then by its name, so that
// it costs Nimbus the same, however many topologies there are. A topology that it does not
// find may exist all the same. It reads the list only where Nimbus fails at the one
// topology, or does not know the call (Storm before 2.3).
func LookWithoutList(ctx context.Context, from Source, name, id string) storm.View {
	return look(ctx, from, name, func(l *looker) error { return l.withoutList(id) })
}

func look(ctx context.Context, from Source, name string, how func(*looker) error) storm.View {
	self, err := from.Self(ctx)
	if err != nil {
		return unanswered(err)
	}
	look := &looker{ctx: ctx, from: from, name: name, view: storm.View{Identity: self.Identity, Scheduler: self.Scheduler}}
	if err := how(look); err != nil {
		view := unanswered(err)
		view.Identity = self.Identity
		return view
	}
	look.view.Fresh = from.Fresh()
	return look.view
}

// unanswered is the view of a look that failed.
func unanswered(err error) storm.View {
	var unreachable *UnreachableError
	return storm.View{
		Problem: Message(err), TooOld: IsTooOld(err),
		Lasting: IsTooOld(err) || errors.As(err, &unreachable) && unreachable.Lasting,
	}
}

// Message is an error as a sentence for a person.
func Message(err error) string { return strings.TrimRight(err.Error(), ". \n") + "." }

type looker struct {
	ctx  context.Context
	from Source
	name string
	view storm.View
}

func (l *looker) at(id string) error {
	if found, err := l.byID(id); found || err != nil {
		return err
	}
	return l.listed(false)
}

func (l *looker) withoutList(id string) error {
	if found, err := l.byID(id); found || err != nil {
		return err
	}
	id, err := l.from.IDOf(l.ctx, l.name)
	switch {
	case err == nil:
		return l.at(id)
	case as[*NotAliveError](err):
		l.view.Denied = true
		return nil
	case isDenied(err), isUntyped(err), isTooLarge(err), IsTooOld(err):
		return l.listed(false)
	}
	return err
}

// byID says whether the id is that of the topology that has the name.
func (l *looker) byID(id string) (bool, error) {
	if id == "" {
		return false, nil
	}
	info, err := l.from.Info(l.ctx, id)
	switch {
	case err == nil && info.Name == l.name:
		l.view.Topology = topologyOf(info)
		return true, l.conf(l.view.Topology)
	case err == nil, isDenied(err), isUntyped(err), isTooLarge(err):
		return false, nil
	}
	return false, err
}

// listed looks in the list. A topology may be removed between the list and the next
// call, and Nimbus fails for one that is just being removed: then the list is read again,
// once.
func (l *looker) listed(again bool) error {
	summary, err := l.from.Named(l.ctx, l.name, again)
	if err != nil {
		return err
	}
	l.view.Listed, l.view.Topology = true, nil
	if summary == nil {
		l.view.Leader = l.from.ListLeader()
		return nil
	}
	if summary.ID == "" {
		l.view.ImpossibleID = true
		return nil
	}
	info, err := l.from.Info(l.ctx, summary.ID)
	switch {
	case err == nil:
		l.view.Topology = topologyOf(info)
	case !again && (isDenied(err) || isUntyped(err)):
		return l.listed(true)
	case isDenied(err), isUntyped(err), isTooLarge(err):
		l.view.Topology = lineOf(*summary, err)
	default:
		return err
	}
	return l.conf(l.view.Topology)
}

// lineOf is a topology as the list has it. Nothing else of it can be read: it is being
// removed, or Stormhooks did not submit it and is not authorized to read it, or Nimbus
// has no description of it that can be read.
func lineOf(summary Summary, err error) *storm.Topology {
	t := &storm.Topology{
		ID: summary.ID, Name: summary.Name, Status: summary.Status,
		Workers: summary.Workers, Executors: summary.Executors, Tasks: summary.Tasks, Uptime: summary.Uptime,
	}
	if t.TooLarge, t.Undescribed = isTooLarge(err), isUntyped(err); t.Counted() {
		t.WorkersUp = t.Workers
	}
	return t
}

// conf adds the facts of the conf. One that Stormhooks is not authorized to read belongs
// to a topology that it did not submit.
func (l *looker) conf(t *storm.Topology) error {
	facts, err := l.from.Facts(l.ctx, t.ID)
	switch {
	case err == nil:
		t.ConfKnown, t.Fingerprint = true, facts.Fingerprint
		t.WorkersWanted, t.MessageTimeout = facts.WorkersWanted, facts.MessageTimeout
		return nil
	case isTooLarge(err):
		t.ConfProblem = fmt.Sprintf("The topology's conf in Storm is larger than %d MiB, or does not arrive in time, so its owner is not read", maxConf>>20)
		return nil
	case isDenied(err):
		t.ConfProblem = "Storm does not return the topology's conf: " + err.Error()
		if as[*AuthorizationError](err) {
			t.ConfProblem += "; if Stormhooks submitted it, allow that call in Storm's authorizer"
		}
		return nil
	}
	return err
}

// isDenied: Nimbus answered that the topology does not exist, or that Stormhooks is not
// authorized to read it.
func isDenied(err error) bool {
	return as[*NotAliveError](err) || as[*AuthorizationError](err)
}

// isUntyped: Nimbus failed without a reason.
func isUntyped(err error) bool { return as[*UntypedError](err) }

// topologyOf counts an Info. A worker is up if one of its executors has sent a
// heartbeat: before that, Nimbus returns 0 as the executor's uptime (Nimbus.java
// getTopologyInfoWithOptsImpl, v2.8.1).
func topologyOf(info Info) *storm.Topology {
	t := &storm.Topology{
		ID: info.ID, Name: info.Name, Status: info.Status, SchedStatus: info.SchedStatus,
		Detailed: true, Uptime: info.Uptime, Executors: len(info.Executors), Components: info.Components, LastError: info.LastError,
	}
	type slot struct {
		host string
		port int
	}
	workers := map[slot]int{} // the uptime of each
	for _, e := range info.Executors {
		at := slot{e.Host, e.Port}
		workers[at] = max(workers[at], e.Uptime)
		t.OldestUptime = max(t.OldestUptime, e.Uptime)
		t.Tasks += e.EndTask - e.FirstTask + 1
	}
	t.Workers, t.YoungestUptime = len(workers), t.OldestUptime
	for _, uptime := range workers {
		if uptime > 0 {
			t.WorkersUp++
		}
		t.YoungestUptime = min(t.YoungestUptime, uptime)
	}
	return t
}
