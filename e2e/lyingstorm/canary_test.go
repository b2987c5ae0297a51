package lyingstorm

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Canaries stand in every place where a secret may: what only Storm and the door
// know must never leave the process, what the spec says must leave it only in
// the children that need it.
const (
	never    = "canary-never"
	children = "canary-children"
)

func TestCanaries(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(never+"-of-the-door"), 0o600); err != nil {
		t.Fatal(err)
	}
	hookServer := startServer(t, tokenFile+"="+file)
	storm := Storm{
		Lie:  Honest,
		Conf: `,"storm.zookeeper.auth.payload":"` + never + `:nimbus","nimbus.thrift.tls.server.keystore.password":"` + never + `"`,
		Topologies: []Topology{{ID: "honest-0-1-1767268830", Name: "honest-0", Status: "ACTIVE", Conf: `{"stormhooks.cluster":"uid-kube-system",` +
			`"stormhooks.owner":"n/honest-0","stormhooks.uid":"t-honest-0","stormhooks.revision":"old","topology.workers":1,` +
			`"storm.zookeeper.topology.auth.payload":"` + never + `:topology","my.password":"` + never + `"}`}},
	}
	at := startStorm(t, storm, 0)
	var answers strings.Builder
	for _, c := range canaryCalls(at) {
		for _, authorization := range []string{"Bearer " + never + "-of-the-door", "Bearer " + never + "-wrong", ""} {
			answers.WriteString(withoutChildren(t, post(t, hookServer.url+c.hook, authorization, c.body)))
		}
	}
	if !strings.Contains(answers.String(), `"conditions"`) || !strings.Contains(answers.String(), "bearer token") {
		t.Errorf("no call was let in, or all were: %.1000s", answers.String())
	}
	metrics, err := http.Get(hookServer.url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(metrics.Body)
	_ = metrics.Body.Close()
	for where, said := range map[string]string{"answers": answers.String(), "metrics": string(text), "log": hookServer.stop()} {
		if len(said) < 100 {
			t.Errorf("%s: only %q: this test has seen nothing", where, said)
		}
		if at := strings.Index(said, "canary"); at >= 0 {
			t.Errorf("%s: …%s…", where, said[max(0, at-200):min(len(said), at+100)])
		}
	}
}

type canaryCall struct {
	hook string
	body []byte
}

// canaryCalls are calls of every hook, in states that say much: a first sync, one
// that runs, an invalid setting, a deletion, and bodies that are not requests.
func canaryCalls(at Address) (calls []canaryCall) {
	add := func(hook string, request map[string]any) {
		body, err := json.Marshal(request)
		if err != nil {
			panic(err)
		}
		calls = append(calls, canaryCall{hook, body})
	}
	for number := range 2 {
		for _, setting := range []any{children, []any{children}, map[string]any{"a": children}} {
			o := topologyOf("honest", number, at)
			spec := o.parent["spec"].(map[string]any)["topology"].(map[string]any)
			spec["config"] = map[string]any{"storm.zookeeper.topology.auth.payload": setting, "my.password": children}
			container := spec["jar"].(map[string]any)["container"].(map[string]any)
			container["env"] = []any{map[string]any{"name": "TOKEN", "value": children}}
			container["command"], container["args"] = []any{"fetch"}, []any{"--password=" + children}
			o.parent["spec"].(map[string]any)["template"] = map[string]any{"env": []any{map[string]any{"name": "TOKEN", "value": children}}}
			o.parent["metadata"].(map[string]any)["annotations"] = map[string]any{"kubectl.kubernetes.io/last-applied-configuration": children}
			o.related["Secret.v1"] = map[string]any{"n/pull": map[string]any{"apiVersion": "v1", "kind": "Secret", "data": map[string]any{"x": never}}}
			request := map[string]any{"parent": o.parent, "children": map[string]any{}, "related": o.related}
			add("/topology/sync", request)
			add("/topology/customize", request)
			request["finalizing"] = true
			o.parent["metadata"].(map[string]any)["deletionTimestamp"] = "2026-01-01T00:00:00Z"
			add("/topology/finalize", request)
		}
	}
	cluster := map[string]any{"parent": clusterOf("honest", at)}
	for _, hook := range []string{"/cluster/sync", "/cluster/customize", "/cluster/finalize"} {
		add(hook, cluster)
	}
	return append(calls,
		canaryCall{"/topology/sync", []byte(`{"parent": {"spec": "` + never + `"}}`)},
		canaryCall{"/topology/sync", []byte(`{"parent": ` + never)},
		canaryCall{"/" + "nowhere", []byte(never)})
}

func post(t *testing.T, url, authorization string, body []byte) []byte {
	t.Helper()
	for {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if authorization != "" {
			request.Header.Set("Authorization", authorization)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		seconds, err := strconv.Atoi(response.Header.Get("Retry-After"))
		if response.StatusCode != http.StatusTooManyRequests || err != nil {
			return append(text, '\n')
		}
		time.Sleep(time.Duration(seconds) * time.Second) // as Metacontroller does
	}
}

// withoutChildren is an answer without the children, after they were seen to
// hold nothing but what is theirs.
func withoutChildren(t *testing.T, answer []byte) string {
	t.Helper()
	var parts map[string]json.RawMessage
	if json.Unmarshal(answer, &parts) != nil {
		return string(answer)
	}
	if bytes.Contains(parts["children"], []byte(never)) {
		t.Errorf("a child holds what only Storm or the door knows: %s", parts["children"])
	}
	delete(parts, "children")
	rest, err := json.Marshal(parts)
	if err != nil {
		t.Fatal(err)
	}
	return string(rest)
}
