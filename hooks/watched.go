package hooks

import (
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// watchEach is how often files are looked at.
const watchEach = time.Second

// watched is what was read from files, read again when they change. While what
// is new cannot be used, what was read before stands.
type watched[T any] struct {
	log   *slog.Logger
	flags string
	files []string
	read  func(files ...string) (T, error)

	mu     sync.Mutex
	value  T
	seen   string
	looked time.Time
}

func watch[T any](log *slog.Logger, flags string, read func(files ...string) (T, error), files ...string) (*watched[T], error) {
	w := &watched[T]{log: log, flags: flags, files: files, read: read}
	w.seen = w.state()
	w.looked = time.Now()
	var err error
	if w.value, err = read(files...); err != nil {
		return nil, fmt.Errorf("reading %s: %w", flags, err)
	}
	return w, nil
}

func (w *watched[T]) get() T {
	w.mu.Lock()
	defer w.mu.Unlock()
	if time.Since(w.looked) < watchEach {
		return w.value
	}
	w.looked = time.Now()
	state := w.state()
	if state == w.seen {
		return w.value
	}
	value, err := w.read(w.files...)
	w.seen = state // what cannot be used is said once, until it changes again
	if err != nil {
		w.log.Error("what has changed cannot be used, and what was before stands", "flag", w.flags, "error", err)
		return w.value
	}
	w.log.Info("read again", "flag", w.flags)
	w.value = value
	return w.value
}

// state changes with the files: Kubernetes swaps a link when a Secret changes.
func (w *watched[T]) state() (state string) {
	for _, file := range w.files {
		info, err := os.Stat(file)
		if err != nil {
			state += err.Error()
			continue
		}
		state += fmt.Sprint(info.ModTime().UnixNano(), info.Size(), ";")
	}
	return state
}
