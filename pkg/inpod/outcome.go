package inpod

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// TerminationLog is where the kubelet takes a container's last words from.
const TerminationLog = "/dev/termination-log"

// end leaves the container's last words and gives the verb's error. Without a
// file that the kubelet has laid there are none: someone runs the verb by hand.
func end(path string, facts termination.Facts, failed *problem.Problem) error {
	words := termination.Message{Facts: facts}
	if failed != nil {
		words.Problem = *failed
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	if err == nil {
		_, err = io.WriteString(file, words.Encode())
		err = errors.Join(err, file.Close())
	}
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	switch {
	case failed == nil && err != nil:
		return fmt.Errorf("writing the termination message: %w", err)
	case failed == nil:
		return nil
	}
	return failed
}

// errTimeout is the cause of a context that ended by its own limit.
var errTimeout = errors.New("took too long")

// withLimit bounds a verb; errTimeout then tells its end from a SIGTERM's.
func withLimit(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, limit, errTimeout)
}

// stopped is the problem of a context that has ended. doing is what was under
// way then: "copying /app/a.jar".
func stopped(ctx context.Context, limit time.Duration, timedOut, doing, hint string) *problem.Problem {
	if errors.Is(context.Cause(ctx), errTimeout) {
		return problem.New(timedOut, "%s was not done within %s. %s", text.Capital(doing), limit, hint)
	}
	return problem.New(v1beta1.PodLost, "The pod was told to stop before %s was done: it was deleted or evicted, or its node goes down. It is tried again.", doing)
}

// readableSize is a number of bytes for a person.
func readableSize(n int64) string {
	const kib = 1 << 10
	switch {
	case n < 10*kib:
		return fmt.Sprintf("%d bytes", n)
	case n < kib*kib:
		return fmt.Sprintf("%.1f KiB", float64(n)/kib)
	case n < kib*kib*kib:
		return fmt.Sprintf("%.1f MiB", float64(n)/(kib*kib))
	}
	return fmt.Sprintf("%.1f GiB", float64(n)/(kib*kib*kib))
}

// exactSize is size, and the bytes where that is not said already.
func exactSize(n int64) string {
	if short := readableSize(n); !strings.HasSuffix(short, "bytes") {
		return fmt.Sprintf("%s (%d bytes)", short, n)
	}
	return readableSize(n)
}

// elapsed is a duration for a person.
func elapsed(since time.Time) string {
	return time.Since(since).Round(100 * time.Millisecond).String()
}
