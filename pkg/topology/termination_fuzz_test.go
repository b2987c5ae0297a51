package topology_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stormhooks/stormhooks/e2e/testkit/stories"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// FuzzTermination ends or stops the containers of the stories' pods with any message, as
// main, the user's command, an image or the kubelet can write it. The status is what
// terminal and reader may see, whatever field of termination.Message has the text.
func FuzzTermination(f *testing.F) {
	hostile := `\u001b]0;owned\u0007\u001b[2J\u202ea\u200b\u0000\n` + strings.Repeat("A", 3000)
	for _, field := range []string{"reason", "message", "tail"} {
		f.Add(`{"` + field + `":"` + hostile + `"}`)
	}
	for _, field := range []string{"sha256", "path", "stormId", "remark"} {
		f.Add(`{"facts":{"sha256":"` + strings.Repeat("ab", 32) + `","stormId":"wordcount-container-1-1767268830","size":-5,"` + field + `":"` + hostile + `"}}`)
	}
	f.Add(`{"facts":{"stormId":"wordcount-container-1-1767268830; id #","remark":"a"}}`)
	f.Add(`{"reason":"SubmissionFailed","message":"a","facts":{"killed":"wordcount-container-1-1767268830\u001b[2J","jarRefused":true}}`)
	for _, at := range []string{`"host":"nimbus` + `\u001b[2J` + `","port":6627`, `"host":"nimbus","port":6627`} {
		f.Add(`{"reason":"ClusterUnreachable","message":"a","facts":{"jarRefused":true,"upload":{"location":"inbox/a;id` + hostile + `","leader":{` + at + `,"start":1767268000},"at":1767268800,"sha256":"` + strings.Repeat("ab", 32) + `"}}}`)
	}
	f.Add("\x1b]0;owned\x07\x1b[2J\u202ea\u200b\x00\n\xff" + strings.Repeat("A", 3000))
	worlds := worldsWithEnds(f)
	f.Fuzz(func(t *testing.T, message string) {
		for name, world := range worlds {
			w := world.Clone()
			for _, pod := range []string{"extractPod", "submitPod", "topologyPod"} {
				eachMessage(w[pod], func(string) string { return message })
			}
			body, err := w.Request(false)
			must(t, err)
			request, err := metacontroller.Decode(body)
			must(t, err)
			result, err := topology.Sync(request, topology.Config{HelperImage: stories.HelperImage}, told{w.View()}, begin.Add(time.Hour))
			must(t, err)
			status, err := json.Marshal(result.Status)
			must(t, err)
			var read any
			must(t, json.Unmarshal(status, &read))
			storm.EachText(read, func(said string) {
				if !utf8.ValidString(said) || len(said) > 1600 || strings.IndexFunc(said, hidden) >= 0 {
					t.Errorf("%s: %d bytes: %q", name, len(said), said)
				}
			})
			if jar := result.Status.Jar; jar != nil && jar.Size < 0 {
				t.Errorf("%s: %+v", name, *jar)
			}
		}
	})
}

func hidden(r rune) bool { return unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) }

// worldsWithEnds are worlds of stories in which a container says how it ended, or what it
// waits for.
func worldsWithEnds(t testing.TB) map[string]stories.World {
	t.Helper()
	all, err := stories.Folder(".")
	must(t, err)
	worlds := map[string]stories.World{}
	for _, story := range all {
		if !slices.Contains([]string{"account-pulls", "guide-copy", "init-container", "jar-not-found", "main-remark", "out-of-memory", "rollback"}, story.Name) {
			continue
		}
		steps, err := story.Tell()
		must(t, err)
		for _, step := range steps {
			for _, pod := range []string{"extractPod", "submitPod", "topologyPod"} {
				eachMessage(step.World[pod], func(before string) string {
					worlds[story.Name+pod] = step.World
					return before
				})
			}
		}
	}
	if len(worlds) < 5 {
		t.Fatalf("only %d worlds have a container that ended", len(worlds))
	}
	return worlds
}

// eachMessage replaces what a pod's containers say of their state.
func eachMessage(part any, with func(before string) string) {
	switch part := part.(type) {
	case map[string]any:
		for _, state := range []string{"terminated", "waiting"} {
			if in, there := part[state].(map[string]any); there {
				before, _ := in["message"].(string)
				in["message"] = with(before)
			}
		}
		for _, inner := range part {
			eachMessage(inner, with)
		}
	case []any:
		for _, inner := range part {
			eachMessage(inner, with)
		}
	}
}
