package preview

import (
	"fmt"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// Stage is one answer of the hook until the topology is Running.
type Stage struct {
	// If is the condition for this stage and those after it; empty if there is none.
	If string `json:"if,omitempty"`
	// Phase, Reason and Message are those of the status at this stage.
	Phase   v1beta1.Phase `json:"phase"`
	Reason  string        `json:"reason"`
	Message string        `json:"message"`
	// Created are the children that this stage adds, as Metacontroller gets them.
	Created []map[string]any `json:"made,omitempty"`
}

// Rendering has the stages of a topology, from kubectl apply on.
type Rendering struct {
	Stages []Stage `json:"stages"`
	// Stuck: the last stage requests nothing, and the topology is not as the spec says,
	// and not paused or suspended. The Message of that stage says what to do.
	Stuck bool `json:"stuck,omitempty"`
}

// mostStages limits the stages; volume, extraction, submission and Running are four.
const mostStages = 10

// Render returns the children of a topology at each stage. Values that only a cluster
// knows are placeholders in round brackets, and so are those of the StormCluster if it is
// nil.
func Render(parent *v1beta1.StormTopology, cluster *v1beta1.StormCluster, config topology.Config) (Rendering, error) {
	w := newWorld(parent, cluster, config)
	var rendering Rendering
	otherwise := ""
	if CanAdopt(parent) {
		stage, err := adopted(parent, cluster, config)
		if err != nil {
			return Rendering{}, err
		}
		if stage.Reason == v1beta1.Adopted { // otherwise it is paused, or its spec is wrong
			id := parent.Annotations[v1beta1.AnnotationAdopt]
			stage.If, otherwise = "Storm has "+id, "Storm has no topology "+NameOfID(id)
			rendering.Stages = append(rendering.Stages, stage)
		}
	}
	for range mostStages {
		result, children, err := w.sync()
		if err != nil {
			return Rendering{}, err
		}
		stage := Stage{Phase: result.Status.Phase, Reason: result.Decision.Says.Reason, Message: result.Status.Message, If: otherwise}
		otherwise = ""
		if stage.Created, err = w.create(children); err != nil {
			return Rendering{}, err
		}
		rendering.Stages = append(rendering.Stages, stage)
		if len(stage.Created) == 0 {
			says := result.Decision.Says
			rendering.Stuck = says.Ready != "True" && says.Reason != v1beta1.Paused && says.Reason != v1beta1.Suspended
			return rendering, nil
		}
		if result.Decision.Children.Submit == topology.Requested {
			w.storm.Topology = runningAs(result.Observed.Target.Target, w.objects.Parent)
		}
	}
	return Rendering{}, fmt.Errorf("StormTopology %q still has new children after %d stages: this is a bug of Stormhooks", parent.Name, mostStages)
}

// adopted is the one stage of a topology that Storm has by the id of the annotation.
func adopted(parent *v1beta1.StormTopology, cluster *v1beta1.StormCluster, config topology.Config) (Stage, error) {
	w := newWorld(parent, cluster, config)
	w.storm.Topology = runningAs(topology.Target{}, parent)
	w.storm.Topology.ID = parent.Annotations[v1beta1.AnnotationAdopt]
	result, children, err := w.sync()
	if err != nil {
		return Stage{}, err
	}
	stage := Stage{Phase: result.Status.Phase, Reason: result.Decision.Says.Reason, Message: result.Status.Message}
	stage.Created, err = w.create(children)
	return stage, err
}

// runningAs is the topology in Storm after the submission.
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
