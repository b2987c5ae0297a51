package storm

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestClientSettings(t *testing.T) {
	for _, tc := range []struct {
		reason, key string
		value       any
		problem     string
	}{
		{"a setting of Storm's client", "storm.nimbus.retry.times", "9", ""},
		{"its reader fails at a fraction", "storm.nimbus.retry.times", 1.5, `spec.config["storm.nimbus.retry.times"] is 1.5; must be a whole number.`},
		{"its reader fails at null", "storm.nimbus.retry.times", nil, `spec.config["storm.nimbus.retry.times"] is null, and Storm cannot read null there.`},
		{"no reader is known to fail", "storm.local.dir", nil, ""},
		{"a setting of topologies, which has no effect", "topology.message.timeout.secs", 60, ""},
		{"even null", "topology.debug", nil, ""},
		{"a connection", "nimbus.seeds", "x", "spec.nimbus says which Storm to use"},
	} {
		_, problems := ClientSettings("", map[string]any{tc.key: tc.value})
		if got := strings.Join(problems, " "); tc.problem == "" && got != "" || !strings.Contains(got, tc.problem) {
			t.Errorf("%s: %q, want %q", tc.reason, got, tc.problem)
		}
	}
}

func TestTopologySettings(t *testing.T) {
	got := TopologySettings(map[string]any{
		"topology.debug": true, "worker.childopts": "", "task.refresh.poll.secs": 1, "storm.messaging.netty.max_wait_ms": 1, "num.stat.buckets": 1,
		"topology.auto-credentials": nil, "storm.zookeeper.topology.auth.payload": "a:b", "storm.thrift.socket.timeout.ms": 1, "worker": 1, "mine": 1,
	})
	want := []string{"num.stat.buckets", "storm.messaging.netty.max_wait_ms", "task.refresh.poll.secs", "topology.debug", "worker.childopts"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what only workers and Nimbus read (-want +got):\n%s", diff)
	}
	if got := TopologySettingsRemark(nil); got != "" {
		t.Errorf("%q about nothing", got)
	}
	if got := TopologySettingsRemark([]string{strings.Repeat("x", 500), "y"}); len(got) > 400 {
		t.Errorf("a remark of %d bytes", len(got))
	}
}
