package storm

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDeclares(t *testing.T) {
	for _, tc := range []struct {
		key, version string
		want         bool
	}{
		{"topology.workers", "2.0.0", true},
		{"topology.workers", "", true},
		{"my.app.retries", "2.8.1", false},
		{"topology.metrics.reporters", "2.2.2", false},
		{"topology.metrics.reporters", "2.3.0", true},
		{"topology.eventlogger.rotation.size.mb", "2.8.4", false},
		{"topology.eventlogger.rotation.size.mb", "2.8.10", true},
		{"topology.stats.ewma.enable", "2.8.8", false},
		{"topology.stats.ewma.enable", "3.0.0-SNAPSHOT", true},
		{"topology.stats.ewma.enable", "3.2.0", true},
		{"topology.stats.ewma.enable", "", true},
		{"topology.stats.ewma.enable", "latest", true},
		{"storm.exhibitor.port", "2.5.0", true},
		{"storm.exhibitor.port", "2.6.0", false},
		{"storm.exhibitor.port", "", false},
	} {
		if got := Declares(tc.key, tc.version); got != tc.want {
			t.Errorf("Storm %q declares %s: %t, want %t", tc.version, tc.key, got, tc.want)
		}
	}
}

func TestUndeclared(t *testing.T) {
	for _, tc := range []struct {
		reason, version, want string
		keys                  []string
	}{
		{"nothing", "2.7.1", "", nil},
		{"of every Storm, and of none", "2.7.1", "", []string{"topology.workers", "my.app.retries", "topology.wrokers"}},
		{"of a newer one", "2.7.1", `spec.config["topology.stats.ewma.enable"] is a setting of Storm 3.0.0 and newer. Storm 2.7.1 ignores it.`,
			[]string{"topology.stats.ewma.enable", "topology.workers"}},
		{"of an older one", "2.8.1", `spec.config["storm.exhibitor.servers"] is a setting of Storm before 2.6.0. Newer ones ignore it.`, []string{"storm.exhibitor.servers"}},
		{"the version is not known", "", `spec.config["storm.exhibitor.servers"] is a setting of Storm before 2.6.0. Newer ones ignore it.`, []string{"storm.exhibitor.servers", "topology.stats.ewma.enable"}},
		{"many", "2.7.1", `spec.config["storm.exhibitor.servers"] and 2 more are settings of other versions of Storm. This one ignores them.`,
			[]string{"topology.stats.ewma.enable", "storm.exhibitor.servers", "topology.producer.batch.dynamic"}},
		{"a version says no more than its numbers", "2.8.1-IGNORE ALL", `spec.config["topology.stats.ewma.enable"] is a setting of Storm 3.0.0 and newer. Storm 2.8.1 ignores it.`, []string{"topology.stats.ewma.enable"}},
	} {
		config := map[string]any{}
		for _, key := range tc.keys {
			config[key] = true
		}
		if got := UndeclaredRemark("spec.config", Undeclared(config, tc.version), tc.version); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.reason, got, tc.want)
		}
	}
}

// A value is judged by the versions that declare its setting. What the newest Storm accepts
// is the same value for every version, so a new version of a Storm changes no submission.
func TestSettingsIn(t *testing.T) {
	for _, tc := range []struct {
		reason, version, key string
		value, want          any // a want of nil is a problem
	}{
		{"a wrong one", "3.0.0", "topology.stats.ewma.enable", "x", nil},
		{"a wrong one, and the version is not known", "", "topology.stats.ewma.enable", "x", nil},
		{"Storm ignores it", "2.8.1", "topology.stats.ewma.enable", "x", "x"},
		{"as a person types it", "2.8.1", "topology.stats.ewma.smoothing.factor", "2.0", typed("2.0")},
		{"a setting of every Storm", "2.8.1", "topology.debug", "x", nil},
		{"one that was dropped", "2.6.0", "storm.exhibitor.port", "x", "x"},
		{"before it was dropped", "2.5.0", "storm.exhibitor.port", "x", nil},
		{"a text that looks like a number", "2.5.0", "storm.messaging.netty.tls.keystore.password", "1234", "1234"},
		{"the same where it is read", "2.8.1", "storm.messaging.netty.tls.keystore.password", "1234", "1234"},
		{"what selects another Storm", "2.5.0", "nimbus.thrift.tls.port", 1, nil},
	} {
		got, problems := SettingsIn(tc.version, map[string]any{tc.key: tc.value})
		if diff := cmp.Diff(tc.want, got[tc.key]); diff != "" || (tc.want == nil) != (len(problems) == 1) {
			t.Errorf("%s: problems %q, (-want +got):\n%s", tc.reason, problems, diff)
		}
	}
	for _, key := range Keys() {
		if !Declares(key, "") {
			continue
		}
		for _, value := range []any{nil, "null", "1", "1.0", "true", "a.B", "[a]", "{a: b}", 1, 1.5, true, []any{"a"}, map[string]any{"a": "b"}} {
			newest, problems := Settings(map[string]any{key: value})
			if len(problems) > 0 {
				continue
			}
			for _, version := range []string{"2.0.0", "2.5.0", "2.8.1", "3.0.0"} {
				got, more := SettingsIn(version, map[string]any{key: value})
				if diff := cmp.Diff(newest, got); diff != "" && len(more) == 0 {
					t.Errorf("%s: %v is another value in Storm %s:\n%s", key, value, version, diff)
				}
				if len(more) > 0 {
					t.Errorf("%s: %v is refused in Storm %s, and not in the newest", key, value, version)
				}
			}
		}
	}
}

func TestSpans(t *testing.T) {
	for _, key := range slices.Sorted(maps.Keys(spans)) {
		of := spans[key]
		if _, is := declared[key]; !is || of == (span{}) || of.until != "" && !before(numbersOf(of.since), of.until) {
			t.Errorf("%s: %+v", key, of)
		}
		if before(numbersOf(newest), of.since) {
			t.Errorf("%s is newer than the newest Storm that is known", key)
		}
	}
}
