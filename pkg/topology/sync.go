package topology

import (
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Edge is the only access to Storm. An error of it means that there is no answer
// at all: the call ends, and Metacontroller repeats it.
type Edge interface {
	// Look asks Storm about a topology. Fresh: no cache may answer.
	Look(question Question, fresh bool) (storm.View, error)
	// Act makes one call.
	Act(question Question, call storm.Call) (storm.Outcome, error)
}

// Result is an answer, and what it was made from.
type Result struct {
	Response metacontroller.SyncResponse
	Observed Observed
	Decision Decision
	// Outcomes of the decision's calls.
	Outcomes []storm.Outcome
	Status   v1beta1.StormTopologyStatus
}

// Sync is the whole walk for a sync or finalize call. An error that wraps
// metacontroller.ErrBadRequest: the body is not a request for a StormTopology. Any
// other is the edge's.
func Sync(request metacontroller.Request, config Config, edge Edge, now time.Time) (Result, error) {
	objects, err := Decode(request)
	if err != nil {
		return Result{}, err
	}
	return Respond(objects, config, edge, now)
}

// Respond is the walk from typed objects on.
func Respond(objects Objects, config Config, edge Edge, now time.Time) (Result, error) {
	seen := Observe(objects, config, now)
	question, asks := seen.Question()
	if !asks { // there is no Storm to ask
		return respond(seen, Decide(seen), nil), nil
	}
	seen, decision, err := consult(seen, question, edge)
	if err != nil {
		return Result{}, err
	}
	outcomes, err := carryOut(seen, decision, question, edge)
	if err != nil {
		return Result{}, err
	}
	return respond(seen, decision, outcomes), nil
}

// consult asks Storm and decides. A wait looks at its one topology: the list costs Nimbus
// more, the more topologies there are. What the look does not find, only the list can
// prove. It is read if that would be news, and it may come from a cache then. What a cache
// said is good enough to wait on, not to act on.
func consult(seen Observed, question Question, edge Edge) (Observed, Decision, error) {
	first := question
	first.NoList = true
	view, err := edge.Look(first, false)
	if err != nil {
		return seen, Decision{}, err
	}
	seen = seen.WithStorm(view)
	decision := Decide(seen)
	if absenceIsNews(seen) && !decision.needsFresh(seen) {
		if view, err = edge.Look(question, false); err != nil {
			return seen, Decision{}, err
		}
		seen = seen.WithStorm(view)
		decision = Decide(seen)
	}
	if view.Proves() || !decision.needsFresh(seen) {
		return seen, decision, nil
	}
	question = question.found(seen.Storm)
	question = question.found(seen.Other)
	if view, err = edge.Look(question, true); err != nil {
		return seen, Decision{}, err
	}
	seen = seen.WithStorm(view)
	return seen, Decide(seen), nil
}

// found is a question with the id that an answer has for its name.
func (q Question) found(answer Answer) Question {
	switch t := answer.View.Topology; {
	case t == nil:
	case answer.Name == q.Name:
		q.ID = t.ID
	case answer.Name == q.Other:
		q.OtherID = t.ID
	}
	return q
}

// carryOut makes the calls of a decision that rests on a fresh look, in their order. None
// follows one that Storm rejected: of two topologies one is deactivated before the other is
// activated (Must 1).
func carryOut(seen Observed, decision Decision, question Question, edge Edge) ([]storm.Outcome, error) {
	if !seen.Storm.View.Fresh {
		return nil, nil
	}
	var outcomes []storm.Outcome
	for _, call := range decision.Calls {
		outcome, err := edge.Act(question, call)
		if err != nil {
			return outcomes, err
		}
		outcomes = append(outcomes, outcome)
		if outcome.Problem != "" {
			break
		}
	}
	return outcomes, nil
}

func respond(seen Observed, decision Decision, outcomes []storm.Outcome) Result {
	status := Report(seen, decision, outcomes)
	return Result{
		Response: metacontroller.SyncResponse{
			Status:      status,
			Children:    Build(seen, decision),
			ResyncAfter: decision.Look.Again,
			Finalized:   decision.Finalized,
		},
		Observed: seen, Decision: decision, Outcomes: outcomes, Status: status,
	}
}

// Customize names the related objects: the StormCluster, the pods of this
// topology, the ConfigMaps that its template names, and the Namespaces of the
// topology and of kube-system, whose uid names the Kubernetes cluster. Events,
// Secrets and ResourceQuotas are not
// requested: they would wake every topology for one message.
func Customize(request metacontroller.Request) (metacontroller.CustomizeResponse, error) {
	var parent v1beta1.StormTopology
	if err := metacontroller.DecodeObject(request.Parent, &parent, metacontroller.AlwaysSkipped); err != nil {
		return metacontroller.CustomizeResponse{}, err
	}
	return metacontroller.CustomizeResponse{Related: related(&parent)}, nil
}
