package preview

import (
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/revision"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// ranAs is a live object whose status says that its spec is running.
func ranAs(live *v1beta1.StormTopology) *v1beta1.StormTopology {
	live.UID, live.Generation = "uid-1", 4
	live.Status = v1beta1.StormTopologyStatus{
		StormID: "wordcount-3-1767268800", StormStatus: "ACTIVE", Phase: v1beta1.PhaseRunning, Revision: revision.Of(live, ""),
		LastSpec: &v1beta1.LastSpec{Revision: revision.Of(live, ""), Topology: live.Spec.Topology.DeepCopy()},
	}
	return live
}

func TestCompare(t *testing.T) {
	const container = "spec/topology/jar/container/"
	cases := map[string]struct {
		reason   string
		live     []string // changes of the running spec
		wanted   []string
		kind     Kind
		why      string
		wait     int32 // -1: none
		storms   bool
		extracts bool
	}{
		"nothing":        {"an apply of the same file", nil, nil, None, "nothing changes", -1, false, false},
		"more memory":    {"it restarts nothing", nil, []string{container + `resources: {limits: {memory: 1Gi}}`}, None, "nothing changes now", -1, false, false},
		"the mode":       {"the JAR is the same", nil, []string{container + "extractionMode: init-container"}, None, "nothing changes now", -1, false, false},
		"workers":        {"the cheapest change", nil, []string{"spec/topology/workers: 4"}, Rebalance, "workers changed", 30, false, false},
		"a setting":      {"one that Storm reads again", nil, []string{"spec/topology/config/topology.workers: 3"}, Rebalance, "topology.workers changed", 30, false, false},
		"a wait given":   {"always sent", nil, []string{"spec/topology/workers: 4", "spec/update/rebalanceWaitSeconds: 5"}, Rebalance, "workers changed", 5, false, false},
		"policy Restart": {"each change is a restart", nil, []string{"spec/topology/workers: 4", "spec/update/policy: Restart"}, Restart, "spec.update.policy is Restart", 30, true, false},
		"a setting gone": {"Storm cannot take one back", nil, []string{"spec/topology/config: {}"}, Restart, "topology.workers removed, which a rebalance cannot do", 30, true, false},
		"another class":  {"submitted again with the same JAR", nil, []string{"spec/topology/mainClass: a.B"}, Restart, "mainClass changed", 30, true, false},
		"another image":  {"the JAR is extracted again", nil, []string{container + "image: x:2"}, Restart, "image changed", 30, true, true},
		"a nonce":        {"by hand", nil, []string{"spec/restartNonce: 1"}, Restart, "spec.restartNonce changed", 30, true, true},
		"a kill wait":    {"the spec's wins", nil, []string{"spec/topology/mainClass: a.B", "spec/killWaitSeconds: 3"}, Restart, "mainClass changed", 3, false, false},
		"its own timeout": {
			"Storm uses the timeout of the running topology, not the new one", []string{"spec/topology/config/topology.message.timeout.secs: 90"},
			[]string{"spec/topology/config/topology.message.timeout.secs: 10", "spec/topology/mainClass: a.B"}, Restart, "mainClass, topology.message.timeout.secs changed", 90, false, false},
		"suspended":       {"its workers stay", nil, []string{"spec/suspend: true"}, Suspend, "spec.suspend is true", -1, false, false},
		"another cluster": {"the API server rejects it", nil, []string{"spec/clusterRef: other"}, Refused, "spec.clusterRef cannot be changed (it is \"test-cluster\"). Delete this StormTopology and apply one for the other StormCluster", -1, false, false},
		"a wrong setting": {"the topology keeps running", nil, []string{"spec/topology/config/topology.workers: x"}, Refused, `Revision 9bd816e9bd3c keeps running. spec.topology.config["topology.workers"] is "x"; must be a whole number of 1 or more. Correct the value.`, -1, false, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			plan, err := Compare(ranAs(parsed(t, c.live...)), parsed(t, c.wanted...), nil)
			if err != nil {
				t.Fatal(err)
			}
			wait := int32(-1)
			if plan.WaitSeconds != nil {
				wait = *plan.WaitSeconds
			}
			got := []any{plan.Kind, plan.Why, wait, plan.WaitIsStorms, plan.Extracts}
			want := []any{c.kind, c.why, c.wait, c.storms, c.extracts}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, diff)
			}
		})
	}
}

func TestCompareReadsTheStatus(t *testing.T) {
	cases := map[string]struct {
		reason string
		live   func(*v1beta1.StormTopology)
		wanted []string
		want   Kind
	}{
		"no object":             {"kubectl get finds nothing", nil, nil, Create},
		"a new one, suspended":  {"nothing is submitted", nil, []string{"spec/suspend: true"}, Held},
		"nothing runs":          {"it failed, or was never submitted", func(l *v1beta1.StormTopology) { l.Status = v1beta1.StormTopologyStatus{} }, nil, Submit},
		"an update that failed": {"the previous spec is running, and going back to it ends the update", func(l *v1beta1.StormTopology) { l.Spec.Topology.MainClass = "a.Failed" }, nil, Cancel},
		"a refused one":         {"going back ends the update", func(l *v1beta1.StormTopology) { l.Spec.Topology.Config["topology.workers"] = "x" }, nil, Cancel},
		"a pending rebalance":   {"going back ends it", func(l *v1beta1.StormTopology) { l.Spec.Topology.Workers = new(int32(4)) }, nil, Cancel},
		"a rebalance in Storm": {"it cannot be stopped", func(l *v1beta1.StormTopology) {
			l.Spec.Topology.Workers, l.Status.StormStatus = new(int32(4)), "REBALANCING"
		}, nil, Rebalance},
		"killed by its update, and set back":  {"the pod submits the other one first", killedByUpdate, nil, Submit},
		"killed by its update, and suspended": {"it comes back INACTIVE", killedByUpdate, []string{"spec/suspend: true"}, Submit},
		"killed by its update, and paused":    {"nothing is done", killedByUpdate, []string{"metadata/annotations: {storm.apache.org/paused: 'true'}"}, Held},
		"being deleted":                       {"nothing is done", func(l *v1beta1.StormTopology) { l.DeletionTimestamp = &metav1.Time{Time: noon} }, []string{"spec/topology/mainClass: a.B"}, Held},
		"a failed one is fixed":               {"the previous one is running", func(l *v1beta1.StormTopology) { l.Spec.Topology.MainClass = "a.Failed" }, []string{"spec/topology/mainClass: a.Fixed"}, Restart},
		"a revision of long ago":              {"its spec is not known any more", func(l *v1beta1.StormTopology) { l.Status.Revision, l.Status.LastSpec = "000", nil }, nil, Restart},
		"killed by hand":                      {"it is submitted again", func(l *v1beta1.StormTopology) { l.Status.StormStatus = "KILLED" }, nil, Submit},
		"Storm does not answer":               {"it is assumed to be running", func(l *v1beta1.StormTopology) { l.Status.StormStatus = "Unknown" }, nil, None},
		"suspended, to be resumed": {"spec.suspend is false", func(l *v1beta1.StormTopology) {
			l.Spec.Suspend, l.Status.StormStatus, l.Status.Phase = true, "INACTIVE", v1beta1.PhaseSuspended
		}, nil, Resume},
		"paused": {"nothing is done", func(l *v1beta1.StormTopology) {}, []string{"metadata/annotations: {storm.apache.org/paused: 'true'}", "spec/topology/mainClass: a.B"}, Held},
		"adopted, and changed": {"an adopted topology is replaced at each change", func(l *v1beta1.StormTopology) {
			l.Status.AdoptedRevision = l.Status.Revision
		}, []string{"metadata/annotations: {storm.apache.org/adopt: wordcount-3-1767268800}", "spec/topology/workers: 3"}, Restart},
		"restartOn, and a variable that is new since the submission": {"main does not have it yet", func(l *v1beta1.StormTopology) {
			l.Spec.Template = &v1beta1.PodTemplate{Env: []corev1.EnvVar{{Name: "A", Value: "1"}}}
			l.Status.NotApplied = "Since the submission, template.env changed."
		}, []string{`spec/template: {env: [{name: A, value: "1"}]}`, "spec/update/restartOn: [Template]"}, Restart},
		"restartOn, and a variable since the first submission": {"main has it", func(l *v1beta1.StormTopology) {
			l.Spec.Template = &v1beta1.PodTemplate{Env: []corev1.EnvVar{{Name: "A", Value: "1"}}}
		}, []string{`spec/template: {env: [{name: A, value: "1"}]}`, "spec/update/restartOn: [Template]"}, None},
		"adopted, and not changed": {"it keeps running", func(l *v1beta1.StormTopology) {
			l.Status.AdoptedRevision = l.Status.Revision
		}, []string{"metadata/annotations: {storm.apache.org/adopt: wordcount-3-1767268800}"}, None},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var live *v1beta1.StormTopology
			if c.live != nil {
				live = ranAs(parsed(t))
				c.live(live)
			}
			plan, err := Compare(live, parsed(t, c.wanted...), nil)
			if err != nil || plan.Kind != c.want {
				t.Errorf("%s: got %+v (%v), want %s", c.reason, plan, err, c.want)
			}
		})
	}
}

func killedByUpdate(l *v1beta1.StormTopology) {
	l.Spec.Topology.MainClass, l.Status.StormStatus, l.Status.TargetRevision = "a.B", "KILLED", "r"
	l.Status.Change = &v1beta1.Change{Kind: v1beta1.ChangeRestart, Why: "mainClass changed"}
}

// The pod of an update submits the revision that it was created for, whatever the spec is since.
func TestSetBackWhileItsPodSubmits(t *testing.T) {
	live := ranAs(parsed(t))
	old := live.Status.Revision
	live.Status.StormStatus, live.Status.TargetRevision = storm.Killed, old
	live.Status.Change = &v1beta1.Change{Kind: v1beta1.ChangeRestart, Why: "the target changed again during a restart"}
	live.Status.Attempts = &v1beta1.Attempts{Revision: "0123456789ab", Step: children.StepSubmit, Number: 1}
	plan, err := Compare(live, parsed(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"Revision " + old + " has been killed for the update to revision 0123456789ab, whose pod submits that one.",
		"Then revision " + old + " replaces it.",
	}
	if plan.Kind != Submit || !slices.Equal(plan.Steps, want) {
		t.Errorf("%s: %q, want %q", plan.Kind, plan.Steps, want)
	}
}

func TestSuspendTogetherWithAChange(t *testing.T) {
	const suspend = "spec/suspend: true"
	stopped := func(l *v1beta1.StormTopology) {
		l.Spec.Suspend, l.Status.StormStatus, l.Status.Phase = true, "INACTIVE", v1beta1.PhaseSuspended
	}
	cases := map[string]struct {
		reason   string
		live     func(*v1beta1.StormTopology)
		wanted   []string
		kind     Kind
		activity Kind
		inactive bool
	}{
		"stopped and replaced":   {"it is stopped first, and the new one is INACTIVE", nil, []string{suspend, "spec/topology/mainClass: a.B"}, Restart, Suspend, true},
		"stopped and moved":      {"it is stopped first", nil, []string{suspend, "spec/topology/workers: 3"}, Rebalance, Suspend, true},
		"replaced while it is":   {"there is nothing to stop", stopped, []string{suspend, "spec/topology/mainClass: a.B"}, Restart, "", true},
		"resumed and replaced":   {"it is resumed first", stopped, []string{"spec/topology/mainClass: a.B"}, Restart, Resume, false},
		"replaced while it runs": {"the usual restart", nil, []string{"spec/topology/mainClass: a.B"}, Restart, "", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			live := ranAs(parsed(t))
			if c.live != nil {
				c.live(live)
			}
			plan, err := Compare(live, parsed(t, c.wanted...), nil)
			got, want := []any{plan.Kind, plan.Activity, plan.Inactive}, []any{c.kind, c.activity, c.inactive}
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%s: %v (-want +got):\n%s", c.reason, err, diff)
			}
		})
	}
}

func TestNothingIsCreatedInAStormClusterThatIsDeleted(t *testing.T) {
	cluster := clusterIn("storm-system", "test-cluster", "nimbus")
	DefaultCluster(&cluster)
	now := metav1.NewTime(noon)
	cluster.DeletionTimestamp = &now
	plan, err := Compare(nil, parsed(t), &cluster)
	if err != nil || plan.Kind != Held || plan.Changes() {
		t.Errorf("got %+v (%v), want Held", plan, err)
	}
}

// What is announced for a topology that may have to be adopted.
func TestAnAdoptionIsAnnounced(t *testing.T) {
	const id = "wordcount-7-1767268830"
	adopt := "metadata/annotations: {storm.apache.org/adopt: " + id + "}"
	asked := parsed(t)
	asked.Status.Conditions = []metav1.Condition{
		{Type: v1beta1.ConditionReady, Status: metav1.ConditionFalse, Reason: v1beta1.MainFailed},
		{Type: v1beta1.ConditionAvailable, Status: metav1.ConditionFalse, Reason: v1beta1.NotSubmitted},
	}
	askedFor := asked.DeepCopy()
	askedFor.Annotations = parsed(t, adopt).Annotations
	for reason, c := range map[string]struct {
		live   *v1beta1.StormTopology
		wanted []string
		kind   Kind
	}{
		"a new object":                           {nil, []string{adopt}, Adopt},
		"an object that runs nowhere":            {asked, []string{adopt}, Adopt},
		"Storm was asked, and has no such id":    {askedFor, []string{adopt}, Submit},
		"Storm has not answered yet":             {parsed(t, adopt), []string{adopt}, Adopt},
		"the id is that of another topology":     {nil, []string{"metadata/annotations: {storm.apache.org/adopt: clicks-7-1767268830}"}, Create},
		"no id":                                  {nil, []string{"metadata/annotations: {storm.apache.org/adopt: wordcount}"}, Create},
		"a name with dashes and a number":        {nil, []string{"metadata/annotations: {storm.apache.org/adopt: a-1-7-1767268830}", "spec/topology/name: a-1"}, Adopt},
		"what runs already is not adopted again": {ranAs(parsed(t)), []string{adopt}, None},
		"a suspended one is held":                {nil, []string{adopt, "spec/suspend: true"}, Held},
	} {
		wanted := parsed(t, c.wanted...)
		plan, err := Compare(c.live, wanted, nil)
		if err != nil || plan.Kind != c.kind || (plan.Adopts == wanted.Annotations[v1beta1.AnnotationAdopt]) != (c.kind == Adopt) {
			t.Errorf("%s: %+v, %v; want %s", reason, plan, err, c.kind)
		}
	}
}

// The times of changed fields that the kind of a plan does not say.
func TestEffects(t *testing.T) {
	for reason, c := range map[string]struct {
		wanted []string
		kind   Kind
		want   []string
	}{
		"each field has its own": {[]string{"spec/deletionPolicy: Orphan", "spec/killWaitSeconds: 3", "spec/template: {serviceAccountName: a}"}, None, []string{
			"spec.deletionPolicy takes effect when this object is deleted",
			"spec.killWaitSeconds takes effect at the next kill: a restart, or the deletion of this object",
			"spec.template.serviceAccountName takes effect in the pod of the next submission"}},
		"a restart takes most of them": {[]string{"spec/deletionPolicy: Orphan", "spec/killWaitSeconds: 3", "spec/topology/mainClass: a.B"}, Restart, []string{
			"spec.deletionPolicy takes effect when this object is deleted"}},
		"a rebalance takes workers": {[]string{"spec/topology/workers: 4", "spec/killWaitSeconds: 3"}, Rebalance, []string{
			"spec.killWaitSeconds takes effect at the next kill: a restart, or the deletion of this object"}},
		"an annotation": {[]string{"metadata/annotations: {storm.apache.org/abandon: 'true'}"}, None, []string{
			"annotation storm.apache.org/abandon takes effect when this object is deleted: the topology keeps running in Storm"}},
	} {
		plan, err := Compare(ranAs(parsed(t)), parsed(t, c.wanted...), nil)
		if err != nil || plan.Kind != c.kind {
			t.Fatalf("%s: %+v, %v", reason, plan, err)
		}
		var got []string
		for _, e := range plan.Effects {
			got = append(got, e.Field+" "+e.Says)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", reason, diff)
		}
	}
}

func TestCompareCluster(t *testing.T) {
	live := clusterIn("storm-system", "test-cluster", "nimbus")
	change := func(edit func(*v1beta1.StormCluster)) *v1beta1.StormCluster {
		wanted := live.DeepCopy()
		edit(wanted)
		return wanted
	}
	topologies := []v1beta1.StormTopology{*parsed(t), *parsed(t, "metadata/name: a"), *parsed(t, "metadata/namespace: b"), *parsed(t, "spec/clusterRef: other")}
	for reason, c := range map[string]struct {
		wanted *v1beta1.StormCluster
		want   []string
	}{
		"the same":      {&live, []string{"None", "nothing changes"}},
		"a default":     {change(func(c *v1beta1.StormCluster) { c.Spec.Nimbus.Port, c.Spec.PollSeconds = 6627, 30 }), []string{"None", "nothing changes"}},
		"another image": {change(func(c *v1beta1.StormCluster) { c.Spec.Image = "a" }), []string{"Change", "2 StormTopologies name it", "spec.image is used at the next submission"}},
		"other seeds": {change(func(c *v1beta1.StormCluster) { c.Spec.Nimbus.Seeds, c.Spec.Nimbus.Port = []string{"a", "b"}, 7 }), []string{
			"Change", "2 StormTopologies name it",
			"spec.nimbus.port leads to Nimbus at a, b port 7 from then on. If that is another Storm, its topologies stop with ClusterChanged, and what they run keeps running",
			"spec.nimbus.seeds leads to Nimbus at a, b port 7 from then on. If that is another Storm, its topologies stop with ClusterChanged, and what they run keeps running"}},
		"a Storm accepted": {change(func(c *v1beta1.StormCluster) { c.Annotations = map[string]string{v1beta1.AnnotationAcceptStorm: "x"} }), []string{
			"Change", "2 StormTopologies name it",
			"annotation storm.apache.org/accept-storm lets its topologies use the Storm that the seeds now lead to, if it is the one of the annotation"}},
	} {
		plan := CompareCluster(&live, c.wanted, topologies, true)
		got := []string{string(plan.Kind), plan.Why}
		for _, e := range plan.Effects {
			got = append(got, e.Field+" "+e.Says)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", reason, diff)
		}
	}
	if plan := CompareCluster(nil, &live, nil, false); plan.Kind != Create || !plan.Changes() {
		t.Errorf("a new one: %+v", plan)
	}
	if plan := CompareCluster(&live, change(func(c *v1beta1.StormCluster) { c.Spec.Image = "a" }), nil, false); plan.Why != "it is not known how many StormTopologies name it" {
		t.Errorf("unknown topologies: %+v", plan)
	}
}

// Every field of both specs has a time.
func TestEachFieldHasAnEffect(t *testing.T) {
	for file, table := range map[string][]effect{"stormtopologies": effects, "stormclusters": clusterEffects} {
		text, err := os.ReadFile("../../manifests/crds/storm.apache.org_" + file + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		crd := object(t, string(text))
		schema := crd["spec"].(map[string]any)["versions"].([]any)[0].(map[string]any)["schema"].(map[string]any)["openAPIV3Schema"]
		seen := 0
		var walk func(path string, at any)
		walk = func(path string, at any) {
			properties, _ := at.(map[string]any)["properties"].(map[string]any)
			for name, property := range properties {
				walk(below(path, name), property)
			}
			if seen++; len(properties) == 0 && effectOf(table, path) == nil {
				t.Errorf("%s has no effect: add when a change of it takes effect", path)
			}
		}
		walk("spec", schema.(map[string]any)["properties"].(map[string]any)["spec"])
		if seen < 30 {
			t.Errorf("%s: only %d fields", file, seen)
		}
	}
}

func TestFieldsThatChange(t *testing.T) {
	plan, err := Compare(ranAs(parsed(t)), parsed(t, "spec/topology/config: {topology.debug: true}", "spec/retry/limit: 5", "metadata/annotations: {storm.apache.org/restartedAt: now}"), nil)
	want := []string{"spec.retry.limit", `spec.topology.config["topology.debug"]`, `spec.topology.config["topology.workers"]`, "annotation storm.apache.org/restartedAt"}
	if diff := cmp.Diff(want, plan.Fields); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// Whole numbers over 2^53 that differ are different, however close they are; the same
// number is the same, however it is written.
func TestLargeNumbersThatChange(t *testing.T) {
	with := func(close, million any) *v1beta1.StormTopology {
		topology := parsed(t)
		topology.Spec.Topology.Config["close"], topology.Spec.Topology.Config["million"] = close, million
		return topology
	}
	plan, err := Compare(ranAs(with(int64(9007199254740992), int64(1000000))), with(int64(9007199254740993), float64(1000000)), nil)
	if diff := cmp.Diff([]string{`spec.topology.config["close"]`}, plan.Fields); diff != "" || err != nil || plan.Why != "close changed" {
		t.Errorf("%v: %s (-want +got):\n%s", err, plan.Why, diff)
	}
}

func TestApply(t *testing.T) {
	cases := map[string]struct{ reason, live, file, want string }{
		"others' fields stay": {"an HPA writes workers, a person annotates", `{metadata: {annotations: {adopt: x}}, spec: {workers: 4, image: a}}`, `{spec: {image: b}}`,
			`{metadata: {annotations: {adopt: x}}, spec: {workers: 4, image: b}}`},
		"what was applied before goes": {"the file does not have it any more",
			`{metadata: {annotations: {kubectl.kubernetes.io/last-applied-configuration: '{"spec":{"workers":4,"image":"a"}}'}}, spec: {workers: 4, image: a}}`, `{spec: {image: a}}`,
			`{metadata: {annotations: {kubectl.kubernetes.io/last-applied-configuration: '{"spec":{"workers":4,"image":"a"}}'}}, spec: {image: a}}`},
		"others' annotations stay": {"kubectl always applies its own annotation",
			`{metadata: {annotations: {kubectl.kubernetes.io/last-applied-configuration: '{"metadata":{"annotations":{}}}', storm.apache.org/restartedAt: now}}}`,
			`{metadata: {name: a}}`,
			`{metadata: {name: a, annotations: {kubectl.kubernetes.io/last-applied-configuration: '{"metadata":{"annotations":{}}}', storm.apache.org/restartedAt: now}}}`},
		"an annotation that was applied goes": {"the file has no annotations any more; a person's stays",
			`{metadata: {annotations: {kubectl.kubernetes.io/last-applied-configuration: '{"metadata":{"annotations":{"a":"1"}}}', a: "1", b: "2"}}}`, `{metadata: {annotations: null}}`,
			`{metadata: {annotations: {kubectl.kubernetes.io/last-applied-configuration: '{"metadata":{"annotations":{"a":"1"}}}', b: "2"}}}`},
		"null removes":    {"as in a merge patch", `{spec: {a: 1, b: 2}}`, `{spec: {a: null}}`, `{spec: {b: 2}}`},
		"lists are whole": {"custom resources have no merge keys", `{spec: {a: [1, 2]}}`, `{spec: {a: [3]}}`, `{spec: {a: [3]}}`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			merged, err := Apply(object(t, c.live), object(t, c.file))
			if err != nil {
				t.Fatal(err)
			}
			delete(merged, "status")
			if metadata := merged["metadata"].(map[string]any); len(metadata["annotations"].(map[string]any)) == 0 {
				delete(merged, "metadata")
			}
			if diff := cmp.Diff(object(t, c.want), merged); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, diff)
			}
		})
	}
	if _, err := Apply(object(t, `{metadata: {annotations: {kubectl.kubernetes.io/last-applied-configuration: '{'}}}`), nil); err == nil {
		t.Error("a broken annotation is accepted")
	}
}

func TestApplyServerSide(t *testing.T) {
	const argo = `{manager: argocd-controller, operation: Apply, fieldsV1: `
	live := func(spec, managers string) string {
		return `{metadata: {name: a, managedFields: [` + managers + `]}, spec: ` + spec + `}`
	}
	cases := map[string]struct{ reason, live, file, want, conflicts string }{
		"what it applied goes": {"the file does not have it any more",
			live(`{config: {a: 1, b: 2}}`, argo+`{"f:spec": {"f:config": {"f:a": {}}}}}`), `{spec: {}}`, `{config: {b: 2}}`, ""},
		"a whole block goes": {"nothing is left in it",
			live(`{config: {a: 1}, image: x}`, argo+`{"f:spec": {"f:config": {"f:a": {}}}}}`), `{spec: {image: x}}`, `{image: x}`, ""},
		"what others have stays": {"kubectl scale took it over",
			live(`{workers: 4}`, argo+`{"f:spec": {"f:workers": {}}}}, {manager: kubectl, operation: Update, fieldsV1: {"f:spec": {"f:workers": {}}}}`), `{spec: {}}`, `{workers: 4}`, ""},
		"a value of another": {"the API server rejects it without force",
			live(`{workers: 4}`, `{manager: hpa, operation: Update, subresource: scale, fieldsV1: {"f:spec": {"f:workers": {}}}}`), `{spec: {workers: 2}}`, `{workers: 2}`, "spec.workers hpa"},
		"the same value": {"it is shared from then on",
			live(`{workers: 4}`, `{manager: hpa, operation: Update, fieldsV1: {"f:spec": {"f:workers": {}}}}`), `{spec: {workers: 4}}`, `{workers: 4}`, ""},
		"the same name, and another operation": {"the API server tells them apart",
			live(`{workers: 4}`, `{manager: argocd-controller, operation: Update, fieldsV1: {"f:spec": {"f:workers": {}}}}`), `{spec: {}}`, `{workers: 4}`, ""},
		"lists are whole":    {"no schema has keys for them", live(`{args: [a, b]}`, argo+`{"f:spec": {"f:args": {}}}}`), `{spec: {args: [b]}}`, `{args: [b]}`, ""},
		"a list goes":        {"its owner lacks it", live(`{args: [a, b], image: x}`, argo+`{"f:spec": {"f:args": {}}}}`), `{spec: {image: x}}`, `{image: x}`, ""},
		"an atomic map":      {"it is replaced", live(`{ref: {a: 1, b: 2}}`, argo+`{"f:spec": {"f:ref": {}}}}`), `{spec: {ref: {a: 2}}}`, `{ref: {a: 2}}`, ""},
		"never applied":      {"nothing is removed", live(`{image: x}`, ``), `{spec: {args: [a]}}`, `{image: x, args: [a]}`, ""},
		"a map becomes null": {"as if the file lacked it", live(`{config: {a: 1, b: 2}}`, argo+`{"f:spec": {"f:config": {"f:a": {}}}}}`), `{spec: {config: null}}`, `{config: {b: 2}}`, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			merged, conflicts := ApplyServerSide("argocd-controller", object(t, c.live), object(t, c.file))
			said := ""
			for _, conflict := range conflicts {
				said += conflict.Field + " " + conflict.Manager
			}
			if diff := cmp.Diff([]any{object(t, c.want), c.conflicts}, []any{merged["spec"], said}); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, diff)
			}
		})
	}
	got := Managers(object(t, live(`{}`, argo+`{"f:spec": {"f:a": {}, "f:b": {}}}}, {manager: flux, operation: Apply, fieldsV1: {"f:spec": {"f:c": {".": {}, "f:a": {}, "f:b": {}, "f:c": {}}}}},
		{manager: labels, operation: Apply, fieldsV1: {"f:metadata": {"f:labels": {}}}}, {manager: edit, operation: Update, fieldsV1: {"f:spec": {"f:a": {}}}}, {manager: st, operation: Apply, subresource: status, fieldsV1: {"f:spec": {"f:a": {}}}}`)))
	if diff := cmp.Diff([]string{"flux", "argocd-controller"}, got); diff != "" {
		t.Errorf("managers (-want +got):\n%s", diff)
	}
}

func object(t *testing.T, text string) map[string]any {
	t.Helper()
	var object map[string]any
	if err := yaml.Unmarshal([]byte(text), &object); err != nil {
		t.Fatal(err)
	}
	return object
}

// TestCompareRolledBack: the last good revision runs, and the spec has the one that failed.
func TestCompareRolledBack(t *testing.T) {
	cluster := clusterIn("storm-system", "test-cluster", "nimbus")
	DefaultCluster(&cluster)
	for name, c := range map[string]struct {
		reason string
		wanted []string
		kind   Kind
		why    string
	}{
		"nothing":         {"the failed revision is not tried again", nil, None, "nothing changes"},
		"workers":         {"what runs is scaled", []string{"spec/topology/workers: 4"}, Rebalance, "workers changed"},
		"suspended":       {"what runs is stopped", []string{"spec/suspend: true"}, Suspend, "spec.suspend is true"},
		"a kill wait":     {"it cannot make the failed revision work", []string{"spec/killWaitSeconds: 3"}, None, "nothing changes now"},
		"other waits":     {"nor can these", []string{"spec/update: {rebalanceWaitSeconds: 3, drainSeconds: 3}"}, None, "nothing changes now"},
		"a deadline":      {"the failed revision is tried again", []string{"spec/update: {progressDeadlineSeconds: 300}"}, Restart, "mainClass changed"},
		"another class":   {"it is corrected", []string{"spec/topology/mainClass: a.C"}, Restart, "mainClass changed"},
		"the spec before": {"it runs already", []string{"spec/topology/mainClass: com.mycompany.MyTopology"}, Cancel, "the update to revision 80e2bdd7863a, which failed, ends"},
	} {
		t.Run(name, func(t *testing.T) {
			live, failed := ranAs(parsed(t)), []string{"spec/topology/mainClass: a.B"}
			live.Spec = parsed(t, failed...).Spec
			Default(live)
			live.Status.TargetRevision = revision.Of(live, "")
			live.Status.Rollback = &v1beta1.Rollback{Revision: live.Status.TargetRevision, Reason: v1beta1.SubmissionRejected, Message: "No.",
				Specs: revision.SpecHash(live, &cluster), Unscaled: revision.Unscaled(live, &cluster, "")}
			plan, err := Compare(live, parsed(t, append(failed, c.wanted...)...), &cluster)
			if err != nil {
				t.Fatal(err)
			}
			if plan.Kind != c.kind || plan.Why != c.why {
				t.Errorf("%s: %s (%s), want %s (%s)", c.reason, plan.Kind, plan.Why, c.kind, c.why)
			}
		})
	}
}
