package standin

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func newTestQueue() (*Queue, *time.Time) {
	clock := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return NewQueue(func() time.Time { return clock }, nil), &clock
}

func TestQueueHoldsAKeyOnce(t *testing.T) {
	q, _ := newTestQueue()
	q.Add("a")
	q.Add("b")
	q.Add("a")
	if diff := cmp.Diff([]string{"a", "b"}, q.Ready()); diff != "" {
		t.Errorf("ready (-want +got):\n%s", diff)
	}
	if !q.Take("b") || q.Take("b") {
		t.Error("a key is taken once, in any order")
	}
	q.Add("b")
	if diff := cmp.Diff([]string{"a"}, q.Ready()); diff != "" {
		t.Errorf("a key under sync is not ready (-want +got):\n%s", diff)
	}
	q.Done("b")
	if diff := cmp.Diff([]string{"a", "b"}, q.Ready()); diff != "" {
		t.Errorf("but after it, if it was added meanwhile (-want +got):\n%s", diff)
	}
}

func TestEarliestTimerWins(t *testing.T) {
	table := map[string]struct {
		reason string
		delays []time.Duration
		due    time.Duration
	}{
		"earlier later on": {"an earlier wish moves the timer", []time.Duration{30 * time.Second, 10 * time.Second}, 10 * time.Second},
		"later later on":   {"a later one does not", []time.Duration{10 * time.Second, 30 * time.Second}, 10 * time.Second},
		"zero later on":    {"0 sets no timer and cancels none", []time.Duration{10 * time.Second, 0}, 10 * time.Second},
	}
	for name, row := range table {
		t.Run(name, func(t *testing.T) {
			q, clock := newTestQueue()
			for _, d := range row.delays {
				q.AddAfter("a", d)
				if q.Take("a") {
					q.Done("a")
				}
			}
			due, ok := q.Due()
			if got := due.Sub(*clock); !ok || got != row.due {
				t.Errorf("%s: due in %s, want %s", row.reason, got, row.due)
			}
			*clock = clock.Add(row.due - 1)
			if len(q.Ready()) != 0 {
				t.Error("ready before its time")
			}
			*clock = clock.Add(1)
			if len(q.Ready()) != 1 {
				t.Error("not ready at its time")
			}
		})
	}
}

func TestBackoffHasALimit(t *testing.T) {
	q, clock := newTestQueue()
	for range 40 {
		q.AddRateLimited("a")
		due, _ := q.Due()
		*clock = due
		q.Take("a")
		q.Done("a")
	}
	before := *clock
	q.AddRateLimited("a")
	due, _ := q.Due()
	if got := due.Sub(before); got != maxBackoff {
		t.Errorf("after 40 failures it waits %s, want %s", got, maxBackoff)
	}
}

func TestBucketHoldsBackAllParents(t *testing.T) {
	q, clock := newTestQueue()
	for i := range 120 {
		q.AddRateLimited(string(rune('A' + i)))
	}
	var last time.Duration
	for {
		due, ok := q.Due()
		if !ok {
			break
		}
		last = due.Sub(*clock)
		at := *clock
		*clock = due
		for _, key := range q.Ready() {
			q.Take(key)
			q.Done(key)
		}
		*clock = at
	}
	if last != 2*time.Second {
		t.Errorf("the 120th failure of different parents waits %s, want 2 s: 100 at once, then 10 a second", last)
	}
}
