package topology

import (
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Every wait of the package. Metacontroller calls again when an object changes;
// these are for what no event tells, and for events that are lost.
const (
	// How often something is looked at.

	// whileLeftOut: a child that was left out has gone, should its event be lost. One
	// that was requested is looked for when it counts as refused.
	whileLeftOut = 2 * time.Second
	// whileRefused: a child that Kubernetes rejects is requested again.
	whileRefused = 10 * time.Second
	// whileDraining: a topology drains.
	whileDraining = 2 * time.Second
	// whileSilent: a Storm that does not answer is asked again.
	whileSilent = 10 * time.Second
	// whileStarting: workers of a new topology. On a quiet Storm they are assigned
	// within a scheduling round (10 s) and up within 20 s.
	whileStarting = 2 * time.Second
	// whileShort: a topology that has lacked workers for longer.
	whileShort = 10 * time.Second
	// whileUnseen: kube-system, whose uid names the Kubernetes cluster, or the pod
	// that a deletion waits for.
	whileUnseen = 2 * time.Second
	// eventLost: a child that is at work.
	eventLost = time.Minute
	// whileRetrying: a topology whose next attempt is later than that.
	whileRetrying = 5 * time.Minute

	// How long the next attempt waits, beside spec.retry.

	// jarRefusedFor: a submission whose JAR Nimbus failed at. Nimbus keeps the part that
	// it got for an hour (nimbus.inbox.jar.expiration.secs, storm: conf/defaults.yaml,
	// v2.8.1), so an earlier attempt would keep a full disk full.
	jarRefusedFor = time.Hour
	// jarRefusedFirst is the first wait while nothing runs that ran before: another Nimbus
	// may lead. It is doubled each time, up to jarRefusedFor: the parts of few attempts
	// are on the disk at once, and in the end a full disk gets all of them back.
	jarRefusedFirst = 5 * time.Minute

	// uploadMatters is how long the next pod may use a JAR that a failed one left on Nimbus
	// (storm.Next believes in one no longer).
	uploadMatters = 30 * time.Minute
	// refusalMatters is longer than jarRefusedFor, until the next attempt is on its way.
	refusalMatters = jarRefusedFor + whileRetrying

	// How long something must have lasted before it is believed.

	// silentAfter is the least time between two looks that found Storm silent before
	// its topologies' conditions say Unknown: one lost answer is not news.
	silentAfter = 5 * time.Second
	// stormGoneAfter is how long a Storm that seems to be in a namespace that is being
	// deleted must not have answered, to count as deleted with it.
	stormGoneAfter = time.Minute
	// activatedFor is how long a deletion tries to activate a topology that stays in Storm.
	activatedFor = time.Minute
	// silentForLong is when the deletion of a namespace has a way out for all its objects.
	silentForLong = 2 * time.Minute
	// secondLook is how long after the first look a topology that ran must still be
	// missing: two fresh lists (Must 1).
	secondLook = 10 * time.Second
	// ownerReturns is how long a name must have been free that another StormTopology's
	// topology had: its owner needs it again after a kill by hand, and between the kill
	// and the submission of an update. It sees that within a poll (30 s) and a second
	// look, extracts the JAR, and main has its usual time (5 min).
	ownerReturns = 10 * time.Minute
	// quietPeriod is how long neither a submitting Job nor a live pod of it must have
	// been seen where no ended Job proves that there was no other: Jobs, pods and
	// parents are three unordered watches. A deletion waits for two of them.
	quietPeriod = 10 * time.Second
	// nimbusSlow is how long Nimbus may be at a submission whose pod has died, besides its
	// wait for replicas.
	nimbusSlow = time.Minute
	// mostSkew is how far the clock of a node may be behind that of the hook server.
	mostSkew = 24 * time.Hour
	// submissionAppears is how long a submission that was requested may take to be
	// seen.
	submissionAppears = time.Minute
	// requestForgotten is when a requested child that nothing complained about must
	// have existed, and be deleted since.
	requestForgotten = time.Minute
	// stalePodAfter is how old a pod may be that lacks what only a new one can have.
	stalePodAfter = 2 * time.Minute
	// schedulingRounds is how long two of Storm's scheduling rounds take
	// (nimbus.monitor.freq.secs, 10 s), with room for a slow one.
	schedulingRounds = 30 * time.Second
	// longDrain is how long a topology may drain before a person wonders.
	longDrain = 2 * time.Minute
	// anotherErrorAfter is how much younger an error must be than the one in the
	// status, to take its place.
	anotherErrorAfter = 5 * time.Minute

	// After a rebalance.

	// restartsWithin is how long workers with old settings are believed to exist: a
	// supervisor looks for changed settings each 30 s
	// (supervisor.localizer.update.blob.interval.secs, storm: conf/defaults.yaml,
	// v2.8.1), a worker starts, and reports each 60 s.
	restartsWithin = 2 * time.Minute
	// seenLate is how much later than Storm we may have seen the rebalance done.
	seenLate = 10 * time.Second
	// reportsWithin is how old a worker's report of its age may be
	// (executor.metrics.frequency.secs, 60 s).
	reportsWithin = time.Minute
)

// stamp is a time as the API writes it.
func stamp(now time.Time) *metav1.Time {
	t := metav1.NewTime(now.UTC().Truncate(time.Second))
	return &t
}

// remembering is the parent whose status has no wait that begins later than now. Another
// hook server, whose clock is ahead, or this one before its clock was set back, wrote such
// a time: the whole wait is left from now on, and never more.
func remembering(parent *v1beta1.StormTopology, now time.Time) *v1beta1.StormTopology {
	ahead := func(since **metav1.Time) bool { return *since != nil && (*since).After(now) }
	if !slices.ContainsFunc(rememberedTimes(&parent.Status), ahead) {
		return parent
	}
	copied := *parent
	copied.Status = *parent.Status.DeepCopy()
	for _, since := range rememberedTimes(&copied.Status) {
		if ahead(since) {
			*since = stamp(now)
		}
	}
	return &copied
}

// rememberedTimes are the times of a status that a hook server's clock set.
func rememberedTimes(status *v1beta1.StormTopologyStatus) []**metav1.Time {
	times := []**metav1.Time{&status.MissingSince, &status.SilentSince}
	if a := status.Attempts; a != nil {
		times = append(times, &a.RequestedAt, &a.FailedAt)
	}
	if d := status.Deletion; d != nil {
		times = append(times, &d.QuietSince, &d.StillQuietSince, &d.UnreportedSince, &d.KilledAt)
	}
	if c := status.NameConflict; c != nil {
		times = append(times, &c.FreeSince)
	}
	if p := status.Progress; p != nil {
		times = append(times, &p.Since)
	}
	if b := status.Beside; b != nil {
		times = append(times, &b.Since, &b.DrainingSince)
	}
	if f := status.FewerWorkers; f != nil {
		times = append(times, &f.Since)
	}
	if h := status.History; len(h) > 0 && h[0].Time != nil {
		if started, ok := storm.StartTime(h[0].StormID); ok && h[0].Time.Unix() > started { // of a rebalance, by a hook server's clock
			times = append(times, &h[0].Time)
		}
	}
	return times
}

// age is 0 where since is nil, and where a clock that is ahead wrote it.
func age(since *metav1.Time, now time.Time) time.Duration {
	if since == nil {
		return 0
	}
	return max(now.Sub(since.Time), 0)
}

// untilDone is when to look again at what Storm is doing: at its end, as far as that is
// known, and before that so often as given. What has not ended by then, a person has
// begun with another wait: it is looked at the less often, the later it is.
func untilDone(takes, since, every time.Duration) time.Duration {
	if rest := takes - since; rest > 0 {
		return min(rest, every)
	}
	return min(max(whileDraining, (since-takes)/10), every)
}

// rest is what is left of a wait. Another machine may have given the time since when:
// if its clock is ahead, the whole wait is left, and never more.
func rest(wait time.Duration, since, now time.Time) time.Duration {
	return min(wait, wait-now.Sub(since))
}

// duration in the largest unit that has no rest.
func duration(d time.Duration) string {
	switch {
	case d >= time.Hour && d%time.Hour == 0:
		return plural(int(d/time.Hour), "hour")
	case d >= time.Minute && d%time.Minute == 0:
		return plural(int(d/time.Minute), "minute")
	}
	return plural(int(d/time.Second), "second")
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
