package storm

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOfDaemons(t *testing.T) {
	for key, want := range map[string]struct {
		only    bool
		instead string
	}{
		"supervisor.slots.ports":          {true, ""},
		"storm.local.dir":                 {true, ""},
		"worker.childopts":                {true, "topology.worker.childopts"},
		"nimbus.task.timeout.secs":        {true, ""},
		"worker.heartbeat.frequency.secs": {true, ""},
		"topology.workers":                {false, ""},
		"topology.my.own":                 {false, ""},
		"my.own":                          {false, ""},
		"worker.max.timeout.secs":         {false, ""},
		"storm.messaging.transport":       {false, ""},
		"es.index":                        {false, ""},
	} {
		only, instead := OfDaemons(key)
		if only != want.only || instead != want.instead {
			t.Errorf("%s: %v %q, want %v %q", key, only, instead, want.only, want.instead)
		}
	}
	for key := range reads {
		if only, _ := OfDaemons(key); only && !slices.Contains(checkedOnly, key) {
			t.Errorf("%s is read from the conf of a topology", key)
		}
	}
	for _, instead := range forTopologies {
		if _, known := declared[instead]; !known {
			t.Errorf("%s is not a setting of Storm", instead)
		}
	}
}

func TestFlat(t *testing.T) {
	for reason, c := range map[string]struct {
		key   string
		value any
		want  []string
	}{
		"as in a Helm chart":     {"topology", map[string]any{"workers": int64(2), "message": map[string]any{"timeout": map[string]any{"secs": int64(3)}}}, []string{"topology.message.timeout.secs", "topology.workers"}},
		"half nested":            {"topology.worker", map[string]any{"childopts": "-Xmx1g"}, []string{"topology.worker.childopts"}},
		"the prefix of a daemon": {"supervisor", map[string]any{"slots": map[string]any{"ports": nil}}, []string{"supervisor.slots.ports"}},
		"a map that is a value":  {"topology.blobstore.map", map[string]any{"key": map[string]any{}}, nil},
		"a map of a main's own":  {"my.map", map[string]any{"workers": int64(2)}, nil},
		"a value":                {"topology", "a", nil},
		"an empty map":           {"topology", map[string]any{}, nil},
	} {
		if diff := cmp.Diff(c.want, slices.Sorted(maps.Keys(Flat(c.key, c.value)))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", reason, diff)
		}
	}
}
