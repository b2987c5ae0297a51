package thousands

import (
	"context"
	"sync"
	"time"
)

// bucket limits calls as client-go's does: so many a second, after a burst. It is open
// until it is closed by limit.
type bucket struct {
	qps, burst float64

	mu     sync.Mutex
	on     bool
	tokens float64
	at     time.Time
}

func newBucket(qps, burst float64) *bucket { return &bucket{qps: qps, burst: burst} }

// limit makes the bucket count, if it has a rate.
func (b *bucket) limit() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.on, b.tokens, b.at = b.qps > 0, b.burst, time.Now()
}

// take waits for a token.
func (b *bucket) take(ctx context.Context) {
	if wait := b.reserve(); wait > 0 {
		sleep(ctx, wait)
	}
}

// reserve takes a token, and says how long it is still to come.
func (b *bucket) reserve() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.on {
		return 0
	}
	now := time.Now()
	b.tokens = min(b.burst, b.tokens+now.Sub(b.at).Seconds()*b.qps) - 1
	b.at = now
	return max(0, time.Duration(-b.tokens/b.qps*float64(time.Second)))
}
