package nimbus

import (
	"context"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// direct is a Client as a Source: it caches nothing, so all of it is fresh.
type direct struct{ *Client }

func (d direct) Self(ctx context.Context, _ bool) (Self, bool, error) {
	self, err := d.Client.Self(ctx)
	return self, true, err
}

func (d direct) List(ctx context.Context, _ bool) ([]Summary, bool, error) {
	list, err := d.Client.List(ctx)
	return list, true, err
}

func (d direct) Facts(ctx context.Context, id string, _, _ bool) (Facts, bool, error) {
	conf, err := d.Conf(ctx, id)
	if err != nil {
		return Facts{}, true, err
	}
	return FactsOf(conf), true, nil
}

// Look asks what Storm has under a name. A Client caches nothing, so all of it is
// fresh. With an empty id it reads the list.
func (c *Client) Look(ctx context.Context, name, id string) storm.View {
	return Look(ctx, direct{c}, Question{Name: name, ID: id, Fresh: true})
}
