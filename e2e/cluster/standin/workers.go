package standin

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	loop "github.com/stormhooks/stormhooks/e2e/standin"
)

// running is one controller at work.
type running struct {
	controller *loop.Controller
	object     *unstructured.Unstructured // as it was started
	stop       context.CancelFunc
	done       sync.WaitGroup
}

// cachePoll is how often a starting controller looks whether its caches are full.
const cachePoll = 50 * time.Millisecond

// start makes a controller of a manifest and sets workers to it once its caches
// have their first list. It fails when discovery does not know a resource yet.
func (m *Manager) start(manifest *loop.CompositeController, object *unstructured.Unstructured, calls loop.Hooks) (*running, error) {
	wake := make(chan struct{}, m.options.Workers)
	name := manifest.Name
	tap := &loop.Tap{Store: subscriber{m.store, name}, After: func(op loop.Op, err error) error {
		m.count.apiCall(name, op, err)
		if op.Verb != "get" || err != nil {
			slog.Info("api", "controller", name, "verb", op.Verb, "resource", op.Resource.GroupVersionResource.Resource, "namespace", op.Namespace, "name", op.Name, "err", err)
		}
		return err
	}}
	controller, err := loop.New(manifest, tap, calls, loop.Options{
		Now:   time.Now,
		Sleep: time.Sleep,
		Order: rand.Perm,
		Changed: func() {
			select {
			case wake <- struct{}{}:
			default: // as many calls as workers are under way
			}
		},
		Done: func(key string, err error) {
			m.count.sync(name, err)
			if err != nil {
				slog.Warn("sync", "controller", name, "parent", key, "err", err)
			}
		},
		Crash: m.options.Crash,
	})
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(m.ctx)
	r := &running{controller: controller, object: object, stop: stop}
	r.done.Go(func() {
		for !controller.Synced() {
			if !sleep(ctx, cachePoll) {
				return
			}
		}
		controller.Start()
		for range m.options.Workers {
			r.done.Go(func() { work(ctx, controller, wake) })
		}
	})
	return r, nil
}

// work syncs parents until the context ends; when none is ready it waits for a
// change of the queue or for the next timer.
func work(ctx context.Context, controller *loop.Controller, wake <-chan struct{}) {
	for ctx.Err() == nil {
		if controller.Step(ctx) {
			continue
		}
		var ring <-chan time.Time
		if due, ok := controller.Queue().Due(); ok {
			ring = time.After(time.Until(due))
		}
		select {
		case <-ctx.Done():
		case <-wake:
		case <-ring:
		}
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
