package text

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// pairs of texts of other programs that differ only in what moves, and what both become.
var pairs = map[string]struct{ one, other, want string }{
	"addresses":               {"read tcp 10.0.0.7:43210->10.0.0.9:5000: i/o timeout", "read tcp [fd00::7]:4321->[fd00::9]:50000: i/o timeout", "read tcp: i/o timeout"},
	"a name with its address": {"connect to nimbus/10.0.0.7:6627 failed", "connect to nimbus/10.0.0.8:6627 failed", "connect to nimbus failed"},
	"a port of a host":        {"no heartbeat of ip-10-0-0-7:6700, restarted", "no heartbeat of ip-10-0-0-7:16701, restarted", "no heartbeat of ip-10-0-0-7, restarted"},
	"a port":                  {"bound to port 6700", "bound to port 6701", "bound to"},
	"clocks":                  {"expired: current time 2031-07-19T13:47:53Z is after 2031-01-01T00:00:00Z", "expired: current time 2032-07-19T13:47:53Z is after 2031-01-01T00:00:00Z", "expired"},
	"times":                   {"since 2031-07-19 13:47:53.123 no leader", "since 13:47:53 no leader", "since no leader"},
	"milliseconds since 1970": {"leader since 1767268830123", "leader since 1767268839999", "leader since"},
	"durations":               {"gave up after 12.5s", "gave up after 1m3s", "gave up after"},
	"durations in words":      {"no answer for 3 seconds. It ended", "no answer for 1 minute. It ended", "no answer for. It ended"},
	"amounts":                 {"needs 1024.0 MB, has 3 %", "needs 12 MB, has 33.5%", "needs, has"},
	"counters":                {"failed 3 times: gone", "failed 14 times: gone", "failed: gone"},
	"an object of Java":       {"task java.util.concurrent.FutureTask@1b2c3d4 rejected", "task java.util.concurrent.FutureTask@ffffffff rejected", "task java.util.concurrent.FutureTask rejected"},
	"a thread":                {"in Thread-17 of it", "in Thread-203 of it", "in of it"},
	"a topology's id":         {"no room for word-count-1-1767268830 here", "no room for word-count-12-1767268999 here", "no room for word-count here"},
	"uids":                    {"volume 0b1c2d3e-1111-2222-3333-444455556666 is busy", "volume 0b1c2d3f-1111-2222-3333-444455556666 is busy", "volume is busy"},
	"the search of the scheduler": {
		"Cannot schedule by S (17 states traversed in 23 ms, backtracked 3 times, 5 of 12 executors scheduled)",
		"Cannot schedule by S (18 states traversed in 9 ms, backtracked 2 times, 6 of 12 executors scheduled)", "Cannot schedule by S"},
	"what the scheduler lacks": {
		"Additional Memory Required: 1024.0 MB (Available: 17.25 MB). Additional CPU Required: 10.0% CPU (Available: 0.0 % CPU).No room",
		"Additional Memory Required: 512.0 MB (Available: 0.0 MB). Additional CPU Required: 1.0E-4% CPU (Available: 300.0 % CPU).No room",
		"Additional Memory Required. Additional CPU Required.No room"},
	"colours": {"\x1b[31mred\x1b[0m 3 ms", "red 4 ms", "red"},
}

func TestSteady(t *testing.T) {
	for name, pair := range pairs {
		one, other := Steady(pair.one, 400), Steady(pair.other, 400)
		if one != pair.want || other != pair.want {
			t.Errorf("%s: %q and %q, want %q", name, one, other, pair.want)
		}
	}
	for _, stays := range []string{"HTTP 404", "Index 5 out of bounds for length 3", "Running with fewer slots than requested (3/5)", "image registry:5000/app:1.4 was not found", "exit code 137"} {
		if got := Steady(stays, 400); got != stays {
			t.Errorf("%q became %q, though nothing of it moves", stays, got)
		}
	}
	if got := Steady(strings.Repeat("word ", 100), 40); len(got) > 40 || !strings.HasSuffix(got, "…") {
		t.Errorf("%q", got)
	}
}

func FuzzSteady(f *testing.F) {
	for _, pair := range pairs {
		f.Add(pair.one, 40)
	}
	f.Fuzz(func(t *testing.T, said string, limit int) {
		limit &= 0x3ff
		got := Steady(said, limit)
		if len(got) > limit || !utf8.ValidString(got) || Clean(got) != got {
			t.Errorf("%d bytes, limit %d: %q", len(got), limit, got)
		}
	})
}
