package preview

import (
	"fmt"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// Stage is one answer of the hook on a topology's way to Running.
type Stage struct {
	// Phase, Reason and Message are what the status says meanwhile.
	Phase   v1beta1.Phase `json:"phase"`
	Reason  string        `json:"reason"`
	Message string        `json:"message"`
	// Made are the children that this stage adds, as Metacontroller gets them.
	Made []map[string]any `json:"made,omitempty"`
}

// Rendering is a topology's way from kubectl apply on.
type Rendering struct {
	Stages []Stage `json:"stages"`
	// Stuck: the last stage asks for nothing, and is not what the spec wants: its
	// Message says what to do.
	Stuck bool `json:"stuck,omitempty"`
}

// mostStages bounds the walk; volume, extraction, submission and Running are four.
const mostStages = 10

// Render gives the children of a topology at each stage. What only a cluster
// knows is a placeholder in round brackets, and so is the StormCluster where it
// is nil.
func Render(parent *v1beta1.StormTopology, cluster *v1beta1.StormCluster, config topology.Config) (Rendering, error) {
	w := newWorld(parent, cluster, config)
	var rendering Rendering
	for range mostStages {
		result, children, err := w.sync()
		if err != nil {
			return Rendering{}, err
		}
		stage := Stage{Phase: result.Status.Phase, Reason: result.Decision.Says.Reason, Message: result.Status.Message}
		if stage.Made, err = w.create(children); err != nil {
			return Rendering{}, err
		}
		rendering.Stages = append(rendering.Stages, stage)
		if len(stage.Made) == 0 {
			rendering.Stuck = result.Decision.Says.Ready != "True"
			return rendering, nil
		}
		if result.Decision.Children.Submit == topology.Requested {
			w.storm.Topology = runningAs(result.Observed.Target.Target, w.objects.Parent)
		}
	}
	return Rendering{}, fmt.Errorf("StormTopology %q does not come to an end after %d stages: this is a bug of Stormhooks", parent.Name, mostStages)
}

// runningAs is the topology in Storm once the submission is through.
func runningAs(target topology.Target, parent *v1beta1.StormTopology) *storm.Topology {
	workers := 1
	if set, is := target.Settings[storm.Workers].(int64); is {
		workers = int(set)
	}
	t := &storm.Topology{
		ID: parent.StormName() + "-1-1767268800", Name: parent.StormName(), Status: storm.Active,
		Fingerprint: target.Fingerprint, ConfKnown: true,
		WorkersWanted: workers, Workers: workers, WorkersUp: workers, Executors: workers, Tasks: workers, Detailed: true,
	}
	if parent.Spec.Suspend {
		t.Status = storm.Inactive
	}
	return t
}
