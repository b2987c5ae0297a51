package storm

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSettings(t *testing.T) {
	for _, tc := range []struct {
		reason, key string
		value, want any
	}{
		{"the example of the guide", "topology.workers", "2", int64(2)},
		{"YAML's number, as decoders without int64 have it", "topology.workers", 2.0, int64(2)},
		{"a Double passes Storm's check and breaks its readers later", "topology.message.timeout.secs", "30.0", int64(30)},
		{"json.Number is what a submission is decoded to", "topology.message.timeout.secs", json.Number("30"), int64(30)},
		{"a declared string stays one, whatever it looks like", "topology.version", "1.0", "1.0"},
		{"an empty string is one", "topology.version", "", ""},
		{"true too", "topology.version", "true", "true"},
		{"quotes typed for the storm command are removed", "topology.version", `"1.0"`, "1.0"},
		{"a brace does not make a string a map", "topology.state.provider.config", "{a:1}", "{a:1}"},
		{"true as a person types it", "topology.debug", "false", false},
		{"a whole number where a fraction may stand", "topology.stats.sample.rate", "1", int64(1)},
		{"a fraction", "topology.stats.sample.rate", 0.05, json.Number("0.05")},
		{"options of the JVM are one string", "topology.worker.childopts", "-Xmx64m -Da=b", "-Xmx64m -Da=b"},
		{"or a list as a person types it", "topology.worker.childopts", "[-Xmx64m, -Da=1]", []any{"-Xmx64m", "-Da=1"}},
		{"or a list of YAML", "topology.worker.childopts", []any{"-Xmx64m"}, []any{"-Xmx64m"}},
		{"numbers in a list of strings are strings", "topology.users", "[7, true]", []any{"7", "true"}},
		{"a map from strings to strings, typed", "topology.environment", "{PORT: 80}", map[string]any{"PORT": "80"}},
		{"a map to numbers, each typed", "topology.component.resources.map", map[string]any{"gpu": "1"}, map[string]any{"gpu": int64(1)}},
		{"null means no limit", "topology.max.spout.pending", nil, nil},
		{"null, typed", "topology.max.spout.pending", "null", nil},
		{"0 is an acker count", "topology.acker.executors", "0", int64(0)},
		{"Storm does not declare it: as typed", "my.app.retries", "3", int64(3)},
		{"2.0 stays a Double", "my.app.factor", "2.0", json.Number("2.0")},
		{"a list of YAML stays as it is", "my.app.list", []any{"1", 2.5, true}, []any{"1", json.Number("2.5"), true}},
		{"a consumer of metrics", "topology.metrics.consumer.register",
			[]any{map[string]any{"class": "a.B", "parallelism.hint": 1.0}}, []any{map[string]any{"class": "a.B", "parallelism.hint": int64(1)}}},
		{"kryo accepts names and maps", "topology.kryo.register", "[a.B, {a.C: a.D}]", []any{"a.B", map[string]any{"a.C": "a.D"}}},
		{"constraints by pairs", "topology.ras.constraints", "[[a, b]]", []any{[]any{"a", "b"}}},
		{"null, which Storm documents", "topology.eventlogger.executors", nil, nil},
		{"null for what only the topology's own code reads", "my.app.retries", nil, nil},
		{"each event is sampled", "topology.stats.sample.rate", 1.0, int64(1)},
		{"Nimbus reads it with getInt, so a Double becomes an int", "topology.min.replication.count", "2.0", int64(2)},
		{"a blob with its options", "topology.blobstore.map", "{key: {localname: a.txt, uncompress: true}}",
			map[string]any{"key": map[string]any{"localname": "a.txt", "uncompress": true}}},
		{"workers log in with a payload of the user", "storm.zookeeper.topology.auth.payload", "x:y", "x:y"},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			got, problems := Settings(map[string]any{tc.key: tc.value})
			if problems != nil {
				t.Fatalf("problems: %q", problems)
			}
			if diff := cmp.Diff(map[string]any{tc.key: tc.want}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSettingsProblems(t *testing.T) {
	for _, tc := range []struct {
		reason, key string
		value       any
		want        string
	}{
		{"not a number", "topology.workers", "two", `spec.topology.config["topology.workers"] is "two"; must be a whole number of 1 or more. Correct the value.`},
		{"below the range", "topology.workers", "0", "is \"0\"; must be a whole number of 1 or more"},
		{"beyond Java's int", "topology.max.spout.pending", 2147483648.0, "is 2147483648; must be a whole number"},
		{"a fraction of a worker", "topology.workers", 1.5, "is 1.5;"},
		{"Python's True", "topology.debug", "True", "is \"True\"; must be true or false."},
		{"YAML reads 1.0 as the number 1", "topology.version", 1.0, `is 1; must be text in quotes.`},
		{"a list in place of a string", "topology.version", []any{"1.0"}, "must be text"},
		{"a string in place of a list", "topology.kryo.decorators", "a.B", `must be a list of names of classes. Write it like ["com.example.Hook"].`},
		{"a number among strings", "topology.worker.childopts", []any{"-Xmx1g", 2.0}, "must be text in quotes, or a list of texts"},
		{"Storm wants strings in an environment", "topology.environment", map[string]any{"PORT": 80.0}, "numbers in quotes"},
		{"values of an environment may be secrets", "topology.environment", map[string]any{"KEY": 5.0, "TOKEN": "s3cret"}, "is of the wrong type;"},
		{"null that Storm rejects", "topology.message.timeout.secs", nil, "is null, and Storm cannot read null there."},
		{"null that Storm's check accepts", "topology.workers", nil, "Remove the key: then what main sets counts, or Storm's default."},
		{"null that stops workers", "topology.stats.sample.rate", nil, "is null, and Storm cannot read null there."},
		{"null that crashes each worker", "topology.debug", nil,
			`spec.topology.config["topology.debug"] is null, and Storm cannot read null there. Remove the key: then what main sets counts, or Storm's default.`},
		{"null, typed, that stops Nimbus", "topology.priority", "null", "Storm cannot read null there."},
		{"null for what a spout of DRPC reads", "drpc.servers", nil, "Storm cannot read null there."},
		{"null behind the JAR", "topology.version", nil, "Storm cannot read null there."},
		{"a fraction behind the JAR", "topology.max.replication.wait.time.sec", 0.5, "is 0.5; must be a whole number."},
		{"a fraction behind the JAR, typed", "topology.min.replication.count", "1.5", "must be a whole number."},
		{"a cast to int", "pacemaker.port", "6699.5", "must be a whole number of 1 or more."},
		{"a boolean that Storm does not validate", "topology.ras.order.executors.by.proximity.needs", "yes", "must be true or false."},
		{"a rate at which Java's Random fails", "topology.stats.sample.rate", 2.0, "is 2; must be a number above 0, and 1 at most."},
		{"a class that cannot be", "topology.spout.wait.strategy", "", `is ""; must be the name of a class.`},
		{"a class with a space", "topology.kryo.factory", "a.B ", "must be the name of a class."},
		{"a class in a list", "topology.auto.task.hooks", []any{""}, "must be a list of names of classes."},
		{"a serializer that cannot be", "topology.kryo.register", []any{map[string]any{"a.B": ""}}, "from a class to its serializer."},
		{"null in a list", "topology.worker.childopts", []any{"-Xmx1g", nil}, "must be text in quotes, or a list of texts"},
		{"null in a map", "topology.environment", map[string]any{"A": nil}, "to texts"},
		{"null among numbers", "topology.component.resources.map", map[string]any{"gpu": nil}, "to numbers"},
		{"a variable that no process can have", "topology.environment", map[string]any{"A=B": "c"}, "names of variables"},
		{"a text for a boolean of a blob", "topology.blobstore.map", map[string]any{"key": map[string]any{"uncompress": "false"}}, "uncompress and workerRestart are true or false"},
		{"a blob without a name", "topology.blobstore.map", map[string]any{"key": map[string]any{"localname": nil}}, "localname is text"},
		{"a blob that is null", "topology.blobstore.map", map[string]any{"key": nil}, "blob keys to maps"},
		{"a filter that is null", "topology.metrics.reporters", []any{map[string]any{"class": "a.B", "filter": nil}}, "maps with the key class"},
		{"a whitelist that is a string", "topology.metrics.consumer.register", []any{map[string]any{"class": "a.B", "parallelism.hint": 1.0, "whitelist": "x"}}, "as Storm documents it"},
		{"two lists that exclude each other", "topology.metrics.consumer.register",
			[]any{map[string]any{"class": "a.B", "parallelism.hint": 1.0, "whitelist": []any{"x"}, "blacklist": []any{"y"}}}, "as Storm documents it"},
		{"a pair of one", "topology.ras.constraints", []any{[]any{"spout"}}, "a list of pairs"},
		{"a mode that Storm does not have", "storm.cluster.mode", "remote", "one of distributed, local"},
		{"a level of Storm 3", "storm.compression.zstd.level", 22, "is 22; must be a whole number of 1 to 19."},
		{"a factor of Storm 3", "topology.stats.ewma.smoothing.factor", 1.0, "must be a number above 0, and below 1."},
		{"a setting of Storm 2.8.5", "topology.eventlogger.rotation.size.mb", "ten", "must be a whole number of 1 or more (MB)."},
		{"one of four words", "topology.logging.sensitivity", "S4", "one of S0, S1, S2, S3"},
		{"a consumer needs a class", "topology.metrics.consumer.register", []any{map[string]any{"parallelism.hint": 1.0}}, "maps with the key class"},
		{"a connection", "nimbus.seeds", "[other]", "spec.clusterRef says which Storm to use"},
		{"a connection by its beginning", "storm.zookeeper.servers", []any{"zk"}, "would select another Storm"},
		{"the name", "topology.name", "x", "spec.topology.name"},
		{"the fingerprint", "stormhooks.owner", "x", "recognise its own topologies"},
		{"a unit", "topology.message.timeout.secs", "1m", `is "1m"; must be a whole number of 1 or more (seconds). Correct the value.`},
		{"Storm's own", "topology.submitter.user", "x", "is set by Storm itself"},
		{"Storm cuts at the first =", "a=b", "x", "a name with ="},
		{"a secret is not shown", "storm.zookeeper.topology.auth.payload", 5.0, "is of the wrong type;"},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			got, problems := Settings(map[string]any{tc.key: tc.value})
			if len(problems) != 1 || !strings.Contains(problems[0], tc.want) {
				t.Errorf("problems %q, want one with %q", problems, tc.want)
			}
			if len(got) != 0 {
				t.Errorf("a refused setting is among the settings: %v", got)
			}
			if strings.Contains(strings.Join(problems, ""), "s3cret") {
				t.Error("a secret is shown")
			}
		})
	}
}

func TestSettingsProblemsAreSortedByKey(t *testing.T) {
	config := map[string]any{"topology.workers": "x", "topology.debug": "x", "nimbus.seeds": "x"}
	_, first := Settings(config)
	for range 20 {
		if _, again := Settings(config); cmp.Diff(first, again) != "" {
			t.Fatalf("two orders: %q, %q", first, again)
		}
	}
}

func TestOptions(t *testing.T) {
	settings, problems := Settings(map[string]any{
		"topology.workers": "2", "topology.version": "1.0", "a,b": "c d", "my.double": "2.0", "l": "[x,<&>]", "u": "é\"'\\",
	})
	if problems != nil {
		t.Fatal(problems)
	}
	got, err := Options(settings)
	if err != nil {
		t.Fatal(err)
	}
	want := `a%2Cb%3D%22c+d%22,l%3D%5B%22x%22%2C%22%3C%26%3E%22%5D,my.double%3D2.0,topology.version%3D%221.0%22,topology.workers%3D2,u%3D%22%C3%A9%5C%22%27%5C%5C%22`
	if got != want {
		t.Errorf("Options = %s\nwant      %s", got, want)
	}
	if strings.ContainsAny(got, " \"'[]{}\\#") {
		t.Errorf("Options %q cannot stand in an argument file as it is", got)
	}
	if _, err := Options(map[string]any{"a=b": 1}); err == nil {
		t.Error("a name with = was encoded")
	}
}
