package packages

import (
	"maps"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

// Flux's kustomize-controller, Config Sync and similar tools read this status. It must
// not be Current too early, and it must be Failed if only a person can fix the cause.
func TestKstatus(t *testing.T) {
	all := map[string]told{}
	maps.Copy(all, topologies(t))
	maps.Copy(all, clusters(t))
	seen := map[status.Status]int{}
	for name, object := range all {
		got := kstatus(t, object)
		seen[got]++
		var want status.Status
		switch a := object.ask(); {
		case a.del:
			want = status.TerminatingStatus
		case a.stalled:
			want = status.FailedStatus
		case a.reconciling:
			want = status.InProgressStatus
		case a.ready == "True":
			want = status.CurrentStatus
		default:
			want = status.InProgressStatus
		}
		if got != want {
			t.Errorf("%s: kstatus reads %s, want %s of %+v", name, got, want, object.ask())
		}
	}
	for _, state := range []status.Status{status.CurrentStatus, status.InProgressStatus, status.FailedStatus, status.TerminatingStatus} {
		if seen[state] == 0 {
			t.Errorf("no recorded status reads as %s", state)
		}
	}
}

// A new object is not Current before its first sync: the CRD's default says that
// no generation has been processed. An object with a new spec is not Current either.
func TestKstatusOfWhatWasNotSeenYet(t *testing.T) {
	for _, kind := range []string{"StormTopology", "StormCluster"} {
		object := told{"apiVersion": "storm.apache.org/v1beta1", "kind": kind,
			"metadata": map[string]any{"name": "x", "namespace": "x", "generation": int64(1)},
			"status":   map[string]any{"observedGeneration": int64(-1)}}
		if got := kstatus(t, object); got != status.InProgressStatus {
			t.Errorf("a new %s reads %s", kind, got)
		}
	}
	for name, object := range topologies(t) {
		metadata := object["metadata"].(map[string]any)
		if metadata["deletionTimestamp"] != nil {
			continue
		}
		metadata["generation"] = metadata["generation"].(float64) + 1
		if got := kstatus(t, object); got != status.InProgressStatus {
			t.Errorf("%s: with a newer spec it reads %s", name, got)
		}
	}
}

func kstatus(t *testing.T, object told) status.Status {
	t.Helper()
	u := &unstructured.Unstructured{}
	must(t, u.UnmarshalJSON(asJSON(t, object)))
	result, err := status.Compute(u)
	must(t, err)
	return result.Status
}
