package nimbusmodel

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// script runs lines such as "submit a: taken" on a Storm with two Nimbuses.
type script struct {
	*Storm
	at    time.Time
	asked int // the Nimbus that is asked
	jar   string
	ids   map[string]string
}

func newScript() *script {
	c := &script{at: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), ids: map[string]string{}}
	c.Storm = New(func() time.Time { return c.at }, 2)
	c.jar, _ = c.Nimbus(0).Upload()
	return c
}

func (c *script) do(line string) string {
	words := strings.Fields(line)
	name := words[len(words)-1]
	n := c.Nimbus(c.asked)
	seconds := func(n int32) *int32 { return &n }
	var id string
	var err error
	switch strings.Join(words[:len(words)-1], " ") {
	case "wait": // a duration
		wait, _ := time.ParseDuration(name)
		c.at = c.at.Add(wait)
		c.Settle()
		return ""
	case "ask":
		c.asked = int(name[0] - '0')
		return ""
	case "lead":
		c.Lead(int(name[0] - '0'))
		return ""
	case "restart":
		c.Nimbus(int(name[0] - '0')).Restart()
		return ""
	case "upload to":
		c.jar, err = c.Nimbus(int(name[0] - '0')).Upload()
	case "submit":
		id, err = n.Submit(Submission{Name: name, Location: c.jar, Conf: map[string]any{"r": "1"}})
	case "submit inactive":
		id, err = n.Submit(Submission{Name: name, Location: c.jar, Inactive: true})
	case "dry run":
		_, err = n.Submit(Submission{Name: name, Location: Beside(c.jar)})
	case "kill in 2":
		_, err = n.Kill(name, seconds(2))
	case "kill in 60":
		_, err = n.Kill(name, seconds(60))
	case "kill":
		_, err = n.Kill(name, nil)
	case "activate":
		_, err = n.Activate(name)
	case "deactivate":
		_, err = n.Deactivate(name)
	case "rebalance in 5":
		_, err = n.Rebalance(name, seconds(5), 2, map[string]any{"r": "2"})
	case "break":
		_, err = n.Rebalance(name, seconds(0), 0, map[string]any{"topology.message.timeout.secs": "abc"})
	case "info":
		return Shown(n.Info(c.ids[name]))
	case "conf":
		conf, err := n.Conf(c.ids[name])
		if err != nil {
			return Answer(err)
		}
		return "r=" + conf["r"].(string)
	}
	if id != "" && c.bases[id] != nil {
		c.ids[name] = id
	}
	return Answer(err)
}

func TestStorm(t *testing.T) {
	cases := map[string]struct{ story, reason string }{
		"a life": {`submit a: taken; info a: info: a ACTIVE; submit a: already alive; deactivate a: taken; deactivate a: taken;
			info a: info: a INACTIVE; kill in 2 a: taken; info a: info: a KILLED; submit a: already alive; activate a: untyped;
			rebalance in 5 a: untyped; wait 2s; info a: info: not alive; kill a: not alive; submit a: taken`,
			"KILLED holds the name, and lets nothing be done but kill"},
		"killed twice": {`submit a: taken; kill in 60 a: taken; kill in 2 a: taken; kill in 60 a: taken; wait 3s; info a: info: not alive`,
			"of two waits the earlier ends it"},
		"Storm's own wait": {`submit a: taken; kill a: taken; wait 29s; info a: info: a KILLED; wait 2s; info a: info: not alive`,
			"topology.message.timeout.secs is 30"},
		"rebalanced": {`submit inactive a: taken; rebalance in 5 a: taken; info a: info: a REBALANCING; activate a: untyped; deactivate a: untyped;
			rebalance in 5 a: untyped; wait 6s; info a: info: a INACTIVE; activate a: taken; info a: info: a ACTIVE`,
			"back to what it was"},
		"what a rebalance changes": {`submit a: taken; rebalance in 5 a: taken; conf a: r=1; wait 6s; conf a: r=2`,
			"seen after the wait only"},
		"killed while rebalancing": {`submit a: taken; rebalance in 5 a: taken; kill in 60 a: taken; wait 6s; info a: info: a KILLED; conf a: r=1`,
			"the rebalance is no more"},
		"the conf of what is gone": {`submit a: taken; kill in 2 a: taken; wait 3s; conf a: r=1; info a: info: not alive; wait 6m; conf a: not alive`,
			"blobs stay for five minutes"},
		"a dry run": {`dry run a: untyped; submit a: taken; dry run a: already alive; dry run a.b: invalid; dry run ü: untyped`,
			"the JAR comes last"},
		"a JAR on the other's disk": {`lead 1; ask 1; submit a: untyped; upload to 1: taken; submit a: taken`, ""},
		"a JAR that is too old":     {`wait 2h; submit a: untyped`, "nimbus.inbox.jar.expiration.secs"},
		"one that never led":        {`submit a: taken; ask 1; kill a: not alive; activate a: not alive; submit a: untyped; info a: info: a ACTIVE; conf a: r=1`, ""},
		"one that led once":         {`submit a: taken; lead 1; kill a: untyped; info a: info: a ACTIVE`, "its memory is not forgotten"},
		"one that was restarted": {`submit a: taken; restart 0; kill a: not alive; submit a: untyped; info a: info: a ACTIVE;
			lead 0; kill in 2 a: taken`, "until its predecessor's session has ended"},
		"waits start again": {`submit a: taken; kill in 60 a: taken; wait 50s; restart 0; lead 0; wait 50s; info a: info: a KILLED;
			wait 20s; info a: info: not alive`, "GAIN_LEADERSHIP"},
		"a timer of a former leader": {`submit a: taken; kill in 60 a: taken; lead 1; wait 61s; ask 0; kill a: not alive`,
			"it halts, and its memory is gone"},
		"a wrong override": {`submit a: taken; break a: taken; wait 1s; info a: info: unreachable`, "they are not checked"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			run := newScript()
			for _, line := range strings.Split(c.story, ";") {
				call, want, _ := strings.Cut(strings.TrimSpace(line), ": ")
				if diff := cmp.Diff(want, run.do(call)); diff != "" {
					t.Fatalf("%s: %s (-want +got):\n%s", call, c.reason, diff)
				}
			}
			if alive := run.Count("a"); alive > 1 {
				t.Errorf("%d topologies of a name", alive)
			}
		})
	}
}

// Each trap springs where it could, does what it says, and is counted.
func TestTraps(t *testing.T) {
	cases := map[Trap]string{
		NeverArrived:       `submit a: unreachable; info a: info: not alive`,
		AnswerLost:         `submit a: unreachable; kill a: taken`,
		Unconnected:        `submit a: unreachable; submit a: taken`,
		FailedBefore:       `submit a: untyped; submit a: taken`,
		FailedAfter:        `submit a: untyped; submit a: already alive`,
		LeaderWithoutNames: `submit a: taken; lead 1; ask 1; kill a: not alive; upload to 1: taken; submit a: taken`,
		SlowReplication:    `submit a: unreachable; kill a: not alive; submit a: unreachable; wait 50s; kill in 2 a: taken`,
		HalfDone:           `submit a: taken; rebalance in 5 a: taken; wait 6s; conf a: r=2; info a: info: a REBALANCING; wait 3s; info a: info: a ACTIVE`,
		GoesMeanwhile:      `submit a: taken; kill in 60 a: taken; activate a: taken; info a: info: not alive`,
		FailsBehindTheJar:  `dry run a: untyped; submit a: untyped; info a: info: not alive; submit a: taken`,
		NoRoom:             `upload to 0: untyped; upload to 0: taken; submit a: taken`,
		RemovedMeanwhile:   `submit a: taken; info a: info: untyped; info a: info: a ACTIVE`,
	}
	for trap, story := range cases {
		t.Run(string(trap), func(t *testing.T) {
			run := newScript()
			run.Chance = func(asked Trap) bool { return asked == trap && run.Sprung[trap] == 0 }
			for _, line := range strings.Split(story, ";") {
				call, want, _ := strings.Cut(strings.TrimSpace(line), ": ")
				if diff := cmp.Diff(want, run.do(call)); diff != "" {
					t.Fatalf("%s (-want +got):\n%s", call, diff)
				}
			}
			if run.Sprung[trap] != 1 {
				t.Errorf("it sprang %d times", run.Sprung[trap])
			}
		})
	}
}

// A copy goes its own way, and a backup brings back what was.
func TestBackup(t *testing.T) {
	run := newScript()
	run.do("submit a")
	backup := run.Clone()
	run.do("kill in 2 a")
	run.do("wait 3s")
	if backup.Named("a") == nil || run.Named("a") != nil {
		t.Fatal("the copy followed")
	}
	run.Restore(backup)
	if got := run.do("deactivate a"); got != "taken" || run.Named("a").Status != storm.Inactive || backup.Named("a").Status != storm.Active {
		t.Errorf("%s: %v, the backup %v", got, run.Named("a"), backup.Named("a"))
	}
}
