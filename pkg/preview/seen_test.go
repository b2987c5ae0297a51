package preview

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/revision"
)

// Nothing is claimed of Storm that no status has seen.
func TestWhatIsNotSeenIsSaid(t *testing.T) {
	condition := func(kind, reason string, status metav1.ConditionStatus) metav1.Condition {
		return metav1.Condition{Type: kind, Reason: reason, Status: status}
	}
	for name, tc := range map[string]struct {
		status       v1beta1.StormTopologyStatus
		why, notSeen string
	}{
		"never looked at": {v1beta1.StormTopologyStatus{}, "has not said", "Storm has not answered."},
		"silent from the beginning": {v1beta1.StormTopologyStatus{Conditions: []metav1.Condition{
			condition(v1beta1.ConditionReady, v1beta1.ClusterUnreachable, metav1.ConditionUnknown),
			condition(v1beta1.ConditionAvailable, v1beta1.ClusterUnreachable, metav1.ConditionUnknown)}}, "has not said", "Storm has not answered."},
		"too old from the beginning": {v1beta1.StormTopologyStatus{Conditions: []metav1.Condition{
			condition(v1beta1.ConditionReady, v1beta1.StormTooOld, metav1.ConditionUnknown),
			condition(v1beta1.ConditionAvailable, v1beta1.NotSubmitted, metav1.ConditionFalse)}}, "has not said", "Storm has not answered."},
		"no StormCluster, in an object of an older server": {v1beta1.StormTopologyStatus{Conditions: []metav1.Condition{
			condition(v1beta1.ConditionReady, v1beta1.ClusterNotFound, metav1.ConditionFalse),
			condition(v1beta1.ConditionAvailable, v1beta1.NotSubmitted, metav1.ConditionFalse)}}, "has not said", "Storm has not answered."},
		"Storm does not run it": {v1beta1.StormTopologyStatus{Conditions: []metav1.Condition{
			condition(v1beta1.ConditionReady, v1beta1.Submitting, metav1.ConditionFalse),
			condition(v1beta1.ConditionAvailable, v1beta1.NotSubmitted, metav1.ConditionFalse)}}, "it is not running", ""},
		"it ran when Storm last answered": {v1beta1.StormTopologyStatus{StormID: "wordcount-1-1767268830", Revision: "r0", StormStatus: "Unknown"}, "", "since"},
		"it runs":                         {v1beta1.StormTopologyStatus{StormID: "wordcount-1-1767268830", Revision: "r0", StormStatus: "ACTIVE"}, "", ""},
	} {
		live := parsed(t)
		live.Status = tc.status
		plan, err := Compare(live, parsed(t, "spec/topology/mainClass: a.B"), nil)
		if err != nil || !strings.Contains(plan.Why, tc.why) || (plan.Unseen == "") != (tc.notSeen == "") || !strings.Contains(plan.Unseen, tc.notSeen) {
			t.Errorf("%s: %+v, %v", name, plan, err)
		}
	}
	plan, err := Compare(nil, parsed(t), nil)
	if err != nil || plan.Kind != Create || !strings.Contains(plan.Unseen, "Storm was not asked") || plan.To != revision.Of(parsed(t), "") {
		t.Errorf("%+v, %v", plan, err)
	}
}
