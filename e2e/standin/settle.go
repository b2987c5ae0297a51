package standin

import (
	"context"
	"fmt"
)

// Settle runs the world fairly without time passing: caches catch up,
// controllers are told, ready parents are synced, until nothing is left to do.
// It returns the number of syncs, or an error when limit of them did not suffice:
// a hot loop.
func Settle(ctx context.Context, memory *Memory, controllers []*Controller, limit int) (int, error) {
	syncs := 0
	for {
		CatchUp(ctx, memory, controllers)
		stepped := false
		for _, c := range controllers {
			if !c.Step(ctx) {
				continue
			}
			stepped = true
			if syncs++; syncs >= limit {
				return syncs, fmt.Errorf("not settled after %d syncs; controller %q has ready: %v", syncs, c.Name(), c.Queue().Ready())
			}
		}
		if !stepped {
			return syncs, nil
		}
	}
}

// CatchUp moves all caches up to date and tells the controllers.
func CatchUp(ctx context.Context, memory *Memory, controllers []*Controller) {
	for behind := memory.Behind(); len(behind) > 0; behind = memory.Behind() {
		for _, r := range behind {
			event, _ := memory.Advance(r)
			for _, c := range controllers {
				c.Handle(ctx, event)
			}
		}
	}
}
