package sim

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// uploads are the JARs that pods have sent.
type uploads struct {
	// sent are those that one run of a leader accepted, of one revision, in a fair world.
	sent map[jarOn][]time.Time
	// whole and parts are all that were accepted, and all that a full disk was left with.
	whole, parts []time.Time
	// submissions that Nimbus failed at, behind the JAR.
	submissions int
}

// inboxJar is where a JAR lies that a pod has sent.
const inboxJar = "/nimbus/inbox/stormjar-1.jar"

type jarOn struct {
	leader   storm.Leader
	revision string
}

// leftFor is what a pod begins with: the JAR that an earlier one of its revision left, where
// it is the same.
func (w *World) leftFor(submission storm.Submission) storm.Seen {
	left := submission.Upload.Believable()
	if left.Location != "" && left.SHA256 != sumOf(submission) {
		left = storm.Upload{}
	}
	return storm.Begin(left, w.now.Unix())
}

// sumOf is the hash of a submission's JAR.
func sumOf(submission storm.Submission) string {
	sum := sha256.Sum256([]byte(submission.Fingerprint.Jar))
	return hex.EncodeToString(sum[:])
}

// upload sends the JAR to the leader.
func (w *World) upload(p *process) storm.Result {
	now := w.now.Unix()
	upload, answer := storm.Upload{Leader: w.leader(p.storm), At: now}, w.reached(p)
	if answer == storm.Taken {
		upload.Location = inboxJar
	}
	switch {
	case answer == storm.Taken && w.faults.full:
		w.uploads.parts = append(w.uploads.parts, w.now)
		if p.parts++; p.parts > 2 {
			w.violate("Must 5: a pod sends a third part of its JAR to a full disk")
		}
		answer = storm.Failed
	case answer == storm.Taken:
		p.parts, w.faults.noJar = 0, false
		upload.SHA256 = sumOf(p.submission)
		w.uploads.whole = append(w.uploads.whole, w.now)
		w.accepted(jarOn{upload.Leader, p.submission.Fingerprint.Revision})
	}
	return storm.Result{Answer: answer, Words: "silent", Upload: upload, At: now}
}

// accepted: Must 5: a JAR that lies on a run of a leader is sent to it once more at most, by
// however many pods. In an unfair world a pod's report, or the status, may be lost, and a pod
// that was deleted by force reports nothing.
func (w *World) accepted(jar jarOn) {
	if w.unfair || len(w.faults.ghosts) > 0 {
		w.uploads.sent = nil
		return
	}
	if w.uploads.sent == nil {
		w.uploads.sent = map[jarOn][]time.Time{}
	}
	sent := append(w.uploads.sent[jar], w.now)
	w.uploads.sent[jar] = sent
	if n := len(sent); n > 2 && w.now.Sub(sent[n-3]) < 30*time.Minute {
		w.violate("Must 5: the JAR of revision %s is sent to one run of a leader for the third time in half an hour", jar.revision)
	}
}

// unreported: nothing tells what a pod has left on Nimbus.
func (w *World) unreported() { w.uploads.sent = nil }
