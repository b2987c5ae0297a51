package standin

import (
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestStatus(t *testing.T) {
	const get, put = "get baskets a", "updateStatus baskets a"
	table := map[string]struct {
		reason string
		body   string // the answer after a status of {"phase":"Up","n":1,"observedGeneration":1}
		calls  []string
		status map[string]any
	}{
		"same":            {"an equal status is not written", `{"status":{"n":1,"phase":"Up"}}`, []string{get}, map[string]any{"n": int64(1), "phase": "Up", "observedGeneration": int64(1)}},
		"generation":      {"a hook's own observedGeneration is overwritten", `{"status":{"n":1,"phase":"Up","observedGeneration":7}}`, []string{get}, map[string]any{"n": int64(1), "phase": "Up", "observedGeneration": int64(1)}},
		"replaced":        {"a field left out is gone: the status is replaced whole", `{"status":{"phase":"Up"}}`, []string{get, put}, map[string]any{"phase": "Up", "observedGeneration": int64(1)}},
		"null":            {"a null status erases all but observedGeneration", `{"status":null}`, []string{get, put}, map[string]any{"observedGeneration": int64(1)}},
		"absent":          {"so does an absent one", `{}`, []string{get, put}, map[string]any{"observedGeneration": int64(1)}},
		"null answer":     {"and an answer of null", `null`, []string{get, put}, map[string]any{"observedGeneration": int64(1)}},
		"float for int":   {"1.0 is not 1, so it is written, though the server stores 1 again", `{"status":{"n":1.0,"phase":"Up"}}`, []string{get, put}, map[string]any{"n": int64(1), "phase": "Up", "observedGeneration": int64(1)}},
		"key order":       {"another order of keys is not a difference", `{"status":{"phase":"Up","n":1}}`, []string{get}, map[string]any{"n": int64(1), "phase": "Up", "observedGeneration": int64(1)}},
		"list against []": {"an empty list is not an absent one", `{"status":{"n":1,"phase":"Up","l":[]}}`, []string{get, put}, map[string]any{"n": int64(1), "phase": "Up", "l": []any{}, "observedGeneration": int64(1)}},
	}
	for name, row := range table {
		t.Run(name, func(t *testing.T) {
			b := running(t, answer{"status": answer{"phase": "Up", "n": 1}})
			b.always(HookResponse{Code: http.StatusOK, Body: []byte(row.body)})
			b.controller.Queue().Add("ns/a")
			b.step()
			b.want(row.reason, append([]string{"hook sync"}, row.calls...)...)
			if diff := cmp.Diff(row.status, b.get(baskets, "a").Object["status"]); diff != "" {
				t.Errorf("%s: status (-want +got):\n%s", row.reason, diff)
			}
		})
	}
}

func TestFloatInStatusIsWrittenAtEverySyncButWakesNobody(t *testing.T) {
	b := running(t, answer{"status": answer{"n": 1}})
	b.always(HookResponse{Code: http.StatusOK, Body: []byte(`{"status":{"n":1.0}}`)})
	for range 3 {
		b.controller.Queue().Add("ns/a")
		if syncs := b.settle(); syncs != 1 {
			t.Fatalf("%d syncs, want 1: the server sees no change, so it sends no event", syncs)
		}
		if !slices.Contains(b.log, "updateStatus baskets a") {
			t.Fatal("1.0 against 1 was not written")
		}
		b.log = nil
	}
}

func TestStatusThatChangesAtEachSyncIsAHotLoop(t *testing.T) {
	b := newBench(t)
	n := 0
	b.answer = func(hook HookKind, _ hookBody) any {
		if hook == Customize {
			return answer{}
		}
		n++
		return answer{"status": answer{"n": n}}
	}
	b.basket("a")
	if _, err := Settle(t.Context(), b.memory, []*Controller{b.controller}, 50); err == nil {
		t.Error("settled, but each status write is an event of the parent")
	}
}

func TestStatusGoesToTheSameUIDOnly(t *testing.T) {
	b := running(t, answer{"status": answer{"phase": "Up"}})
	// The parent is replaced by a namesake while the hook is called.
	b.answer = func(HookKind, hookBody) any {
		b.edit(baskets, "a", func(o *unstructured.Unstructured) { o.SetFinalizers(nil) })
		b.delete(baskets, "a", deleteNow)
		b.basket("a")
		return answer{"status": answer{"phase": "Old"}}
	}
	b.controller.Queue().Add("ns/a")
	b.step()
	b.want("another uid counts as not found, which is not an error", "hook sync", "get baskets a")
	b.wantEvents("no event")
	if status := b.get(baskets, "a").Object["status"]; status != nil {
		t.Errorf("the namesake was given the status %v", status)
	}
}
