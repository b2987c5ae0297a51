package preview

import (
	"fmt"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// Kind is the effect of an apply, in one word.
type Kind string

const (
	// Create: the StormTopology does not exist yet.
	Create Kind = "Create"
	// None: the running topology stays as it is.
	None Kind = "None"
	// Suspend and Resume: Storm deactivates the topology, or activates it again.
	Suspend Kind = "Suspend"
	Resume  Kind = "Resume"
	// Rebalance and Restart are the changes of a status.
	Rebalance = Kind(v1beta1.ChangeRebalance)
	Restart   = Kind(v1beta1.ChangeRestart)
	// Finish: an update with two topologies ends with what is in Storm already. Nothing is
	// submitted. Plan.Steps says what happens.
	Finish Kind = "Finish"
	// Cancel: the update that is under way, or has failed, ends, and the revision before it is
	// the target again. Nothing is submitted. Plan.Steps says what happens.
	Cancel Kind = "Cancel"
	// Adopt: if Storm runs the topology of the annotation, that one keeps running and is
	// managed from then on. Otherwise it is submitted.
	Adopt Kind = "Adopt"
	// Change: a StormCluster changes. Plan.Effects says what that means.
	Change Kind = "Change"
	// Submit: it is not running; it is extracted and submitted as if it were new.
	Submit Kind = "Submit"
	// Held: nothing is done, because of spec.suspend, the annotation paused, or a
	// StormCluster that is being deleted.
	Held Kind = "Held"
	// Waits: the hook waits for another object (see InContext), and then does Plan.Then.
	Waits Kind = "Waits"
	// Refused: the API server rejects it, or the hook does. What runs keeps running.
	Refused Kind = "Refused"
)

// Plan is what applying a StormTopology would do.
type Plan struct {
	Kind Kind `json:"change"`
	// Why it is of that kind; for Refused and Held also what to do.
	Why string `json:"why,omitempty"`
	// Reason is that of the condition Ready while it Waits. Then and ThenWhy are Kind
	// and Why after the wait.
	Reason  string `json:"reason,omitempty"`
	Then    Kind   `json:"then,omitempty"`
	ThenWhy string `json:"thenWhy,omitempty"`
	// ByItself: the wait ends without a person.
	ByItself bool `json:"byItself,omitempty"`
	// Unseen is what the plan does not know of Storm, and what that can change; empty if
	// the status of the live object has it.
	Unseen string `json:"unseen,omitempty"`
	// Fields of the spec, and annotations of Stormhooks, that the apply changes.
	Fields []string `json:"fields,omitempty"`
	// Effects say when changed fields take effect, if that is not what Kind says.
	Effects []Effect `json:"effects,omitempty"`
	// Steps are sentences about an update that is under way: what happens to what it has in
	// Storm, in this order, and before the rest of the plan.
	Steps []string `json:"steps,omitempty"`
	// Replaces is the revision of an update that ends, where what runs is rebalanced instead.
	Replaces string `json:"replaces,omitempty"`
	// Adopts is the id in Storm that an Adopt looks for.
	Adopts string `json:"adopts,omitempty"`
	// From is the running revision, To the one after the apply.
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
	// Extracts: the JAR is extracted from its image again.
	Extracts bool `json:"extracts,omitempty"`
	// Activity is Suspend or Resume if that comes before a rebalance or a restart.
	Activity Kind `json:"activity,omitempty"`
	// Inactive: the topology that is submitted or rebalanced is INACTIVE, since
	// spec.suspend is true.
	Inactive bool `json:"inactive,omitempty"`
	// Beside is the name in Storm under which a restart with strategy BlueGreen submits the
	// revision To, beside the running one.
	Beside string `json:"beside,omitempty"`
	// Judged: the revision that takes over is judged, and what ran stays beside it until it
	// has progressed.
	Judged bool `json:"judged,omitempty"`
	// Watched: spec.update has a deadline and lets a rollback follow it, so a revision beside
	// the running one that does not come up is replaced by that one again.
	Watched bool `json:"watched,omitempty"`
	// WaitSeconds is how long nothing is processed: the pause of the spouts in a
	// rebalance, the kill wait of a restart, the drain of one with strategy BlueGreen.
	// WaitIsStorms: it is Storm's default, which
	// main may have changed.
	WaitSeconds  *int32 `json:"waitSeconds,omitempty"`
	WaitIsStorms bool   `json:"waitIsStorms,omitempty"`
}

// Effect is when a change of a field takes effect, or what it does.
type Effect struct {
	Field string `json:"field"`
	Says  string `json:"says"`
}

// Changes says whether anything besides the object itself would change, now or after a
// wait.
func (p Plan) Changes() bool { return p.Kind != None && p.Kind != Held && p.Kind != Refused }

// Drain is for how long what runs drains before what is beside it is activated, in words.
func (p Plan) Drain() string {
	switch {
	case p.WaitSeconds == nil:
		return "Storm's default time"
	case !p.WaitIsStorms:
		return fmt.Sprintf("%d s", *p.WaitSeconds)
	}
	return fmt.Sprintf("%d s (Storm's default topology.message.timeout.secs, unless main sets it; spec.update.drainSeconds is not set)", *p.WaitSeconds)
}

// Ending says when the revision From is killed, from which the revision To takes over.
func (p Plan) Ending() string {
	if !p.Judged {
		return fmt.Sprintf("Then revision %s is killed.", p.From)
	}
	ends := fmt.Sprintf("Revision %s is killed once revision %s has progressed. ", p.From, p.To)
	if p.Watched {
		return ends + fmt.Sprintf("If that takes longer than spec.update.progressDeadlineSeconds, revision %s is activated again.", p.From)
	}
	return ends + "If it does not, nothing switches back: spec.update has no progressDeadlineSeconds, or rollback is false."
}
