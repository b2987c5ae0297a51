package preview

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/revision"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// Compare says what happens to a topology if its StormTopology is changed from live to
// wanted; live is nil if it does not exist. The status of live says what is running. The
// StormCluster may be nil.
func Compare(live, wanted *v1beta1.StormTopology, cluster *v1beta1.StormCluster) (Plan, error) {
	if live == nil {
		return create(wanted, cluster)
	}
	live, wanted = besideNow(live.DeepCopy()), wanted.DeepCopy()
	Default(live)
	Default(wanted)
	plan := Plan{From: live.Status.Revision, Fields: fields(live, wanted)}
	if why := immutable(live, wanted); why != "" {
		plan.Kind, plan.Why = Refused, why
		return plan, nil
	}
	if live.DeletionTimestamp != nil {
		plan.Kind, plan.Why = Held, "this StormTopology is being deleted. Apply it again once it is gone"
		return plan, nil
	}
	wanted.UID, wanted.Generation, wanted.Status = live.UID, live.Generation+1, live.Status
	w, running := worldOf(live, wanted, cluster)
	plan.To = w.target()
	if running == nil {
		return plan.idle(w, live)
	}
	result, _, err := w.sync()
	if err != nil {
		return Plan{}, err
	}
	if next := plan.before(result, live); next != nil {
		after, err := Compare(next, wanted, cluster)
		after.Fields, after.Steps = plan.Fields, append(plan.Steps, after.Steps...)
		return after, err
	}
	unchanged, _ := worldOf(live, live, cluster)
	without, _, err := unchanged.sync()
	if err != nil {
		return Plan{}, err
	}
	if plan.To = result.Status.TargetRevision; result.Observed.Aim.Because != nil {
		plan.To = result.Observed.Aim.Fingerprint.Revision
	}
	plan.judge(result, without, live)
	plan.Effects = plan.later(live)
	if plan.Changes() && !SaysWhatRuns(live) {
		plan.Unseen = unseenRunning
	}
	if plan.Kind == Restart && running.Fingerprint.Jar == "" && live.Status.AdoptedRevision == "" {
		plan.Why = "the spec of the running revision is not known any more"
	}
	plan.Extracts = plan.Kind == Restart && running.Fingerprint.Jar != result.Observed.Target.Fingerprint.Jar
	return plan, nil
}

// worldOf is the world with an object in it, and what Storm has according to the live one.
func worldOf(live, object *v1beta1.StormTopology, cluster *v1beta1.StormCluster) (*world, *storm.Topology) {
	w := newWorld(object, cluster, topology.Config{})
	if w.storm.Topology = runningTopology(live, w); w.storm.Topology != nil {
		if beside := besideTopology(live, w); beside != nil {
			w.storm = w.storm.With(storm.View{Identity: w.storm.Identity, Listed: true, Fresh: true, Topology: beside})
		}
	}
	return w, w.storm.Topology
}

// create is the plan for a StormTopology that does not exist yet.
func create(wanted *v1beta1.StormTopology, cluster *v1beta1.StormCluster) (Plan, error) {
	w := newWorld(wanted, cluster, topology.Config{})
	plan, err := Plan{To: w.target()}.submitting(w)
	if plan.Kind == Submit {
		plan.Kind, plan.Why, plan.Unseen = Create, "this StormTopology does not exist yet", unseenNew
	}
	return plan.adopting(wanted), err
}

// idle is the plan for a StormTopology whose status has no topology that runs.
func (p Plan) idle(w *world, live *v1beta1.StormTopology) (Plan, error) {
	seen, wanted := SaysWhatRuns(live), w.objects.Parent
	p, err := p.submitting(w)
	if p.Kind == Submit && !seen {
		p.Why, p.Unseen = "Storm has not said whether it is running", unseenIdle
	}
	p.killedForUpdate(wanted, live)
	const name = v1beta1.AnnotationAdopt
	if !seen || live.Annotations[name] != wanted.Annotations[name] { // otherwise Storm has no such topology
		p = p.adopting(wanted)
	}
	return p, err
}

// killedForUpdate is the plan where the pod of an update has killed what ran: it submits its
// revision whatever the spec is now, and a suspended topology comes back INACTIVE.
func (p *Plan) killedForUpdate(wanted, live *v1beta1.StormTopology) {
	status := live.Status
	if c := status.Change; p.Kind == Refused || wanted.Paused() || status.StormStatus != storm.Killed || c == nil || c.Kind != v1beta1.ChangeRestart || status.TargetRevision == "" {
		return
	}
	p.Kind, p.Why, p.Inactive = Submit, "an update is replacing it", wanted.Spec.Suspend
	to := status.TargetRevision // the spec may have changed since the pod was created
	if at := status.Attempts; at != nil && at.Step == children.StepSubmit && at.Revision != "" {
		to = at.Revision
	}
	p.step("Revision %s has been killed for the update to revision %s, whose pod submits that one.", status.Revision, to)
	if p.To != to {
		p.step("Then revision %s replaces it.", p.To)
	}
	if p.Inactive {
		p.step("It is INACTIVE until it is resumed, since spec.suspend is true.")
	}
}

// adopting is the plan for a topology that is submitted unless Storm has the id of the
// annotation.
func (p Plan) adopting(wanted *v1beta1.StormTopology) Plan {
	id := wanted.Annotations[v1beta1.AnnotationAdopt]
	if !CanAdopt(wanted) || p.Kind != Create && p.Kind != Submit {
		return p
	}
	p.Kind, p.Adopts, p.Unseen = Adopt, id, ""
	p.Why = "annotation " + v1beta1.AnnotationAdopt + " is " + id
	return p
}

// CanAdopt says whether the annotation of a StormTopology has an id that its topology can
// have: Storm makes ids of the name, a counter and a time.
func CanAdopt(wanted *v1beta1.StormTopology) bool {
	id := wanted.Annotations[v1beta1.AnnotationAdopt]
	return storm.ValidID(id) && NameOfID(id) == wanted.StormName()
}

// NameOfID is the name in an id that Storm made.
func NameOfID(id string) string {
	parts := strings.Split(id, "-")
	return strings.Join(parts[:max(len(parts)-2, 0)], "-")
}

// submitting is the plan for a topology that is not running.
func (p Plan) submitting(w *world) (Plan, error) {
	w.objects.Parent.Status = v1beta1.StormTopologyStatus{}
	result, _, err := w.sync()
	p.Kind, p.Why = Submit, "it is not running"
	if says := result.Decision.Says; says.Reason == v1beta1.InvalidSpec {
		p.Kind, p.Why = Refused, says.Message
	} else if slices.Contains([]string{v1beta1.Suspended, v1beta1.Paused, v1beta1.ClusterDeleting}, says.Reason) {
		p.Kind, p.Why = Held, says.Message
	}
	p.Extracts = p.Kind == Submit
	return p, err
}

// judge makes the plan from what the hook would do.
// without is what it does without the apply.
func (p *Plan) judge(result, without topology.Result, live *v1beta1.StormTopology) {
	says, change := result.Decision.Says, result.Observed.Change // the status has none on a way back
	switch {
	case says.Reason == v1beta1.InvalidSpec:
		p.Kind, p.Why = Refused, says.Message
	case says.Reason == v1beta1.Paused:
		p.Kind, p.Why = Held, says.Message
	case p.inTheMiddle(result, without, live):
	case change != nil:
		p.Kind, p.Why, p.Activity = Kind(change.Kind), change.Why, activity(result)
		p.Inactive = result.Observed.Parent.Spec.Suspend
		p.wait(result, live)
		p.beside(result.Observed.Parent, live)
	case activity(result) == Suspend:
		p.Kind, p.Why = Suspend, "spec.suspend is true"
	case activity(result) == Resume:
		p.Kind, p.Why = Resume, "spec.suspend is false"
	default:
		p.Kind = None
		if p.Why = "nothing changes"; len(p.Fields) > 0 {
			p.Why = "nothing changes now"
		}
	}
}

// activity says whether the hook suspends or resumes the topology; empty for neither.
func activity(result topology.Result) Kind {
	for _, call := range result.Decision.Calls {
		switch call.Verb {
		case storm.Deactivate:
			return Suspend
		case storm.Activate:
			return Resume
		}
	}
	return ""
}

// wait sets how long nothing is processed. For a rebalance the hook sends it. For a
// restart the spec has it, or it is the message timeout of the running topology.
func (p *Plan) wait(result topology.Result, live *v1beta1.StormTopology) {
	if p.WaitSeconds = result.Observed.Parent.Spec.KillWaitSeconds; p.Kind == Rebalance {
		p.WaitSeconds = nil
		for _, call := range result.Decision.Calls { // none, if it is suspended or resumed first
			if call.Verb == storm.Rebalance {
				p.WaitSeconds = call.WaitSeconds
			}
		}
	}
	if p.WaitSeconds != nil {
		return
	}
	seconds, isStorms := messageTimeout(live)
	p.WaitSeconds, p.WaitIsStorms = &seconds, isStorms
}

// beside sets where a restart with strategy BlueGreen submits, and for how long what runs
// drains.
func (p *Plan) beside(wanted, live *v1beta1.StormTopology) {
	if p.Kind != Restart || !wanted.BlueGreen() {
		return
	}
	if p.Beside = wanted.GreenName(); live.Status.StormName == p.Beside {
		p.Beside = wanted.StormName()
	}
	p.drains(wanted, live)
	p.judges(wanted)
}

// drains sets for how long what runs drains before what is beside it is activated: for
// spec.update.drainSeconds, or for its message timeout, or for spec.killWaitSeconds where that
// is shorter.
func (p *Plan) drains(wanted, live *v1beta1.StormTopology) {
	if update := wanted.Spec.Update; update != nil && update.DrainSeconds != nil {
		p.WaitSeconds, p.WaitIsStorms = update.DrainSeconds, false
		return
	}
	timeout, isStorms := messageTimeout(live)
	if wait := wanted.Spec.KillWaitSeconds; wait != nil && *wait <= timeout {
		p.WaitSeconds, p.WaitIsStorms = wait, false
		return
	}
	p.WaitSeconds, p.WaitIsStorms = &timeout, isStorms
}

// judges sets whether the revision that takes over is judged, and what follows.
func (p *Plan) judges(wanted *v1beta1.StormTopology) {
	update := wanted.Spec.Update
	p.Judged = wanted.BlueGreen() || update != nil && (update.MinReadySeconds != nil || update.ProgressDeadlineSeconds != nil)
	p.Watched = p.Judged && update.ProgressDeadlineSeconds != nil && (update.Rollback == nil || *update.Rollback)
}

// messageTimeout is that of what runs, in seconds, and whether it is Storm's default.
func messageTimeout(live *v1beta1.StormTopology) (seconds int32, isStorms bool) {
	config := live.Spec.Topology.Config
	if live.Status.AdoptedRevision != "" {
		config = nil // Stormhooks did not submit it, so its settings are unknown
	} else if spec := runningSpec(live); spec != nil {
		config = spec.Config
	}
	settings, _ := storm.Settings(config)
	if set, is := settings[storm.MessageTimeout].(int64); is {
		return int32(set), false
	}
	return int32(storm.DefaultMessageTimeout.Seconds()), true
}

// runningTopology is what Storm is running according to the live object; nil if nothing.
func runningTopology(live *v1beta1.StormTopology, w *world) *storm.Topology {
	status := live.Status
	if status.StormID == "" || status.Revision == "" {
		return nil
	}
	t := runningAs(topology.Target{}, live)
	t.ID, t.YoungestUptime = status.StormID, int(minReady(live))
	if t.Name = status.StormName; t.Name == "" {
		t.Name = live.StormName()
	}
	if up, wanted := 0, 0; scanned(status.WorkersUp, &up, &wanted) {
		t.WorkersWanted, t.Workers, t.Executors, t.WorkersUp = wanted, wanted, wanted, up
	}
	switch status.StormStatus {
	case storm.Active, storm.Inactive:
		t.Status = status.StormStatus
	case storm.Killed:
		return nil
	}
	if status.AdoptedRevision != "" { // Stormhooks did not submit it, so it has no fingerprint
		return t
	}
	t.Fingerprint = runningFingerprint(live, w)
	return t
}

// runningFingerprint is that of the live spec if that is running, otherwise that of the
// spec in the status, otherwise the little that the status says.
func runningFingerprint(live *v1beta1.StormTopology, w *world) storm.Fingerprint {
	specs := []*v1beta1.StormTopology{live}
	specs = append(specs, withSpecs(live, live.Status.Revision, live.Status.LastSpec)...)
	for _, spec := range specs {
		if spec.Spec.Update != nil && len(spec.Spec.Update.RestartOn) > 0 {
			spec = spec.DeepCopy() // it ran with the inputs of the status, not with those of now
			spec.Spec.Update.RestartOn = nil
		}
		as := newWorld(spec, &w.objects.Clusters[0], w.config)
		seen := topology.Observe(as.objects, w.config, noon)
		if seen.Target.Fingerprint.Revision == live.Status.Revision {
			w.objects.Parent.Status.LastSpec = &v1beta1.LastSpec{Revision: live.Status.Revision, Topology: &spec.Spec.Topology}
			ran := seen.Target.Fingerprint
			ran.Inputs = inputsOf(live)
			return ran
		}
	}
	return unknownFingerprint(live, live.Status.Revision)
}

// unknownFingerprint is the little that a status says of a revision.
func unknownFingerprint(live *v1beta1.StormTopology, revision string) storm.Fingerprint {
	return storm.Fingerprint{
		Cluster: string(placeholder("uid", "Namespace", metav1.NamespaceSystem)), Owner: live.Namespace + "/" + live.Name,
		Revision: revision,
	}
}

// inputsOf are main's inputs at the submission of what runs, as text. A status has none where
// there were none, and an older release wrote none. In both cases those of the live object are
// the same, unless the status says that an input changed since: then there were none.
func inputsOf(live *v1beta1.StormTopology) string {
	switch {
	case live.Status.Inputs != "":
		return live.Status.Inputs
	case live.Status.NotApplied != "":
		return revision.Inputs{}.String()
	}
	return revision.InputsOf(live.Spec.Template, nil).String()
}

// runningSpec is the spec.topology of the running revision, as the status remembers it;
// nil where it does not.
func runningSpec(live *v1beta1.StormTopology) *v1beta1.Topology {
	return specOf(live.Status.LastSpec, live.Status.Revision)
}

// specOf is the spec.topology that a status remembers, if it is that of a revision.
func specOf(last *v1beta1.LastSpec, of string) *v1beta1.Topology {
	if last != nil && last.Revision == of {
		return revision.SpecOf(last)
	}
	return nil
}

// immutable says why the API server rejects a change of the spec.
func immutable(live, wanted *v1beta1.StormTopology) string {
	switch {
	case live.Spec.ClusterRef != wanted.Spec.ClusterRef:
		return fmt.Sprintf("spec.clusterRef cannot be changed (it is %q). Delete this StormTopology and apply one for the other StormCluster", live.Spec.ClusterRef)
	case live.StormName() != wanted.StormName():
		return fmt.Sprintf("spec.topology.name cannot be changed (it is %q), since Storm finds a topology by its name only. Delete this StormTopology and apply one with the new name", live.StormName())
	}
	return ""
}

// fields are the paths of the fields that change.
func fields(live, wanted *v1beta1.StormTopology) []string {
	paths := differing("spec", decodedSpec(live.Spec), decodedSpec(wanted.Spec))
	for _, name := range []string{v1beta1.AnnotationAbandon, v1beta1.AnnotationAdopt, v1beta1.AnnotationPaused, v1beta1.AnnotationRestartedAt} {
		if live.Annotations[name] != wanted.Annotations[name] {
			paths = append(paths, "annotation "+name)
		}
	}
	return slices.Clip(paths)
}
