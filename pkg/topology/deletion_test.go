package topology

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// A Storm inside a namespace that is being deleted, in each spelling that leads to it.
func TestStormGoesWithTheNamespace(t *testing.T) {
	const never = -1
	for seed, test := range map[string]struct {
		leader string
		after  time.Duration
	}{
		"nimbus":                           {"", 0},
		"nimbus.ns.svc":                    {"", 0},
		"nimbus.ns.svc.cluster.local":      {"", 0},
		"Nimbus.NS.svc.example.org.":       {"", 0},
		"nimbus-0.nimbus.ns.svc":           {"", 0},
		"nimbus.ns":                        {"", stormGoneAfter},
		"nimbus.ns.":                       {"", stormGoneAfter},
		"nimbus-0.nimbus.ns":               {"", stormGoneAfter},
		"10.96.3.4":                        {"nimbus-0.nimbus.ns.svc.cluster.local:6627", stormGoneAfter},
		"fd00::1":                          {"nimbus-0.nimbus.ns:6627", stormGoneAfter},
		"storm.example.org":                {"nimbus-0.nimbus.ns.svc:6627", stormGoneAfter},
		"10.96.3.5":                        {"nimbus.example.org:6627", never},
		"10.96.3.6":                        {"[fd00::1]:6627", never},
		"10.96.3.7":                        {"", never},
		"nimbus.other":                     {"", never},
		"nimbus.other.svc":                 {"nimbus-0.nimbus.other.svc:6627", never},
		"nimbus.ns.svc-x.example.org":      {"", never},
		"ns":                               {"", 0}, // a Service of that name, in this namespace
		"nimbus.xns.svc":                   {"", never},
		"nimbus.ns.example.org":            {"", never},
		"nimbus.other.svc.ns":              {"", never},
		"nimbus.ns.svc.nimbus.other.local": {"", 0},
	} {
		objects, view := updatingWith(v1beta1.ExtractionVolume)
		objects.Finalizing = true
		objects.Namespaces[0].Status.Phase = corev1.NamespaceTerminating
		objects.Clusters[0].Spec.Nimbus.Seeds, objects.Clusters[0].Status.Leader = []string{seed}, test.leader
		parent := objects.Parent
		parent.Status.StormID = view.Topology.ID
		quiet := metav1.NewTime(tested.Add(-time.Hour))
		parent.Status.Deletion = &v1beta1.DeletionStatus{QuietSince: &quiet, StillQuietSince: &quiet}
		if d := Decide(Observe(objects, Config{}, tested).WithStorm(view)); d.Finalized || len(d.Calls) != 1 {
			t.Errorf("%s: Storm answers, and its topology is not killed and waited for: %+v", seed, d.Calls)
		}
		parent.Status.SilentSince = &metav1.Time{Time: tested}
		for _, after := range []time.Duration{0, stormGoneAfter, time.Hour} {
			d := Decide(Observe(objects, Config{}, tested.Add(after)).WithStorm(storm.View{Problem: "Storm cannot be reached."}))
			if want := test.after != never && after >= test.after; d.Finalized != want {
				t.Errorf("%s, leader %q, silent for %s: finalized %v, want %v", seed, test.leader, after, d.Finalized, want)
			}
		}
	}
}
