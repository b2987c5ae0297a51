package standin

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

func ok(body string) HookResponse { return HookResponse{Code: http.StatusOK, Body: []byte(body)} }

func TestAnswers(t *testing.T) {
	table := map[string]struct {
		reason string
		answer any
		event  string // "" for an accepted answer
	}{
		"empty object":           {"an empty answer is fine", ok(`{}`), ""},
		"null":                   {"so is null", ok(`null`), ""},
		"null children":          {"and null children", ok(`{"children":null}`), ""},
		"all keys":               {"the four keys are known", ok(`{"status":{},"children":[],"resyncAfterSeconds":0.5,"finalized":false}`), ""},
		"unknown in a child":     {"a child's own fields are not looked at", ok(`{"children":[{"apiVersion":"batch/v1","kind":"Job","Kind":"x","metadata":{"name":"j"},"status":{}}]}`), ""},
		"unknown key":            {"v2 is strict", ok(`{"message":"x"}`), "unknown field"},
		"case":                   {"Status is an unknown key", ok(`{"Status":{}}`), "unknown field"},
		"duplicate key":          {"a key twice is refused", ok(`{"status":{},"status":{}}`), "duplicate field"},
		"duplicate in status":    {"in status, too", ok(`{"status":{"a":1,"a":2}}`), "duplicate field"},
		"no body":                {"an empty body is not JSON", ok(``), "can't decode"},
		"array":                  {"an array is not an answer", ok(`[]`), "can't decode"},
		"trailing text":          {"nothing may follow", ok(`{} {}`), "can't decode"},
		"wrong type":             {"a list is not a status", ok(`{"status":[]}`), "can't decode"},
		"child without kind":     {"a child needs a kind", ok(`{"children":[{"metadata":{"name":"x"}}]}`), "can't decode"},
		"201":                    {"only 200 is success", HookResponse{Code: 201, Body: []byte(`{}`)}, "unsupported status code 201"},
		"204":                    {"only 200 is success", HookResponse{Code: 204}, "unsupported status code 204"},
		"500 and its body":       {"the event carries the body", HookResponse{Code: 500, Body: []byte("boom")}, "boom"},
		"304 without an ETag":    {"304 is an error where ETag is off", HookResponse{Code: 304}, "unsupported status code 304"},
		"no answer":              {"a network error is an error", errors.New("connection refused"), "connection refused"},
		"undeclared child":       {"a kind that discovery lacks is an error of the children", ok(`{"children":[{"apiVersion":"x/v1","kind":"No","metadata":{"name":"x"}}]}`), "discovery knows no kind"},
		"labels of a wrong type": {"labels must be strings", ok(`{"children":[{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"x","labels":{"a":1}}}]}`), "invalid labels"},
	}
	for name, row := range table {
		t.Run(name, func(t *testing.T) {
			b := running(t, answer{})
			b.always(row.answer)
			b.controller.Queue().Add("ns/a")
			b.step()
			if row.event == "" {
				b.wantEvents(row.reason)
				if got := b.waits(); got != -1 && got != 500*time.Millisecond {
					t.Errorf("%s: retried in %s", row.reason, got)
				}
				return
			}
			b.wantEvents(row.reason, row.event)
			if got := b.waits(); got != firstBackoff {
				t.Errorf("%s: retried in %s, want %s", row.reason, got, firstBackoff)
			}
		})
	}
}

func TestNullChildEndsTheProcess(t *testing.T) {
	b := running(t, answer{})
	var crash *Crash
	b.controller.opts.Crash = func(c *Crash) { crash = c }
	b.always(ok(`{"children":[null]}`))
	b.controller.Queue().Add("ns/a")
	b.step()
	if crash == nil || !strings.Contains(crash.Error(), "Basket ns/a") {
		t.Errorf("crash %v, want one that names the parent", crash)
	}
}

func Test429(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	table := map[string]struct {
		reason string
		header string
		wait   time.Duration
	}{
		"seconds":     {"whole seconds are waited for", "7", 7 * time.Second},
		"date":        {"so is a date", now.Add(90 * time.Second).Format("Mon, 02 Jan 2006 15:04:05 GMT"), 90 * time.Second},
		"past date":   {"a time that has passed is at once", now.Add(-time.Hour).Format("Mon, 02 Jan 2006 15:04:05 GMT"), -1},
		"none":        {"without a header it is at once: a hot loop", "", -1},
		"half second": {"1.5 cannot be read: at once", "1.5", -1},
		"negative":    {"at once", "-3", -1},
	}
	for name, row := range table {
		for _, hook := range []HookKind{Sync, Customize} {
			t.Run(name+" from "+string(hook), func(t *testing.T) {
				b := newBench(t)
				b.answer = func(asked HookKind, _ hookBody) any {
					if asked == hook {
						return HookResponse{Code: 429, Header: http.Header{"Retry-After": {row.header}}, Body: []byte("busy")}
					}
					return answer{}
				}
				b.basket("a")
				b.catchUp()
				b.step()
				if got := b.waits(); got != row.wait {
					t.Errorf("%s: waits %s, want %s", row.reason, got, row.wait)
				}
				if row.wait == -1 && !b.ready() {
					t.Errorf("%s: not ready again", row.reason)
				}
				b.wantEvents("429 is not an error")
				if got := b.controller.Queue().Failures("ns/a"); got != 0 {
					t.Errorf("429 made the backoff grow to %d failures", got)
				}
			})
		}
	}
}

func TestBackoffGrowsAndIsForgotten(t *testing.T) {
	b := running(t, answer{})
	b.always(HookResponse{Code: 500})
	b.controller.Queue().Add("ns/a")
	b.step()
	for _, want := range []time.Duration{5, 10, 20, 40, 80} {
		if got := b.waits(); got != want*time.Millisecond {
			t.Fatalf("waits %s, want %d ms", got, want)
		}
		b.clock = b.clock.Add(b.waits())
		b.step()
	}
	b.controller.Queue().Add("ns/a")
	b.always(answer{})
	b.step() // an event syncs at once, in spite of the backoff
	if got := b.controller.Queue().Failures("ns/a"); got != 0 {
		t.Errorf("a success left %d failures", got)
	}
	if got := b.waits(); got != 160*time.Millisecond {
		t.Errorf("waits %s: a success does not cancel a timer", got)
	}
}
