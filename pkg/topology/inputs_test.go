package topology

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/revision"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

const inputsSpec = `
metadata: {name: wordcount, namespace: ns, uid: u}
spec:
  clusterRef: test
  topology: {mainClass: a.B, jar: {container: {image: "a:1", path: /a.jar}}}
  template:
    env:
    - {name: URL, value: one}
    - {name: SINGLE, valueFrom: {configMapKeyRef: {name: single, key: k}}}
    envFrom: [{configMapRef: {name: from}}, {secretRef: {name: secret}}]
    volumes:
    - {name: flux, configMap: {name: flux}}
    - {name: both, projected: {sources: [{configMap: {name: projected}}, {secret: {name: secret}}]}}
    - {name: optional, configMap: {name: optional, optional: true}}
    volumeMounts: [{name: flux, mountPath: /flux}]
`

// inputsWorld is an object with its ConfigMaps, and what Storm runs of it.
type inputsWorld struct {
	objects Objects
	view    storm.View
}

// newInputsWorld runs the object as a submission of now would have it.
func newInputsWorld(t *testing.T, on ...v1beta1.RestartCause) *inputsWorld {
	t.Helper()
	parent := new(v1beta1.StormTopology)
	if err := yaml.Unmarshal([]byte(inputsSpec), parent); err != nil {
		t.Fatal(err)
	}
	parent.Spec.Update = &v1beta1.Update{RestartOn: on}
	w := &inputsWorld{objects: Objects{
		Parent:     parent,
		Clusters:   []v1beta1.StormCluster{{ObjectMeta: metav1.ObjectMeta{Name: "test", Namespace: "ns"}}},
		Namespaces: []corev1.Namespace{{ObjectMeta: metav1.ObjectMeta{Name: metav1.NamespaceSystem, UID: "kube"}}},
		ConfigMaps: map[string]string{"single": "s1", "from": "f1", "flux": "x1", "projected": "p1"},
	}}
	w.submit("wordcount-1-1767268830")
	return w
}

// submit runs what a submission of now gives to Storm.
func (w *inputsWorld) submit(id string) {
	fingerprint := storm.FingerprintOf(Observe(w.objects, Config{}, time.Time{}).Target.Fingerprint.Settings())
	w.view = storm.View{Listed: true, Fresh: true, Topology: &storm.Topology{ID: id, Name: "wordcount", Status: storm.Active, ConfKnown: true, Fingerprint: fingerprint}}
}

// look is what a call sees. Its status is that of the next call.
func (w *inputsWorld) look() (Observed, v1beta1.StormTopologyStatus) {
	seen := Observe(w.objects, Config{}, time.Time{}).WithStorm(w.view)
	status := Report(seen, Decide(seen), nil)
	w.objects.Parent.Status = *status.DeepCopy()
	return seen, status
}

func (w *inputsWorld) template() *v1beta1.PodTemplate { return w.objects.Parent.Spec.Template }

// Each input restarts where spec.update.restartOn has its kind, and is told elsewhere.
func TestWhatAChangedInputDoes(t *testing.T) {
	const template, configMaps = v1beta1.RestartOnTemplate, v1beta1.RestartOnConfigMaps
	for name, test := range map[string]struct {
		change func(*inputsWorld)
		kind   v1beta1.RestartCause // empty: nothing changes for main
		told   string
	}{
		"env":                             {func(w *inputsWorld) { w.template().Env[0].Value = "two" }, template, "template.env"},
		"envFrom":                         {func(w *inputsWorld) { w.template().EnvFrom[1].Prefix = "P_" }, template, "template.envFrom"},
		"volumes":                         {func(w *inputsWorld) { w.template().Volumes[0].ConfigMap.DefaultMode = new(int32) }, template, "template.volumes"},
		"volumeMounts":                    {func(w *inputsWorld) { w.template().VolumeMounts[0].MountPath = "/x" }, template, "template.volumeMounts"},
		"a ConfigMap of env":              {func(w *inputsWorld) { w.objects.ConfigMaps["single"] = "s2" }, configMaps, "ConfigMap single"},
		"one of envFrom":                  {func(w *inputsWorld) { w.objects.ConfigMaps["from"] = "f2" }, configMaps, "ConfigMap from"},
		"one of a volume":                 {func(w *inputsWorld) { w.objects.ConfigMaps["flux"] = "x2" }, configMaps, "ConfigMap flux"},
		"one of a projected volume":       {func(w *inputsWorld) { w.objects.ConfigMaps["projected"] = "p2" }, configMaps, "ConfigMap projected"},
		"an optional one that exists now": {func(w *inputsWorld) { w.objects.ConfigMaps["optional"] = "o1" }, configMaps, "ConfigMap optional"},
		"one that was deleted":            {func(w *inputsWorld) { delete(w.objects.ConfigMaps, "flux") }, "", "Missing: ConfigMap flux"},
		"one that is not named":           {func(w *inputsWorld) { w.objects.ConfigMaps["other"] = "o1" }, "", ""},
		"what main does not read":         {func(w *inputsWorld) { w.template().PriorityClassName = "high" }, "", ""},
		"another field of update":         {func(w *inputsWorld) { w.objects.Parent.Spec.Update.Rollback = new(bool) }, "", ""},
	} {
		for _, on := range [][]v1beta1.RestartCause{nil, {template}, {configMaps}, {template, configMaps}} {
			w := newInputsWorld(t, on...)
			w.look()
			test.change(w)
			seen, status := w.look()
			covered := false
			for _, kind := range on {
				covered = covered || kind == test.kind
			}
			switch {
			case covered && (seen.Change == nil || seen.Change.Kind != v1beta1.ChangeRestart || seen.Change.Why != test.told+" changed"):
				t.Errorf("%s with %v: change %+v", name, on, seen.Change)
			case covered && status.NotApplied != "":
				t.Errorf("%s with %v: it restarts, and says %s", name, on, status.NotApplied)
			case !covered && seen.Change != nil:
				t.Errorf("%s with %v: change %+v", name, on, seen.Change)
			case !covered && !strings.Contains(status.NotApplied, test.told), test.told == "" && status.NotApplied != "":
				t.Errorf("%s with %v: it says %q", name, on, status.NotApplied)
			}
			if !covered {
				continue
			}
			w.submit("wordcount-2-1767268930")
			if seen, status = w.look(); !seen.Target.Runs || seen.Change != nil || status.NotApplied != "" {
				t.Errorf("%s with %v: after the restart: change %+v, %q", name, on, seen.Change, status.NotApplied)
			}
		}
	}
}

// The field itself restarts nothing (Must 7): neither with a status nor without one, nor for
// what an older release submitted.
func TestTurningRestartOnRestartsNothing(t *testing.T) {
	const template, configMaps = v1beta1.RestartOnTemplate, v1beta1.RestartOnConfigMaps
	all := [][]v1beta1.RestartCause{nil, {template}, {configMaps}, {template, configMaps}}
	for _, from := range all {
		for _, to := range all {
			for name, lose := range map[string]func(*inputsWorld){
				"as it is":         func(*inputsWorld) {},
				"the status lost":  func(w *inputsWorld) { w.objects.Parent.Status = v1beta1.StormTopologyStatus{} },
				"an older release": func(w *inputsWorld) { w.view.Topology.Fingerprint.Inputs = "" },
			} {
				if name == "an older release" && from != nil {
					continue // it has no such field
				}
				w := newInputsWorld(t, from...)
				lose(w)
				w.look()
				w.objects.Parent.Spec.Update.RestartOn = to
				for range 2 {
					if seen, _ := w.look(); seen.Change != nil || !seen.Target.Runs {
						t.Errorf("%s, from %v to %v: %+v", name, from, to, seen.Change)
					}
				}
				lose(w)
				if seen, _ := w.look(); seen.Change != nil || !seen.Target.Runs {
					t.Errorf("%s again, from %v to %v: %+v", name, from, to, seen.Change)
				}
				w.template().Env[0].Value = "two" // and then it does what it says
				if seen, _ := w.look(); (seen.Change != nil) != (len(to) > 0 && to[0] == template) {
					t.Errorf("%s, from %v to %v: env restarts: %+v", name, from, to, seen.Change)
				}
			}
		}
	}
}

// An input that changes between the request of the Job and the first look at its topology is
// not taken for one that runs.
func TestAnInputThatChangesWhileItIsSubmitted(t *testing.T) {
	w := newInputsWorld(t)
	w.objects.ConfigMaps["flux"] = "x2"
	w.template().Env[0].Value = "two"
	for range 2 {
		if _, status := w.look(); !strings.Contains(status.NotApplied, "ConfigMap flux, template.env changed") {
			t.Errorf("it says %q", status.NotApplied)
		}
	}
}

// The pod waits for a ConfigMap that does not exist yet. Its arrival restarts nothing.
func TestAConfigMapThatComesLater(t *testing.T) {
	w := newInputsWorld(t, v1beta1.RestartOnConfigMaps)
	delete(w.objects.ConfigMaps, "flux")
	w.submit("wordcount-2-1767268930")
	w.look()
	w.objects.ConfigMaps["flux"] = "x1"
	if seen, status := w.look(); seen.Change != nil || status.NotApplied != "" {
		t.Errorf("it came: %+v, %q", seen.Change, status.NotApplied)
	}
	w.objects.ConfigMaps["flux"] = "x2"
	if seen, _ := w.look(); seen.Change == nil {
		t.Error("it changed after that, and nothing restarts")
	}
}

// The target stays the same while nothing runs on the way to it, or the Job would be
// replaced after it has killed.
func TestTheTargetStaysWhileNothingRuns(t *testing.T) {
	for name, change := range map[string]func(*inputsWorld){
		"an input":      func(w *inputsWorld) { w.template().Env[0].Value = "two" },
		"another field": func(w *inputsWorld) { w.objects.Parent.Spec.Topology.MainClass = "a.C" },
		"the field and more": func(w *inputsWorld) {
			w.template().Env[0].Value = "two"
			w.objects.Parent.Spec.Update.RestartOn = []v1beta1.RestartCause{v1beta1.RestartOnTemplate}
		},
	} {
		for _, on := range [][]v1beta1.RestartCause{nil, {v1beta1.RestartOnTemplate}} {
			w := newInputsWorld(t)
			w.look()
			w.objects.Parent.Spec.Update.RestartOn = on
			w.look()
			change(w)
			_, status := w.look()
			want := status.TargetRevision
			w.view.Topology = nil
			for range 2 {
				if _, status = w.look(); status.TargetRevision != want {
					t.Errorf("%s with %v: %s becomes %s", name, on, want, status.TargetRevision)
				}
			}
		}
	}
}

// A rollback submits what main read then, but for ConfigMaps, and the target comes back once
// the template is as it was.
func TestARollbackHasTheTemplateOfThen(t *testing.T) {
	w := newInputsWorld(t, v1beta1.RestartOnTemplate, v1beta1.RestartOnConfigMaps)
	before, _ := w.look()
	template := w.template().DeepCopy()
	w.template().Env[0].Value, w.template().Volumes = "two", w.template().Volumes[1:]
	w.template().PriorityClassName = "high"
	w.objects.ConfigMaps["from"] = "f2"
	target, _ := w.look()
	w.view.Topology = nil
	w.objects.Parent.Status.Rollback = &v1beta1.Rollback{Revision: target.Target.Fingerprint.Revision, Reason: v1beta1.SubmissionFailed, Message: "It failed.", Specs: target.Target.hash.get()}

	back, _ := w.look()
	if back.Aim.Because == nil || back.Aim.Fingerprint.Revision != before.Target.Fingerprint.Revision {
		t.Fatalf("the aim is %s, and revision %s ran", back.Aim.Fingerprint.Revision, before.Target.Fingerprint.Revision)
	}
	want := template.DeepCopy()
	want.PriorityClassName = "high" // main does not read it
	if diff := cmp.Diff(want, back.Aim.Parent.Spec.Template); diff != "" {
		t.Errorf("template (-then +aim):\n%s", diff)
	}
	inputs := revision.ParseInputs(back.Aim.Fingerprint.Inputs)
	then := revision.ParseInputs(before.Target.Fingerprint.Inputs)
	if inputs.Hashes["env"] != then.Hashes["env"] || inputs.Hashes["configMap/flux"] != "x1" || inputs.Hashes["configMap/from"] != "f2" {
		t.Errorf("it is submitted with %v", inputs)
	}

	w.view.Topology = &storm.Topology{ID: "wordcount-3-1767269930", Name: "wordcount", Status: storm.Active, ConfKnown: true, Fingerprint: back.Aim.Fingerprint}
	if seen, _ := w.look(); seen.Target.Runs || seen.Aim.Because == nil || !seen.Aim.Runs {
		t.Error("it does not count as rolled back")
	}
	w.objects.Parent.Spec.Template = template
	if seen, _ := w.look(); !seen.Target.Runs {
		t.Error("the template is as it was, and the target does not run")
	}
}
