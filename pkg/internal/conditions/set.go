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

// True makes a State with status True.
func True(reason, message string) State { return State{metav1.ConditionTrue, reason, message} }

// False makes a State with status False.
func False(reason, message string) State { return State{metav1.ConditionFalse, reason, message} }

// Unknown makes a State with status Unknown.
func Unknown(reason, message string) State { return State{metav1.ConditionUnknown, reason, message} }

// Typed is a State with its condition type.
type Typed struct {
	Type string
	State
}

// messageLimit is the longest message of a condition in bytes, by its schema
// (k8s.io/apimachinery/pkg/apis/meta/v1/types.go: Condition).
const messageLimit = 32768

// Set makes the conditions in the order of states. lastTransitionTime is that of the
// previous condition where its status is the same, else now, cut to seconds.
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

// Find is the condition of a type.
func Find(conditions []metav1.Condition, kind string) (metav1.Condition, bool) {
	for _, condition := range conditions {
		if condition.Type == kind {
			return condition, true
		}
	}
	return metav1.Condition{}, false
}
