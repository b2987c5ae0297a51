package storms

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Target is where the Nimbus of a StormCluster is.
type Target struct {
	Seeds []string
	Port  int32
	TLS   *v1beta1.NimbusTLS
}

func (t Target) key() string {
	at := fmt.Sprintf("%s:%d", strings.Join(t.Seeds, ","), t.Port)
	if t.TLS != nil {
		at += " " + t.TLS.ServerName + " " + t.TLS.CABundle
	}
	return at
}

// options adds TLS to the options of every client.
func (t Target) options(all []nimbus.Option) []nimbus.Option {
	if t.TLS == nil {
		return all
	}
	return append(slices.Clip(all), nimbus.WithTLS(t.TLS.CABundle, t.TLS.ServerName))
}

// Query asks what a Storm has under a name.
type Query struct {
	Target
	Name string
	// ID is the topology's, if it is known. Then the list is read only if it is not alive.
	ID string
	// Other is a second name in the same look, and OtherID as ID; empty for one name.
	Other, OtherID string
	// Fresh: nothing may come from an earlier call. What changes something in Storm is
	// decided on such answers only.
	Fresh bool
	// NoList: the look is at the one topology only, so one that it does not find may exist
	// all the same. It is never Fresh as well.
	NoList bool
	// Request is the call that asks.
	Request Request
}

// Storms holds the connections to each Storm and a few seconds' cache, shared by all
// calls. Each Storm has its own limits and locks.
type Storms struct {
	connect func(Target) caller

	lookSlots, clusterSlots, actSlots *semaphore.Weighted

	mu     sync.Mutex
	storms map[string]*client
}

// New has no connections: a Storm is connected when it is first called.
func New(options ...nimbus.Option) *Storms {
	return &Storms{
		storms:    map[string]*client{},
		lookSlots: newSlots(), clusterSlots: newSlots(), actSlots: newSlots(),
		connect: func(at Target) caller { return nimbus.New(at.Seeds, at.Port, at.options(options)...) },
	}
}

// Look asks what the Storm has under a name. The error is a *BusyError.
func (s *Storms) Look(ctx context.Context, q Query) (storm.View, error) {
	one, others := s.storm(q.Target)
	return withTicket(one, ticketOf(q.Request, q.Fresh), func(asked time.Time) (storm.View, error) {
		return inquiry[storm.View]{
			storm: one, others: others, slots: s.lookSlots,
			ask:    func(ctx context.Context) (storm.View, error) { return one.look(ctx, q, asked) },
			silent: func(problem string) storm.View { return storm.View{Problem: problem} },
		}.run(ctx)
	})
}

// Cluster asks what the Storm says of itself. request is the call that asks.
// The error is a *BusyError.
func (s *Storms) Cluster(ctx context.Context, at Target, request Request) (storm.ClusterView, error) {
	one, others := s.storm(at)
	return withTicket(one, ticketOf(request, false), func(asked time.Time) (storm.ClusterView, error) {
		return inquiry[storm.ClusterView]{
			storm: one, others: others, slots: s.clusterSlots,
			ask:    func(ctx context.Context) (storm.ClusterView, error) { return one.clusterView(ctx, asked) },
			silent: func(problem string) storm.ClusterView { return storm.ClusterView{Problem: problem} },
		}.run(ctx)
	})
}

// withTicket asks as of the time when the request asked first.
func withTicket[T any](one *client, of ticket, ask func(asked time.Time) (T, error)) (T, error) {
	asked := one.tickets.since(of)
	answer, err := ask(asked)
	var busy *BusyError
	one.tickets.done(of, asked, errors.As(err, &busy))
	return answer, err
}

// Act makes a call that changes something in Storm, and waits for one that has begun.
// request is the call that asks. The error, a *BusyError, means that it has
// not. Nothing kept is forgotten: a kept list gives no more than the id of a name, and what
// the id says is read each time.
func (s *Storms) Act(ctx context.Context, at Target, request Request, call storm.Call) (storm.Outcome, error) {
	one, others := s.storm(at)
	if others {
		if !acquireSoon(one.acting) {
			return storm.Outcome{}, one.actLatency.reject()
		}
		defer one.acting.Release(1)
		if one.actLatency.slow() {
			if !s.actSlots.TryAcquire(1) {
				return storm.Outcome{}, one.actLatency.reject()
			}
			defer s.actSlots.Release(1)
		}
	}
	began := time.Now()
	defer func() { one.actLatency.record(time.Since(began) > slowAct) }()
	ctx, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	return one.act(ctx, call, ticketOf(request, true))
}

// Close closes all connections.
func (s *Storms) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, one := range s.storms {
		one.Close()
		delete(s.storms, key)
	}
}

// storm returns the Storm of a target, and whether there are other Storms. It closes the
// connections of those that have been idle for a while.
func (s *Storms) storm(target Target) (one *client, others bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	key := target.key()
	for other, one := range s.storms {
		if other != key && now.Sub(one.used) > idleFor {
			one.Close()
			delete(s.storms, other)
		}
	}
	one = s.storms[key]
	if one == nil {
		one = newClient(s.connect(target), s.makeRoom)
		s.storms[key] = one
	}
	one.used = now
	return one, len(s.storms) > 1
}

// makeRoom drops the largest lists until the others fit into keptBytes. A Storm whose
// list is dropped answers those that waited for it, and lists again for others.
func (s *Storms) makeRoom() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		sum, most := 0, 0
		var largest *client
		for _, one := range s.storms {
			bytes := one.list.now().bytes
			if sum += bytes; bytes > most {
				most, largest = bytes, one
			}
		}
		if sum <= keptBytes {
			return
		}
		largest.list.drop()
	}
}
