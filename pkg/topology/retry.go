package topology

import (
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
)

// retry says how often, and after which wait, an attempt is repeated.
type retry struct {
	limit       int32
	first, most time.Duration
	// later is the wait between two attempts after the limit; 0 where none follows.
	later time.Duration
	// back: the attempts are those of the way back, which never end.
	back bool
	// runs: another revision runs, as far as is known.
	runs bool
	// lost: nothing runs, as far as is known, and something ran before.
	lost bool
}

// retryOf is the topology's, else the StormCluster's, else the default, each field
// by itself.
func retryOf(seen Observed) retry {
	r := retry{limit: v1beta1.DefaultRetryLimit, first: v1beta1.DefaultRetryBackoff, most: v1beta1.DefaultRetryBackoffLimit, later: v1beta1.DefaultRetryLater}
	if seen.Cluster != nil {
		r = r.over(seen.Cluster.Spec.Retry)
	}
	r = r.over(seen.Parent.Spec.Retry)
	if r.back = seen.goesBack; r.back && r.later == 0 {
		r.later = v1beta1.DefaultRetryLater // nothing runs, and what ran before may run again
	}
	before := seen.Parent.Status
	r.runs = before.StormID != ""
	r.lost = seen.goesBack || before.StormID == "" && (before.LastSpec != nil || before.Change != nil)
	return r
}

func (r retry) over(spec *v1beta1.Retry) retry {
	if spec == nil {
		return r
	}
	if spec.Limit != nil {
		r.limit = *spec.Limit
	}
	if spec.BackoffSeconds != nil {
		r.first = time.Duration(*spec.BackoffSeconds) * time.Second
	}
	if spec.MaxBackoffSeconds != nil {
		r.most = time.Duration(*spec.MaxBackoffSeconds) * time.Second
	}
	if spec.LaterSeconds != nil {
		r.later = time.Duration(*spec.LaterSeconds) * time.Second
	}
	return r
}

// backoff is how long the attempt after this one waits: the first wait, doubled
// each time, up to the longest.
func (r retry) backoff(attempt int64) time.Duration {
	wait := r.first
	for ; attempt > 1 && wait < r.most; attempt-- {
		wait *= 2
	}
	return min(wait, r.most)
}

// pause is how long the attempt after a failed one waits.
func (r retry) pause(failed Attempt) time.Duration {
	switch {
	case failed.jarRefused && failed.lost:
		return retry{first: jarRefusedFirst, most: jarRefusedFor}.backoff(failed.serves.Attempt)
	case failed.jarRefused:
		return jarRefusedFor
	case r.spent(failed.Record.Failures):
		return max(r.later, r.backoff(failed.serves.Attempt))
	}
	return r.backoff(failed.serves.Attempt)
}

// spent says whether so many failures use up the attempts that follow soon.
func (r retry) spent(failures int32) bool { return failures >= r.limit }

// ends says whether no attempt follows a failed one until the spec changes.
func (r retry) ends(failed Attempt) bool {
	switch {
	case !r.spent(failed.Record.Failures):
		return false
	case r.back:
		return false
	}
	return r.later == 0 || problem.Certain(failed.problem.Reason) || r.runs && gaveUp(failed, r.limit)
}

// gaveUp says whether an earlier build gave up after this attempt: it noted no next one.
// Must 7: what runs is not replaced since Stormhooks was upgraded.
func gaveUp(failed Attempt, limit int32) bool {
	noted := failed.noted
	return noted.FailedAt != nil && noted.NextAt == nil && noted.Number == failed.serves.Attempt && noted.Failures >= limit
}
