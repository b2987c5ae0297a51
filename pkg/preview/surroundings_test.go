package preview

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
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
		"the name is needed": {"no topology has it yet",
			&Surroundings{[]v1beta1.StormCluster{own, shared}, []v1beta1.StormTopology{other("")}}, false, nil, Waits, `"b/other" needs the name "wordcount" in the same Storm, and only the first one gets it.`},
		"it has the name": {"the other one waits",
			&Surroundings{[]v1beta1.StormCluster{own, shared}, []v1beta1.StormTopology{other("")}}, true, []string{"spec/topology/mainClass: a.B"}, Restart, ""},
		"its second name is taken": {"a topology with strategy BlueGreen needs it for an update",
			&Surroundings{[]v1beta1.StormCluster{own, shared}, []v1beta1.StormTopology{other(id, "spec/topology/name: wordcount-green")}}, true,
			[]string{"spec/topology/mainClass: a.B", "spec/update/strategy: BlueGreen"}, Waits, `has the name "wordcount-green" in the same Storm. Set spec.update.strategy to Replace, or give the other one another spec.topology.name`},
		"its second name is free": {"nothing is in its way",
			&Surroundings{[]v1beta1.StormCluster{own, shared}, []v1beta1.StormTopology{other(id, "spec/topology/name: w2")}}, true,
			[]string{"spec/topology/mainClass: a.B", "spec/update/strategy: BlueGreen"}, Restart, ""},
		"the second name of another one": {"that one may be running under it",
			&Surroundings{[]v1beta1.StormCluster{own, shared}, []v1beta1.StormTopology{other(id, "spec/topology/name: word", "spec/update/strategy: BlueGreen")}}, false,
			[]string{"spec/topology/name: word-green"}, Waits, `NameConflict: StormTopology "b/other" has the name "word-green"`},
		"another name": {"the names differ",
			&Surroundings{[]v1beta1.StormCluster{own, shared}, []v1beta1.StormTopology{other(id, "spec/topology/name: w2")}}, false, nil, Create, ""},
		"another Storm": {"a short seed is in its own namespace",
			&Surroundings{[]v1beta1.StormCluster{own, clusterIn("b", "shared", "nimbus")}, []v1beta1.StormTopology{other(id)}}, false, nil, Create, ""},
		"another identity": {"an identity that both have read counts more than seeds",
			&Surroundings{[]v1beta1.StormCluster{seen(own, "1"), seen(shared, "2")}, []v1beta1.StormTopology{other(id)}}, false, nil, Create, ""},
		"one identity": {"one Storm by two seeds",
			&Surroundings{[]v1beta1.StormCluster{seen(own, "1"), seen(clusterIn("b", "shared", "x"), "1")}, []v1beta1.StormTopology{other(id)}}, false, nil, Waits, "NameConflict"},
		"not read, and the name is needed": {"both name one StormCluster, whatever it is",
			&Surroundings{Topologies: []v1beta1.StormTopology{other("", "metadata/namespace: storm-system", "spec/clusterRef: test-cluster")}}, false, nil, Waits, `"storm-system/other" needs the name "wordcount"`},
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
			if diff := cmp.Diff([]any{before.Kind, before.Why, before.Changes()}, []any{plan.Then, plan.ThenWhy, plan.Changes()}); plan.Kind == Waits && diff != "" {
				t.Errorf("the plan after the wait (-want +got):\n%s", diff)
			}
		})
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
