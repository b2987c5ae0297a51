package cluster

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

var now = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

const parent = `
metadata: {name: test-cluster, namespace: storm-system, uid: u, generation: 1}
spec: {nimbus: {seeds: [nimbus, nimbus.example.org, "10.0.0.1"]}, image: "apache/storm:2.8.1"}
`

// authorizing is the same Storm with an authorizer.
var authorizing = func() storm.ClusterView {
	view := answers
	view.AuthorizesNames = true
	return view
}()

// ofStorm3 is the same Storm after an upgrade.
func ofStorm3(runsOthers bool) storm.ClusterView {
	view := answers
	view.Version, view.RunsOthers = "3.2.0", runsOthers
	return view
}

var answers = storm.ClusterView{Identity: "storm-1", Version: "2.8.1", Leader: "nimbus-0:6627", Supervisors: 2, SlotsTotal: 8, SlotsUsed: 3, Topologies: 1}

type edge struct {
	view  storm.ClusterView
	asked *[]string
}

func (e edge) Cluster(seeds []string, _ int32, _ *v1beta1.NimbusTLS) (storm.ClusterView, error) {
	if e.asked != nil {
		*e.asked = seeds
	}
	return e.view, nil
}

// request merges the parts, in YAML, into a request.
func request(t *testing.T, finalizing bool, parentYAML, related string) metacontroller.Request {
	t.Helper()
	parentJSON, err := yaml.YAMLToJSON([]byte(parentYAML))
	if err != nil {
		t.Fatal(err)
	}
	r := metacontroller.Request{Parent: parentJSON, Finalizing: finalizing}
	if err := yaml.Unmarshal([]byte(related), &r.Related); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSync(t *testing.T) {
	silent := storm.ClusterView{Problem: "Storm cannot be reached at nimbus:6627."}
	other := answers
	other.Identity = "storm-2"
	tests := map[string]struct {
		reason, parent, related string
		finalizing              bool
		view                    storm.ClusterView
		ready, status, message  string
		identity                string
		finalized               bool
		again                   time.Duration
	}{
		"a new StormCluster": {
			reason: "it belongs to the first Storm that answers", parent: parent, view: answers,
			ready: "True", status: "Active", message: "Storm 2.8.1 answers.", identity: "storm-1", again: 30 * time.Second,
		},
		"an image of another version": {
			reason: "topologies are built by the image's Storm", parent: strings.Replace(parent, ":2.8.1", ":2.6.0", 1), view: answers,
			ready: "True", status: "Active", message: "another version", identity: "storm-1", again: 30 * time.Second,
		},
		"Apache's image of another major version": {
			reason: "Nimbus would reject every topology", parent: parent, view: ofStorm3(false),
			ready: "False", status: "InvalidSpec", identity: "storm-1", again: 30 * time.Second,
			message: `Image "apache/storm:2.8.1" (spec.image) has another major version than Storm 3.2.0, which accepts no topology that is built with it. What runs keeps running. Set spec.image to an image of Storm 3.2.0.`,
		},
		"Apache's image of another major version, by a mirror": {
			reason: "its tag is Storm's version too", parent: strings.Replace(parent, "apache/storm:2.8.1", "mirror.example.com:5000/apache/storm:2.8.1-jre21", 1), view: ofStorm3(false),
			ready: "False", status: "InvalidSpec", message: "another major version", identity: "storm-1", again: 30 * time.Second,
		},
		"a Nimbus with class paths of other versions": {
			reason: "it may accept them", parent: parent, view: ofStorm3(true),
			ready: "True", status: "Active", message: "unless it is configured to", identity: "storm-1", again: 30 * time.Second,
		},
		"an image of another name, with another major version": {
			reason: "its tag may be no version of Storm", parent: strings.Replace(parent, "apache/storm:2.8.1", "example.com/our-storm:2.8.1", 1), view: ofStorm3(false),
			ready: "True", status: "Active", message: "by its tag", identity: "storm-1", again: 30 * time.Second,
		},
		"an authorizer, and no TLS": {
			reason: "a topology would have no owner", parent: parent, view: authorizing,
			ready: "False", status: "InvalidSpec", message: storm.Nameless, identity: "storm-1", again: 30 * time.Second,
		},
		"an image of the same version and another base": {
			reason: "2.8.1-jre21 is 2.8.1", parent: strings.Replace(parent, ":2.8.1", ":2.8.1-jre21", 1), view: answers,
			ready: "True", status: "Active", message: "Storm 2.8.1 answers.", identity: "storm-1", again: 30 * time.Second,
		},
		"a caBundle that is not a certificate": {
			reason: "no Nimbus could be trusted: the spec must change", view: answers,
			parent: strings.Replace(parent, "nimbus: {", `nimbus: {tls: {caBundle: "-----BEGIN CERTIFICATE-----\nanVuaw==\n-----END CERTIFICATE-----\n"}, `, 1),
			ready:  "False", status: "InvalidSpec", message: "spec.nimbus.tls.caBundle has a block, number 1, that is not a certificate. Set it to", again: 30 * time.Second,
		},
		"settings of topologies": {
			reason: "they have no effect here, and must not stop the topologies", view: answers,
			parent: strings.Replace(parent, "spec: {", "spec: {config: {topology.debug: true, topology.workers: 2, storm.nimbus.retry.times: 9}, ", 1),
			ready:  "True", status: "Active", identity: "storm-1", again: 30 * time.Second,
			message: `spec.config["topology.debug"] and 1 more are settings of topologies, and spec.config is only for Storm's client: no topology gets them. ` +
				"Set them in spec.topology.config of the StormTopology.",
		},
		"a setting of a newer Storm": {
			reason: "this one ignores it", view: answers,
			parent: strings.Replace(parent, "spec: {", "spec: {config: {storm.compression.zstd.level: high}, ", 1),
			ready:  "True", status: "Active", identity: "storm-1", again: 30 * time.Second,
			message: `spec.config["storm.compression.zstd.level"] is a setting of Storm 3.0.0 and newer. Storm 2.8.1 ignores it.`,
		},
		"a Storm that never answered": {
			reason: "no status is known that could stay", parent: parent, view: silent,
			ready: "Unknown", status: "ClusterUnreachable", message: "nimbus:6627", again: whileSilent,
		},
		"a Storm that is silent for the second time": {
			reason: "the last known values stay, Ready does not", view: silent,
			parent: parent + `status: {observedGeneration: 1, identity: storm-1, silentSince: "2026-01-01T11:59:50Z", conditions: [{type: Ready, status: "True", reason: Active}]}`,
			ready:  "Unknown", status: "ClusterUnreachable", message: "nimbus:6627", identity: "storm-1", again: whileSilent,
		},
		"a Storm that is too old": {
			reason: "a person must upgrade it, or name another one", parent: parent, view: storm.ClusterView{Problem: "Nimbus at nimbus:6627 (Storm 1.2.4) is too old. Upgrade Storm.", TooOld: true},
			ready: "False", status: "StormTooOld", message: "Storm 1.2.4", again: 30 * time.Second,
		},
		"seeds that lead to another Storm": {
			reason: "nothing may be done there until a person confirms it", view: other,
			parent: parent + `status: {observedGeneration: 1, identity: storm-1}`,
			ready:  "False", status: "ClusterChanged", message: "storm.apache.org/accept-storm=storm-2", identity: "storm-1", again: 30 * time.Second,
		},
		"another Storm that is confirmed": {
			reason: "the annotation names it", view: other,
			parent: strings.Replace(parent, "generation: 1", "generation: 1, annotations: {storm.apache.org/accept-storm: storm-2}", 1) + `status: {identity: storm-1}`,
			ready:  "True", status: "Active", message: "answers", identity: "storm-2", again: 30 * time.Second,
		},
		"deleted while topologies use it": {
			reason: "it is needed to kill them", parent: parent, finalizing: true,
			related: `{"StormTopology.storm.apache.org/v1beta1": {
				storm-system/a: {metadata: {name: a, namespace: storm-system}, spec: {clusterRef: test-cluster}},
				storm-system/b: {metadata: {name: b, namespace: storm-system}, spec: {clusterRef: another}}}}`,
			ready: "False", status: "Deleting", message: "in Storm: a. Delete",
		},
		"deleted while no topology uses it": {
			reason: "nothing needs it", parent: parent, finalizing: true,
			related: `{"StormTopology.storm.apache.org/v1beta1": {
				storm-system/b: {metadata: {name: b, namespace: storm-system}, spec: {clusterRef: another}}}}`,
			ready: "False", status: "Deleting", message: "No StormTopology", finalized: true,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			result, err := Sync(request(t, tc.finalizing, tc.parent, tc.related), edge{view: tc.view}, now)
			if err != nil {
				t.Fatal(err)
			}
			ready := result.Status.Conditions[0]
			if string(ready.Status) != tc.ready || ready.Reason != tc.status || !strings.Contains(ready.Message, tc.message) {
				t.Errorf("%s: Ready is %s, %s: %s", tc.reason, ready.Status, ready.Reason, ready.Message)
			}
			if result.Status.Identity != tc.identity {
				t.Errorf("%s: identity is %q, want %q", tc.reason, result.Status.Identity, tc.identity)
			}
			if result.Response.Finalized != tc.finalized || result.Response.ResyncAfter != tc.again {
				t.Errorf("%s: finalized %v, again after %s", tc.reason, result.Response.Finalized, result.Response.ResyncAfter)
			}
			fixedPoint(t, tc.parent, tc.related, tc.finalizing, tc.view, result)
		})
	}
}

// fixedPoint: with its own status as input the answer is the same, so that nothing is
// written while Storm does not change.
func fixedPoint(t *testing.T, parent, related string, finalizing bool, view storm.ClusterView, first Result) {
	t.Helper()
	var fed map[string]any
	if err := yaml.Unmarshal([]byte(parent), &fed); err != nil {
		t.Fatal(err)
	}
	fed["status"] = first.Status
	text, _ := yaml.Marshal(fed)
	second, err := Sync(request(t, finalizing, string(text), related), edge{view: view}, now.Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	before, _ := json.Marshal(first.Status)
	after, _ := json.Marshal(second.Status)
	if !bytes.Equal(before, after) {
		t.Errorf("with its own status as input the answer differs:\n%s\n%s", before, after)
	}
}

func TestOneLostAnswerIsNoNews(t *testing.T) {
	healthy := parent + `status: {observedGeneration: 1, identity: storm-1, conditions: [{type: Ready, status: "True", reason: Active}]}`
	result, err := Sync(request(t, false, healthy, ""), edge{view: storm.ClusterView{Problem: "silent"}}, now)
	if err != nil {
		t.Fatal(err)
	}
	if ready := result.Status.Conditions[0]; ready.Status != "True" || result.Status.SilentSince == nil {
		t.Errorf("Ready is %s after one silent look, silent since %v", ready.Status, result.Status.SilentSince)
	}
}

// Each write of the status starts a check of every StormTopology, and each submission
// changes the counts.
func TestCountsAreWrittenRarely(t *testing.T) {
	status := v1beta1.StormClusterStatus{}
	at := now
	written := func(why string, after time.Duration, want bool, change func(*storm.ClusterView)) {
		t.Helper()
		view := answers
		change(&view)
		at = at.Add(after)
		fed, _ := json.Marshal(map[string]any{"metadata": map[string]any{"name": "c", "namespace": "n", "generation": 1},
			"spec": map[string]any{"nimbus": map[string]any{"seeds": []string{"n"}}}, "status": status})
		result, err := Sync(metacontroller.Request{Parent: fed}, edge{view: view}, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := !cmp.Equal(result.Status, status); got != want {
			t.Errorf("%s: written %t, want %t: %s", why, got, want, cmp.Diff(status, result.Status))
		}
		status = result.Status
		if got := int(status.Slots.Used); want && got != view.SlotsUsed {
			t.Errorf("%s: %d slots used, want %d", why, got, view.SlotsUsed)
		}
	}
	used := func(slots, topologies int) func(*storm.ClusterView) {
		return func(v *storm.ClusterView) { v.SlotsUsed, v.Topologies = slots, topologies }
	}
	written("the first time", 0, true, used(3, 1))
	for range 18 {
		written("a submission", 30*time.Second, false, used(4, 2))
	}
	written("ten minutes later", time.Minute, true, used(5, 3))
	written("nothing has changed", time.Hour, false, used(5, 3))
	written("a submission, long after the last", time.Second, true, used(6, 4))
	written("another submission", time.Second, false, used(7, 5))
	written("the last slot is taken", time.Second, true, used(8, 6))
	written("a slot is free again", time.Second, true, used(7, 6))
	written("a supervisor is lost", time.Second, true, func(v *storm.ClusterView) { v.Supervisors, v.SlotsTotal, v.SlotsUsed = 1, 6, 3 })
	status.CountedAt = nil
	written("a status of an earlier version", time.Second, true, func(v *storm.ClusterView) { v.Supervisors, v.SlotsTotal, v.SlotsUsed = 1, 6, 4 })
}

func TestSeedsWithoutADotAreServices(t *testing.T) {
	var asked []string
	if _, err := Sync(request(t, false, parent, ""), edge{answers, &asked}, now); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(asked, " "); got != "nimbus.storm-system.svc nimbus.example.org 10.0.0.1" {
		t.Errorf("asked %s: the hook server is in another namespace than the Service", got)
	}
}

func TestCustomizeRequestsTopologiesAtDeletionOnly(t *testing.T) {
	living, err := Customize(request(t, false, parent, ""))
	if err != nil || len(living.Related) != 0 {
		t.Errorf("a StormCluster requests %v (%v): every topology would trigger a call", living.Related, err)
	}
	going, err := Customize(request(t, false, strings.Replace(parent, "generation: 1", `generation: 2, deletionTimestamp: "2026-01-01T12:00:00Z"`, 1), ""))
	if err != nil || len(going.Related) != 1 || going.Related[0].Namespace != "storm-system" {
		t.Errorf("a StormCluster that is being deleted requests %v (%v)", going.Related, err)
	}
}

// Whatever the image and the Storm say, the advice names a version or nothing.
func TestVersionWarning(t *testing.T) {
	for _, test := range []struct {
		image, version string
		warns          bool
	}{
		{"apache/storm:2.6.0", "2.8.1", true},
		{"apache/storm:2.8.1", "3.2.0", true},
		{"apache/storm:3", "2.8.1", true},
		{"apache/storm:2.8.1", "2.8.1", false},
		{"apache/storm:2.8.1-jre21", "2.8.1", false},
		{"registry:5000/storm", "2.8.1", false},
		{"apache/storm:latest", "2.8.1", false},
		{"apache/storm:", "2.8.1", false},
		{"apache/storm@sha256:abc", "2.8.1", false},
		{"apache/storm:2.6.0", "", false},
		{"apache/storm:2.6.0", "unknown", false},
		{"apache/storm:2.6.0", "2.8.1 from evil.example", false},
	} {
		seen := Observed{Parent: &v1beta1.StormCluster{}}
		seen.Parent.Spec.Image, seen.Storm.Version = test.image, test.version
		if got := seen.versionWarning(); (got != "") != test.warns {
			t.Errorf("%q on Storm %q: %q", test.image, test.version, got)
		} else if other := test.image == "apache/storm:2.8.1" && test.version == "3.2.0"; strings.Contains(got, "another major version") != other {
			t.Errorf("%q on Storm %q: %q", test.image, test.version, got)
		}
	}
}

// With TLS, callers have names that an authorizer can allow.
func TestAuthorizerWithTLS(t *testing.T) {
	seen := Observed{Parent: &v1beta1.StormCluster{}, Storm: authorizing}
	seen.Parent.Spec.Nimbus.TLS = &v1beta1.NimbusTLS{}
	if problem := seen.nameless(); problem != "" {
		t.Error(problem)
	}
}

// Another hook server, whose clock is ahead, saw a silent Storm first. The wait is not
// longer for that.
func TestSilentForAClockThatIsAhead(t *testing.T) {
	seen := Observed{Parent: &v1beta1.StormCluster{}, Storm: storm.ClusterView{Problem: "Storm cannot be reached."}}
	ahead := metav1.NewTime(now.Add(24 * time.Hour))
	seen.Parent.Status.SilentSince = &ahead
	seen.Parent.Status.Conditions = []metav1.Condition{{Type: v1beta1.ConditionReady, Status: metav1.ConditionTrue}}
	seen.Parent.Status.SilentSince = Report(seen, Decide(seen, now), now).SilentSince
	if at := now.Add(whileSilent); Report(seen, Decide(seen, at), at).Conditions[0].Status != metav1.ConditionUnknown {
		t.Errorf("after %s it is not known to be silent", whileSilent)
	}
}

func TestReadReadsWhatDecodeDecodes(t *testing.T) {
	const of = `{"metadata":{"name":"c","namespace":"n"},"spec":{}}`
	const users = `{"` + kindTopology + `":{"n/a":{"metadata":{"name":"a","namespace":"n"},"spec":{"clusterRef":"c"}},"n/b":{"metadata":{"name":"b","namespace":"n"},"spec":{"clusterRef":"other"}}}}`
	body := []byte(`{"parent":` + of + `,"related":` + users + `,"finalizing":true}`)
	request, err := metacontroller.Decode(body)
	if err != nil {
		t.Fatal(err)
	}
	want, err := Decode(request)
	if err != nil {
		t.Fatal(err)
	}
	got, raw, err := Read(bytes.NewReader(body))
	if diff := cmp.Diff(want, got); err != nil || diff != "" || string(raw) != of || got.Users.Count != 1 {
		t.Errorf("%v %s %s", err, raw, diff)
	}
	for _, body := range []string{`{"related":` + users + `,"parent":` + of + `}`, `{"related":` + users + `}`, `{"parent":{}}`} {
		if _, _, err := Read(strings.NewReader(body)); !errors.Is(err, metacontroller.ErrBadRequest) {
			t.Errorf("%s: %v", body, err)
		}
	}
}
