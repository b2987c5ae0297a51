package preview

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// clusterIn is a StormCluster with one seed.
func clusterIn(namespace, name, seed string) v1beta1.StormCluster {
	return v1beta1.StormCluster{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: v1beta1.StormClusterSpec{Nimbus: v1beta1.Nimbus{Seeds: []string{seed}}, Image: "apache/storm:2.8.1"}}
}

func TestInContext(t *testing.T) {
	const seed = "nimbus.storm-system.svc"
	own, shared := clusterIn("storm-system", "test-cluster", "nimbus"), clusterIn("b", "shared", seed)
	seen := func(c v1beta1.StormCluster, identity string) v1beta1.StormCluster {
		c.Status.Identity = identity
		return c
	}
	other := func(id string, changes ...string) v1beta1.StormTopology {
		o := parsed(t, append([]string{"metadata: {name: other, namespace: b}", "spec/clusterRef: shared", "spec/topology/name: wordcount"}, changes...)...)
		o.Status.StormID = id
		return *o
	}
	as := func(o v1beta1.StormTopology, change func(*v1beta1.StormTopology)) v1beta1.StormTopology {
		change(&o)
		return o
	}
	deleted := func(o *v1beta1.StormTopology) { o.DeletionTimestamp = &metav1.Time{Time: noon} }
	const id = "wordcount-1-1767268800"
	cases := map[string]struct {
		reason string
		around *Surroundings
		runs   bool
		wanted []string
		kind   Kind
		why    string
	}{
		"not read":             {"then the plan is as it is", nil, false, nil, Create, ""},
		"it exists":            {"the usual plan", &Surroundings{Clusters: []v1beta1.StormCluster{own}}, false, nil, Create, ""},
		"none":                 {"the hook waits", &Surroundings{Clusters: []v1beta1.StormCluster{}}, false, nil, Waits, `ClusterNotFound: StormCluster "test-cluster" does not exist`},
		"in another one":       {"a StormCluster is of its namespace", &Surroundings{Clusters: []v1beta1.StormCluster{clusterIn("b", "test-cluster", seed)}}, false, nil, Waits, "ClusterNotFound"},
		"gone under what runs": {"a change must wait too", &Surroundings{Clusters: []v1beta1.StormCluster{}}, true, []string{"spec/topology/mainClass: a.B"}, Waits, "ClusterNotFound"},
		"gone, and no change":  {"there is nothing to wait for", &Surroundings{Clusters: []v1beta1.StormCluster{}}, true, nil, None, ""},
		"the name is taken": {"one Storm by two names, in two namespaces",
			&Surroundings{[]v1beta1.StormCluster{own, shared}, []v1beta1.StormTopology{other(id)}}, false, nil, Waits, `NameConflict: StormTopology "b/other" has the name "wordcount" in the same Storm.`},
		"the name is needed": {"no topology has it yet: the first one gets it",
			&Surroundings{[]v1beta1.StormCluster{own, shared}, []v1beta1.StormTopology{other("")}}, false, nil, Create, ""},
		"it has the name": {"the other one waits",
			&Surroundings{[]v1beta1.StormCluster{own, shared}, []v1beta1.StormTopology{other("")}}, true, []string{"spec/topology/mainClass: a.B"}, Restart, ""},
		"its second name is taken": {"a topology with strategy BlueGreen needs it for an update",
			&Surroundings{[]v1beta1.StormCluster{own, shared}, []v1beta1.StormTopology{other(id, "spec/topology/name: wordcount-green")}}, true,
			[]string{"spec/topology/mainClass: a.B", "spec/update/strategy: BlueGreen"}, Waits, `has the name "wordcount-green" in the same Storm. Set spec.update.strategy to Replace. Or: set another spec.topology.name in "b/other", which is new`},
		"its second name is free": {"nothing is in its way",
			&Surroundings{[]v1beta1.StormCluster{own, shared}, []v1beta1.StormTopology{other(id, "spec/topology/name: w2")}}, true,
			[]string{"spec/topology/mainClass: a.B", "spec/update/strategy: BlueGreen"}, Restart, ""},
		"the second name of another one": {"that one runs under its first name",
			&Surroundings{[]v1beta1.StormCluster{own, shared}, []v1beta1.StormTopology{other(id, "spec/topology/name: word", "spec/update/strategy: BlueGreen")}}, false,
			[]string{"spec/topology/name: word-green"}, Create, ""},
		"the second name of another one, which runs under it": {"Storm has one topology of a name",
			&Surroundings{[]v1beta1.StormCluster{own, shared}, []v1beta1.StormTopology{as(other("word-green-1-1767268800", "spec/topology/name: word"), func(o *v1beta1.StormTopology) { o.Status.StormName = "word-green" })}}, false,
			[]string{"spec/topology/name: word-green"}, Waits, `NameConflict: StormTopology "b/other" has the name "word-green" in the same Storm. Set another spec.topology.name in this one`},
		"the second name of another one, which has it beside": {"in the middle of an update",
			&Surroundings{[]v1beta1.StormCluster{own, shared}, []v1beta1.StormTopology{as(other("word-1-1767268800", "spec/topology/name: word"), func(o *v1beta1.StormTopology) {
				o.Status.Beside = &v1beta1.Beside{StormName: "word-green"}
			})}}, false,
			[]string{"spec/topology/name: word-green"}, Waits, `NameConflict: StormTopology "b/other" has the name "word-green"`},
		"the first name of another one, which runs under its second name": {"the first one is free",
			&Surroundings{[]v1beta1.StormCluster{own, shared}, []v1beta1.StormTopology{as(other("wordcount-green-1-1767268800"), func(o *v1beta1.StormTopology) { o.Status.StormName = "wordcount-green" })}}, false,
			nil, Create, ""},
		"its second name is taken by a live one": {"the name of neither can be changed",
			&Surroundings{[]v1beta1.StormCluster{own, shared}, []v1beta1.StormTopology{as(other(id, "spec/topology/name: wordcount-green"), func(o *v1beta1.StormTopology) { o.UID = "u" })}}, true,
			[]string{"spec/topology/mainClass: a.B", "spec/update/strategy: BlueGreen"}, Waits, `Set spec.update.strategy to Replace. Or: delete one of them, and apply it with another spec.topology.name`},
		"the owner is being deleted": {"the hook leaves the name to it for a while",
			&Surroundings{[]v1beta1.StormCluster{own, shared}, []v1beta1.StormTopology{as(other(id), deleted)}}, false, nil, Waits,
			`NameConflict: StormTopology "b/other" has the name "wordcount" in the same Storm, and is being deleted. This one is submitted 10 minutes after Storm has removed that topology. To submit it at once, apply it only after that`},
		"the owner is being deleted, and orphans it": {"the name stays taken",
			&Surroundings{[]v1beta1.StormCluster{own, shared}, []v1beta1.StormTopology{as(other(id, "spec/deletionPolicy: Orphan"), deleted)}}, false, nil, Waits,
			`It is being deleted, and leaves its topology in Storm. Kill that topology in Storm once the object is gone.`},
		"the other one is being deleted, and runs nothing": {"it submits nothing",
			&Surroundings{[]v1beta1.StormCluster{own, shared}, []v1beta1.StormTopology{as(other(""), deleted)}}, false, nil, Create, ""},
		"another name": {"the names differ",
			&Surroundings{[]v1beta1.StormCluster{own, shared}, []v1beta1.StormTopology{other(id, "spec/topology/name: w2")}}, false, nil, Create, ""},
		"another Storm": {"a short seed is in its own namespace",
			&Surroundings{[]v1beta1.StormCluster{own, clusterIn("b", "shared", "nimbus")}, []v1beta1.StormTopology{other(id)}}, false, nil, Create, ""},
		"another identity": {"an identity that both have read counts more than seeds",
			&Surroundings{[]v1beta1.StormCluster{seen(own, "1"), seen(shared, "2")}, []v1beta1.StormTopology{other(id)}}, false, nil, Create, ""},
		"one identity": {"one Storm by two seeds",
			&Surroundings{[]v1beta1.StormCluster{seen(own, "1"), seen(clusterIn("b", "shared", "x"), "1")}, []v1beta1.StormTopology{other(id)}}, false, nil, Waits, "NameConflict"},
		"not read, and the name is needed": {"both name one StormCluster, whatever it is",
			&Surroundings{Topologies: []v1beta1.StormTopology{other("", "metadata/namespace: storm-system", "spec/clusterRef: test-cluster")}}, false, nil, Create, ""},
		"not read, and another cluster": {"it may be another Storm",
			&Surroundings{Topologies: []v1beta1.StormTopology{other(id)}}, false, nil, Create, ""},
		"itself": {"it is not another object",
			&Surroundings{[]v1beta1.StormCluster{own}, []v1beta1.StormTopology{*parsed(t)}}, false, nil, Create, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var live *v1beta1.StormTopology
			if c.runs {
				live = ranAs(parsed(t))
			}
			wanted := parsed(t, c.wanted...)
			plan, err := Compare(live, wanted, nil)
			if err != nil {
				t.Fatal(err)
			}
			before := plan
			plan = plan.InContext(live, wanted, c.around)
			if plan.Kind != c.kind || !strings.Contains(plan.Why, c.why) {
				t.Errorf("%s: got %s (%s), want %s (%s)", c.reason, plan.Kind, plan.Why, c.kind, c.why)
			}
			if says := plan.NameContested(live, wanted, c.around); (says != "") != slices.Contains([]string{"the name is needed", "the second name of another one", "not read, and the name is needed",
				"the first name of another one, which runs under its second name"}, name) {
				t.Errorf("%s: contested: %q", c.reason, says)
			}
			if byItself := name == "the owner is being deleted"; plan.ByItself != byItself {
				t.Errorf("%s: it ends by itself: %t", c.reason, plan.ByItself)
			}
			if diff := cmp.Diff([]any{before.Kind, before.Why, before.Changes()}, []any{plan.Then, plan.ThenWhy, plan.Changes()}); plan.Kind == Waits && diff != "" {
				t.Errorf("the plan after the wait (-want +got):\n%s", diff)
			}
		})
	}
}

// The name in Storm of an update with strategy BlueGreen, in its middle.
func TestWhoseNameItIs(t *testing.T) {
	own := clusterIn("storm-system", "test-cluster", "nimbus")
	blueGreen := "spec/update/strategy: BlueGreen"
	other := parsed(t, "metadata/name: c", "spec/topology/name: wordcount-green")
	other.UID, other.Status.NameConflict = "u", &v1beta1.NameConflictStatus{StormID: greenID, Owner: "storm-system/wordcount"}
	around := &Surroundings{[]v1beta1.StormCluster{own}, []v1beta1.StormTopology{*other}}
	wanted := parsed(t, blueGreen, "spec/topology/mainClass: a.Third")
	for reason, c := range map[string]struct {
		live      func(*v1beta1.StormTopology)
		kind      Kind
		contested bool
	}{
		"the update has it": {func(l *v1beta1.StormTopology) {
			l.Status.Beside = &v1beta1.Beside{StormName: "wordcount-green", StormID: greenID, StormStatus: storm.Inactive, Revision: "r"}
		}, Restart, false},
		"it is free":           {func(*v1beta1.StormTopology) {}, Restart, true},
		"it runs under it":     {func(l *v1beta1.StormTopology) { l.Status.StormID, l.Status.StormName = greenID, "wordcount-green" }, Restart, false},
		"the hook says it has": {conflicting, Waits, false},
	} {
		live := ranAs(parsed(t, blueGreen))
		c.live(live)
		plan, err := Compare(live, wanted, &own)
		if err != nil {
			t.Fatal(err)
		}
		plan = plan.InContext(live, wanted, around)
		if contested := plan.NameContested(live, wanted, around); plan.Kind != c.kind || (contested != "") != c.contested {
			t.Errorf("%s: %+v, %q", reason, plan, contested)
		}
	}
	live := parsed(t)
	conflicting(live)
	live.Status.NameConflict = &v1beta1.NameConflictStatus{StormID: nameID, FreeSince: at(0)}
	plan, err := Compare(live, parsed(t), &own)
	plan = plan.InContext(live, parsed(t), &Surroundings{Clusters: []v1beta1.StormCluster{own}})
	if err != nil || plan.Kind != Waits || !plan.ByItself || plan.Why != "NameConflict: The name is taken" {
		t.Errorf("the status says that it waits: %+v, %v", plan, err)
	}
}

func conflicting(live *v1beta1.StormTopology) {
	live.Status.NameConflict = &v1beta1.NameConflictStatus{StormID: "wordcount-green-9-1767268800"}
	live.Status.Message = "The name is taken."
	live.Status.Conditions = []metav1.Condition{
		{Type: v1beta1.ConditionReady, Status: metav1.ConditionFalse, Reason: v1beta1.NameConflict},
		{Type: v1beta1.ConditionAvailable, Status: metav1.ConditionFalse, Reason: v1beta1.NotSubmitted},
	}
}

// How long the hook leaves a name to its owner, as a plan says it.
func TestOwnerReturns(t *testing.T) {
	w := newWorld(parsed(t), nil, topology.Config{})
	w.storm.Topology = &storm.Topology{ID: nameID, Name: "wordcount", Status: storm.Killed, ConfKnown: true,
		Fingerprint: storm.Fingerprint{Cluster: string(placeholder("uid", "Namespace", metav1.NamespaceSystem)), Owner: "b/other", Revision: "r"}}
	result, _, err := w.sync()
	minutes, _ := time.ParseDuration(strings.TrimSuffix(ownerReturns, " minutes") + "m")
	if err != nil || !strings.Contains(result.Status.Message, minutes.String()+" after Storm has removed that one") {
		t.Errorf("%v: %s does not say %s", err, result.Status.Message, minutes)
	}
}

// A worker that has its slot and is not up gives it back at a restart; one that lacks a slot
// does not.
func TestItsOwnSlots(t *testing.T) {
	cluster := clusterIn("storm-system", "test-cluster", "nimbus")
	cluster.Status.Slots = &v1beta1.Slots{Total: 9, Used: 9}
	around := &Surroundings{Clusters: []v1beta1.StormCluster{cluster}}
	for reason, want := range map[string]bool{v1beta1.Starting: false, v1beta1.NotEnoughSlots: true} {
		live, wanted := ranAs(parsed(t)), parsed(t, "spec/restartNonce: 1")
		live.Status.Workers, live.Status.WorkersWanted = 0, 2
		live.Status.Conditions = []metav1.Condition{{Type: v1beta1.ConditionReady, Status: metav1.ConditionFalse, Reason: reason}}
		plan, err := Compare(live, wanted, nil)
		if err != nil {
			t.Fatal(err)
		}
		if workers, slots, got := plan.LacksSlots(live, wanted, around); got != want {
			t.Errorf("%s: %s with %d workers, %d slots: %t, want %t", reason, plan.Kind, workers, slots, got, want)
		}
	}
}

func TestLacksSlots(t *testing.T) {
	around := func(free int32) *Surroundings {
		cluster := clusterIn("storm-system", "test-cluster", "nimbus")
		cluster.Status.Slots = &v1beta1.Slots{Total: 9, Used: 9 - free, Free: free}
		return &Surroundings{Clusters: []v1beta1.StormCluster{cluster}}
	}
	cases := map[string]struct {
		reason string
		around *Surroundings
		runs   bool
		wanted []string
		want   bool
	}{
		"enough":          {"two of two", around(2), false, nil, false},
		"too few":         {"two of one", around(1), false, nil, true},
		"the field wins":  {"over the setting", around(2), false, []string{"spec/topology/workers: 3"}, true},
		"with its own":    {"two of its own, one free", around(1), true, []string{"spec/topology/workers: 3"}, false},
		"more than that":  {"two of its own, one free", around(1), true, []string{"spec/topology/workers: 4"}, true},
		"nothing changes": {"nothing requests slots", around(0), true, nil, false},
		"not known":       {"the StormCluster has no status yet", &Surroundings{Clusters: []v1beta1.StormCluster{clusterIn("storm-system", "test-cluster", "nimbus")}}, false, nil, false},
		"not read":        {"the cluster was not read", nil, false, nil, false},
		"Storm's default": {"main may set it", around(0), false, []string{"spec/topology/config: {}"}, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var live *v1beta1.StormTopology
			if c.runs {
				live = ranAs(parsed(t))
				live.Status.Workers = 2
			}
			wanted := parsed(t, c.wanted...)
			plan, err := Compare(live, wanted, nil)
			if err != nil {
				t.Fatal(err)
			}
			if workers, slots, got := plan.LacksSlots(live, wanted, c.around); got != c.want {
				t.Errorf("%s: %s with %d workers, %d slots: %t, want %t", c.reason, plan.Kind, workers, slots, got, c.want)
			}
		})
	}
}
