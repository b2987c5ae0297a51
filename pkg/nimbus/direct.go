package nimbus

import (
	"context"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// direct is a Client as a Source: it caches nothing, so all of it is fresh.
type direct struct{ *Client }

func (d direct) Named(ctx context.Context, name string, _ bool) (*Summary, error) {
	var found *Summary
	err := d.EachTopology(ctx, func(s Summary) {
		if s.Name == name && (found == nil || s.Outranks(*found)) {
			one := s
			found = &one
		}
	})
	return found, err
}

func (d direct) Facts(ctx context.Context, id string) (Facts, error) {
	conf, err := d.Conf(ctx, id)
	return FactsOf(conf), err
}

// ListLeader implements Source: how long it has led is not known.
func (d direct) ListLeader() storm.Leader { return storm.Leader{} }

func (d direct) Fresh() bool { return true }

// Look asks what Storm has under a name. A Client caches nothing, so all of it is
// fresh. With an empty id it reads the list.
func (c *Client) Look(ctx context.Context, name, id string) storm.View {
	return Look(ctx, direct{c}, name, id)
}
