package standin

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"pgregory.net/rapid"
)

// TestConverges lets random things happen in a random order, with caches that lag
// and answers that are lost, and then a fair run: the children are what the hook
// names, and nothing more is written.
func TestConverges(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := newBench(t)
		named := 2
		b.answer = func(hook HookKind, _ hookBody) any {
			if hook == Customize {
				return answer{}
			}
			var children []any
			for i := range named {
				children = append(children, job(fmt.Sprint("j", i)))
			}
			return answer{"children": children, "status": answer{"named": named}}
		}
		lossy := true
		b.tap.After = func(op Op, err error) error {
			if lossy && rapid.IntRange(0, 4).Draw(rt, "lose the answer of "+op.Verb) == 0 {
				return errors.New("lost")
			}
			return err
		}
		b.basket("a")
		acts := map[string]func(*rapid.T){
			"sync":    func(*rapid.T) { b.controller.Step(context.Background()) },
			"baskets": func(*rapid.T) { b.advance(baskets) },
			"jobs":    func(*rapid.T) { b.advance(jobs) },
			"time":    func(*rapid.T) { b.clock = b.clock.Add(1e9) },
			"name":    func(rt *rapid.T) { named = rapid.IntRange(0, 4).Draw(rt, "named"); b.touch(baskets, "a") },
			"lose a job": func(*rapid.T) {
				if left := b.memory.List(jobs.Resource, ""); len(left) > 0 {
					b.delete(jobs, left[0].GetName(), deleteNow)
				}
			},
		}
		rt.Repeat(acts)
		lossy = false
		for range 20 {
			b.clock = b.clock.Add(1e12)
			b.settle()
		}
		b.log = nil
		b.controller.Queue().Add("ns/a")
		b.settle()
		for _, line := range b.log {
			if line != "hook sync" && line != "hook customize" && line != "get baskets a" {
				rt.Fatalf("a settled parent's sync still calls: %v", b.log)
			}
		}
		if got := len(b.memory.List(jobs.Resource, "")); got != named {
			rt.Fatalf("%d Jobs, the hook names %d", got, named)
		}
		status, _, _ := unstructured.NestedInt64(b.get(baskets, "a").Object, "status", "named")
		if int(status) != named {
			rt.Fatalf("status says %d, the hook %d", status, named)
		}
	})
}

func (b *bench) advance(k Kind) {
	if event, ok := b.memory.Advance(k.Resource); ok {
		b.controller.Handle(context.Background(), event)
	}
}
