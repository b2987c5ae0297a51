package conditions

import "github.com/stormhooks/stormhooks/pkg/api/v1beta1"

// Class says who has to act. Its value is the type of the condition that says so for
// kstatus.
type Class string

const (
	// Waiting: Stormhooks continues by itself once the cause is fixed.
	Waiting Class = v1beta1.ConditionReconciling
	// Stalled: a person has to change an object.
	Stalled Class = v1beta1.ConditionStalled
)

// Typed is the class as a condition, with a reason and a message; empty where no
// one has to act.
func (c Class) Typed(reason, message string) []Typed {
	if c == "" {
		return nil
	}
	return []Typed{{Type: string(c), State: True(reason, message)}}
}
