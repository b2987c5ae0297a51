package hooks

import (
	"github.com/stormhooks/stormhooks/hooks/internal/storms"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
)

// Storms holds the connections to each Storm and a cache of a few seconds, shared by all
// calls. All of it may be lost at any time.
type Storms = storms.Storms

// NewStorms has no connections: a Storm is connected when it is first called.
func NewStorms(options ...nimbus.Option) *Storms { return storms.New(options...) }
