package preview

import "github.com/stormhooks/stormhooks/pkg/api/v1beta1"

// Kind is what an apply comes to, in one word.
type Kind string

const (
	// Create: there is no such StormTopology yet.
	Create Kind = "Create"
	// None: what runs is left as it is.
	None Kind = "None"
	// Suspend and Resume: Storm stops what runs, or lets it go on.
	Suspend Kind = "Suspend"
	Resume  Kind = "Resume"
	// Rebalance and Restart are the changes of a status.
	Rebalance = Kind(v1beta1.ChangeRebalance)
	Restart   = Kind(v1beta1.ChangeRestart)
	// Submit: nothing of it runs; it is extracted and submitted as if it were new.
	Submit Kind = "Submit"
	// Held: nothing is done, because of spec.suspend, the annotation paused, or a
	// StormCluster that is being deleted.
	Held Kind = "Held"
	// Waits: the hook waits for what is around it (see Among), and then does Plan.Then.
	Waits Kind = "Waits"
	// Refused: the API server, or the hook, does not take it. What runs goes on.
	Refused Kind = "Refused"
)

// Plan is what applying a StormTopology would do.
type Plan struct {
	Kind Kind `json:"change"`
	// Why it is of that kind; for Refused, and Held, what to do.
	Why string `json:"why,omitempty"`
	// Reason is that of the condition Ready while it Waits; Then and ThenWhy are
	// Kind and Why once it does not.
	Reason  string `json:"reason,omitempty"`
	Then    Kind   `json:"then,omitempty"`
	ThenWhy string `json:"thenWhy,omitempty"`
	// Fields of the spec, and annotations of ours, that the apply changes.
	Fields []string `json:"fields,omitempty"`
	// From is the revision that runs, To the one that would.
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
	// Extracts: the JAR is got out of its image anew.
	Extracts bool `json:"extracts,omitempty"`
	// Activity is Suspend or Resume where that comes with a rebalance or a restart,
	// and before it.
	Activity Kind `json:"activity,omitempty"`
	// Inactive: what is submitted, or rebalanced, does not run: spec.suspend is true.
	Inactive bool `json:"inactive,omitempty"`
	// WaitSeconds is how long nothing is processed: the spouts' pause of a
	// rebalance, the kill wait of a restart. WaitIsStorms: it is Storm's default,
	// which the topology's own code may have changed.
	WaitSeconds  *int32 `json:"waitSeconds,omitempty"`
	WaitIsStorms bool   `json:"waitIsStorms,omitempty"`
}

// Changes says whether anything but the object itself would change, now or once
// it need not wait any more.
func (p Plan) Changes() bool { return p.Kind != None && p.Kind != Held && p.Kind != Refused }
