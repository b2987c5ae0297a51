package topology_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stormhooks/stormhooks/e2e/testkit/stories"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// notPeerText are the texts of a storm.View that are not free text of Storm when they
// reach this package, and why.
var notPeerText = map[string]string{
	"Problem":   "pkg/nimbus words it, with the address that it called",
	"Identity":  "pkg/storm computes it, as a hash",
	"Scheduler": "it is compared, and not shown",
	"ID":        "pkg/nimbus keeps only an id that Storm can make",
	"Name":      "it is the name of the question",
	// Fingerprint: they are compared; Owner is in the test of hostile texts.
	"Cluster": "", "Owner": "", "UID": "", "Revision": "", "Jar": "", "Restart": "", "Cheap": "",
}

// moving are texts that say the same, at two looks.
var moving = [][2]string{
	{"no room (17 states traversed in 23 ms, backtracked 3 times, 5 of 12 executors scheduled)",
		"no room (18 states traversed in 9 ms, backtracked 12 times, 6 of 12 executors scheduled)"},
	{"Additional Memory Required: 1024.0 MB (Available: 17.25 MB)", "Additional Memory Required: 12.5 MB (Available: 0.0 MB)"},
	{"took too long for wordcount-1-1767268830 after 60 seconds", "took too long for wordcount-2-1767268999 after 61 seconds"},
	{"not authorized at 2031-07-19 13:47:53.123 by nimbus/10.0.0.7:6627", "not authorized at 2031-07-20 03:47:53.125 by nimbus/10.0.0.9:6627"},
	{"connection from ip-10-0-0-7:41234 lost, attempt failed 3 times", "connection from ip-10-0-0-7:51234 lost, attempt failed 17 times"},
	{"worker 0b1c2d3e-1111-2222-3333-444455556666 gone since 1767268830123", "worker 0b1c2d3f-1111-2222-3333-444455556666 gone since 1767268830999"},
}

// A text of Storm that says the same again writes nothing (Must 5).
func TestTextsOfStormStandStill(t *testing.T) {
	for name, at := range textsOf(reflect.TypeFor[storm.View](), nil) {
		for world, view := range viewsWith(t) {
			for _, pair := range moving {
				var parent map[string]any
				statusFor(t, view(at, pair[0]), begin.Add(time.Hour), &parent)
				first := statusFor(t, view(at, pair[0]), begin.Add(time.Hour+10*time.Second), &parent)
				second := statusFor(t, view(at, pair[1]), begin.Add(time.Hour+20*time.Second), &parent)
				if first != second {
					t.Errorf("%s, %s: %q and %q write two statuses:\n%s\n%s", name, world, pair[0], pair[1], first, second)
				}
			}
		}
	}
}

// No text of Storm reaches a status as it is: a terminal would obey it, or a reader would
// be deceived.
func TestTextsOfStormAreClean(t *testing.T) {
	hostile := "\x1b]0;owned\x07\x1b[2Ja\u202eb\u200bc\u0000\n" + strings.Repeat("long ", 2000)
	texts := textsOf(reflect.TypeFor[storm.View](), nil)
	texts["Fingerprint.Owner"] = []string{"Topology", "Fingerprint", "owner"}
	texts["Problem"] = []string{"Problem"}
	for name, at := range texts {
		for world, view := range viewsWith(t) {
			var parent map[string]any
			statusFor(t, view(at, hostile), begin.Add(time.Hour), &parent)
			status := statusFor(t, view(at, hostile), begin.Add(time.Hour+10*time.Second), &parent)
			var message struct{ Message string }
			must(t, json.Unmarshal([]byte(status), &message))
			if at := strings.IndexFunc(message.Message, func(r rune) bool { return unicode.Is(unicode.C, r) }); at >= 0 || len(message.Message) > 1000 {
				t.Errorf("%s, %s: %d bytes, %q", name, world, len(message.Message), message.Message)
			}
			for _, bad := range []string{`\u001b`, `\u0000`, "\u202e", "\u200b", strings.Repeat("long ", 400)} {
				if strings.Contains(status, bad) {
					t.Errorf("%s, %s: the status has %q: %s", name, world, bad, status)
				}
			}
		}
	}
}

// textsOf are the paths to the fields of a type that are texts, by their names.
func textsOf(of reflect.Type, above []string) map[string][]string {
	found := map[string][]string{}
	for i := range of.NumField() {
		field := of.Field(i)
		path := append(slices.Clone(above), field.Name)
		inner := field.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch _, known := notPeerText[field.Name]; {
		case inner == reflect.TypeFor[storm.View](): // of the second name: answerOf makes both
		case inner.Kind() == reflect.Struct:
			for name, path := range textsOf(inner, path) {
				found[name] = path
			}
		case inner.Kind() == reflect.String && !known:
			found[strings.Join(path, ".")] = path
		}
	}
	return found
}

// viewsWith are answers of Storm for each kind of message that quotes it, with another
// text in one field.
func viewsWith(t *testing.T) map[string]func(path []string, text string) map[string]any {
	t.Helper()
	merged := func(change map[string]any) func([]string, string) map[string]any {
		return func(path []string, text string) map[string]any {
			var part any = text
			for _, name := range slices.Backward(path) {
				part = map[string]any{name: part}
			}
			storm := map[string]any{}
			stories.Merge(storm, change)
			stories.Merge(storm, part.(map[string]any))
			return storm
		}
	}
	topology := func(fields map[string]any) map[string]any { return map[string]any{"Topology": fields} }
	return map[string]func([]string, string) map[string]any{
		"it runs":               merged(topology(map[string]any{"LastError": map[string]any{"Component": "split", "Time": 1767268900}})),
		"no worker is assigned": merged(topology(map[string]any{"Workers": 0, "WorkersUp": 0})),
		"a worker is missing":   merged(topology(map[string]any{"Workers": 1, "WorkersUp": 1})),
		"another owner":         merged(topology(map[string]any{"Fingerprint": map[string]any{"cluster": "another", "owner": "a/b"}})),
		"the owner is hidden":   merged(topology(map[string]any{"ConfKnown": false, "ConfProblem": "It is denied.", "ID": "wordcount-container-9-1767268831"})),
		"its own is hidden":     merged(topology(map[string]any{"ConfKnown": false, "ConfProblem": "It is denied."})),
	}
}

// running is the world of a topology that runs as its spec says.
var running = func() func(t *testing.T) stories.World {
	var world stories.World
	return func(t *testing.T) stories.World {
		t.Helper()
		if world == nil {
			world = firstOf(t, "storm-silent")
		}
		return world.Clone()
	}
}()

// firstOf is the world of the first step of a story.
func firstOf(t *testing.T, name string) stories.World {
	t.Helper()
	all, err := stories.Folder(".")
	must(t, err)
	at := slices.IndexFunc(all, func(s stories.Story) bool { return s.Name == name })
	steps, err := all[at].Tell()
	must(t, err)
	return steps[0].World
}

// statusFor is the status that a topology gets that runs, when Storm says that. parent is
// the StormTopology with its last status; empty for the first call.
func statusFor(t *testing.T, said map[string]any, now time.Time, parent *map[string]any) string {
	t.Helper()
	world := running(t)
	stories.Merge(world, map[string]any{"storm": said})
	if *parent != nil {
		world["parent"] = *parent
	}
	body, err := world.Request(false)
	must(t, err)
	request, err := metacontroller.Decode(body)
	must(t, err)
	result, err := topology.Sync(request, topology.Config{HelperImage: stories.HelperImage}, told{world.View()}, now)
	must(t, err)
	text, err := json.Marshal(result.Status)
	must(t, err)
	var status map[string]any
	must(t, json.Unmarshal(text, &status))
	world.Feed(status)
	*parent = world["parent"].(map[string]any)
	return string(text)
}
