package topology

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/revision"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

func restartOn(parent *v1beta1.StormTopology) []v1beta1.RestartCause {
	if update := parent.Spec.Update; update != nil {
		return update.RestartOn
	}
	return nil
}

// inputsOf compares the inputs of now with those of the submission. Only a change of one
// that restarts is another revision, however spec.update.restartOn came to name it.
func inputsOf(seen Observed, now revision.Inputs) MainInputs {
	on := restartOn(seen.Parent)
	then, ran := inputsThen(seen, now)
	if !ran {
		return MainInputs{Now: now, Key: now.KeyOf(on)}
	}
	inputs := MainInputs{Now: now, Then: then, Key: then.Key}
	inputs.Restart, inputs.Other = now.ChangedSince(then, on)
	if len(inputs.Restart) > 0 {
		inputs.Key = now.Assuming(then).KeyOf(on)
	}
	return inputs
}

// inputsThen are the inputs of the submission of what runs, or ran last: as its own
// fingerprint has them. What that does not say is what was seen first:
//
//   - a ConfigMap that did not exist when the pod was requested, which waited for it;
//   - all of them, where an older release submitted the topology, or none did.
//
// So neither a status that was lost nor an upgrade restarts anything (Must 7). false where
// nothing is known to have run.
func inputsThen(seen Observed, now revision.Inputs) (then revision.Inputs, ran bool) {
	before, t := seen.Parent.Status, seen.Storm.Topology
	remembered := revision.ParseInputs(before.Inputs)
	switch {
	case t != nil && before.StormID != t.ID:
		remembered = now
		remembered.Key = ""
	case t != nil && before.Inputs == "":
		remembered = now
	}
	switch {
	case t != nil && seen.Storm.Heard == Own && t.Fingerprint.Inputs != "":
		return revision.ParseInputs(t.Fingerprint.Inputs).Filled(remembered, now), true
	case t != nil:
		return remembered.Filled(now), true
	}
	return remembered, before.Inputs != "" || before.LastSpec != nil
}

// inputsRemembered is the text for the status. Where the fingerprint of what runs has none, even
// that there are no inputs is remembered: the next look would take those of then.
func (seen Observed) inputsRemembered() string {
	said, t := seen.Inputs.Then.Remembered(), seen.Storm.Topology
	if said == "" && (t != nil && t.Fingerprint.Inputs == "" || t == nil && seen.Parent.Status.Inputs != "") {
		return seen.Inputs.Then.String()
	}
	return said
}

// submitted is the text for the fingerprint of a submission.
func (m MainInputs) submitted() string {
	inputs := m.Now
	inputs.Key = m.Key
	return inputs.String()
}

// backTo are the inputs of a submission that rolls back. ConfigMaps are as they are now.
func (m MainInputs) backTo(last *v1beta1.LastSpec) MainInputs {
	then := revision.ParseInputs(last.Inputs)
	if last.WholeTemplate {
		m.Now = then.WithConfigMapsOf(m.Now)
	}
	m.Key = then.Key
	return m
}

// notApplied says which inputs of main changed since the submission and take effect at the
// next one, and how to restart now; empty where none did, or a restart is under way.
func notApplied(seen Observed) string {
	if seen.Storm.Running() == nil || seen.Change != nil && seen.Change.Kind == v1beta1.ChangeRestart {
		return ""
	}
	template, said := seen.Parent.Spec.Template, ""
	if missing := seen.Inputs.Now.Missing(seen.Inputs.Then); len(missing) > 0 {
		said = fmt.Sprintf("Missing: %s. It counts as unchanged, and the next submission waits for it. ", named(missing, template))
	}
	if len(seen.Inputs.Other) == 0 {
		return strings.TrimSuffix(said, " ")
	}
	return said + fmt.Sprintf("Since the submission, %s changed. This takes effect at the next submission. To restart now: %s",
		named(seen.Inputs.Other, template), seen.restart())
}

// restart is the command that restarts what runs. It stays the same until that is done, and
// does not change the spec, which others may apply again.
func (seen Observed) restart() string {
	started, _ := storm.StartTime(seen.Storm.Topology.ID)
	return seen.annotate("--overwrite", v1beta1.AnnotationRestartedAt+"=after-"+strconv.FormatInt(started, 10))
}

// named are at most two inputs, for a message.
func named(names []string, template *v1beta1.PodTemplate) string {
	const most = 2
	shown := strings.Join(revision.Shown(names[:min(len(names), most)], template), ", ")
	if more := len(names) - most; more > 0 {
		return fmt.Sprintf("%s (and %d more)", shown, more)
	}
	return shown
}
