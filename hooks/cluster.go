package hooks

import (
	"context"
	"io"

	"github.com/stormhooks/stormhooks/hooks/internal/storms"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/cluster"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// ClusterCustomize answers /cluster/customize.
func (h *Hooks) ClusterCustomize(_ context.Context, body []byte) ([]byte, error) {
	return customize(body, cluster.Customize)
}

// ClusterSync answers /cluster/sync.
func (h *Hooks) ClusterSync(ctx context.Context, body io.Reader) ([]byte, error) {
	return h.cluster(ctx, "cluster/sync", body)
}

// ClusterFinalize answers /cluster/finalize.
func (h *Hooks) ClusterFinalize(ctx context.Context, body io.Reader) ([]byte, error) {
	return h.cluster(ctx, "cluster/finalize", body)
}

func (h *Hooks) cluster(ctx context.Context, hook string, body io.Reader) ([]byte, error) {
	objects, parent, err := cluster.Read(body)
	if err != nil {
		return nil, err
	}
	edge := &clusterEdge{ctx: ctx, request: storms.RequestOf(parent), storms: h.Storms, metrics: h.Metrics}
	result, err := cluster.Respond(objects, edge, h.Now())
	if err != nil {
		return nil, err
	}
	h.Metrics.Decided(hook, "", result.Reason)
	return metacontroller.Encode(result.Response)
}

// clusterEdge asks a Storm about itself. An error is a call that was rejected.
type clusterEdge struct {
	ctx     context.Context
	request storms.Request
	storms  *Storms
	metrics *Metrics
}

// Cluster implements cluster.Edge.
func (e *clusterEdge) Cluster(seeds []string, port int32, tls *v1beta1.NimbusTLS) (storm.ClusterView, error) {
	view, err := e.storms.Cluster(e.ctx, storms.Target{Seeds: seeds, Port: port, TLS: tls}, e.request)
	if err == nil {
		e.metrics.looked(view.Problem)
	}
	return view, err
}
