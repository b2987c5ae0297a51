package topology

import (
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Config is what the installation decides.
type Config struct {
	// HelperImage holds our binary; pods of ours take it from there.
	HelperImage string
}

// Edge is the touch of the world between the two pure halves.
type Edge interface {
	// Look asks Storm about a topology. Fresh: no cache may answer.
	Look(question Question, fresh bool) storm.View
	// Act makes one call.
	Act(question Question, call storm.Call) storm.Outcome
}

// Question is what Storm is asked, and where.
type Question struct {
	Seeds []string
	Port  int32
	// Name of the topology; ID as it was last known, empty for a look at the list.
	Name, ID string
}

// Result is an answer, and what it was made from.
type Result struct {
	Response metacontroller.SyncResponse
	Decision Decision
	Observed Observed
	Status   v1beta1.StormTopologyStatus
}

// Sync is the whole walk for a sync or finalize call. The error wraps
// metacontroller.ErrBadRequest: the body is not a request for a StormTopology.
func Sync(request metacontroller.Request, config Config, edge Edge, now time.Time) (Result, error) {
	objects, err := Decode(request)
	if err != nil {
		return Result{}, err
	}
	return Answer(objects, config, edge, now), nil
}

// Answer is the walk from typed objects on.
func Answer(objects Objects, config Config, edge Edge, now time.Time) Result {
	seen := Observe(objects, config)
	decision := Decide(seen, now)
	if question, wanted := seen.Question(); wanted {
		seen = seen.Hearing(edge.Look(question, seen.deleting()))
		decision = Decide(seen, now)
		// What a cache said is good enough to wait on, not to act on.
		if decision.needsFresh() && !seen.Storm.Fresh {
			question.ID = ""
			seen = seen.Hearing(edge.Look(question, true))
			decision = Decide(seen, now)
		}
		if seen.Storm.Fresh {
			for _, call := range decision.Calls {
				decision.Outcomes = append(decision.Outcomes, edge.Act(question, call))
			}
		}
	}
	status := Report(seen, decision, now)
	return Result{
		Response: metacontroller.SyncResponse{
			Status:      status,
			Children:    Build(seen, decision),
			ResyncAfter: decision.LookAgain,
			Finalized:   decision.Finalized,
		},
		Decision: decision, Observed: seen, Status: status,
	}
}

// Customize names the related objects: the StormCluster, the pods of this
// topology, and the Namespaces of the topology and of kube-system, whose uid
// names the Kubernetes cluster. Events, Secrets and ResourceQuotas are not asked
// for: they would wake every topology for one message.
func Customize(request metacontroller.Request) (metacontroller.CustomizeResponse, error) {
	var parent v1beta1.StormTopology
	if err := metacontroller.DecodeObject(request.Parent, &parent, metacontroller.AlwaysSkipped); err != nil {
		return metacontroller.CustomizeResponse{}, err
	}
	return metacontroller.CustomizeResponse{Related: related(&parent)}, nil
}
