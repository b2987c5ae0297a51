package topology

import (
	"cmp"
	"fmt"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/conditions"
	"github.com/stormhooks/stormhooks/pkg/internal/diagnose"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

const (
	// Workers of a new topology are looked for often at first: on a quiet Storm
	// they are assigned within a scheduling round (10 s) and up within 20 s.
	whileStarting = 2 * time.Second
	// whileShort is how often a topology that lacks workers for longer is looked at.
	whileShort = 10 * time.Second
	// schedulingRounds is how long two of Storm's scheduling rounds take
	// (nimbus.monitor.freq.secs, 10 s), with room for a slow one.
	schedulingRounds = 30 * time.Second
)

// running claims a topology that runs its target revision. Nothing is extracted
// or submitted for it, whatever became of its Jobs and its volume (Must 7): what
// is there of them stays, for its logs.
func running(seen Observed, now time.Time) (Decision, bool) {
	if !seen.runsTarget() {
		return Decision{}, false
	}
	d := seen.keeping(v1beta1.PhaseRunning)
	d.Attempts = nil
	if !seen.Extract.ended() {
		d.Extract = Absent
	}
	if !seen.Submit.ended() && seen.Submit.Serves.Revision != seen.Target.Fingerprint.Revision {
		d.Submit = Absent // Must 2: it would replace what is wanted
	}
	t := seen.running()
	if call, differs := seen.wrongActivity(t); differs {
		return seen.setting(d, t, call), true
	}
	if seen.Parent.Spec.Suspend {
		d.Phase = v1beta1.PhaseSuspended
		d.Ready = conditions.True(v1beta1.Suspended, "The topology is stopped in Storm (INACTIVE), as spec.suspend says; its workers stay.")
		return d.again(seen.poll()), true
	}
	return seen.workers(d, t, now), true
}

// workers judges whether the topology's workers are up.
func (seen Observed) workers(d Decision, t *storm.Topology, now time.Time) Decision {
	wanted := seen.wantedOf(t)
	switch {
	case !t.Detailed:
		return d.waiting(v1beta1.Starting, "Storm has the topology; its workers have not been looked at yet.").again(time.Second)
	case seen.restartsStill(t, now):
		return d.waiting(v1beta1.Rebalancing, "Storm has the new settings, and its workers have not restarted with them yet.").again(whileStarting)
	case t.Workers > 0 && t.Workers >= wanted && t.WorkersUp == t.Workers:
		d.Ready = conditions.True(v1beta1.Active, fmt.Sprintf("%s%s, %s%s", plural(t.WorkersUp, "worker"), seen.beyond(t), seen.errorsOf(t), seen.remarked()))
		if seen.adopts(t) {
			d.Ready.Reason = v1beta1.Adopted
			d.Ready.Message += fmt.Sprintf("; %s was adopted, and is replaced at the next change", t.ID)
		}
		return d.again(seen.poll())
	}
	since := now.Sub(startTime(t.ID, now))
	if t.Workers < wanted && since > schedulingRounds {
		return seen.short(d, t, wanted)
	}
	d = d.waiting(v1beta1.Starting, "Storm has the topology; %d of %s up%s", t.WorkersUp, plural(wanted, "worker"), cmp.Or(seen.remarked(), "."))
	return d.again(min(max(whileStarting, since/10), whileShort))
}

// beyond says that more workers are asked for than there is work for. The
// Resource Aware Scheduler pays no heed to what is asked for.
func (seen Observed) beyond(t *storm.Topology) string {
	if t.WorkersWanted <= t.Executors || seen.Storm.IgnoresWorkers() {
		return ""
	}
	return fmt.Sprintf(" of the %d asked for (its %s fill no more)", t.WorkersWanted, plural(t.Executors, "executor"))
}

// wantedOf is how many workers Storm would give: none without an executor, and
// as many as it thinks fit where its scheduler heeds resources alone.
func (seen Observed) wantedOf(t *storm.Topology) int {
	switch {
	case seen.Storm.IgnoresWorkers():
		return max(t.Workers, 1)
	case t.Executors == 0: // not known yet
		return t.WorkersWanted
	}
	return min(t.WorkersWanted, t.Executors)
}

// short says that Storm does not give the workers that the topology asks for.
// Its numbers stand still: what it needs and has, and the slots of the whole
// Storm. Free ones are counted only where there are none; a number that comes
// and goes with others' topologies would be written each time.
func (seen Observed) short(d Decision, t *storm.Topology, wanted int) Decision {
	lacks := fmt.Sprintf("The topology needs %s and has %d", plural(wanted, "worker"), t.Workers)
	slots := seen.Cluster.Status.Slots
	switch {
	case t.SchedStatus != "":
		return d.waiting(v1beta1.NotEnoughSlots, "%s. Storm's scheduler says: %s", lacks, sentence(t.SchedStatus)).again(whileShort)
	case slots == nil:
		lacks += ": no slot is free"
	case slots.Free > 0:
		return d.waiting(v1beta1.Starting, "%s. Storm has free slots, and gives them at its next round; if this lasts, look at Nimbus's log.", lacks).again(whileShort)
	default:
		lacks += fmt.Sprintf(": 0 of Storm's %s are free", plural(int(slots.Total), "slot"))
	}
	return d.waiting(v1beta1.NotEnoughSlots,
		"%s. Add supervisors or slots (supervisor.slots.ports), kill other topologies, or ask for fewer workers (spec.topology.workers).",
		lacks).again(whileShort)
}

// killed claims a topology whose target revision was killed by someone and
// still drains. It holds its name meanwhile.
func killed(seen Observed, now time.Time) (Decision, bool) {
	ours := seen.ours()
	if ours.Alive() || ours == nil || seen.revisionOf(ours) != seen.Target.Fingerprint.Revision {
		return Decision{}, false
	}
	if seen.submission(now).at == working {
		return Decision{}, false // it waits for the name by itself
	}
	who := "Somebody killed the topology in Storm."
	if tried := seen.tried(); tried != nil && tried.Step == children.StepSubmit {
		who = "The topology has been killed in Storm, by an update that was under way or by somebody."
	}
	d := seen.keeping(v1beta1.PhasePending).waiting(v1beta1.Killing,
		"%s It is submitted again when Storm has removed it. To stop it for good, delete this StormTopology.", who)
	return d.again(whileKilling), true
}

// secondLook is how long after the first look a topology that ran must still be
// missing: two fresh lists, Must 1.
const secondLook = 10 * time.Second

// missing claims a topology that ran its target revision and is gone from
// Storm's list. After the second look it passes it on, to be submitted again.
func missing(seen Observed, now time.Time) (Decision, bool) {
	ran := seen.Parent.Status.StormID != "" && seen.Parent.Status.Revision == seen.Target.Fingerprint.Revision
	submitted := seen.submission(now).at == done
	if !seen.Storm.Gone() || !ran && !submitted {
		return Decision{}, false
	}
	since := seen.Parent.Status.MissingSince
	if since == nil {
		since = stamp(now)
	}
	waited := age(since, now)
	if waited >= secondLook && seen.Storm.Fresh {
		return Decision{}, false
	}
	d := seen.keeping(v1beta1.PhasePending).waiting(v1beta1.Missing,
		"The topology is not in Storm any more. It is submitted again when a second look finds it missing, too.").again(secondLook - waited)
	d.MissingSince, d.restsOnAbsence = since, true
	return d, true
}

// failedForGood claims a topology whose attempts are used up. The last failed
// Job stays, for its logs, until the spec changes.
func failedForGood(seen Observed, now time.Time) (Decision, bool) {
	at := seen.usedUp(now)
	if at.at != exhausted {
		return Decision{}, false
	}
	phase := v1beta1.PhaseFailed
	if seen.running() != nil {
		phase = v1beta1.PhaseUpdateFailed
	}
	d := seen.keeping(phase).ailing(at.problem)
	d.Class = diagnose.Stalled
	d.Attempts = &at.attempts
	d.Ready.Message = fmt.Sprintf("%s%s Tried %s; it is tried again when the spec changes (spec.restartNonce, say).",
		seen.runsOn(), sentence(at.problem.Message), times(at.attempts.Failures))
	d.Submit = seen.submitUnlessLive()
	return d.again(seen.poll()), true
}

// usedUp is exhausted where the attempts of the submission are used up, or those of
// the extraction that it needs.
func (seen Observed) usedUp(now time.Time) standing {
	at := seen.submission(now)
	if at.at != exhausted && seen.copies() && !seen.jarReady(now) {
		at = seen.extraction(now)
	}
	return at
}

// runsOn begins a message where another revision runs on.
func (seen Observed) runsOn() string {
	if t := seen.running(); t != nil {
		return fmt.Sprintf("Revision %s runs on. Revision %s: ", seen.revisionOf(t), seen.Target.Fingerprint.Revision)
	}
	return ""
}

// remarked ends a message with what main did after it had submitted.
func (seen Observed) remarked() string {
	if remark := seen.remark(); remark != "" {
		return ". " + remark
	}
	return ""
}

func startTime(id string, otherwise time.Time) time.Time {
	if seconds, ok := storm.StartTime(id); ok {
		return time.Unix(seconds, 0)
	}
	return otherwise
}

func times(n int32) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
