package topology_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stormhooks/stormhooks/e2e/testkit/stories"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// syncWith is the first step of the guide's example with another part of
// spec.topology, where a submission is due.
func syncWith(t *testing.T, change map[string]any) (message string, answer []byte) {
	t.Helper()
	all, err := stories.Folder(".")
	must(t, err)
	w := all[0].New()
	for _, part := range []map[string]any{change, {"jar": map[string]any{"container": map[string]any{"extractionMode": "image-volume"}}}} {
		stories.Merge(w, map[string]any{"parent": map[string]any{"spec": map[string]any{"topology": part}}})
	}
	text, err := w.Request(false)
	must(t, err)
	request, err := metacontroller.Decode(text)
	must(t, err)
	result, err := topology.Sync(request, topology.Config{HelperImage: stories.HelperImage},
		told{storm.View{Listed: true, Identity: "storm-1"}}, begin.Add(time.Minute))
	must(t, err)
	body, err := metacontroller.Encode(result.Response)
	must(t, err)
	return result.Status.Message, body
}

// A spec can have a megabyte and a half. What no Job can carry, and no process
// be given, is said in plain words, and what is said to be possible is.
func TestSpecsTooLarge(t *testing.T) {
	config := func(keys, size int, fill string) map[string]any {
		settings := map[string]any{}
		for i := range keys {
			settings[fmt.Sprintf("my.setting.%d", i)] = strings.Repeat(fill, size)
		}
		return map[string]any{"config": settings}
	}
	for name, tc := range map[string]struct {
		change map[string]any
		want   string
	}{
		"at the limit of etcd":             {config(1, 1_400_000, "a"), "The spec is too large for a Job"},
		"many small settings":              {config(20_000, 40, "a"), "The spec is too large for a Job"},
		"letters that grow":                {config(1, 80_000, "<"), "The spec is too large for a Job"},
		"dollars that are doubled":         {config(1, 200_000, "$"), "The spec is too large for a Job"},
		"an argument that Linux refuses":   {map[string]any{"args": []any{strings.Repeat("é", 65_536)}}, "spec.topology.args[0] is longer than 127 KiB"},
		"200 KiB of settings":              {config(2, 100_000, "a"), ""},
		"thousands of settings":            {config(2_500, 40, "a"), ""},
		"35 KiB of letters that grow":      {config(1, 30_000, "<"), ""},
		"100 KiB of dollars":               {config(1, 100_000, "$"), ""},
		"an argument of 126 KiB":           {map[string]any{"args": []any{strings.Repeat("é", 63<<10)}}, ""},
		"arguments of all that shells eat": {map[string]any{"args": []any{"$(id -u) `id` ; | & > < \" ' \\ \n\r\t * ? [a] {b} ~ # ! é \u2028", "--", "-Dx=$(TOPOLOGY_NAME)", ""}}, ""},
	} {
		message, answer := syncWith(t, tc.change)
		if tc.want != "" && !strings.Contains(message, tc.want) || tc.want == "" && strings.Contains(message, "too large") {
			t.Errorf("%s: %.300s, want the words %q", name, message, tc.want)
		}
		var parts struct{ Children []json.RawMessage }
		must(t, json.Unmarshal(answer, &parts))
		if tc.want == "" && len(parts.Children) == 0 {
			t.Errorf("%s: no Job is named: %.300s", name, message)
		}
		for _, child := range parts.Children {
			if len(child) > 250<<10 {
				t.Errorf("%s: a child of %d bytes does not fit into Metacontroller's annotation", name, len(child))
			}
		}
	}
}
