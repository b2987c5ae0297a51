package inpod

import (
	"context"
	"slices"
	"time"

	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// witness compares what Storm lists before main runs with what it lists after that. A
// main with a Nimbus client of its own bypasses the recorder, and nothing here can
// prevent it. Without both lists of the same Storm nothing is compared: the handover, which
// needs a Storm that answers, reports one that does not.
type witness struct {
	client *nimbus.Client
	// name is the object's name in Storm, owner its fingerprint.
	name  string
	owner storm.Fingerprint
	// before is the list before main, of the Storm identity; nil if there is none.
	before   []nimbus.Summary
	identity string
	// limit is how long each of the two looks may take.
	limit time.Duration
}

// meanwhile is what changed in Storm while main ran, and no handover of this object
// explains. Others use the same Storm, so it does not say who did it.
type meanwhile struct {
	// lost is the id that had the object's name and was alive before main. After it the id
	// was killed, or missing from Storm's list.
	lost    string
	missing bool
	// appeared are topologies that Storm did not list before main. They have no
	// fingerprint of Stormhooks.
	appeared []nimbus.Summary
}

const (
	// confsRead limits the new topologies whose conf is read.
	confsRead = 8
	// compareLimit is the limit of a look. After it nothing is compared: a list that takes
	// longer is of a busy Storm, and the handover has to wait for that anyway.
	compareLimit = 20 * time.Second
)

// watch reads the list before main.
func watch(ctx context.Context, client *nimbus.Client, sub storm.Submission) witness {
	w := witness{client: client, name: sub.Name, owner: sub.Fingerprint, limit: compareLimit}
	ctx, cancel := context.WithTimeout(ctx, w.limit)
	defer cancel()
	w.before, w.identity = w.list(ctx)
	return w
}

// list is Storm's list, and the identity of that Storm; nil if one of them is unknown.
func (w witness) list(ctx context.Context) ([]nimbus.Summary, string) {
	self, err := w.client.Self(ctx)
	if err != nil {
		return nil, ""
	}
	list, err := w.client.List(ctx)
	if err != nil {
		return nil, ""
	}
	return append([]nimbus.Summary{}, list...), self.Identity
}

// after reads the list after main, and compares. names are those that main knows: a new
// topology of another name is another person's. Without names, each may be main's.
func (w witness) after(ctx context.Context, names []string) meanwhile {
	if w.before == nil {
		return meanwhile{}
	}
	until := time.Now().Add(w.limit)
	ctx, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	list, identity := w.list(ctx)
	if list == nil || identity != w.identity {
		return meanwhile{}
	}
	appeared, explained := w.appeared(ctx, w.suspects(list, names))
	if ctx.Err() != nil || !time.Now().Before(until) { // a connection may notice it before ctx does
		return meanwhile{}
	}
	seen := meanwhile{appeared: appeared}
	old := slices.IndexFunc(w.before, func(s nimbus.Summary) bool { return s.Name == w.name && s.Status != storm.Killed })
	if old < 0 || explained {
		return seen
	}
	now := slices.IndexFunc(list, sameID(w.before[old].ID))
	if now < 0 || list[now].Status == storm.Killed {
		seen.lost, seen.missing = shownSummary(w.before[old]).ID, now < 0
	}
	return seen
}

// suspects are the new topologies that can matter, those of the object's name first.
func (w witness) suspects(list []nimbus.Summary, names []string) []nimbus.Summary {
	old := map[string]bool{}
	for _, s := range w.before {
		old[s.ID] = true
	}
	var own, others []nimbus.Summary
	for _, s := range list {
		switch {
		case old[s.ID]:
		case s.Name == w.name:
			own = append(own, s)
		case len(names) == 0 || slices.Contains(names, s.Name):
			others = append(others, s)
		}
	}
	return append(own, others...)
}

// appeared are the suspects without a fingerprint. explained: another pod of this object
// has replaced its topology, or that is unknown.
func (w witness) appeared(ctx context.Context, suspects []nimbus.Summary) (appeared []nimbus.Summary, explained bool) {
	for i, s := range suspects {
		own := s.Name == w.name
		if i == confsRead {
			return appeared, explained || own
		}
		conf, err := w.client.Conf(ctx, s.ID)
		if err != nil { // its owner is unknown, so main is not blamed
			explained = explained || own
			continue
		}
		switch print := storm.FingerprintOf(conf); {
		case print.SameOwner(w.owner):
			explained = explained || own
		case print.Owner == "":
			appeared = append(appeared, shownSummary(s))
		}
	}
	return appeared, explained
}

func sameID(id string) func(nimbus.Summary) bool {
	return func(s nimbus.Summary) bool { return s.ID == id }
}

// shownSummary is a line of Storm's list that can be shown in a message.
func shownSummary(s nimbus.Summary) nimbus.Summary {
	return nimbus.Summary{ID: text.Cut(text.Clean(s.ID), 100), Name: s.Name}
}
