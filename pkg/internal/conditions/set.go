package conditions

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// State is what a condition says.
type State struct {
	Status  metav1.ConditionStatus
	Reason  string
	Message string
}

// True, False and Unknown make a State.
func True(reason, message string) State { return State{metav1.ConditionTrue, reason, message} }

// False makes a State with status False.
func False(reason, message string) State { return State{metav1.ConditionFalse, reason, message} }

// Unknown makes a State with status Unknown.
func Unknown(reason, message string) State { return State{metav1.ConditionUnknown, reason, message} }

// Typed is a State under its condition type.
type Typed struct {
	Type string
	State
}

// messageLimit is a condition's longest message in bytes, as its schema allows
// (k8s.io/apimachinery/pkg/apis/meta/v1/types.go: Condition).
const messageLimit = 32768

// Set makes the conditions in the order given. lastTransitionTime is that of
// the condition of before where its status is the same, and now, cut to
// seconds, where it is not.
func Set(before []metav1.Condition, states []Typed, generation int64, now time.Time) []metav1.Condition {
	conditions := make([]metav1.Condition, 0, len(states))
	for _, state := range states {
		condition := metav1.Condition{
			Type:               state.Type,
			Status:             state.Status,
			ObservedGeneration: generation,
			LastTransitionTime: metav1.NewTime(now.UTC().Truncate(time.Second)),
			Reason:             state.Reason,
			Message:            text.Head(state.Message, messageLimit),
		}
		if old, found := Find(before, state.Type); found && old.Status == state.Status {
			condition.LastTransitionTime = old.LastTransitionTime
		}
		conditions = append(conditions, condition)
	}
	return conditions
}

// Find gives the condition of a type.
func Find(conditions []metav1.Condition, kind string) (metav1.Condition, bool) {
	for _, condition := range conditions {
		if condition.Type == kind {
			return condition, true
		}
	}
	return metav1.Condition{}, false
}
