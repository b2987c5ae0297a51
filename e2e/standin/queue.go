package standin

import (
	"slices"
	"sync"
	"time"
)

// Backoff of a parent whose sync failed: 5 ms, doubling to 1000 s, and one bucket
// for all parents of a controller (client-go's DefaultTypedControllerRateLimiter).
const (
	firstBackoff = 5 * time.Millisecond
	maxBackoff   = 1000 * time.Second
	bucketRate   = 10.0
	bucketBurst  = 100.0
)

// Queue has the parents that wait for a sync: each at most once, none twice at
// a time, and one timer for each; the earliest time wins. It is safe for
// several goroutines, though it starts none.
type Queue struct {
	mu         sync.Mutex
	now        func() time.Time
	changed    func()
	ready      []string             // in the order in which they came
	dirty      map[string]bool      // to be synced: in ready, or again after the sync under way
	processing map[string]bool      // being synced
	waiting    map[string]time.Time // timers
	failures   map[string]int       // since the last success
	earliest   time.Time            // no timer rings before it; zero where there is none
	tokens     float64              // of the bucket
	refilled   time.Time            // when tokens was right
}

// NewQueue returns an empty queue on the given clock. changed, if not nil, is
// called after every addition, so that a caller that waits can check again.
func NewQueue(now func() time.Time, changed func()) *Queue {
	if changed == nil {
		changed = func() {}
	}
	return &Queue{
		now: now, changed: changed,
		dirty: map[string]bool{}, processing: map[string]bool{},
		waiting: map[string]time.Time{}, failures: map[string]int{},
		tokens: bucketBurst, refilled: now(),
	}
}

// Add makes a key ready, unless it is already. A key that is being synced becomes
// ready again when that sync is done.
func (q *Queue) Add(key string) {
	q.mu.Lock()
	q.add(key)
	q.mu.Unlock()
	q.changed()
}

func (q *Queue) add(key string) {
	if q.dirty[key] {
		return
	}
	q.dirty[key] = true
	if !q.processing[key] {
		q.ready = append(q.ready, key)
	}
}

// AddAfter makes a key ready later. A key has one timer: the earlier of two wins,
// and a later sync without a wish cancels none.
func (q *Queue) AddAfter(key string, delay time.Duration) {
	if delay <= 0 {
		q.Add(key)
		return
	}
	q.mu.Lock()
	at := q.now().Add(delay)
	if pending, ok := q.waiting[key]; !ok || at.Before(pending) {
		q.waiting[key] = at
		q.sooner(at)
	}
	q.mu.Unlock()
	q.changed()
}

// AddRateLimited makes a key ready after its backoff, which grows each time.
func (q *Queue) AddRateLimited(key string) {
	q.mu.Lock()
	delay := max(q.backoff(key), q.reserve())
	q.mu.Unlock()
	q.AddAfter(key, delay)
}

func (q *Queue) backoff(key string) time.Duration {
	failures := q.failures[key]
	q.failures[key]++
	delay := firstBackoff
	for range failures {
		if delay *= 2; delay >= maxBackoff {
			return maxBackoff
		}
	}
	return delay
}

// reserve takes a token from the bucket and says how long it is still to come.
func (q *Queue) reserve() time.Duration {
	now := q.now()
	q.tokens = min(bucketBurst, q.tokens+now.Sub(q.refilled).Seconds()*bucketRate)
	q.refilled = now
	q.tokens--
	if q.tokens >= 0 {
		return 0
	}
	return time.Duration(-q.tokens / bucketRate * float64(time.Second))
}

// Forget ends a key's backoff. Its timer, if any, stays.
func (q *Queue) Forget(key string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.failures, key)
}

// Failures is how many syncs of a key failed since the last that did not.
func (q *Queue) Failures(key string) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.failures[key]
}

// Ready lists the keys that a worker could take now, the longest waiting first.
func (q *Queue) Ready() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ring()
	return slices.Clone(q.ready)
}

// Due is when the next timer rings; false when there is none.
func (q *Queue) Due() (time.Time, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var due time.Time
	for _, at := range q.waiting {
		if due.IsZero() || at.Before(due) {
			due = at
		}
	}
	return due, !due.IsZero()
}

// Next takes the longest waiting key, Take a given one. The taker must call Done.
func (q *Queue) Next() (string, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ring()
	if len(q.ready) == 0 {
		return "", false
	}
	key := q.ready[0]
	q.take(0)
	return key, true
}

// Take takes a key that is ready; false when it is not.
func (q *Queue) Take(key string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ring()
	i := slices.Index(q.ready, key)
	if i >= 0 {
		q.take(i)
	}
	return i >= 0
}

func (q *Queue) take(i int) {
	key := q.ready[i]
	if i == 0 {
		q.ready = q.ready[1:] // moves nothing
	} else {
		q.ready = slices.Delete(q.ready, i, i+1)
	}
	delete(q.dirty, key)
	q.processing[key] = true
}

// Done ends the sync of a key that was taken.
func (q *Queue) Done(key string) {
	q.mu.Lock()
	delete(q.processing, key)
	if q.dirty[key] {
		q.ready = append(q.ready, key)
	}
	q.mu.Unlock()
	q.changed()
}

func (q *Queue) sooner(at time.Time) {
	if q.earliest.IsZero() || at.Before(q.earliest) {
		q.earliest = at
	}
}

// ring moves keys whose timer is due to ready, the earliest first.
func (q *Queue) ring() {
	now := q.now()
	if q.earliest.After(now) || len(q.waiting) == 0 {
		return
	}
	var due []string
	q.earliest = time.Time{}
	for key, at := range q.waiting {
		if !at.After(now) {
			due = append(due, key)
		} else {
			q.sooner(at)
		}
	}
	slices.SortFunc(due, func(a, b string) int {
		if c := q.waiting[a].Compare(q.waiting[b]); c != 0 {
			return c
		}
		if a < b {
			return -1
		}
		return 1
	})
	for _, key := range due {
		delete(q.waiting, key)
		q.add(key)
	}
}
