package topology

import (
	"fmt"
	"strconv"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// judgeWorkers says whether the workers of the topology that runs are up.
func judgeWorkers(seen Observed, d Decision) Decision {
	t, wanted := seen.Storm.Topology, seen.Storm.workersWanted()
	enough := settled(seen, fewerWorkers(seen))
	since := sinceStart(seen, t)
	switch {
	case exceeded(seen):
		return tooLate(seen, d)
	case !t.Counted() && !t.ConfKnown && t.Workers > 0: // adopted by its id: Storm may never let us read more
		return up(seen, d, fmt.Sprintf("Storm lists the topology with %s, and does not let Stormhooks read whether they are up and which errors they report.", plural(t.Workers, "worker"))).again(seen.poll())
	case !t.Counted():
		return d.waiting(v1beta1.Starting, "Storm has the topology; its workers have not been checked yet.").again(time.Second)
	case stillRestarting(seen, t):
		return d.waiting(v1beta1.Rebalancing, "Storm has the new settings; its workers have not restarted with them yet.").again(whileStarting)
	case workersUp(seen) && pending(seen.Progress):
		return d.waiting(v1beta1.Starting, "%s %s. The topology is Ready once each has been up for %s (spec.update.minReadySeconds); workers report their age once a minute.%s%s",
			plural(t.WorkersUp, "worker"), upWord(t), duration(minReady(seen)), keptBeside(seen), remarked(seen)).again(min(max(whileStarting, since/10), whileShort))
	case t.Workers > 0 && t.Workers >= wanted && t.WorkersUp == t.Workers:
		return allUp(seen, d).again(seen.poll())
	case enough && t.WorkersUp == t.Workers:
		return enoughUp(seen, d, wanted).again(seen.poll())
	case enough:
		wanted = t.Workers
	case t.Workers < wanted && since > schedulingRounds:
		return lackingWorkers(seen, d, wanted)
	}
	d = d.waiting(v1beta1.Starting, "Storm has the topology; %d of %s %s.%s%s%s", t.WorkersUp, plural(max(wanted, t.Workers), "worker"), upWord(t), keptBeside(seen), undetailed(t), remarked(seen))
	return d.again(min(max(whileStarting, since/10), whileShort))
}

// tooLate says that the deadline of the target is over, and why no other revision comes in
// its place. It is Ready as soon as it has come up.
func tooLate(seen Observed, d Decision) Decision {
	why, update := "no revision that ran before is known to be good.", seen.Parent.Spec.Update
	switch good := seen.Parent.Status.LastGood; {
	case update.Rollback != nil && !*update.Rollback:
		why = "spec.update.rollback is false."
	case good != nil:
		why = fmt.Sprintf("the status does not have the whole spec of revision %s.", good.Revision)
	}
	return d.stalled(v1beta1.ProgressDeadlineExceeded, "%s It is not rolled back: %s It keeps running, and is Ready once all workers are up. Fix the topology, set the spec back, or %s.%s",
		notUpInTime(seen), why, raised(seen), reportedLast(seen)).again(whileShort)
}

// allUp says that all workers are up.
func allUp(seen Observed, d Decision) Decision {
	return up(seen, d, fmt.Sprintf("%s %s%s.", plural(seen.Storm.Topology.WorkersUp, "worker"), upWord(seen.Storm.Topology), beyond(seen.Storm)))
}

// upWord is what is known of the workers that count as up.
func upWord(t *storm.Topology) string {
	if t.Detailed {
		return "up"
	}
	return "assigned"
}

// undetailed says why less of the topology is shown; empty where all is.
func undetailed(t *storm.Topology) string {
	switch {
	case t.TooLarge:
		return fmt.Sprintf(" Storm's description of this topology is larger than %d MiB, or does not arrive in 2 s, so its workers are not counted one by one. Errors of its components are not shown.", storm.DescriptionLimit>>20)
	case t.Undescribed:
		return " Nimbus fails to describe this topology (see its log), so its workers are not counted one by one. Errors of its components are not shown."
	}
	return ""
}

// enoughUp says that all workers are up that Storm assigns, and how it assigns more.
func enoughUp(seen Observed, d Decision, wanted int) Decision {
	t, says := seen.Storm.Topology, ""
	if t.SchedStatus != "" {
		says = " Storm's scheduler says: " + followed(text.Cut(t.SchedStatus, longestSchedulerText/2))
	}
	return up(seen, d, fmt.Sprintf("%s of %d requested: the topology was rebalanced in Storm, or Storm needs no more for its executors.%s "+
		"To get %d workers, run %s, or change spec.topology.workers.",
		plural(t.WorkersUp, "worker"), wanted, says, wanted, text.Command("storm", "rebalance", t.Name, "-n", strconv.Itoa(wanted))))
}

// up says that the workers are up, and what else a person may want to know.
func up(seen Observed, d Decision, workers string) Decision {
	t := seen.Storm.Topology
	errors, last := " No errors.", lastError(seen, t)
	switch {
	case !t.Detailed:
		errors = undetailed(t)
	case last != nil:
		errors = fmt.Sprintf(" Component %q reported: %s", last.Component, sentence(last.Message))
	}
	d = d.ready(v1beta1.Active, "%s%s%s%s", workers, otherExecutors(seen), errors, remarked(seen))
	if seen.Storm.Heard == Adopted {
		d.Says.Reason = v1beta1.Adopted
		d.Says.Message += fmt.Sprintf(" %s was adopted and will be replaced at the next change.", t.ID)
	}
	return d
}

// beyond says that more workers are requested than there is work for.
func beyond(answer Answer) string {
	t := answer.Topology
	if t.WorkersWanted <= t.Executors || answer.View.IgnoresWorkers() {
		return ""
	}
	return fmt.Sprintf(" of the %d requested (its %s cannot use more)", t.WorkersWanted, plural(t.Executors, "executor"))
}

// remarked ends a message with what main did after it had submitted, with the settings that
// the Storm ignores, and with the inputs of main that take effect later.
func remarked(seen Observed) string {
	remarks := ""
	if seen.Storm.Remark != "" {
		remarks = " " + sentence(seen.Storm.Remark)
	}
	if seen.Target.Ignored != "" {
		remarks += " " + seen.Target.Ignored
	}
	if said := notApplied(seen); said != "" {
		remarks += " " + said
	}
	return remarks
}

// lackingWorkers says that Storm does not assign the workers that the topology
// needs. Its numbers stand still: what it needs and has, and the slots of the whole
// Storm. Free slots are counted only where there are none; a number that comes and
// goes with other topologies would be written each time.
func lackingWorkers(seen Observed, d Decision, wanted int) Decision {
	t, slots := seen.Storm.Topology, seen.Cluster.Status.Slots
	lacks := fmt.Sprintf("The topology needs %s and has %d", plural(wanted, "worker"), t.Workers)
	switch {
	case t.SchedStatus != "":
		return d.waiting(v1beta1.NotEnoughSlots, "%s. Storm's scheduler says: %s Add supervisors, kill other topologies, or reduce what this one requests.", lacks, followed(text.Cut(t.SchedStatus, longestSchedulerText))).again(whileShort)
	case hasFreeSlots(seen):
		return d.waiting(v1beta1.Starting, "%s. Storm has free slots and assigns them in its next scheduling round. If this persists, check Nimbus's log.", lacks).again(whileShort)
	case slots != nil && slots.Total == 0:
		return d.waiting(v1beta1.NotEnoughSlots, "%s: Storm has no slots. Start supervisors, and check that each has ports (supervisor.slots.ports).", lacks).again(whileShort)
	case slots != nil:
		lacks += fmt.Sprintf(": 0 of Storm's %s are free", plural(int(slots.Total), "slot"))
	}
	return d.waiting(v1beta1.NotEnoughSlots,
		"%s. Add supervisors or slots (supervisor.slots.ports), kill other topologies, or reduce spec.topology.workers.",
		lacks).again(whileShort)
}

// longestSchedulerText is the largest part of a message that quotes Storm's scheduler, in
// bytes. A message may have 400 bytes in all.
const longestSchedulerText = 200

// stillRestarting says whether some worker runs since before the last rebalance: a
// changed setting restarts each of them, a while after Storm calls it done.
//
//	rebalance ─ ACTIVE ───────────────── worker restarts ─ reports
//	            old worker still "up" ──┘
//
// A worker reports its age once a minute only, so that one that was young at the
// rebalance looks like one that has restarted. Workers that may have been so young
// are waited for until they must have restarted: Ready would come and go.
//
//	started ─ reports 5 s ─ rebalance ─ "5 s old" ─ reports 70 s: an old one after all
func stillRestarting(seen Observed, t *storm.Topology) bool {
	since, young, rebalanced := sinceRebalance(seen, t)
	old := time.Duration(t.OldestUptime)*time.Second > since+seenLate
	return rebalanced && since < restartsWithin && (old || young)
}

// sinceRebalance is how long ago our rebalance was seen done, and whether
// workers may have been young at it; false where there was none.
func sinceRebalance(seen Observed, t *storm.Topology) (since time.Duration, young, rebalanced bool) {
	before, started := seen.Parent.Status, startTime(t.ID, seen.Now)
	h := before.History
	sameID := func() bool { return len(h) > 0 && h[0].StormID == t.ID && h[0].Time != nil }
	switch {
	case before.StormID != t.ID:
		return 0, false, false
	case before.Change != nil: // it is seen done just now
		rebalanced = before.Change.Kind == v1beta1.ChangeRebalance
	case sameID() && h[0].Revision != seen.Storm.Revision: // so is this, and the answer that told of it was lost
		rebalanced = true
	case sameID() && h[0].Time.After(started):
		since, h, rebalanced = age(h[0].Time, seen.Now), h[1:], true
	}
	if sameID() {
		started = h[0].Time.Time // as it was rebalanced before
	}
	return since, seen.Now.Sub(started)-since < restartsWithin+reportsWithin+seenLate, rebalanced
}
