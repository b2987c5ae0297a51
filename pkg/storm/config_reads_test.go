package storm

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// For each declared setting null is refused, and a reader that fails at it is named, or is
// accepted, and a reader that takes it is named, or there is no reader.
func TestNullIsRefusedOrCited(t *testing.T) {
	cited := regexp.MustCompile(`^\w+\.java(:[0-9]+)?\b`)
	for key := range reads {
		if _, known := declared[key]; !known {
			t.Errorf("%s is not declared", key)
		}
		if !cited.MatchString(reads[key].at) {
			t.Errorf("%s: %q names no file of Storm", key, reads[key].at)
		}
	}
	for key := range declared {
		if refusal(key, "") != "" {
			continue
		}
		_, isRead := reads[key]
		sorted := 0
		for _, is := range []bool{isRead, slices.Contains(notRead, key), slices.Contains(refusedByStorm, key)} {
			if is {
				sorted++
			}
		}
		if sorted != 1 {
			t.Errorf("%s is in %d of reads, notRead and refusedByStorm, want 1", key, sorted)
		}
		takes := reads[key].null || slices.Contains(notRead, key)
		for _, null := range []any{nil, "null"} {
			settings, problems := Settings(map[string]any{key: null})
			value, taken := settings[key]
			switch {
			case declared[key].ofText && null != nil: // the text null
			case takes && (!taken || value != nil || problems != nil):
				t.Errorf("%s: %v is not accepted: %q", key, null, problems)
			case !takes && len(problems) != 1:
				t.Errorf("%s: %v is accepted, and no reader is named", key, null)
			}
		}
	}
	for _, key := range slices.Concat(notRead, refusedByStorm) {
		if _, known := declared[key]; !known || refusal(key, "") != "" {
			t.Errorf("%s is not declared, or refused whatever its value is", key)
		}
	}
}

// A topology that runs with null for what only a daemon reads can be updated.
func TestNullThatNothingReads(t *testing.T) {
	for _, key := range []string{
		"worker.childopts", "executor.metrics.frequency.secs", "task.credentials.poll.secs", "nimbus.users", "drpc.port",
		"supervisor.cpu.capacity", "blobstore.dir", "storm.local.dir", "topology.worker.shared.thread.pool.size",
	} {
		settings, problems := Settings(map[string]any{key: nil})
		if value, taken := settings[key]; !taken || value != nil || problems != nil {
			t.Errorf("%s: %q", key, problems)
		}
	}
	for key, null := range map[string]any{"drpc.servers": nil, "supervisor.thrift.max_buffer_size": "null", "storm.thrift.tls.socket.timeout.ms": nil} {
		if _, problems := Settings(map[string]any{key: null}); len(problems) != 1 {
			t.Errorf("%s: null passes, and workers fail at it", key)
		}
		if _, problems := ClientSettings("", map[string]any{key: null}); problems != nil {
			t.Errorf("%s: %q, and Storm's client does not read it", key, problems)
		}
	}
}

// What Nimbus or a worker reads with getInt, or unboxes, must be a whole number or a boolean
// in the table.
func TestReadersAgreeWithTheTable(t *testing.T) {
	for key, read := range reads {
		rule := declared[key]
		for _, wrong := range []any{json.Number("1.5"), json.Number("1e10"), "yes"} {
			_, accepted := rule.take(wrong)
			switch {
			case !accepted:
			case strings.Contains(read.at, "getInt") || strings.Contains(read.at, "to int"):
				t.Errorf("%s accepts %v, and Storm reads it with getInt", key, wrong)
			case strings.Contains(read.at, "getBoolean") || strings.Contains(read.at, "unboxes it") && rule.must == boolean.must:
				t.Errorf("%s accepts %v, and Storm reads a boolean", key, wrong)
			}
		}
	}
}

func TestRefusedConf(t *testing.T) {
	const ras = `{"storm.scheduler":"org.apache.storm.scheduler.resource.ResourceAwareScheduler"}`
	for _, tc := range []struct{ reason, conf, own, nimbus, want string }{
		{"nothing", `{}`, `{}`, `{}`, ""},
		{"a fraction behind the JAR", `{"topology.max.replication.wait.time.sec":0.5}`, `{}`, `{}`,
			"Main sets topology.max.replication.wait.time.sec to 0.5. Nimbus needs a whole number there. Fix it in main, or set it in spec.topology.config."},
		{"a Double passes Storm's validation", `{"topology.workers":2.0}`, `{}`, `{}`, "Main sets topology.workers to 2.0. Nimbus needs a whole number of 1 or more there."},
		{"the spec overrides it, and was checked", `{"topology.workers":2}`, `{"topology.workers":2}`, `{}`, ""},
		{"unboxed", `{"storm.messaging.netty.authentication":null}`, `{}`, `{}`, "to null. Nimbus needs true or false there."},
		{"unboxed, too", `{"topology.worker.nimbus.thrift.client.use.tls":null}`, `{}`, `{}`, "to null. Nimbus needs true or false there."},
		{"all that defaults.yaml has as null", `{"topology.acker.executors":null,"topology.tasks":null,"topology.max.task.parallelism":null,"topology.max.spout.pending":null,` +
			`"topology.worker.childopts":null,"topology.tick.tuple.freq.secs":null,"topology.classpath":null,"topology.environment":null,` +
			`"transactional.zookeeper.servers":null,"transactional.zookeeper.port":null,"storm.group.mapping.service.params":null,"storm.zookeeper.auth.user":null}`, `{}`, ras, ""},
		{"it crashes workers", `{"topology.debug":null}`, `{}`, `{}`, "Main sets topology.debug to null. Each worker needs true or false there."},
		{"only another scheduler reads it", `{"topology.ras.acker.executors.per.worker":1.0}`, `{}`, `{}`, ""},
		{"only another scheduler unboxes it", `{"topology.priority":null}`, `{}`, `{}`, ""},
		{"it stops Nimbus with any scheduler", `{"topology.priority":29.0}`, `{}`, `{}`, "Main sets topology.priority to 29.0. Nimbus needs a whole number of 0 or more there."},
		{"so does null for the ackers", `{"topology.acker.cpu.pcore.percent":null}`, `{}`, `{}`, "to null. Nimbus needs a number of 0 or more there."},
		{"no worker starts", `{"topology.blobstore.map":{"key":{"localname":1}}}`, `{}`, `{}`, "to a map. Each supervisor needs a map from blob keys to maps"},
		{"it stops Nimbus", `{"topology.priority":null}`, `{}`, ras, "Nimbus's ResourceAwareScheduler needs a whole number of 0 or more there."},
		{"too large for an int", `{"topology.tasks":4294967296}`, `{}`, `{}`, "to 4294967296. Nimbus needs"},
		{"the image of a container", `{"topology.oci.image":["a"]}`, `{}`, `{}`, "to a list. Nimbus needs text in quotes there."},
		{"a version", `{"topology.version":null}`, `{}`, `{}`, "to null. Nimbus needs text"},
		{"what main registers for metrics", `{"topology.metrics.consumer.register":[{"class":"a.B","parallelism.hint":1,"argument":null}]}`, `{}`, `{}`, ""},
		{"a hint that Storm casts", `{"topology.metrics.consumer.register":[{"class":"a.B","parallelism.hint":1.0}]}`, `{}`, `{}`, "to a list. Nimbus needs a list of maps"},
		{"a filter that Storm's validation fails at", `{"topology.metrics.reporters":[{"class":"a.B","filter":null}]}`, `{}`, `{}`, "Nimbus needs a list of maps"},
		{"main's own are not read", `{"my.app":null,"drpc.port":null,"topology.subprocess.timeout.secs":null}`, `{}`, `{}`, ""},
		{"a batch larger than half of its buffer", `{"topology.transfer.batch.size":600,"topology.transfer.buffer.size":1000}`, `{}`, `{}`,
			"The batch of topology.transfer.batch.size (600) is more than half of topology.transfer.buffer.size (1000)"},
		{"half", `{"topology.transfer.batch.size":500,"topology.transfer.buffer.size":1000}`, `{}`, `{}`, ""},
		{"no payload", `{}`, `{}`, `{"storm.zookeeper.auth.scheme":"digest"}`,
			"Nimbus logs in at ZooKeeper (storm.zookeeper.auth.scheme), and the topology has no storm.zookeeper.topology.auth.scheme."},
		{"a masked scheme", `{}`, `{}`, `{"storm.zookeeper.auth.scheme":"*****"}`, ""},
		{"half a payload", `{"storm.zookeeper.topology.auth.scheme":"digest"}`, `{}`, `{"storm.zookeeper.auth.scheme":"digest"}`, "has no storm.zookeeper.topology.auth.payload."},
		{"a payload", `{"storm.zookeeper.topology.auth.scheme":"digest","storm.zookeeper.topology.auth.payload":"a:b"}`, `{}`, `{"storm.zookeeper.auth.scheme":"digest"}`, ""},
	} {
		got := RefusedConf(decoded(t, tc.conf), decoded(t, tc.own), decoded(t, tc.nimbus))
		if tc.want == "" && got != "" || !strings.Contains(got, tc.want) {
			t.Errorf("%s: %q, want %q", tc.reason, got, tc.want)
		}
		if len(got) > 400 {
			t.Errorf("%s: a message of %d bytes", tc.reason, len(got))
		}
	}
}

func decoded(t *testing.T, text string) (conf map[string]any) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&conf); err != nil {
		t.Fatal(err)
	}
	return conf
}

// Whatever main sets, a fraction that Nimbus reads with getInt for every topology is
// refused, and so is null that it unboxes.
func TestRefusedConfCoversEveryReader(t *testing.T) {
	ras := map[string]any{"storm.scheduler": "org.apache.storm.scheduler.resource.ResourceAwareScheduler"}
	for _, key := range slices.Sorted(maps.Keys(reads)) {
		if reads[key].by == notAlways {
			continue
		}
		values := []any{[]any{json.Number("1")}, map[string]any{"x": json.Number("1")}}
		if !reads[key].null && reads[key].nullBy == "" {
			values = append(values, nil)
		}
		if strings.Contains(reads[key].at, "getInt") {
			values = append(values, json.Number("1.0"), json.Number("4294967296"), "1")
		}
		for _, value := range values {
			if RefusedConf(map[string]any{key: value}, nil, ras) == "" {
				t.Errorf("%s: %v passes, and is read by %s (%s)", key, value, reads[key].by, reads[key].at)
			}
		}
	}
}

func TestRefusedComponent(t *testing.T) {
	for _, tc := range []struct{ reason, conf, want string }{
		{"nothing", `{}`, ""},
		{"what TopologyBuilder writes", `{"topology.tasks":4,"topology.max.spout.pending":null,"topology.component.resources.onheap.memory.mb":128.0,"topology.kryo.register":[{"a.B":null},"a.C"],"mine":null}`, ""},
		{"getInt reads text", `{"topology.tasks":"4"}`, ""},
		{"null is the default", `{"topology.tasks":null,"topology.component.resources.map":null}`, ""},
		{"a word", `{"topology.tasks":"four"}`, `Main sets topology.tasks of component split to "four". Nimbus needs a whole number there. Fix it in main.`},
		{"a fraction", `{"topology.tasks":4.0}`, "topology.tasks of component split to 4.0."},
		{"beyond an int", `{"topology.max.task.parallelism":2147483648}`, "Nimbus needs a whole number"},
		{"a string for a list", `{"topology.kryo.register":"a.B"}`, "Nimbus needs a list of texts and maps there."},
		{"a number in it", `{"topology.kryo.register":[1]}`, "to a list. Nimbus needs a list of texts and maps there."},
		{"memory as text", `{"topology.component.resources.onheap.memory.mb":"128"}`, `to "128". Nimbus needs a number there.`},
		{"memory as null", `{"topology.component.resources.offheap.memory.mb":null}`, "to null. Nimbus needs a number there."},
		{"a resource as null", `{"topology.component.resources.map":{"gpu":null}}`, "to a map. Nimbus needs a map from strings to numbers there."},
		{"it crashes workers", `{"topology.debug":null}`, "to null. Each worker needs true or false there."},
		{"no object", `[]`, "The configuration of component split is not a JSON object, and Nimbus cannot read it. Fix main."},
		{"null", `null`, "is not a JSON object"},
		{"Storm's parser accepts more than JSON", `{a:1}`, ""},
	} {
		if got := RefusedComponent("split", tc.conf); tc.want == "" && got != "" || !strings.Contains(got, tc.want) {
			t.Errorf("%s: %q, want %q", tc.reason, got, tc.want)
		}
	}
	long := fmt.Sprintf(`{"topology.tasks":%q}`, strings.Repeat("é", 500))
	if got := RefusedComponent(strings.Repeat("s", 500), long); len(got) > 400 {
		t.Errorf("a message of %d bytes", len(got))
	}
}

func TestRefusedVersion(t *testing.T) {
	for version, refused := range map[string]bool{"": false, "2.8.1": false, "Unknown": false, "3-1-SNAPSHOT": false, "2": true, "latest": true} {
		if got := RefusedVersion(version); (got != "") != refused {
			t.Errorf("%q: %q", version, got)
		}
	}
}
