package manifests

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// guide returns the guide's first complete StormTopology.
func guide(t *testing.T) map[string]any {
	t.Helper()
	text, err := os.ReadFile("../../docs/guide.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(text, -1) {
		object := map[string]any{}
		if err := yaml.Unmarshal(block[1], &object); err != nil {
			t.Fatal(err)
		}
		if object["kind"] == "StormTopology" {
			return object
		}
	}
	t.Fatal("the guide has no StormTopology")
	return nil
}

// with returns the object with a field set; a nil value removes it.
func with(object map[string]any, path string, value any) map[string]any {
	out := clone(object)
	at, fields := out, strings.Split(path, ".")
	for _, name := range fields[:len(fields)-1] {
		if at[name] == nil {
			at[name] = map[string]any{}
		}
		at = at[name].(map[string]any)
	}
	last := fields[len(fields)-1]
	if value == nil {
		delete(at, last)
	} else {
		at[last] = value
	}
	return out
}

func clone(object map[string]any) map[string]any {
	text, err := yaml.Marshal(object)
	if err != nil {
		panic(err)
	}
	out, err := decoded(string(text))
	if err != nil {
		panic(err)
	}
	return out
}

func TestTheGuidesFirstExample(t *testing.T) {
	object := guide(t)
	want := with(object, "spec.deletionPolicy", "Kill")
	want = with(want, "status.observedGeneration", int64(-1))
	for _, err := range load(t, "stormtopologies").Create(t.Context(), object) {
		t.Error(err)
	}
	normal := cmp.Transformer("numbers", func(n int64) float64 { return float64(n) })
	if diff := cmp.Diff(want, object, normal); diff != "" {
		t.Errorf("what the API server stores (-want +got):\n%s", diff)
	}
}

func TestCreateStormTopology(t *testing.T) {
	const container = "spec.topology.jar.container."
	cases := map[string]struct {
		reason string
		path   string
		value  any
		want   string // a part of the error; empty: taken
	}{
		"name of 42": {
			"the longest for which job/topology-jar-extract-NAME fits", "metadata.name", strings.Repeat("a", 42), ""},
		"mode init-container":           {"the guide's second example", container + "extractionMode", "init-container", ""},
		"mode image-volume":             {"no copy", container + "extractionMode", "image-volume", ""},
		"a pull secret":                 {"as in a pod", container + "imagePullSecrets", []any{map[string]any{"name": "registry-credentials"}}, ""},
		"a command":                     {"the guide's own", container + "command", []any{"/bin/sh", "-c"}, ""},
		"dependencies":                  {"what storm jar --jars is given", container + "dependencies", []any{"/app/lib/*.jar", "/opt/more.jar"}, ""},
		"a relative dependency":         {"the working folder of the image counts for nothing", container + "dependencies", []any{"/app/lib/*.jar", "lib/*.jar"}, "each item of spec.topology.jar.container.dependencies must be an absolute path or glob"},
		"a dependency by way of ..":     {"it would not be below the fixed part of a glob", container + "dependencies", []any{"/app/../lib/*.jar"}, "write the path without .."},
		"21 dependencies":               {"each is a pattern of many", container + "dependencies", slices.Repeat([]any{"/a.jar"}, 21), "spec.topology.jar.container.dependencies"},
		"files":                         {"for Flux", container + "files", []any{"/app/crawler.flux", "/app/conf/*"}, ""},
		"a relative file":               {"as above", container + "files", []any{"crawler.flux"}, "each item of spec.topology.jar.container.files must be an absolute path or glob"},
		"a file that ends in ..":        {"as above", container + "files", []any{"/app/.."}, "write the path without .."},
		"args alone":                    {"the image's entrypoint is never run", container + "args", []any{"x"}, "spec.topology.jar.container.args needs spec.topology.jar.container.command"},
		"resources":                     {"the guide's own", container + "resources", map[string]any{"limits": map[string]any{"memory": "256Mi", "cpu": "500m"}}, ""},
		"a sha256":                      {"as sha256sum prints it", container + "checksum", map[string]any{"sha256": strings.Repeat("aB", 32)}, ""},
		"half a sha256":                 {"a cut line", container + "checksum", map[string]any{"sha256": "ab"}, "must be 64 hexadecimal digits"},
		"a size":                        {"of the volume", "spec.topology.jar.storage", map[string]any{"size": "512Mi"}, ""},
		"no size":                       {"a volume of nothing", "spec.topology.jar.storage", map[string]any{"size": "0"}, "must be a quantity such as 1Gi"},
		"a size in words":               {"no quantity", "spec.topology.jar.storage", map[string]any{"size": "big"}, "must be a quantity such as 1Gi"},
		"a claim and a size":            {"the claim has its size", "spec.topology.jar.storage", map[string]any{"claimName": "x", "size": "1Gi"}, "claimName is for an existing claim"},
		"a volume of the template":      {"for example a truststore for main", "spec.template", map[string]any{"volumes": []any{map[string]any{"name": "trust", "secret": map[string]any{"secretName": "x"}}}}, ""},
		"a volume of no kind":           {"nothing to mount", "spec.template", map[string]any{"volumes": []any{map[string]any{"name": "x"}}}, "must have exactly one of"},
		"a volume with a reserved name": {"the pod would be refused", "spec.template", map[string]any{"volumes": []any{map[string]any{"name": "jars", "emptyDir": map[string]any{}}}}, "must not use the names of Stormhooks' own volumes"},
		"a label of Kubernetes":         {"it would fail the whole sync", "spec.template", map[string]any{"labels": map[string]any{"controller-uid": "x"}}, "template.labels must not have"},
		"a label of one's own":          {"for a network policy", "spec.template", map[string]any{"labels": map[string]any{"team": "a"}}, ""},
		"a retry":                       {"once more", "spec.retry", map[string]any{"limit": 4, "backoffSeconds": 1}, ""},
		"a retry of none":               {"nothing would be tried", "spec.retry", map[string]any{"limit": 0}, "spec.retry.limit"},
		"an update beside what runs":    {"the other strategy", "spec.update", map[string]any{"strategy": "BlueGreen"}, ""},
		"the default strategy":          {"as without the field", "spec.update", map[string]any{"strategy": "Replace"}, ""},
		"a strategy of a Deployment":    {"Kubernetes' word", "spec.update", map[string]any{"strategy": "RollingUpdate"}, "spec.update.strategy"},
		"restarts on both":              {"kustomize's ConfigMaps, and those that keep their names", "spec.update", map[string]any{"restartOn": []any{"Template", "ConfigMaps"}}, ""},
		"restarts on Secrets":           {"no one could see a change", "spec.update", map[string]any{"restartOn": []any{"Secrets"}}, "spec.update.restartOn[0]"},
		"restarts on one twice":         {"a line too many", "spec.update", map[string]any{"restartOn": []any{"Template", "Template"}}, "Duplicate value"},
		"no later attempt":              {"a person acts", "spec.retry", map[string]any{"laterSeconds": 0}, ""},
		"a later attempt in the past":   {"a sign too many", "spec.retry", map[string]any{"laterSeconds": -1}, "spec.retry.laterSeconds"},
		"name of 43": {
			"the Job's name would be longer than 63", "metadata.name", strings.Repeat("a", 43), "metadata.name must be 1 to 42 characters"},
		"name with a dot": {
			"Kubernetes would allow it, the label value of the Job would too, Storm's name would not", "metadata.name", "a.b", "metadata.name must be"},
		"one letter":          {"the shortest name", "metadata.name", "a", ""},
		"no cluster":          {"nowhere to submit to", "spec.clusterRef", nil, "spec.clusterRef: Required value"},
		"cluster in capitals": {"no StormCluster can have that name, and the field cannot be changed later", "spec.clusterRef", "Test_Cluster", "spec.clusterRef must be the name of a StormCluster"},
		"no workers":          {"kubectl scale --replicas=0 sends it", "spec.topology.workers", 0, "spec.suspend: true"},
		"components": {"fixed, for each worker, and tasks only", "spec.topology.components", map[string]any{
			"count": map[string]any{"executors": 12, "tasks": 32}, "split 2": map[string]any{"executorsPerWorker": 4}, "__x": map[string]any{"tasks": 1}}, ""},
		"an empty component":              {"it says nothing", "spec.topology.components", map[string]any{"count": map[string]any{}}, "spec.topology.components.count"},
		"no executors":                    {"Storm needs one", "spec.topology.components", map[string]any{"count": map[string]any{"executors": 0}}, "spec.topology.components.count.executors"},
		"executors of two kinds":          {"which one counts?", "spec.topology.components", map[string]any{"count": map[string]any{"executors": 1, "executorsPerWorker": 1}}, "has executors and executorsPerWorker. Remove one of them"},
		"more executors than tasks":       {"Storm would use fewer, and not say so", "spec.topology.components", map[string]any{"count": map[string]any{"executors": 9, "tasks": 8}}, "has more executors than tasks"},
		"more for each worker than tasks": {"with one worker already", "spec.topology.components", map[string]any{"count": map[string]any{"executorsPerWorker": 9, "tasks": 8}}, "has more executors than tasks"},
		"empty cluster":                   {"the same, written otherwise", "spec.clusterRef", "", "spec.clusterRef"},
		"name left out":                   {"metadata.name is the default", "spec.topology.name", nil, ""},
		"name in capitals":                {"Storm takes it", "spec.topology.name", "Word_Count-2", ""},
		"name with a slash": {
			"Storm refuses / . : and \\ in names", "spec.topology.name", "a/b", "spec.topology.name must be letters, digits, _ and - only"},
		"name with a space": {
			"Storm takes it, but then as a key of its blob store fails on others", "spec.topology.name", "a b", "spec.topology.name must be"},
		"no main class": {"nothing to run", "spec.topology.mainClass", nil, "spec.topology.mainClass: Required value"},
		"a file for a main class": {
			"people paste the path", "spec.topology.mainClass", "com/mycompany/My.class", "spec.topology.mainClass must be a Java class name"},
		"an option for a main class": {
			"it must never be read as an option of java", "spec.topology.mainClass", "-version", "spec.topology.mainClass must be a Java class name"},
		"nested main class": {"Java's own name of a nested class", "spec.topology.mainClass", "com.a.Outer$Main", ""},
		"no arguments":      {"an empty list means no arguments", "spec.topology.args", []any{}, ""},
		"arguments":         {"any text", "spec.topology.args", []any{"-c", "a=b c", ""}, ""},
		"numbers as arguments": {
			"YAML's 1 is not a string", "spec.topology.args", []any{1}, "spec.topology.args[0]"},
		"settings of every kind": {
			"as YAML has them", "spec.topology.config",
			map[string]any{"a": "2", "b": 2, "c": 1.5, "d": true, "e": []any{1, "x"}, "f": map[string]any{"g": "h"}}, ""},
		"settings that are a list": {"a map is needed", "spec.topology.config", []any{"a"}, "spec.topology.config"},
		"no image":                 {"nothing to extract from", container + "image", nil, container + "image: Required value"},
		"image with a space":       {"a pod would be refused", container + "image", "a: b", container + "image must not contain white space"},
		"image with a line end":    {"a pasted line", container + "image", "a:b\n", container + "image must not contain white space"},
		"image by digest":          {"any reference", container + "image", "r.example.com:5000/a/b@sha256:" + strings.Repeat("0", 64), ""},
		"relative path":            {"relative to what?", container + "path", "app/topology.jar", container + "path must be an absolute path. Begin it with /"},
		"a glob":                   {"exactly one file has to match", container + "path", "/app/*.jar", ""},
		"mode left out":            {"copy is the default", container + "extractionMode", nil, ""},
		"unknown mode":             {"a typing error", container + "extractionMode", "Copy", container + "extractionMode"},
		"unknown field": {
			"kubectl refuses it, so that a typing error is seen", "spec.topology.workerz", "2", "spec.topology.workerz: Forbidden: unknown field"},
		"orphan":                    {"the other policy", "spec.deletionPolicy", "Orphan", ""},
		"unknown policy":            {"Kubernetes' word, which is not used here", "spec.deletionPolicy", "Delete", "spec.deletionPolicy"},
		"no kill wait":              {"0 kills at once", "spec.killWaitSeconds", 0, ""},
		"kill wait of two days":     {"more than a day is a typing error", "spec.killWaitSeconds", 172800, "spec.killWaitSeconds"},
		"negative kill wait":        {"Storm would take it for its own default", "spec.killWaitSeconds", -1, "spec.killWaitSeconds"},
		"a restart nonce":           {"any number", "spec.restartNonce", -7, ""},
		"a restart nonce in quotes": {"a number is needed", "spec.restartNonce", "1", "spec.restartNonce"},
	}
	kind := load(t, "stormtopologies")
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			expect(t, kind.Create(t.Context(), with(guide(t), c.path, c.value)).ToAggregate(), c.want, c.reason)
		})
	}
}

func TestUpdateStormTopology(t *testing.T) {
	cases := map[string]struct {
		reason string
		path   string
		old    any
		new    any
		want   string
	}{
		"another image":           {"an update", "spec.topology.jar.container.image", "a:1", "a:2", ""},
		"another cluster":         {"what runs on the old one would be forgotten", "spec.clusterRef", "a", "b", "spec.clusterRef cannot be changed. Delete"},
		"another Storm name":      {"Storm finds topologies by name only", "spec.topology.name", "a", "b", "spec.topology.name: Invalid value: spec.topology.name cannot be changed"},
		"name written out":        {"the effective name is the same", "spec.topology.name", nil, "wordcount-container", ""},
		"name left out":           {"the effective name is the same", "spec.topology.name", "wordcount-container", nil, ""},
		"more workers than tasks": {"kubectl scale and an autoscaler get it", "spec.topology", scaledBy(2), scaledBy(3), "spec.topology.workers times executorsPerWorker is more than the tasks of a component"},
		"as many as tasks":        {"each executor has a task", "spec.topology", scaledBy(1), scaledBy(2), ""},
		"name left out, else":     {"the effective name would change", "spec.topology.name", "a", nil, "spec.topology.name: Invalid value: spec.topology.name cannot be changed"},
	}
	kind := load(t, "stormtopologies")
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			old := with(guide(t), c.path, c.old)
			if errs := kind.Create(t.Context(), old); len(errs) > 0 {
				t.Fatal(errs)
			}
			expect(t, kind.Update(t.Context(), with(guide(t), c.path, c.new), old).ToAggregate(), c.want, c.reason)
		})
	}
}

// scaledBy is a topology with a component that is scaled by workers.
func scaledBy(workers int) map[string]any {
	return map[string]any{
		"name": "wordcount-container", "mainClass": "com.a.Main", "workers": workers,
		"components": map[string]any{"count": map[string]any{"executorsPerWorker": 4, "tasks": 8}},
		"jar":        map[string]any{"container": map[string]any{"image": "a:1", "path": "/a.jar"}},
	}
}

func expect(t *testing.T, err error, want, reason string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("refused, want taken (%s): %v", reason, err)
	case want != "" && err == nil:
		t.Errorf("taken, want refused (%s) with %q", reason, want)
	case want != "" && !strings.Contains(err.Error(), want):
		t.Errorf("%s: want an error with %q, got %v", reason, want, err)
	}
}
