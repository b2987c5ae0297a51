package standin

import (
	"testing"
	"time"
)

// TestClone: a change of a clone does not touch the original.
func TestClone(t *testing.T) {
	b := newBench(t)
	b.answer = func(HookKind, hookBody) any { return answer{"children": []any{}} }
	b.basket("a")
	clone := b.memory.Clone(func() time.Time { return b.clock })
	if err := clone.Delete(t.Context(), baskets.Resource, "ns", "a", deleteNow); err != nil {
		t.Fatal(err)
	}
	if b.get(baskets, "a") == nil {
		t.Error("a deletion in the clone deleted the original's object")
	}
	if before, after := len(b.memory.Undelivered(baskets.Resource)), len(clone.Undelivered(baskets.Resource)); before != 1 || after != 2 {
		t.Errorf("%d events wait for the original and %d for the clone, want 1 and 2", before, after)
	}
	b.controller.Queue().Add("ns/a")
	other := b.controller.Clone(clone, b.controller.hooks, b.controller.opts)
	other.Queue().Next()
	if ready := b.controller.Queue().Ready(); len(ready) != 1 {
		t.Errorf("the original's queue holds %v: the clone took from it", ready)
	}
}
