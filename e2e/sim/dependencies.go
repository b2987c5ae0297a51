package sim

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// deletedAfter is how long after a topology has gone Storm deletes its dependencies, and
// those of a submission that failed half way (nimbus.topology.blobstore.deletion.delay.ms).
const deletedAfter = 5 * time.Minute

// blobs are the dependencies in a Storm's blob store.
type blobs struct {
	there map[string]bool
	// begun are the keys of submissions that Nimbus may have begun, doomed those that it
	// deletes, and when.
	begun  map[string]bool
	doomed map[string]time.Time
}

// othersBlob is a blob that another one has uploaded.
const othersBlob = "dep-guava-stormhooks-0123456789abcdef-1.jar"

func newBlobs() blobs {
	return blobs{there: map[string]bool{othersBlob: true}, begun: map[string]bool{}, doomed: map[string]time.Time{}}
}

// settle deletes what is due.
func (b blobs) settle(now time.Time) {
	for key, at := range b.doomed {
		if !now.Before(at) {
			delete(b.there, key)
			delete(b.doomed, key)
		}
	}
}

// doom has keys deleted in a while.
func (b blobs) doom(keys []string, from time.Time) {
	for _, key := range keys {
		b.doomed[key] = from.Add(deletedAfter)
	}
}

// dependent says whether a submission has dependencies.
func dependent(submission storm.Submission) bool {
	return submission.Beside || submission.Mounted != nil && len(submission.Mounted.Dependencies) > 0
}

// depend uploads the dependencies of a pod.
func (w *World) depend(p *process) storm.Result {
	if p.keys.Now == nil {
		p.keys.Now = []string{w.newKey(p)}
	}
	p.keys = p.keys.Renewed(p.seen, func(int) string { return w.newKey(p) })
	key, answer := p.keys.Now[0], w.reached(p)
	switch {
	case answer == storm.Taken && w.faults.full:
		answer = storm.Failed
	case answer == storm.Taken && p.storm.blobs.there[key]: // a leader that has it
	case answer == storm.Taken:
		p.storm.blobs.there[key] = true
		answer = w.maybeLost(answer)
	}
	if answer != storm.Taken { // a part of it may be there, and its key is not used again
		p.keys.Orphans, p.keys.Now = append(slices.Clone(p.keys.Orphans), key), []string{w.newKey(p)}
	}
	return storm.Result{Answer: answer, Words: "no room", Upload: storm.Upload{Leader: w.leader(p.storm)}, At: w.now.Unix()}
}

func (w *World) newKey(p *process) string {
	w.keys++
	return p.submission.Fingerprint.DependencyKey("lib.jar", fmt.Sprint(w.keys))
}

// hookForgets: Must 3 at the hook server's deletion of dependencies.
func (w *World) hookForgets(call storm.Call) error {
	w.note("hook: forgets %s", call.Mark)
	w.sameStorm(w.clusterIdentity(), w.storm, "the hook deleted dependencies")
	if w.storm.Down || w.faults.failing {
		return errors.New("internal error")
	}
	for key := range w.storm.blobs.there {
		if strings.Contains(key, call.Mark) {
			delete(w.storm.blobs.there, key)
		}
	}
	return nil
}

// nothingLeft: Must 8: a StormTopology that is gone has left no dependency in its Storm, but
// those that Storm deletes itself, and those that an object before it was told to leave. One
// that a pod uploads which was deleted by force stays.
func (w *World) nothingLeft() {
	if w.held && w.policy == "Orphan" {
		for key := range w.home().blobs.there {
			w.left[key] = true
		}
	}
	if w.unfair || w.policy != "Kill" || len(w.faults.ghosts) > 0 {
		return
	}
	for key := range w.home().blobs.there {
		if _, doomed := w.home().blobs.doomed[key]; key != othersBlob && !doomed && !w.left[key] {
			w.violate("Must 8: the StormTopology is gone, and its dependency %s is still in Storm", key)
		}
	}
}

// forget deletes what certainly belongs to no topology, if Nimbus answers.
func (w *World) forget(p *process) {
	if p.storm.Down || w.faults.failing {
		return
	}
	for _, key := range p.keys.Unused(p.seen) {
		delete(p.storm.blobs.there, key)
	}
}

// uses: Must 2: a submission has dependencies of its own, and they are on the leader.
func (w *World) uses(p *process) []string {
	if !dependent(p.submission) {
		return nil
	}
	key := "none"
	if len(p.keys.Now) > 0 {
		key = p.keys.Now[0]
	}
	switch b := p.storm.blobs; {
	case !b.there[key]:
		w.violate("Must 2: a pod submits a topology whose dependencies are not in Storm")
	case b.begun[key]:
		w.violate("Must 2: a pod submits a topology with dependencies that Storm deletes with another one")
	}
	p.storm.blobs.begun[key] = true
	return []string{key}
}

// whole: Must 2: no topology of this object that is alive lacks a dependency.
func (w *World) whole() {
	for _, s := range w.storms {
		s.settle()
		if !s.blobs.there[othersBlob] {
			w.violate("Must 3: a blob of another owner was deleted")
		}
		for _, name := range bothNames {
			t := s.topologies[name]
			if t == nil || !t.Alive() {
				continue
			}
			for _, key := range t.dependencies {
				if !s.blobs.there[key] {
					w.violate("Must 2: %s runs, and its dependencies were deleted", t.ID)
				}
			}
		}
	}
}
