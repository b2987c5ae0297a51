package sim

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

const owner = namespace + "/" + name

// violate keeps the first violation of a must.
func (w *World) violate(format string, args ...any) {
	if w.violated == "" {
		w.violated = fmt.Sprintf(format, args...)
	}
	w.note("VIOLATED: "+format, args...)
}

// hookKills: Must 2 and Must 3 at the hook server's kill.
func (w *World) hookKills(call storm.Call) error {
	t, err := w.storm.Kill(call.Name, call.WaitSeconds)
	w.note("hook: kill %s %s", call.Name, short(err))
	if err != nil {
		return err
	}
	if t.Fingerprint.Owner != owner {
		w.violate("Must 3: the hook killed %s, which is %q's", t.ID, t.Fingerprint.Owner)
	}
	if parent := w.parent(); parent == nil || parent.GetDeletionTimestamp() == nil {
		w.violate("Must 2: the hook killed %s though its StormTopology is not being deleted", t.ID)
	}
	return nil
}

// hookChanges: Must 3 at a call that kills nothing.
func (w *World) hookChanges(call storm.Call) error {
	var err error
	switch call.Verb {
	case storm.Activate:
		err = w.storm.Turn(call.Name, storm.Active)
	case storm.Deactivate:
		err = w.storm.Turn(call.Name, storm.Inactive)
	case storm.Rebalance:
		err = w.storm.Rebalance(call)
	}
	w.note("hook: %s %s %s", call.Verb, call.Name, short(err))
	if t := w.storm.topologies[call.Name]; err == nil && t.Fingerprint.Owner != owner {
		w.violate("Must 3: the hook made a %s of %s, which is %q's", call.Verb, t.ID, t.Fingerprint.Owner)
	}
	return err
}

// podKills: Musts 1, 2 and 3 at the submitting pod's kill.
func (w *World) podKills(p *process, id string) {
	t, err := w.storm.Kill(p.submission.Name, p.submission.KillWaitSeconds)
	if err != nil {
		return
	}
	ours := p.submission.Fingerprint
	switch {
	case t.Fingerprint.Owner != owner:
		w.violate("Must 3: a pod killed %s, which is %q's", t.ID, t.Fingerprint.Owner)
	case t.Fingerprint.Revision == ours.Revision:
		w.violate("Must 1: a pod killed %s, which runs the revision that it submits", t.ID)
	case t.Fingerprint.UID == ours.UID && t.Fingerprint.Generation > ours.Generation:
		w.violate("Must 1: a pod of generation %d killed %s of generation %d", ours.Generation, t.ID, t.Fingerprint.Generation)
	case p.seen.Upload.Location == "" || !p.seen.Probed:
		w.violate("Must 2: a pod killed %s before Nimbus had taken its successor", t.ID)
	case t.ID != id:
		w.note("pod: meant %s, killed %s", id, t.ID)
	}
}

// check holds after every move.
func (w *World) check() {
	parent := w.parent()
	if parent != nil {
		w.policy, _, _ = unstructured.NestedString(parent.Object, "spec", "deletionPolicy")
		if parent.GetAnnotations()["storm.apache.org/abandon"] == "true" {
			w.policy = "Orphan"
		}
		w.held = len(parent.GetFinalizers()) > 0
		return
	}
	// What was orphaned, and what was deleted before Metacontroller had seen it,
	// leaves in Storm what was there.
	if w.held {
		w.orphaned = w.policy == "Orphan"
		w.held = false
	}
	w.storm.settle()
	if t := w.storm.topologies[stormName]; t != nil && t.Fingerprint.Owner == owner && !w.orphaned {
		w.violate("Must 8: the StormTopology is gone, and %s (%s) is still in Storm", t.ID, t.Status)
	}
}

// checkEnd holds after a fair ending: the state is what the spec says.
func (w *World) checkEnd() {
	parent, t := w.parent(), w.storm.topologies[stormName]
	if parent == nil {
		return // check has looked
	}
	if parent.GetDeletionTimestamp() != nil {
		w.violate("Must 5: the deletion has not ended: %s", message(parent))
		return
	}
	phase, _, _ := unstructured.NestedString(parent.Object, "status", "phase")
	target, _, _ := unstructured.NestedString(parent.Object, "status", "targetRevision")
	class, _, _ := unstructured.NestedString(parent.Object, "spec", "topology", "mainClass")
	suspended, _, _ := unstructured.NestedBool(parent.Object, "spec", "suspend")
	wanted, asked := storm.Active, "Running"
	if suspended {
		wanted, asked = storm.Inactive, "Suspended"
	}
	switch {
	case suspended && (t == nil || t.Fingerprint.Owner != owner):
		if phase != "Suspended" {
			w.violate("Must 5: suspended before anything ran, and the phase is %q: %s", phase, message(parent))
		}
	case class == badClass:
		if phase != "Failed" && phase != "UpdateFailed" {
			w.violate("Must 5: main fails, and the phase is %q: %s", phase, message(parent))
		}
	case t == nil || t.Status != wanted || t.Fingerprint.Owner != owner || t.Fingerprint.Revision != target:
		w.violate("Must 5: Storm does not run revision %s: %s", target, message(parent))
	case phase != asked:
		w.violate("Must 5: the phase is %q: %s", phase, message(parent))
	}
}

// checkStill: two more syncs write nothing.
func (w *World) checkStill() {
	before := w.writes
	for range 2 {
		for _, c := range w.controllers {
			for _, key := range []string{owner, namespace + "/storm"} {
				c.Queue().Add(key)
			}
			for c.Step(context.Background()) {
			}
		}
	}
	if w.writes != before {
		w.violate("Must 5: %d writes in a world where nothing moves", w.writes-before)
	}
}

func message(parent *unstructured.Unstructured) string {
	text, _, _ := unstructured.NestedString(parent.Object, "status", "message")
	return text
}

// checkAnswer: Must 6 at every answer.
func (w *World) checkAnswer(result topology.Result) {
	if result.Status.Message == "" || result.Status.Phase == "" {
		w.violate("Must 6: rule %q says nothing: phase %q, message %q", result.Decision.Rule, result.Status.Phase, result.Status.Message)
	}
}
