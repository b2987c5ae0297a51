package storm

import (
	"encoding/json"
	"strconv"
)

// The settings that a topology of ours bears in its own conf. Storm keeps
// settings that it does not know and gives them back by getTopologyConf
// (storm-client/src/jvm/org/apache/storm/validation/ConfigValidation.java
// checks declared keys only), so what runs is known from Storm itself.
const (
	KeyCluster    = "stormhooks.cluster"
	KeyOwner      = "stormhooks.owner"
	KeyUID        = "stormhooks.uid"
	KeyGeneration = "stormhooks.generation"
	KeyRevision   = "stormhooks.revision"
	KeyJar        = "stormhooks.jar"
	KeyRestart    = "stormhooks.restart"
	KeyCheap      = "stormhooks.cheap"
)

// Fingerprint says which StormTopology, and which revision of it, a topology
// in Storm was submitted for.
type Fingerprint struct {
	// Cluster is the uid of the Kubernetes cluster's kube-system namespace.
	Cluster string `json:"cluster"`
	// Owner is namespace/name of the StormTopology.
	Owner string `json:"owner"`
	// UID and Generation are the StormTopology's at the submission.
	UID        string `json:"uid"`
	Generation int64  `json:"generation"`
	// Revision hashes all that makes a resubmission necessary, Jar all that
	// makes an extraction necessary.
	Revision string `json:"revision"`
	Jar      string `json:"jar"`
	// Restart hashes the part of Revision that only a resubmission changes; Cheap
	// are the names of the settings in the other part, which a rebalance changes.
	Restart string `json:"restart"`
	Cheap   string `json:"cheap"`
}

// Settings are the fingerprint as Storm settings.
func (f Fingerprint) Settings() map[string]any {
	return map[string]any{
		KeyCluster: f.Cluster, KeyOwner: f.Owner, KeyUID: f.UID,
		KeyGeneration: f.Generation, KeyRevision: f.Revision, KeyJar: f.Jar,
		KeyRestart: f.Restart, KeyCheap: f.Cheap,
	}
}

// FingerprintOf reads the fingerprint out of a topology's conf; what is not
// there stays empty.
func FingerprintOf(conf map[string]any) Fingerprint {
	text := func(key string) string {
		s, _ := conf[key].(string)
		return s
	}
	return Fingerprint{
		Cluster: text(KeyCluster), Owner: text(KeyOwner), UID: text(KeyUID),
		Generation: integer(conf[KeyGeneration]), Revision: text(KeyRevision), Jar: text(KeyJar),
		Restart: text(KeyRestart), Cheap: text(KeyCheap),
	}
}

// SameOwner says whether both were submitted for the same StormTopology of the
// same Kubernetes cluster. The uid is not asked: an object restored from a
// backup, or deleted and made again, is the same to its owner.
func (f Fingerprint) SameOwner(other Fingerprint) bool {
	return f.Cluster != "" && f.Owner != "" && f.Cluster == other.Cluster && f.Owner == other.Owner
}

// OwnedIn says whether a StormTopology of this Kubernetes cluster submitted it:
// that one's own, which no other may adopt.
func (f Fingerprint) OwnedIn(cluster string) bool { return f.Owner != "" && f.Cluster == cluster }

// SameRevision says whether both are the same revision of the same StormTopology.
func (f Fingerprint) SameRevision(other Fingerprint) bool {
	return f.SameOwner(other) && f.Revision != "" && f.Revision == other.Revision
}

func integer(value any) int64 {
	switch n := value.(type) {
	case json.Number:
		i, _ := n.Int64()
		return i
	case float64:
		return int64(n)
	case int64:
		return n
	case string:
		i, _ := strconv.ParseInt(n, 10, 64)
		return i
	}
	return 0
}
