package sim

import (
	"context"
	"errors"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/stormhooks/stormhooks/e2e/standin"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/cluster"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// direct is the hook server without the wire: the product's own code on typed
// values, each made once.
func (w *World) direct(_ context.Context, request standin.DirectRequest) (standin.DirectAnswer, bool, error) {
	if w.wire {
		return standin.DirectAnswer{}, false, nil
	}
	var response metacontroller.SyncResponse
	if strings.Contains(request.Controller, "cluster") {
		w.syncs++
		result, err := cluster.Respond(w.typed.cluster(request), clusterEdge{w}, w.clock())
		if err != nil {
			return standin.DirectAnswer{}, false, err
		}
		response = result.Response
	} else {
		result, err := topology.Respond(w.typed.topology(request), w.config, topologyEdge{w}, w.clock())
		if err != nil {
			return standin.DirectAnswer{}, false, err
		}
		response = w.judged(request.Hook, result)
	}
	if w.answerLost(request.Hook) {
		return standin.DirectAnswer{}, false, errLost
	}
	return standin.DirectAnswer{
		Status: w.typed.status(request.Parent.GetUID(), response.Status), Children: w.untyped(response.Children),
		ResyncAfterSeconds: response.ResyncAfter.Seconds(), Finalized: response.Finalized,
	}, true, nil
}

func (w *World) untyped(children []any) []*unstructured.Unstructured {
	objects := make([]*unstructured.Unstructured, len(children))
	for i, child := range children {
		object, isUntyped := child.(map[string]any)
		if !isUntyped {
			var err error
			if object, err = metacontroller.Untyped(child); err != nil {
				w.violate("the hook failed: %v", err)
			}
		}
		objects[i] = &unstructured.Unstructured{Object: object}
	}
	return objects
}

var (
	errLost = errors.New("connection reset")
	// errTurnedAway is a call that the hook server rejects, since the Storm is slow
	// and others wait for it: the hook has no answer then.
	errTurnedAway = errors.New("storm is slow and other objects are waiting for it")
)

// turnedAway says whether a call to Storm is rejected before it is made.
func (w *World) turnedAway() bool {
	rejected := w.unfair && w.choose(60) == 1
	if rejected {
		w.note("hook: its call to Storm is turned away")
	}
	return rejected
}

func (w *World) answerLost(hook standin.HookKind) bool {
	lost := w.lost(30)
	switch {
	case lost:
		w.note("hook %s: its answer is lost", hook)
	case w.said != rolledBack{}:
		w.answered = w.said
	}
	w.said = rolledBack{}
	return lost
}

// hook is the hook server on the wire's own bytes.
func (w *World) hook(_ context.Context, request standin.HookRequest) (standin.HookResponse, error) {
	body, err := w.answer(request)
	if errors.Is(err, errTurnedAway) {
		return standin.HookResponse{}, err
	}
	if err != nil {
		w.violate("the hook failed on %s: %v", request.URL, err)
		return standin.HookResponse{}, err
	}
	if w.answerLost(request.Hook) {
		return standin.HookResponse{}, errLost
	}
	return standin.HookResponse{Code: 200, Body: body}, nil
}

func (w *World) answer(call standin.HookRequest) ([]byte, error) {
	request, err := metacontroller.Decode(call.Body)
	if err != nil {
		return nil, err
	}
	ofCluster := strings.Contains(call.URL, "/cluster/")
	if call.Hook == standin.Customize {
		customize := topology.Customize
		if ofCluster {
			customize = cluster.Customize
		}
		response, err := customize(request)
		if err != nil {
			return nil, err
		}
		return metacontroller.EncodeCustomize(response)
	}
	if ofCluster {
		w.syncs++
		result, err := cluster.Sync(request, clusterEdge{w}, w.clock())
		if err != nil {
			return nil, err
		}
		return metacontroller.Encode(result.Response)
	}
	result, err := topology.Sync(request, w.config, topologyEdge{w}, w.clock())
	if err != nil {
		return nil, err
	}
	return metacontroller.Encode(w.judged(call.Hook, result))
}

// judged counts an answer for a topology, and checks what holds of each.
func (w *World) judged(hook standin.HookKind, result topology.Result) metacontroller.SyncResponse {
	w.syncs++
	w.seen.rules[result.Decision.Rule]++
	if w.recording {
		w.note("%s: rule %q, %s: %s (finalized %v, again in %s)", hook, result.Decision.Rule, result.Status.Phase,
			result.Status.Message, result.Response.Finalized, result.Response.ResyncAfter)
	}
	w.goesBack(result.Observed)
	w.checkVerdict(result)
	w.checkAnswer(result)
	return result.Response
}

type topologyEdge struct{ w *World }

func (e topologyEdge) Look(q topology.Question, fresh bool) (storm.View, error) {
	if e.w.turnedAway() {
		return storm.View{}, errTurnedAway
	}
	if s := e.w.route[first(q.Seeds)]; s != nil {
		return e.w.counted(s, q, fresh), nil
	}
	e.w.arrivals()
	view := e.w.shown(e.w.storm, e.w.look(q, fresh))
	if q.Other != "" && view.Answered() {
		other := q
		other.Name, other.ID = q.Other, q.OtherID
		view = view.With(e.w.shown(e.w.storm, e.w.look(other, fresh)))
	}
	return view, nil
}

func (e topologyEdge) Act(_ topology.Question, call storm.Call) (storm.Outcome, error) {
	if e.w.turnedAway() {
		return storm.Outcome{}, errTurnedAway
	}
	outcome := storm.Outcome{Call: call}
	if e.w.faults.answers.undescribed && e.w.faults.answers.list != "" { // the name is checked in the list
		outcome.Problem = e.w.faults.answers.list
		return outcome, nil
	}
	var err error
	switch call.Verb {
	case storm.Kill:
		err = e.w.hookKills(call)
	case storm.Activate, storm.Deactivate, storm.Rebalance:
		err = e.w.hookChanges(call)
	case storm.Forget:
		err = e.w.hookForgets(call)
	default:
		e.w.violate("the hook makes a call that is not modelled: %s", call.Verb)
	}
	if err != nil {
		outcome.Problem = err.Error()
	}
	return outcome, nil
}

type clusterEdge struct{ w *World }

func (e clusterEdge) Cluster(seeds []string, _ int32, _ *v1beta1.NimbusTLS) (storm.ClusterView, error) {
	if s := e.w.route[first(seeds)]; s != nil {
		e.w.nimbus += 2 // getLeader is kept; getClusterInfo, getNimbusConf
		return storm.ClusterView{
			Identity: e.w.identity(s), Version: "2.8.1", Leader: "nimbus-0:6627", Supervisors: 1,
			SlotsTotal: 5000, SlotsUsed: len(s.topologies), Topologies: len(s.topologies),
		}, nil
	}
	if e.w.storm.Down {
		return storm.ClusterView{Problem: "Storm cannot be reached at nimbus:6627."}, nil
	}
	if problem := e.w.faults.answers.list; problem != "" { // getClusterInfo has the list, too
		e.w.sprung(noClusterInfo)
		return storm.ClusterView{Problem: problem}, nil
	}
	view := storm.ClusterView{Identity: e.w.identity(e.w.storm), Version: "2.8.1", Leader: "nimbus-0:6627", Supervisors: 1, SlotsTotal: 4}
	if e.w.storm.lacks {
		view.SlotsUsed = view.SlotsTotal
	}
	return view, nil
}
