package inpod

import (
	"context"
	"slices"

	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// witness compares what Storm lists before main runs with what it lists after that. A
// main with a Nimbus client of its own bypasses the recorder, and nothing here can
// prevent it. Without one of the two lists nothing is compared: the handover, which
// needs the list too, reports a Storm that does not answer.
type witness struct {
	client *nimbus.Client
	// name is the object's name in Storm, owner its fingerprint.
	name  string
	owner storm.Fingerprint
	// before is the list before main; nil if Storm did not return one.
	before []nimbus.Summary
}

// meanwhile is what changed in Storm while main ran, and no handover of this object
// explains.
type meanwhile struct {
	// killed is the id that had the object's name and was alive before main, and was
	// killed or gone after it.
	killed string
	// appeared are topologies that Storm did not list before main. They have no
	// fingerprint of Stormhooks.
	appeared []nimbus.Summary
}

// maxAppeared limits the new topologies whose conf is read.
const maxAppeared = 8

// watch reads the list before main.
func watch(ctx context.Context, client *nimbus.Client, sub storm.Submission) witness {
	w := witness{client: client, name: sub.Name, owner: sub.Fingerprint}
	if list, err := client.List(ctx); err == nil {
		w.before = append([]nimbus.Summary{}, list...)
	}
	return w
}

// after reads the list after main, and compares.
func (w witness) after(ctx context.Context) (seen meanwhile) {
	list, err := w.client.List(ctx)
	if err != nil || w.before == nil {
		return seen
	}
	replaced := false
	for _, new := range list {
		if len(seen.appeared) == maxAppeared || slices.ContainsFunc(w.before, sameID(new.ID)) {
			continue
		}
		conf, err := w.client.Conf(ctx, new.ID)
		if err != nil {
			continue // its owner is unknown, so main is not blamed
		}
		switch print := storm.FingerprintOf(conf); {
		case print.SameOwner(w.owner):
			replaced = true // by another pod of this object
		case print.Owner == "":
			seen.appeared = append(seen.appeared, shownSummary(new))
		}
	}
	old := slices.IndexFunc(w.before, func(s nimbus.Summary) bool { return s.Name == w.name && s.Status != storm.Killed })
	if old >= 0 && !replaced {
		now := slices.IndexFunc(list, sameID(w.before[old].ID))
		if now < 0 || list[now].Status == storm.Killed {
			seen.killed = shownSummary(w.before[old]).ID
		}
	}
	return seen
}

func sameID(id string) func(nimbus.Summary) bool {
	return func(s nimbus.Summary) bool { return s.ID == id }
}

// shownSummary is a line of Storm's list that can be shown in a message.
func shownSummary(s nimbus.Summary) nimbus.Summary {
	return nimbus.Summary{ID: text.Cut(text.Clean(s.ID), 100), Name: s.Name}
}
