package storm

import (
	"strings"
	"testing"
)

var sent = Upload{
	Location: "/data/nimbus/inbox/stormjar-7fd1c9b0-57cf-4f4f-9a54-1a1c9c1f2b3d.jar", Leader: handLeader, At: 990,
	SHA256: strings.Repeat("ab", 32),
}

func TestBelievable(t *testing.T) {
	parts := Upload{Leader: handLeader, At: 990, Refused: true}
	for name, c := range map[string]struct {
		change func(*Upload)
		kept   bool
	}{
		"a JAR":                     {func(*Upload) {}, true},
		"one on Windows":            {func(u *Upload) { u.Location = `C:\storm\nimbus\inbox/stormjar-1.jar` }, true},
		"one at an address":         {func(u *Upload) { u.Leader.Host = "fd00::1%eth0" }, true},
		"one that was repeated":     {func(u *Upload) { u.Repeated = true }, true},
		"parts":                     {func(u *Upload) { *u = parts }, true},
		"nothing":                   {func(u *Upload) { *u = Upload{} }, false},
		"no location":               {func(u *Upload) { u.Location = "" }, false},
		"a location with a command": {func(u *Upload) { u.Location = "/inbox/$(id).jar" }, false},
		"one for a terminal":        {func(u *Upload) { u.Location = "/inbox/\x1b[2J.jar" }, false},
		"one with a line's end":     {func(u *Upload) { u.Location += "\n" }, false},
		"one that leads elsewhere":  {func(u *Upload) { u.Location = "/inbox/../../etc/passwd" }, false},
		"one without an end":        {func(u *Upload) { u.Location = "/" + strings.Repeat("a", longestLocation) }, false},
		"no hash":                   {func(u *Upload) { u.SHA256 = "" }, false},
		"half a hash":               {func(u *Upload) { u.SHA256 = "abcd" }, false},
		"no host":                   {func(u *Upload) { u.Leader.Host = "" }, false},
		"a host with a command":     {func(u *Upload) { u.Leader.Host = "$(id)" }, false},
		"no port":                   {func(u *Upload) { u.Leader.Port = 0 }, false},
		"no run":                    {func(u *Upload) { u.Leader.Start = 0 }, false},
		"sent before the start":     {func(u *Upload) { u.At = 10 }, false},
		"sent after all time":       {func(u *Upload) { u.At = latest }, false},
		"a JAR that was refused":    {func(u *Upload) { u.Refused = true }, false},
		"parts with a location":     {func(u *Upload) { *u = parts; u.Location = "/inbox/a.jar" }, false},
	} {
		u := sent
		c.change(&u)
		want := Upload{}
		if c.kept {
			want = u
		}
		if got := u.Believable(); got != want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestLeaderAt(t *testing.T) {
	for _, leader := range []Leader{handLeader, {Host: "fd00::1", Port: 6627, Start: 1}, {Host: "10.0.0.1", Port: 65535, Start: 1}} {
		if got, ok := LeaderAt(leader.At(), leader.Start); !ok || got != leader {
			t.Errorf("%s: %+v, %t", leader.At(), got, ok)
		}
	}
	for _, at := range []string{"", "nimbus", "nimbus:", "nimbus:0", "nimbus:65536", "nimbus:x", ":6627", "a b:6627"} {
		if got, ok := LeaderAt(at, 1); ok {
			t.Errorf("%q: %+v", at, got)
		}
	}
}

// What a pod begins with decides whether it sends the JAR.
func TestBegin(t *testing.T) {
	other := Leader{Host: "nimbus-0", Port: 6627, Start: 500}
	repeated, parts := sent, Upload{Leader: handLeader, At: 990, Refused: true}
	repeated.Repeated = true
	for name, c := range map[string]struct {
		left   Upload
		leader Leader
		now    int64
		do     Do // first
		failed Do // after a failure of that
		reason string
	}{
		"nothing":                  {Upload{}, handLeader, 1000, DoUpload, DoUpload, ""},
		"the JAR":                  {sent, handLeader, 1000, DoSubmit, DoUpload, "the JAR may be what was missing, once"},
		"a JAR that was repeated":  {repeated, handLeader, 1000, DoSubmit, DoSubmit, "a third one would only fill the disk"},
		"the JAR, by a clock":      {sent, Leader{Host: "nimbus-0", Port: 6627, Start: 102}, 1000, DoSubmit, DoUpload, "an uptime has whole seconds"},
		"the leader started again": {repeated, other, 1000, DoUpload, DoUpload, "a restart may have removed it"},
		"another leader":           {repeated, Leader{Host: "nimbus-1", Port: 6627, Start: 100}, 1000, DoUpload, DoUpload, "the JAR is a file of the other one's"},
		"an old JAR":               {repeated, handLeader, 990 + uploadFor, DoUpload, DoUpload, "Nimbus cleans its inbox"},
		"a JAR of the future":      {repeated, handLeader, 900, DoUpload, DoUpload, "the clocks differ"},
		"parts":                    {parts, handLeader, 1000, DoUpload, JarRefused, "one more shows that the disk is still full"},
		"parts of another leader":  {parts, other, 1000, DoUpload, DoUpload, "its disk may have room"},
		"parts that have gone":     {parts, handLeader, 990 + partsFor, DoUpload, DoUpload, "Nimbus removes them"},
	} {
		seen := Begin(c.left, c.now).Looked(sees(nil), c.leader, c.now)
		step := Next(seen, handWant)
		if step.Do != c.do {
			t.Errorf("%s: %q, want %q: %s", name, step.Do, c.do, c.reason)
		}
		seen = seen.After(step, Result{Answer: Failed, Upload: Upload{Location: "inbox/part", Leader: c.leader}, At: c.now + 1})
		if step = Next(seen.Looked(sees(nil), c.leader, c.now+2), handWant); step.Do != c.failed {
			t.Errorf("%s: then %q, want %q: %s", name, step.Do, c.failed, c.reason)
		}
	}
}

// What a pod leaves is what it began with, where it found out nothing else.
func TestLeft(t *testing.T) {
	for _, left := range []Upload{{}, sent} {
		if got := Begin(left, 1000).Left(); got != left {
			t.Errorf("%+v, want %+v", got, left)
		}
	}
	refused := with(looked(nil), func(s *Seen) { s.jarFailures, s.countedAt = uploadsRefused, handLeader })
	if got, want := refused.Left(), (Upload{Leader: handLeader, At: 1000, Refused: true}); got != want || got.Believable() != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
