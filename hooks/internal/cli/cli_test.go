package cli

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

func TestNearest(t *testing.T) {
	words := []string{"image", "path", "command", "extractionMode", "env"}
	cases := map[string]struct{ reason, want string }{
		"imgae":          {"two letters swapped", "image"},
		"extractionmode": {"a small letter", "extractionMode"},
		"cmmand":         {"one letter missing", "command"},
		"paths":          {"one too many", "path"},
		"env":            {"itself", "env"},
		"jar":            {"nothing is near", ""},
		"x":              {"one letter is near to every short word", ""},
	}
	for text, c := range cases {
		if got := Nearest(text, words); got != c.want {
			t.Errorf("%s: %q is near %q, want %q", c.reason, text, got, c.want)
		}
	}
	if got := NearestBelow("topology.", "topology.custom", []string{"topology.groups"}); got != "" {
		t.Errorf("topology.custom is near %s by the common prefix", got)
	}
}

func TestDocumentsAreSplitAsByKubectl(t *testing.T) {
	const text = "# first\n---\na: 1\n--- # second\n\nb: |\n  x\n  ---\n---\n# nothing\n---\nc: 3"
	var got []string
	documents, err := split("f", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, document := range documents {
		got = append(got, fmt.Sprintf("%d %s", document.Line, strings.Join(strings.Fields(string(document.Text)), " ")))
	}
	want := []string{"3 a: 1", "5 b: | x ---", "12 c: 3"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSeparatorsThatKubectlRefuses(t *testing.T) {
	for _, line := range []string{"----", "-----", "--- foo", "---foo"} {
		if _, err := documentsOf("f", []byte("a: 1\n"+line+"\nb: 2\n")); err == nil || !strings.HasPrefix(err.Error(), "f:2: ") {
			t.Errorf("%q: %v", line, err)
		}
	}
}

func TestUTF16(t *testing.T) {
	for _, text := range []string{"\xff\xfea\x00:\x00 \x00\xfc\x00\n\x00", "\xfe\xff\x00a\x00:\x00 \x00\xfc\x00\n"} {
		if documents, err := documentsOf("f", []byte(text)); err != nil || len(documents) != 1 || string(documents[0].Text) != "a: ü\n" {
			t.Errorf("%q: %v, %v", text, documents, err)
		}
	}
}

// A setting that only other versions of Storm have is ignored, which is said where the
// version of the Storm is known.
func TestSettingsOfOtherVersions(t *testing.T) {
	for _, c := range []struct{ key, version, want string }{
		{"topology.tuple.compression.enable", "", ""},
		{"topology.tuple.compression.enable", "3.0.0-SNAPSHOT", ""},
		{"topology.tuple.compression.enable", "3.2.0", ""},
		{"topology.tuple.compression.enable", "latest", ""},
		{"topology.tuple.compression.enable", "2.8.8", `spec.topology.config["topology.tuple.compression.enable"] is a setting of Storm 3.0.0 and newer. Storm 2.8.8 ignores it.`},
		{"topology.eventlogger.rotation.size.mb", "2.8.4", "is a setting of Storm 2.8.5 and newer."},
		{"topology.eventlogger.rotation.size.mb", "2.8.10", ""},
		{"topology.wrokers", "2.8.10", "is not a setting of Storm 2.8.10;"},
		{"topology.wrokers", "3.2.0", "is not a setting of Storm 2.8 or 3.0;"},
		{"storm.exhibitor.port", "", "is a setting of Storm before 2.6.0. Newer ones ignore it."},
		{"storm.exhibitor.port", "2.5.0", ""},
		{"topology.wrokers", "", "is not a setting of Storm 2.8 or 3.0;"},
	} {
		remarks := onSetting(c.key, true, c.version)
		if c.want == "" && len(remarks) > 0 || c.want != "" && (len(remarks) != 1 || !strings.Contains(remarks[0].Message, c.want)) {
			t.Errorf("%s in %q: %v, want %q", c.key, c.version, remarks, c.want)
		}
	}
}

func TestRemarks(t *testing.T) {
	cases := map[string]struct{ reason, object, want string }{
		"all well":               {"the example of the guide", `{kind: StormTopology, metadata: {annotations: {storm.apache.org/paused: "true", team: a}}, spec: {topology: {config: {topology.workers: "2", my.key: 1}}}}`, ""},
		"a setting":              {"a letter swapped", `{kind: StormTopology, spec: {topology: {config: {topology.wrokers: 2}}}}`, `Did you mean topology.workers?`},
		"the prefix":             {"a letter missing", `{kind: StormTopology, spec: {topology: {config: {toplogy.debug: true}}}}`, `is not a setting of Storm 2.8 or 3.0; it is passed to the topology unchanged. Did you mean topology.debug?`},
		"a capital":              {"keys have small letters", `{kind: StormTopology, spec: {topology: {config: {Topology.workers: 2}}}}`, `Did you mean topology.workers?`},
		"underscores":            {"keys have dots", `{kind: StormTopology, spec: {topology: {config: {topology_workers: 2}}}}`, `Did you mean topology.workers?`},
		"hyphens":                {"keys have dots", `{kind: StormTopology, spec: {topology: {config: {topology-debug: 2}}}}`, `Did you mean topology.debug?`},
		"another prefix":         {"a letter missing", `{kind: StormTopology, spec: {topology: {config: {storm.zookeper.servers: [a]}}}}`, `Did you mean storm.zookeeper.servers?`},
		"of a client":            {"a letter missing", `{kind: StormCluster, spec: {config: {storm.zookeper.servers: [a]}}}`, `spec.config["storm.zookeper.servers"] is not a setting of Storm 2.8 or 3.0. Did you mean storm.zookeeper.servers?`},
		"own settings":           {"they are the topology's", `{kind: StormTopology, spec: {topology: {config: {kafka.brokers: a, my.setting: 1, kafka.bootstrap.servers: a, hdfs.url: a, rpc.port: 1, es.nodes: a, spout.max.pending: 1, worker.count: 2, cassandra.port: 9042, redis.host: a}}}}`, ""},
		"workers of no number":   {"that is an error", `{kind: StormTopology, spec: {topology: {workers: two, config: {topology.workers: 2}}}}`, ""},
		"workers twice":          {"the field counts", `{kind: StormTopology, spec: {topology: {workers: 3, config: {topology.workers: 2}}}}`, "takes precedence"},
		"memory":                 {"a unit is missing", `{kind: StormTopology, spec: {template: {resources: {limits: {memory: "512", cpu: 500m}, requests: {memory: 0}}}}}`, "spec.template.resources.limits.memory is 512 bytes. Did you mean 512Mi?"},
		"memory as a number":     {"a unit is missing", `{kind: StormTopology, spec: {topology: {jar: {container: {resources: {requests: {memory: 512}}}}}}}`, "spec.topology.jar.container.resources.requests.memory is 512 bytes. Did you mean 512Mi?"},
		"memory in thousandths":  {"m is for processors", `{kind: StormTopology, spec: {template: {resources: {limits: {memory: 512m}}}}}`, "is 512m, and m is a thousandth: less than a byte, or a few. Did you mean 512Mi?"},
		"no memory":              {"nothing starts", `{kind: StormTopology, spec: {template: {resources: {limits: {memory: 0}}}}}`, "is 0 bytes. Write a size such as 512Mi."},
		"a volume":               {"a unit is missing", `{kind: StormTopology, spec: {topology: {jar: {storage: {size: "1"}}}}}`, "spec.topology.jar.storage.size is 1 byte. Did you mean 1Gi?"},
		"a volume in memory":     {"a unit is missing", `{kind: StormTopology, spec: {template: {volumes: [{name: a, emptyDir: {sizeLimit: 64}}]}}}`, "spec.template.volumes[0].emptyDir.sizeLimit is 64 bytes."},
		"enough memory":          {"with units", `{kind: StormTopology, spec: {template: {resources: {limits: {memory: 1Gi}, requests: {memory: "268435456", cpu: 1}}}}}`, ""},
		"a custom one":           {"nothing is near it", `{kind: StormTopology, spec: {topology: {config: {topology.of.custom: 2}}}}`, `it is passed to the topology unchanged.`},
		"an annotation":          {"a letter swapped", `{kind: StormTopology, metadata: {annotations: {storm.apache.org/adpot: a-1-2}}}`, "Did you mean storm.apache.org/adopt?"},
		"an annotation's domain": {"the group misspelt", `{kind: StormTopology, metadata: {annotations: {storms.apache.org/adopt: a-1-2}}}`, "Did you mean storm.apache.org/adopt?"},
		"an unknown one":         {"in the group of Stormhooks", `{kind: StormTopology, metadata: {annotations: {storm.apache.org/fast: "1"}}}`, "is not an annotation of Stormhooks. Known: "},
		"yes":                    {"Go does not parse it as a boolean", `{kind: StormTopology, metadata: {annotations: {storm.apache.org/paused: "yes"}}}`, `is "yes", which counts as false. Write "true"`},
		"adopting a name":        {"an id is required", `{kind: StormTopology, metadata: {annotations: {storm.apache.org/adopt: wordcount}}}`, "which is not an id of Storm"},
		"a secret":               {"whoever may read the object reads it", `{kind: StormTopology, spec: {topology: {config: {es.password: hunter2}}}}`, `spec.topology.config["es.password"] has a literal value, and its name is that of a secret.`},
		"a secret in a map":      {"whoever may read the object reads it", `{kind: StormTopology, spec: {topology: {config: {kafka: {sasl.passphrase: hunter2}}}}}`, `spec.topology.config["kafka"] has a literal value`},
		"a deadline":             {"the worker has time to tell its age", `{kind: StormTopology, spec: {update: {minReadySeconds: 30, progressDeadlineSeconds: 120}}}`, ""},
		"a short deadline":       {"no worker can have told its age by then", `{kind: StormTopology, spec: {update: {minReadySeconds: 30, progressDeadlineSeconds: 119}}}`, "is 119, and no deadline is over before 120 s"},
		"a drain alone":          {"it is for another strategy", `{kind: StormTopology, spec: {update: {drainSeconds: 5}}}`, "has no effect without spec.update.strategy: BlueGreen"},
		"a deadline alone":       {"a worker that crashes is up for a moment", `{kind: StormTopology, spec: {update: {progressDeadlineSeconds: 300}}}`, "without minReadySeconds"},
		"a least age alone":      {"it is a part of Ready", `{kind: StormTopology, spec: {update: {minReadySeconds: 30}}}`, ""},
		"no secret":              {"these are about secrets", `{kind: StormTopology, spec: {topology: {config: {es.password.file: /p, topology.auto-credentials: [a.B], es.token.ttl.secs: "600", es.password: ""}}}}`, ""},
		"a reference":            {"the template has a Secret", `{kind: StormTopology, spec: {template: {envFrom: [{secretRef: {name: s}}]}, topology: {args: ["$(ANY)"], config: {es.password: $(ES_PASSWORD)}}}}`, ""},
		"a reference by name":    {"the template sets it", `{kind: StormTopology, spec: {template: {env: [{name: A}]}, topology: {args: ["$(A) $(TOPOLOGY_NAME) $$(B) $(date +%s)"]}}}`, ""},
		"an unset one":           {"the StormCluster may set it", `{kind: StormTopology, spec: {template: {env: [{name: A}]}, topology: {args: ["$(A)", "$(B)"]}}}`, "spec.topology.args[1] names $(B), which spec.template does not set."},
		"an unset setting":       {"also inside a list", `{kind: StormTopology, spec: {topology: {config: {my.list: ["$(B)"]}}}}`, `spec.topology.config["my.list"] names $(B)`},
		"the command":            {"a shell has its own $(date)", `{kind: StormTopology, spec: {topology: {jar: {container: {command: [sh, -c], args: ["$(date) $(TOKEN) $(A)"], env: [{name: A}]}}}}}`, "spec.topology.jar.container.args[0] names $(TOKEN), which spec.topology.jar.container.env does not set"},
		"a StormCluster":         {"it has one annotation", `{kind: StormCluster, metadata: {annotations: {storm.apache.org/acept-storm: x}}}`, "Did you mean storm.apache.org/accept-storm?"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var content map[string]any
			if err := yaml.Unmarshal([]byte(c.object), &content); err != nil {
				t.Fatal(err)
			}
			remarks := Remarks(Object{Kind: content["kind"].(string), Content: content}, "")
			switch {
			case c.want == "" && len(remarks) > 0, c.want != "" && len(remarks) != 1:
				t.Errorf("%s: got %v", c.reason, remarks)
			case c.want != "" && !strings.Contains(remarks[0].Message, c.want):
				t.Errorf("%s: got %q, want %q in it", c.reason, remarks[0].Message, c.want)
			}
		})
	}
}

func TestCode(t *testing.T) {
	for want, err := range map[int]error{0: nil, 1: errors.New("x"), Unread: fmt.Errorf("y: %w", unread(errors.New("x"))), Differs: Exit{Code: Differs}} {
		if got := Code(err); got != want {
			t.Errorf("%v ends with %d, want %d", err, got, want)
		}
	}
}
