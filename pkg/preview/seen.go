package preview

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/conditions"
)

// SaysWhatRuns says whether the status of a StormTopology says what Storm runs: an object
// that is new, or restored from a backup, or whose Storm is silent, has a status that does
// not.
func SaysWhatRuns(live *v1beta1.StormTopology) bool {
	if live.Status.StormID != "" {
		return live.Status.StormStatus != "Unknown"
	}
	ready, _ := conditions.Find(live.Status.Conditions, v1beta1.ConditionReady)
	available, found := conditions.Find(live.Status.Conditions, v1beta1.ConditionAvailable)
	silent := []string{v1beta1.ClusterUnreachable, v1beta1.StormTooOld, v1beta1.ClusterNotFound, v1beta1.ClusterChanged}
	return found && available.Status != metav1.ConditionUnknown && !slices.Contains(silent, ready.Reason)
}

const (
	// unseenNew is what is not known of a StormTopology that does not exist.
	unseenNew = "Storm was not asked. If an earlier StormTopology of this namespace and name left its topology running there, that topology keeps running; if its revision is another one, it is restarted."
	// unseenIdle is what is not known of one whose status has no id.
	unseenIdle = "Storm has not answered. If it runs the topology, the topology keeps running; if its revision is another one, it is restarted."
	// unseenRunning is what is not known of one whose status has an id.
	unseenRunning = "Storm has not answered since. The plan rests on its last answer."
)
