package preview

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

const wordcount = `
metadata: {name: wordcount, namespace: storm-system}
spec:
  clusterRef: test-cluster
  topology:
    mainClass: com.mycompany.MyTopology
    jar: {container: {image: "mycompany/wordcount:1", path: /app/topology.jar}}
    config: {topology.workers: "2"}
`

// parsed is wordcount with changed fields, each "path: value".
func parsed(t *testing.T, changes ...string) *v1beta1.StormTopology {
	t.Helper()
	var object map[string]any
	if err := yaml.Unmarshal([]byte(wordcount), &object); err != nil {
		t.Fatal(err)
	}
	for _, change := range changes {
		path, text, _ := strings.Cut(change, ": ")
		var value any
		if err := yaml.Unmarshal([]byte(text), &value); err != nil {
			t.Fatal(err)
		}
		at, keys := object, strings.Split(path, "/")
		for _, key := range keys[:len(keys)-1] {
			if at[key] == nil {
				at[key] = map[string]any{}
			}
			at = at[key].(map[string]any)
		}
		at[keys[len(keys)-1]] = value
	}
	text, err := yaml.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	var parsed v1beta1.StormTopology
	if err := yaml.Unmarshal(text, &parsed); err != nil {
		t.Fatal(err)
	}
	return &parsed
}

func TestRender(t *testing.T) {
	const mode = "spec/topology/jar/container/extractionMode: "
	cases := map[string]struct {
		reason  string
		changes []string
		want    []string // each stage: phase, then its new children
		stuck   bool
	}{
		"copy": {
			"the volume exists before the extraction is requested, and the JAR before the submission", nil,
			[]string{"Extracting PersistentVolumeClaim/topology-jar-wordcount", "Extracting Job/topology-jar-extract-wordcount", "Submitting Job/topology-submit-wordcount", "Running"}, false},
		"an existing claim": {
			"it is not a child", []string{"spec/topology/jar/storage/claimName: mine"},
			[]string{"Extracting Job/topology-jar-extract-wordcount", "Submitting Job/topology-submit-wordcount", "Running"}, false},
		"init-container": {"one Pod does it all", []string{mode + "init-container"}, []string{"Extracting Pod/topology-wordcount", "Running"}, false},
		"image-volume":   {"nothing is copied", []string{mode + "image-volume"}, []string{"Submitting Job/topology-submit-wordcount", "Running"}, false},
		"suspended":      {"nothing is extracted or submitted", []string{"spec/suspend: true"}, []string{"Suspended"}, false},
		"a wrong setting": {
			"nothing is created", []string{"spec/topology/config/topology.workers: many"}, []string{"Failed"}, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := Render(parsed(t, c.changes...), nil, topology.Config{HelperImage: "stormhooks/stormhooks:test"})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, lines(got)); diff != "" || got.Stuck != c.stuck {
				t.Errorf("%s: stuck is %v, want %v (-want +got):\n%s", c.reason, got.Stuck, c.stuck, diff)
			}
		})
	}
}

func TestRenderOfAPausedTopology(t *testing.T) {
	parent := parsed(t)
	parent.Annotations = map[string]string{v1beta1.AnnotationPaused: "true"}
	got, err := Render(parent, nil, topology.Config{})
	if err != nil || len(got.Stages) != 1 || got.Stuck || got.Stages[0].Reason != v1beta1.Paused {
		t.Errorf("got %+v, %v", got, err)
	}
}

// Both ways of an adoption are shown: Storm has the id, or it has not.
func TestRenderOfAnAdoption(t *testing.T) {
	got, err := Render(parsed(t, "metadata/annotations: {storm.apache.org/adopt: wordcount-7-1767268830}", "spec/topology/jar/container/extractionMode: image-volume"), nil, topology.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Running", "Submitting Job/topology-submit-wordcount", "Running"}, lines(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if first, second, third := got.Stages[0], got.Stages[1], got.Stages[2]; first.If != "Storm has wordcount-7-1767268830" || first.Reason != v1beta1.Adopted || second.If != "Storm has no topology wordcount" || third.If != "" {
		t.Errorf("%+v", got)
	}
}

func lines(rendering Rendering) (all []string) {
	for _, stage := range rendering.Stages {
		line := string(stage.Phase)
		for _, child := range stage.Created {
			line += fmt.Sprintf(" %v/%v", child["kind"], child["metadata"].(map[string]any)["name"])
		}
		all = append(all, line)
	}
	return all
}
