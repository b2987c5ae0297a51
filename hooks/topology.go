package hooks

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/stormhooks/stormhooks/hooks/internal/storms"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// Hooks are the hooks of both controllers. Hooks keeps nothing but the connections
// to Storms and a cache of a few seconds.
type Hooks struct {
	Storms *Storms
	// Now is the clock.
	Now func() time.Time
	// HelperImage holds this binary, as /stormhooks; the pods of topologies run it.
	HelperImage string
	// HelperMount is how they get it.
	HelperMount topology.HelperMount
	Log         *slog.Logger
	Metrics     *Metrics
}

var _ Calls = (*Hooks)(nil)

// TopologyCustomize answers /topology/customize.
func (h *Hooks) TopologyCustomize(_ context.Context, body []byte) ([]byte, error) {
	return customize(body, topology.Customize)
}

// TopologySync answers /topology/sync.
func (h *Hooks) TopologySync(ctx context.Context, body io.Reader) ([]byte, error) {
	return h.topology(ctx, "topology/sync", body)
}

// TopologyFinalize answers /topology/finalize.
func (h *Hooks) TopologyFinalize(ctx context.Context, body io.Reader) ([]byte, error) {
	return h.topology(ctx, "topology/finalize", body)
}

func (h *Hooks) topology(ctx context.Context, hook string, body io.Reader) ([]byte, error) {
	hashed := storms.HashOf(body)
	objects, err := topology.Read(hashed)
	if err != nil {
		return nil, err
	}
	config := topology.Config{HelperImage: h.HelperImage, HelperMount: h.HelperMount}
	edge := &stormEdge{ctx: ctx, request: hashed.Request(), storms: h.Storms, log: h.Log, metrics: h.Metrics}
	result, err := topology.Respond(objects, config, edge, h.Now())
	if err != nil {
		return nil, err
	}
	h.Metrics.Decided(hook, result.Decision.Rule, result.Decision.Says.Reason)
	return metacontroller.Encode(result.Response)
}

// stormEdge gives the pure walk access to a Storm. An error is a call that was
// rejected: the hook has no answer then.
type stormEdge struct {
	ctx     context.Context
	request storms.Request
	storms  *Storms
	log     *slog.Logger
	metrics *Metrics
}

// Look implements topology.Edge.
func (e *stormEdge) Look(q topology.Question, fresh bool) (storm.View, error) {
	view, err := e.storms.Look(e.ctx, storms.Query{Target: targetOf(q), Name: q.Name, ID: q.ID, Other: q.Other, OtherID: q.OtherID, NoList: q.NoList, Fresh: fresh, Request: e.request})
	if err == nil {
		e.metrics.looked(view.Problem)
	}
	return view, err
}

// Act implements topology.Edge. Every call that changes something is logged.
func (e *stormEdge) Act(q topology.Question, call storm.Call) (storm.Outcome, error) {
	outcome, err := e.storms.Act(e.ctx, targetOf(q), e.request, call)
	if err == nil {
		e.metrics.calledStorm(call.Verb, outcome.Problem)
		e.log.Info("called Storm", "verb", call.Verb, "topology", call.Name, "id", call.ID, "problem", outcome.Problem)
	}
	return outcome, err
}

func targetOf(q topology.Question) storms.Target {
	return storms.Target{Seeds: q.Seeds, Port: q.Port, TLS: q.TLS}
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
