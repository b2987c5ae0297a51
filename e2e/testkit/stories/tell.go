package stories

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// HelperImage is the one of every story.
const HelperImage = "stormhooks/stormhooks:test"

// A Told step is a step, the world that it was asked about, and the answer.
type Told struct {
	Step
	World  World
	Now    time.Time
	Answer Answer

	bodies map[string]any
}

// An Answer is what a hook call came to.
type Answer struct {
	Rule string
	// Asked are the looks at Storm, Calls what it was told. Lists is how many looks need
	// the list of topologies.
	Asked []string
	Lists int
	Calls []storm.Call
	// Body is the answer as Metacontroller gets it.
	Body []byte
	// Result is what the body was made of.
	Result topology.Result
}

// Answers are those of all stories, by story and step: guide-copy/08-up.
func Answers(toTopology string) (map[string]Answer, error) {
	all, err := Folder(toTopology)
	if err != nil {
		return nil, err
	}
	answers := map[string]Answer{}
	for _, story := range all {
		told, err := story.Tell()
		if err != nil {
			return nil, err
		}
		for _, step := range told {
			answers[story.Name+"/"+step.Name] = step.Answer
		}
	}
	return answers, nil
}

// New is the world in which each story begins.
func (s Story) New() World { return clone(s.worlds["new"]) }

// Tell calls the hook for each step.
func (s Story) Tell() (all []Told, err error) {
	w := s.New()
	for _, step := range s.Steps {
		if err := s.set(w, step); err != nil {
			return nil, fmt.Errorf("%s/%s: %w", s.Name, step.Name, err)
		}
		told := Told{Step: step, World: w.Clone(), Now: begin.Add(step.At), bodies: s.bodies}
		if told.Answer, err = told.Call(told.World); err != nil {
			return nil, fmt.Errorf("%s/%s: %w", s.Name, step.Name, err)
		}
		all = append(all, told)
		w.after(step, told.Answer.Tree())
	}
	return all, nil
}

// set makes the world that a step is told of.
func (s Story) set(w World, step Step) error {
	if step.like != "" && s.worlds[step.like] == nil {
		return fmt.Errorf("worlds.yaml has no world %q", step.like)
	}
	Merge(w, clone(s.worlds[step.like]))
	for _, b := range step.builds {
		patch, err := w.built(b, step.At)
		if err != nil {
			return err
		}
		Merge(w, clone(map[string]any{b.part: patch}))
	}
	Merge(w, clone(step.patch))
	return nil
}

// Call calls the hook in a world at the step's time.
func (t Told) Call(w World) (Answer, error) {
	body, err := w.Request(t.Finalize)
	if err != nil {
		return Answer{}, err
	}
	request, err := metacontroller.Decode(body)
	if err != nil {
		return Answer{}, err
	}
	objects, err := topology.Decode(request)
	if err != nil {
		return Answer{}, err
	}
	e, before := &edge{world: w, now: t.Now}, objects.Parent.DeepCopy()
	result, err := topology.Respond(objects, topology.Config{HelperImage: HelperImage}, e, t.Now)
	if err != nil {
		return Answer{}, err
	}
	if !reflect.DeepEqual(objects.Parent, before) { // programs that import the library keep it
		return Answer{}, errors.New("the answer changes the object that it was made from")
	}
	text, err := metacontroller.Encode(result.Response)
	return Answer{Rule: result.Decision.Rule, Asked: e.asked, Lists: e.lists, Calls: e.calls, Body: text, Result: result}, err
}

// Tree is a new copy of the body, as a tree.
func (a Answer) Tree() (tree map[string]any) {
	if err := json.Unmarshal(a.Body, &tree); err != nil {
		panic(err) // it was encoded just now
	}
	return tree
}

// YAML is the whole answer.
func (a Answer) YAML() string {
	all := map[string]any{"rule": a.Rule, "asked": a.Asked, "answer": a.Tree()}
	if len(a.Calls) > 0 {
		all["calls"] = a.Calls
	}
	text, err := yaml.Marshal(all)
	if err != nil {
		panic(err) // it is plain values
	}
	return string(text)
}

// edge is the Storm of a world.
type edge struct {
	world World
	now   time.Time
	asked []string
	lists int
	calls []storm.Call
}

func (e *edge) Look(q topology.Question, fresh bool) (storm.View, error) {
	asked := fmt.Sprintf("%s at %v id=%q fresh=%v", q.Name, q.Seeds, q.ID, fresh)
	view := e.world.View()
	if cached := e.world["cached"]; cached != nil && !fresh {
		view = viewOf(cached)
	}
	switch {
	case q.NoList:
		asked, view.Listed = asked+" without the list", false
		if e.world["denied"] != nil {
			view.Topology = nil
		}
	case view.Topology == nil || view.Topology.ID != q.ID:
		e.lists++
	}
	e.asked = append(e.asked, asked)
	view.Fresh = fresh
	e.aged(view.Topology)
	if q.Other == "" {
		return view, nil
	}
	other := storm.View{Identity: view.Identity, Listed: view.Listed, Fresh: fresh}
	if e.world["green"] != nil {
		other.Topology = viewOf(map[string]any{"Topology": e.world["green"]}).Topology
		e.aged(other.Topology)
	}
	if !view.Answered() {
		return view, nil
	}
	view = view.With(other)
	if strings.HasSuffix(q.Name, v1beta1.GreenSuffix) {
		view = view.Swapped()
	}
	return view, nil
}

// aged sets for how long Storm has had a topology, by the clock of the hook server.
func (e *edge) aged(t *storm.Topology) {
	if t == nil || t.Uptime != 0 {
		return
	}
	if started, ok := storm.StartTime(t.ID); ok {
		t.Uptime = int(e.now.Unix() - started)
	}
}

func (e *edge) Act(_ topology.Question, call storm.Call) (storm.Outcome, error) {
	e.calls = append(e.calls, call)
	return storm.Outcome{Call: call}, nil
}

// View is what Storm says. Where the world has none, its list is empty.
func (w World) View() storm.View {
	if w["storm"] == nil {
		return storm.View{Listed: true, Identity: "storm-1"}
	}
	return viewOf(w["storm"])
}

func viewOf(part any) (view storm.View) {
	raw, err := json.Marshal(part)
	if err == nil {
		err = json.Unmarshal(raw, &view)
	}
	if err != nil {
		panic(fmt.Sprintf("the world's storm is not a storm.View: %v", err))
	}
	return view
}
