package hooks

import (
	"context"
	"log/slog"
	"time"

	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// Hooks are the hooks of both controllers. It keeps nothing but the connections
// and the few seconds' cache of Storms.
type Hooks struct {
	Storms *Storms
	// Now is the clock.
	Now func() time.Time
	// HelperImage holds our binary; pods of ours take it from there.
	HelperImage string
	Log         *slog.Logger
	Metrics     *Metrics
}

var _ Calls = (*Hooks)(nil)

// TopologyCustomize answers /topology/customize.
func (h *Hooks) TopologyCustomize(_ context.Context, body []byte) ([]byte, error) {
	return customize(body, topology.Customize)
}

// TopologySync answers /topology/sync.
func (h *Hooks) TopologySync(ctx context.Context, body []byte) ([]byte, error) {
	return h.topology(ctx, "topology/sync", body)
}

// TopologyFinalize answers /topology/finalize.
func (h *Hooks) TopologyFinalize(ctx context.Context, body []byte) ([]byte, error) {
	return h.topology(ctx, "topology/finalize", body)
}

func (h *Hooks) topology(ctx context.Context, hook string, body []byte) ([]byte, error) {
	request, err := metacontroller.Decode(body)
	if err != nil {
		return nil, err
	}
	config := topology.Config{HelperImage: h.HelperImage}
	result, err := topology.Sync(request, config, stormEdge{ctx, h.Storms, h.Log}, h.Now())
	if err != nil {
		return nil, err
	}
	h.Metrics.Decided(hook, result.Decision.Rule, result.Decision.Ready.Reason)
	return metacontroller.Encode(result.Response)
}

// stormEdge lets the pure walk ask and tell a Storm.
type stormEdge struct {
	ctx    context.Context
	storms *Storms
	log    *slog.Logger
}

// Look implements topology.Edge.
func (e stormEdge) Look(q topology.Question, fresh bool) storm.View {
	return e.storms.Look(e.ctx, Target{Seeds: q.Seeds, Port: q.Port}, q.Name, q.ID, fresh)
}

// Act implements topology.Edge. What is done to a Storm is always logged.
func (e stormEdge) Act(q topology.Question, call storm.Call) storm.Outcome {
	outcome := e.storms.Act(e.ctx, Target{Seeds: q.Seeds, Port: q.Port}, call)
	e.log.Info("told Storm", "verb", call.Verb, "topology", call.Name, "id", call.ID, "problem", outcome.Problem)
	return outcome
}

func customize(body []byte, hook func(metacontroller.Request) (metacontroller.CustomizeResponse, error)) ([]byte, error) {
	request, err := metacontroller.Decode(body)
	if err != nil {
		return nil, err
	}
	response, err := hook(request)
	if err != nil {
		return nil, err
	}
	return metacontroller.EncodeCustomize(response)
}
