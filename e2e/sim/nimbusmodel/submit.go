package nimbusmodel

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Submission is a call of submitTopologyWithOpts.
type Submission struct {
	Name, Location string
	Conf           map[string]any
	Inactive       bool
	// Private: only its submitter may read its conf.
	Private bool
	// ID is the one that Nimbus gives it, where that is known.
	ID string
}

// blobKey is what an id has to be like, and is found out last (Utils.java isValidKey).
var blobKey = regexp.MustCompile(`^[\w \t._-]+$`)

// noJar is the file of a dry run, which does not exist.
const noJar = "stormhooks-probe.jar"

// Beside is the location of a dry run: no JAR is there, in the folder of one that was
// uploaded. Storm 3.1 rejects a location outside the inbox.
func Beside(location string) string { return path.Join(path.Dir(location), noJar) }

// Upload puts a JAR on this Nimbus's disk.
func (n *Nimbus) Upload() (location string, err error) {
	if err := n.receives("beginFileUpload"); err != nil {
		return "", err
	}
	if !n.leading() {
		n.storm.count(NotTheLeader)
		return "", untyped("beginFileUpload")
	}
	if n.storm.springs(NoRoom) {
		return "", untyped("uploadChunk")
	}
	n.serial++
	location = fmt.Sprintf("%s/inbox/stormjar-%d.jar", n.Host, n.serial)
	n.inbox[location] = n.storm.Now()
	return location, n.answers("finishFileUpload")
}

// Submit is submitTopologyWithOpts: the checks in its order.
func (n *Nimbus) Submit(sub Submission) (id string, err error) {
	const method = "submitTopologyWithOpts"
	if err := n.receives(method); err != nil {
		return "", err
	}
	if !n.leading() {
		n.storm.count(NotTheLeader)
		return "", untyped(method)
	}
	if err := n.check(sub); err != nil {
		return "", err
	}
	n.counter++
	if sub.ID == "" {
		sub.ID = fmt.Sprintf("%s-%d-%d", sub.Name, n.counter, n.storm.Now().Unix())
	}
	if n.locked() {
		n.storm.count(Locked)
		return "", lost(n)
	}
	if !n.has(sub.Location) || !blobKey.MatchString(sub.ID) {
		if path.Base(sub.Location) != noJar {
			n.storm.count(JarGone)
		}
		return "", untyped(method)
	}
	if n.storm.springs(FailsBehindTheJar) { // createBlob, waitForDesiredCodeReplication
		return "", untyped(method)
	}
	if n.storm.springs(SlowReplication) {
		n.admitLater(sub)
		return "", lost(n)
	}
	n.admit(sub)
	return sub.ID, n.answers(method)
}

func (n *Nimbus) check(sub Submission) error {
	_, known := n.names[sub.Name]
	switch {
	case sub.Name == "" || strings.ContainsAny(sub.Name, `/.:\`): // Utils.java validateTopologyName
		return &nimbus.InvalidTopologyError{Msg: "Topology name '" + sub.Name + "' is not valid."}
	case known:
		return &nimbus.AlreadyAliveError{Msg: sub.Name + " is already alive"}
	}
	if _, fine := seconds(sub.Conf); !fine {
		return &nimbus.InvalidTopologyError{Msg: "Field topology.message.timeout.secs must be an Integer within type range."}
	}
	if n.storm.Refuse != nil {
		if err := n.storm.Refuse(sub.Name, sub.Conf); err != nil {
			return &nimbus.InvalidTopologyError{Msg: err.Error()}
		}
	}
	return nil
}

func (n *Nimbus) has(location string) bool {
	written, there := n.inbox[location]
	return there && n.storm.Now().Sub(written) < jarsFor
}

// admit writes the topology to ZooKeeper, and its conf to the blob store.
func (n *Nimbus) admit(sub Submission) {
	s := n.storm
	if s.Count(sub.Name) > 0 {
		s.count(TwoOfAName)
	}
	settings := maps.Clone(sub.Conf)
	if settings == nil {
		settings = map[string]any{}
	}
	settings["topology.name"], settings["storm.id"] = sub.Name, sub.ID
	b := &Base{ID: sub.ID, Name: sub.Name, Status: storm.Active, Workers: 1, Assigned: s.Now(), admitted: s.Now(), private: sub.Private}
	if sub.Inactive {
		b.Status = storm.Inactive
	}
	if workers := nimbus.FactsOf(settings).WorkersWanted; workers > 0 {
		b.Workers = int32(workers)
	}
	s.bases[sub.ID], s.confs[sub.ID] = b, conf{settings: settings}
	n.names[sub.Name] = sub.ID
}

// admitLater is a submission that holds Nimbus's lock while its blobs are
// replicated; its client has long given up waiting.
func (n *Nimbus) admitLater(sub Submission) {
	at := n.storm.Now().Add(replication)
	n.storm.timers = append(n.storm.timers, timer{at: at, nimbus: n.at, event: lateAdmission, sub: &sub})
}

// admitLate ends the wait. It looks each second whether it still leads, and no
// more when the wait is over (waitForDesiredCodeReplication).
func (n *Nimbus) admitLate(sub Submission) {
	if n.leading() || n.storm.springs(AdmittedByFormerLeader) {
		n.admit(sub)
	}
}

// locked: a submission is at work in this Nimbus, or a transition is half done.
func (n *Nimbus) locked() bool {
	return slices.ContainsFunc(n.storm.timers, func(t timer) bool {
		return t.nimbus == n.at && (t.event == lateAdmission || t.event == removed || t.event == scheduled)
	})
}

// replication is how long such a submission takes: less than
// topology.max.replication.wait.time.sec (60).
const replication = 45 * time.Second

// Uploaded says that a JAR lies on this Nimbus's disk.
func (n *Nimbus) Uploaded(location string) { n.inbox[location] = n.storm.Now() }
