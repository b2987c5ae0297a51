package storm

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Each submission has its own keys for its dependencies in Storm's blob store. Storm deletes
// those of a topology some minutes after it has gone (rmDependencyJarsInTopology in
// Nimbus.java, v2.8.1), and also those of a submission that failed half way: a later
// submission with the same keys would lose them.
//
//	new keys ─▶ upload ─▶ submit ─▶ taken: they are the topology's, and Storm deletes them
//	                          ├─▶ not done, certainly: deleted, or used again if Nimbus has not begun
//	                          └─▶ unknown: never deleted here, and never used again

// depended says whether the dependencies lie on the leader, under keys that no submission
// has used.
func (s Seen) depended() bool { return s.dependedAt != (Leader{}) && s.dependedAt.Same(s.Leader) }

// Spent says whether a submission has used the keys of the dependencies, so that the next
// one needs others.
func (s Seen) Spent() bool {
	return s.sentWith == Taken || s.sentWith == Lost || s.sentWith == Failed
}

// Orphaned says whether the keys certainly belong to no topology. After a failure without
// a type only a look shows that it was not done.
func (s Seen) Orphaned() bool {
	switch s.sentWith {
	case Taken, Lost:
		return false
	case Failed:
		return s.fresh && s.View.Topology == nil
	}
	return true
}

// dependent keeps an upload of the dependencies, after which the keys are new.
func (s Seen) dependent(answer Answer, leader Leader) Seen {
	s.dependedAt, s.sentWith = Leader{}, ""
	if answer == Taken {
		s.dependedAt = leader
	}
	return s
}

// DependencyKeys are the keys of a handover's dependencies.
type DependencyKeys struct {
	// Now are those of the next submission, in the order of the class path.
	Now []string
	// Orphans certainly belong to no topology.
	Orphans []string
}

// Renewed are the keys for an upload: the same ones, or new ones if a submission has used them.
func (k DependencyKeys) Renewed(seen Seen, fresh func(i int) string) DependencyKeys {
	if !seen.Spent() {
		return k
	}
	renewed := DependencyKeys{Orphans: k.Orphans}
	if seen.Orphaned() {
		renewed.Orphans = append(renewed.Orphans, k.Now...)
	}
	for i := range k.Now {
		renewed.Now = append(renewed.Now, fresh(i))
	}
	return renewed
}

// Unused are the keys to delete at the end of a handover.
func (k DependencyKeys) Unused(seen Seen) []string {
	if seen.Orphaned() {
		return append(k.Orphans, k.Now...)
	}
	return k.Orphans
}

// KeyMark is in every key of the dependencies of a StormTopology, and in no other key. A
// StormTopology that is created again under the same name has another one.
func (f Fingerprint) KeyMark() string {
	sum := sha256.Sum256([]byte(f.Cluster + "\x00" + f.Owner + "\x00" + f.UID))
	return "-stormhooks-" + hex.EncodeToString(sum[:8]) + "-"
}

// longestStem is the longest part of a key that is the name of the file.
const longestStem = 80

// DependencyKey is a key for a dependency. unique makes it one of its own. Storm allows
// letters, digits, spaces and ._- (isValidKey in BlobStoreUtils.java, v2.8.1).
func (f Fingerprint) DependencyKey(file, unique string) string {
	stem := strings.Map(func(r rune) rune {
		if strings.ContainsRune(letters+"._-", r) {
			return r
		}
		return '_'
	}, strings.TrimSuffix(file, ".jar"))
	return "dep-" + stem[:min(len(stem), longestStem)] + f.KeyMark() + unique + ".jar"
}
