package inpod

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
)

// TerminationLog is where the kubelet reads a container's termination message.
const TerminationLog = "/dev/termination-log"

// end writes the termination message and returns the verb's error. Where the kubelet
// has created no file for it, the verb is run by hand, and none is written.
func end(path string, facts termination.Facts, failed *problem.Problem) error {
	message := termination.Message{Facts: facts}
	if failed != nil {
		message.Problem = *failed
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	if err == nil {
		_, err = io.WriteString(file, message.Encode())
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

// exactSize is readableSize, with the exact bytes if it is rounded.
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
