package topology_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	"github.com/stormhooks/stormhooks/e2e/testkit/stories"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// begin is the time in tests that tell no story.
var begin = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// TestStories holds each story to what it prints, and each step to what is proven
// without being asked.
func TestStories(t *testing.T) {
	all, err := stories.Folder(".")
	must(t, err)
	for _, story := range all {
		t.Run(story.Name, func(t *testing.T) {
			told, err := story.Tell()
			must(t, err)
			for i, step := range told {
				story.Steps[i].Printed = step.Print()
				unasked(t, step)
			}
			stalledUntilFixed(t, told)
			testkit.Golden(t, "testdata/"+story.Name+".txt", []byte(stories.Text(story.Steps)))
		})
	}
}

// unasked is what every step proves besides what it prints.
func unasked(t *testing.T, step stories.Told) {
	t.Helper()
	first := step.Answer.Body
	again, err := step.Call(step.World)
	must(t, err)
	if !bytes.Equal(first, again.Body) {
		t.Errorf("%s: called twice, other bytes:\n%s\n%s", step.Name, first, again.Body)
	}
	var answer struct {
		Status   map[string]any
		Children []map[string]any
	}
	must(t, json.Unmarshal(first, &answer))
	fedBack(t, step, answer.Status)
	unmovedBySilence(t, step, answer.Status)
	for _, child := range answer.Children {
		if child == nil {
			t.Errorf("%s: null among the children", step.Name)
		}
	}
	if message, _ := answer.Status["message"].(string); message == "" {
		t.Errorf("%s: the status says nothing", step.Name)
	}
}

// fedBack: the answer stays the same once its status is in the object. Only a child is left
// out then, and not before, that alone told what the status remembers now: of a failure that
// begins a rollback, or of a JAR that was copied in a pod that does not end.
func fedBack(t *testing.T, step stories.Told, status map[string]any) {
	t.Helper()
	fed := step.World.Clone()
	fed.Feed(status)
	again, err := step.Call(fed)
	must(t, err)
	want := step.Answer.Body
	jar, _ := status["jar"].(map[string]any)
	before, _ := step.World.Status()["jar"].(map[string]any)
	if status["rollback"] != nil && step.World.Status()["rollback"] == nil || jar["claim"] != nil && before["claim"] == nil {
		var answer struct{ Status json.RawMessage }
		must(t, json.Unmarshal(want, &answer))
		want = answer.Status
		must(t, json.Unmarshal(again.Body, &answer))
		again.Body = answer.Status
	}
	if !bytes.Equal(want, again.Body) {
		t.Errorf("%s: the status fed back changes the answer:\n%s\n%s", step.Name, want, again.Body)
	}
	onlyTheOne(t, step, again)
}

// onlyTheOne: a wait looks at its one topology. Storm's list is for an act, and for the
// end of a deletion.
func onlyTheOne(t *testing.T, step stories.Told, again stories.Answer) {
	t.Helper()
	result := again.Result
	acts := len(again.Calls) > 0 || result.Response.Finalized || result.Decision.Children.Submit == topology.Requested
	if again.Lists > 0 && !acts {
		t.Errorf("%s: it waits (%s: %s), and reads the list each time: %v", step.Name, again.Rule, result.Status.Message, again.Asked)
	}
}

// unmovedBySilence: that Storm does not answer once changes no phase, whichever rule
// decides; and with no answer no child is created.
func unmovedBySilence(t *testing.T, step stories.Told, status map[string]any) {
	t.Helper()
	world := step.World.Clone()
	world.Feed(status)
	world.Silence()
	silent, err := step.Call(world)
	must(t, err)
	var answer struct {
		Status   struct{ Phase, StormID string }
		Children []map[string]any
	}
	must(t, json.Unmarshal(silent.Body, &answer))
	if phase, _ := status["phase"].(string); answer.Status.Phase != phase {
		t.Errorf("%s: one lost answer of Storm changes the phase from %s to %s", step.Name, phase, answer.Status.Phase)
	}
	for _, child := range answer.Children {
		if child["spec"] != nil {
			t.Errorf("%s: without an answer of Storm it creates %v", step.Name, child["metadata"])
		}
	}
}

// stalledUntilFixed: what a person has to fix stays so until a person has changed an
// object, or Storm answers otherwise. A health check reads Stalled as failed, and
// neither time nor a pod takes it back.
func stalledUntilFixed(t *testing.T, told []stories.Told) {
	t.Helper()
	for i := 1; i < len(told); i++ {
		before, now := told[i-1], told[i]
		if stalled(before) && !stalled(now) && fixable(t, before) == fixable(t, now) {
			t.Errorf("%s: Stalled has gone, and nothing was fixed since %s", now.Name, before.Name)
		}
	}
}

func stalled(step stories.Told) bool {
	status, _ := step.Answer.Tree()["status"].(map[string]any)
	conditions, _ := status["conditions"].([]any)
	return slices.ContainsFunc(conditions, func(c any) bool { return c.(map[string]any)["type"] == "Stalled" })
}

// fixable is what a person can change, and what Storm proves by an answer.
func fixable(t *testing.T, step stories.Told) string {
	t.Helper()
	parent := maps.Clone(step.World["parent"].(map[string]any))
	delete(parent, "status")
	said := step.World["storm"]
	if !step.World.View().Answered() {
		said = nil
	}
	text, err := json.Marshal([]any{step.Finalize, parent, step.World["cluster"], step.World["namespace"], step.World["givenClaim"], said})
	must(t, err)
	return string(text)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
