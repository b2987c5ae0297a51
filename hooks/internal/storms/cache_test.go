package storms

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
	"weak"
)

// Memory that is not kept any more is free at once: keptBytes counts what is kept only.
func TestWhatIsNotKeptIsFree(t *testing.T) {
	type large [1 << 20]byte
	for _, c := range []struct {
		name string
		then func(*kept[*large])
	}{
		{"a newer load", func(k *kept[*large]) { _, _, _ = k.get(context.Background(), need{time.Now(), true}) }},
		{"room for others", func(k *kept[*large]) { k.drop() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := &kept[*large]{limit: time.Minute, load: func(context.Context) (*large, error) { return new(large), nil }}
			load := func() weak.Pointer[large] {
				value, _, err := k.get(t.Context(), need{asked: time.Now()})
				if err != nil {
					t.Fatal(err)
				}
				return weak.Make(value)
			}
			first := load()
			c.then(k)
			for range 100 { // the goroutine of the load may not have ended yet
				if runtime.GC(); first.Value() == nil {
					break
				}
				time.Sleep(10 * time.Millisecond)
			}
			if first.Value() != nil {
				t.Error("the value of the first load is still in memory")
			}
			runtime.KeepAlive(k)
		})
	}
}

// A value lasts for the tickets of those that wait for it, counted from its own load.
func TestHowLongAValueIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		loads := 0
		k := &kept[int]{limit: time.Minute, load: func(context.Context) (int, error) { loads++; return loads, nil }}
		for _, want := range []int{1, 2} {
			if got, _, err := k.get(t.Context(), need{time.Now(), true}); got != want || err != nil {
				t.Fatalf("%d %v, want %d", got, err, want)
			}
			time.Sleep(ticketFor / 2)
		}
		time.Sleep(time.Second) // the time of the first is over
		if got := k.now(); got != 2 {
			t.Errorf("kept %d, want 2", got)
		}
		time.Sleep(ticketFor / 2)
		if got := k.now(); got != 0 {
			t.Errorf("kept %d, want nothing", got)
		}
	})
}
