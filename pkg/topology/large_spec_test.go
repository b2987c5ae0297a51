package topology_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/stormhooks/stormhooks/e2e/testkit/stories"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/revision"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// The largest spec that a Job can carry is rolled back to like any other.
func TestALargeSpecIsRolledBackTo(t *testing.T) {
	noise := make([]byte, 95<<10)
	rand.New(rand.NewSource(1)).Read(noise) // nothing can compress it
	topologySpec := map[string]any{"config": map[string]any{"topology.workers": "2", "my.setting": hex.EncodeToString(noise)}}

	world := running(t)
	stories.Merge(world, spec(topologySpec))
	target := called(t, world).Target.Fingerprint
	stories.Merge(world, map[string]any{"storm": map[string]any{"Topology": map[string]any{"Fingerprint": map[string]any{"revision": target.Revision, "jar": target.Jar}}}})
	status := asked(t, world)
	if status.Phase != v1beta1.PhaseRunning || status.LastSpec.Topology != nil || len(status.LastSpec.Compressed) == 0 {
		t.Fatalf("%s: %s: compressed to %d bytes", status.Phase, status.Message, len(status.LastSpec.Compressed))
	}
	// An object may have 1.5 MiB (etcd's --max-request-bytes): the spec, its copy in kubectl's
	// annotation and the names in managedFields have at most 224 KiB each.
	if text := encoded(t, status); len(text) > 400<<10 {
		t.Errorf("the status has %d bytes", len(text))
	}
	world.Feed(asMap(t, status))
	if again := asked(t, world); encoded(t, again) != encoded(t, status) {
		t.Error("the status is not the same at the next call")
	}

	failed := firstOf(t, "rollback")
	stories.Merge(failed, spec(topologySpec))
	broken := called(t, failed).Target.Fingerprint.Revision
	stories.Merge(failed, map[string]any{
		"submit": map[string]any{"metadata": map[string]any{"annotations": map[string]any{"storm.apache.org/revision": broken}}},
		"parent": map[string]any{"status": map[string]any{
			"lastSpec": map[string]any{"revision": target.Revision, "topology": nil, "compressed": status.LastSpec.Compressed},
			"attempts": map[string]any{"revision": broken}}}})
	if back := asked(t, failed); !strings.Contains(back.Message, "Rolling back to revision "+target.Revision) {
		t.Errorf("%s", back.Message)
	}
	// What cannot be read, or was not remembered by an older Stormhooks, cannot be rolled back to.
	for _, compressed := range [][]byte{nil, []byte("no gzip"), status.LastSpec.Compressed[:1000]} {
		stories.Merge(failed, map[string]any{"parent": map[string]any{"status": map[string]any{"lastSpec": map[string]any{"compressed": compressed}}}})
		if failure := asked(t, failed); failure.Phase != v1beta1.PhaseFailed {
			t.Errorf("%s: %s", failure.Phase, failure.Message)
		}
	}
}

// While a revision has not come up, a status has two specs. With the spec, its copy in
// kubectl's annotation and the names in managedFields they fit into an object (1.5 MiB).
func TestTwoLargeSpecsFit(t *testing.T) {
	noise := func(seed int64) string {
		random := make([]byte, 160<<10) // as text, the largest that fits into a Job
		rand.New(rand.NewSource(seed)).Read(random)
		return base64.StdEncoding.EncodeToString(random)
	}
	world := running(t)
	stories.Merge(world, spec(map[string]any{"config": map[string]any{"topology.workers": "2", "my.setting": noise(1)}}))
	target := called(t, world).Target.Fingerprint
	before := revision.Compact(v1beta1.LastSpec{Revision: "a", Topology: &v1beta1.Topology{Config: v1beta1.Settings{"my.setting": noise(2)}}}, nil)
	stories.Merge(world, map[string]any{
		"storm": map[string]any{"Topology": map[string]any{"Fingerprint": map[string]any{"revision": target.Revision, "jar": target.Jar}}},
		"parent": map[string]any{"spec": map[string]any{"update": map[string]any{"minReadySeconds": 3600}},
			"status": map[string]any{"stormId": nil, "lastSpec": map[string]any{"revision": "a", "compressed": before.Compressed}}}})
	status := asked(t, world)
	if status.LastGood == nil || status.LastGood.Revision != "a" || len(status.LastSpec.Compressed) == 0 || status.LastSpec.Revision != target.Revision {
		t.Fatalf("%s: last good %+v", status.Message, status.LastGood)
	}
	if text := encoded(t, status); len(text) > 600<<10 {
		t.Errorf("the status has %d bytes", len(text))
	}
}

// A large spec that cannot be rolled back to is known all the same: the message says what
// is in the way.
func TestNoWayBackToALargeSpec(t *testing.T) {
	failed := firstOf(t, "rollback-at-once")
	large := revision.Compact(v1beta1.LastSpec{Revision: "d99eda8c74ab", Topology: &v1beta1.Topology{MainClass: "a.B", Config: v1beta1.Settings{"large": strings.Repeat("x", 70_000)}}}, nil)
	stories.Merge(failed, map[string]any{"parent": map[string]any{"status": map[string]any{
		"lastSpec": map[string]any{"topology": nil, "compressed": large.Compressed}}}})
	if says := asked(t, failed).Message; !strings.Contains(says, "and spec.restartNonce has changed since") {
		t.Errorf("%s", says)
	}
}

func spec(part map[string]any) map[string]any {
	return map[string]any{"parent": map[string]any{"spec": map[string]any{"topology": part}}}
}

// called is what a sync sees in a world, and asked the status that it answers.
func called(t *testing.T, world stories.World) topology.Observed { return result(t, world).Observed }

func asked(t *testing.T, world stories.World) v1beta1.StormTopologyStatus {
	return result(t, world).Status
}

func result(t *testing.T, world stories.World) topology.Result {
	t.Helper()
	body, err := world.Request(false)
	must(t, err)
	request, err := metacontroller.Decode(body)
	must(t, err)
	got, err := topology.Sync(request, topology.Config{HelperImage: stories.HelperImage}, told{world.View()}, begin.Add(time.Minute))
	must(t, err)
	return got
}

func encoded(t *testing.T, status v1beta1.StormTopologyStatus) string {
	t.Helper()
	text, err := json.Marshal(status)
	must(t, err)
	return string(text)
}

func asMap(t *testing.T, status v1beta1.StormTopologyStatus) (fields map[string]any) {
	t.Helper()
	must(t, json.Unmarshal([]byte(encoded(t, status)), &fields))
	return fields
}
