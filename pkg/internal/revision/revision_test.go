package revision

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"sigs.k8s.io/yaml"
)

const base = `
metadata: {name: wordcount, namespace: storm-system}
spec:
  clusterRef: test-cluster
  topology:
    mainClass: org.apache.storm.starter.WordCountTopology
    config: {topology.workers: "2"}
    jar: {container: {image: "apache/storm:2.8.1", path: /app/topology.jar}}
`

func parse(t *testing.T, text string) *v1beta1.StormTopology {
	t.Helper()
	var topology v1beta1.StormTopology
	if err := yaml.Unmarshal([]byte(text), &topology); err != nil {
		t.Fatal(err)
	}
	return &topology
}

// A revision that moves restarts every topology of every user.
func TestRevisionsArePinned(t *testing.T) {
	topology := parse(t, base)
	if got, want := Of(topology, ""), "d3111cbbf39e"; got != want {
		t.Errorf("Of: got %s, want %s: an upgrade would restart topologies", got, want)
	}
	if got, want := OfJar(topology), "1edbe9f3575b"; got != want {
		t.Errorf("OfJar: got %s, want %s: an upgrade would extract JARs again", got, want)
	}
}

// The key of main's inputs is part of what only a resubmission changes.
func TestTheKeyOfInputsRestarts(t *testing.T) {
	topology := parse(t, base)
	if got, want := Of(topology, "0123456789ab"), "5e2f71b82b69"; got != want {
		t.Errorf("Of: got %s, want %s: an upgrade would restart topologies", got, want)
	}
	if OfRestart(topology, "a") == OfRestart(topology, "") || OfRestart(topology, "a") == OfRestart(topology, "b") {
		t.Error("a rebalance would do")
	}
}

func TestWhatAChangeDoes(t *testing.T) {
	tests := map[string]struct {
		reason     string
		change     func(*v1beta1.StormTopology)
		whole, jar bool
	}{
		"another image": {"another JAR", func(s *v1beta1.StormTopology) { s.Spec.Topology.Jar.Container.Image = "x" }, true, true},
		"dependencies":  {"main and workers have other classes", func(s *v1beta1.StormTopology) { s.Spec.Topology.Jar.Container.Dependencies = []string{"/x/*.jar"} }, true, true},
		"files":         {"main reads them", func(s *v1beta1.StormTopology) { s.Spec.Topology.Jar.Container.Files = []string{"/x"} }, true, true},
		"no dependencies": {"an empty list is none", func(s *v1beta1.StormTopology) {
			s.Spec.Topology.Jar.Container.Dependencies, s.Spec.Topology.Jar.Container.Files = []string{}, []string{}
		}, false, false},
		"another path":    {"another JAR", func(s *v1beta1.StormTopology) { s.Spec.Topology.Jar.Container.Path = "/x" }, true, true},
		"another nonce":   {"a moved tag is extracted again", func(s *v1beta1.StormTopology) { s.Spec.RestartNonce = 1 }, true, true},
		"another class":   {"the same JAR builds another topology", func(s *v1beta1.StormTopology) { s.Spec.Topology.MainClass = "X" }, true, false},
		"other arguments": {"main may build another topology", func(s *v1beta1.StormTopology) { s.Spec.Topology.Args = []string{"x"} }, true, false},
		"no arguments":    {"an empty list is not the default", func(s *v1beta1.StormTopology) { s.Spec.Topology.Args = []string{} }, true, false},
		"the default written": {"a field equal to its default counts as absent", func(s *v1beta1.StormTopology) {
			s.Spec.Topology.Args = []string{"$(TOPOLOGY_NAME)"}
			s.Spec.Topology.Jar.Container.ExtractionMode = v1beta1.ExtractionCopy
			s.Spec.DeletionPolicy = v1beta1.DeletionKill
		}, false, false},
		"another setting": {"Storm reads it at submission", func(s *v1beta1.StormTopology) { s.Spec.Topology.Config["topology.debug"] = false }, true, false},
		"a component": {"its executors are a rebalance", func(s *v1beta1.StormTopology) {
			s.Spec.Topology.Components = map[string]v1beta1.Component{"a": {Executors: new(int32)}}
		}, true, false},
		"no component": {"an empty map is none", func(s *v1beta1.StormTopology) {
			s.Spec.Topology.Components = map[string]v1beta1.Component{}
		}, false, false},
		"another kill wait": {"it is read when something is killed", func(s *v1beta1.StormTopology) { s.Spec.KillWaitSeconds = new(int32) }, false, false},
		"another command":   {"it may bring another JAR", func(s *v1beta1.StormTopology) { s.Spec.Topology.Jar.Container.Command = []string{"x"} }, true, true},
		"a checksum": {"the JAR that runs may be another", func(s *v1beta1.StormTopology) {
			s.Spec.Topology.Jar.Container.Checksum = &v1beta1.Checksum{SHA256: "aa"}
		}, true, true},
		"another mode": {"the JAR is the same", func(s *v1beta1.StormTopology) { s.Spec.Topology.Jar.Container.ExtractionMode = v1beta1.ExtractionInit }, false, false},
		"pull secrets, resources, placement, storage, retry": {"they are for pods that have ended", func(s *v1beta1.StormTopology) {
			s.Spec.Topology.Jar.Container.ImagePullSecrets = []corev1.LocalObjectReference{{Name: "x"}}
			s.Spec.Topology.Jar.Container.Resources = &corev1.ResourceRequirements{}
			s.Spec.Topology.Jar.Container.SecurityContext = &corev1.SecurityContext{}
			s.Spec.Topology.Jar.Storage = &v1beta1.JarStorage{Size: "2Gi"}
			s.Spec.Template = &v1beta1.PodTemplate{NodeSelector: map[string]string{"a": "b"}}
			s.Spec.Retry = &v1beta1.Retry{}
		}, false, false},
		"another label": {"labels of the object are never copied", func(s *v1beta1.StormTopology) { s.Labels = map[string]string{"a": "b"} }, false, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			before, after := parse(t, base), parse(t, base)
			tc.change(after)
			if got := Of(before, "") != Of(after, ""); got != tc.whole {
				t.Errorf("%s: whole revision changed: %v, want %v", tc.reason, got, tc.whole)
			}
			if got := OfJar(before) != OfJar(after); got != tc.jar {
				t.Errorf("%s: JAR revision changed: %v, want %v", tc.reason, got, tc.jar)
			}
		})
	}
}

// Only the submitting pod knows the value of $(NAME), so a rebalance cannot send it. Its
// text is hashed, never its value.
func TestASettingWithAReferenceIsNotCheap(t *testing.T) {
	with := func(value string) *v1beta1.StormTopology {
		topology := new(v1beta1.StormTopology)
		topology.Spec.Topology.Config = v1beta1.Settings{"topology.workers": "2", "topology.worker.childopts": value}
		return topology
	}
	plain, first, second := with("-Da=b"), with("-Da=$(A)"), with("-Da=$(B)")
	if got := strings.Join(Cheap(first), " "); got != "topology.workers" {
		t.Errorf("cheap: %s", got)
	}
	if got := strings.Join(Cheap(plain), " "); got != "topology.worker.childopts topology.workers" {
		t.Errorf("cheap: %s", got)
	}
	if OfRestart(first, "") == OfRestart(second, "") || OfRestart(first, "") == OfRestart(plain, "") {
		t.Error("another variable, or a text instead of it, is a restart")
	}
}
