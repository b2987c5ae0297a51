package hooks

import (
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// watchEvery is how often files are checked.
const watchEvery = time.Second

// watched is a value from files that are read again when they change. If the new
// content cannot be used, the previous value stays.
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
	if time.Since(w.looked) < watchEvery {
		return w.value
	}
	w.looked = time.Now()
	state := w.state()
	if state == w.seen {
		return w.value
	}
	value, err := w.read(w.files...)
	w.seen = state // a failure is logged once, until the files change again
	if err != nil {
		w.log.Error("reload failed; keeping the previous value", "flag", w.flags, "error", err)
		return w.value
	}
	w.log.Info("reloaded", "flag", w.flags)
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
