package storm

import (
	"encoding/json"
	"strconv"
	"strings"
)

// The settings that are the fingerprint in the conf of a topology. Storm keeps settings
// that it does not know, and getTopologyConf returns them
// (storm-client/src/jvm/org/apache/storm/validation/ConfigValidation.java checks
// declared keys only). So Storm itself says what is running.
const (
	KeyCluster    = "stormhooks.cluster"
	KeyOwner      = "stormhooks.owner"
	KeyUID        = "stormhooks.uid"
	KeyGeneration = "stormhooks.generation"
	KeyRevision   = "stormhooks.revision"
	KeyJar        = "stormhooks.jar"
	KeyRestart    = "stormhooks.restart"
	KeyCheap      = "stormhooks.cheap"
	KeyInputs     = "stormhooks.inputs"
)

// Fingerprint says for which StormTopology, and which revision of it, a topology in
// Storm was submitted.
type Fingerprint struct {
	// Cluster is the uid of the Kubernetes cluster's kube-system namespace.
	Cluster string `json:"cluster"`
	// Owner is namespace/name of the StormTopology.
	Owner string `json:"owner"`
	// UID and Generation are those of the StormTopology at the submission.
	UID        string `json:"uid"`
	Generation int64  `json:"generation"`
	// Revision is a hash of the fields whose change needs a new submission, Jar of
	// those whose change needs a new extraction.
	Revision string `json:"revision"`
	Jar      string `json:"jar"`
	// Restart is a hash of the part of Revision that only a restart can change. Cheap
	// are the names of the settings in the other part, which a rebalance can change.
	Restart string `json:"restart"`
	Cheap   string `json:"cheap"`
	// Inputs are what main reads besides the spec.topology, each with a hash
	// (pkg/internal/revision). Empty: an older release submitted the topology.
	Inputs string `json:"inputs,omitempty"`
}

// Settings are the fingerprint as settings of Storm.
func (f Fingerprint) Settings() map[string]any {
	settings := map[string]any{
		KeyCluster: f.Cluster, KeyOwner: f.Owner, KeyUID: f.UID,
		KeyGeneration: f.Generation, KeyRevision: f.Revision, KeyJar: f.Jar,
		KeyRestart: f.Restart, KeyCheap: f.Cheap,
	}
	if f.Inputs != "" {
		settings[KeyInputs] = f.Inputs
	}
	return settings
}

// The longest values of a fingerprint: an owner is namespace/name, and only Cheap and
// Inputs are lists.
const (
	longestMark = 320
	longestList = 8 << 10
)

// FingerprintOf reads the fingerprint from the conf of a topology. What the conf lacks
// stays empty, and so does what Stormhooks cannot have written: it is shown to people.
func FingerprintOf(conf map[string]any) Fingerprint {
	text := func(key string) string {
		s, _ := conf[key].(string)
		if len(s) > longestMark && (key != KeyCheap && key != KeyInputs || len(s) > longestList) || strings.Trim(s, markLetters) != "" {
			return ""
		}
		return s
	}
	return Fingerprint{
		Cluster: text(KeyCluster), Owner: text(KeyOwner), UID: text(KeyUID),
		Generation: integer(conf[KeyGeneration]), Revision: text(KeyRevision), Jar: text(KeyJar),
		Restart: text(KeyRestart), Cheap: text(KeyCheap), Inputs: text(KeyInputs),
	}
}

// SameOwner says whether both were submitted for the same StormTopology of the same
// Kubernetes cluster. The uid does not count: an object that was restored from a
// backup, or deleted and created again, is the same for its owner.
func (f Fingerprint) SameOwner(other Fingerprint) bool {
	return f.Cluster != "" && f.Owner != "" && f.Cluster == other.Cluster && f.Owner == other.Owner
}

// OwnedIn says whether it was submitted for a StormTopology of this Kubernetes cluster.
// No other StormTopology may adopt it then.
func (f Fingerprint) OwnedIn(cluster string) bool { return f.Owner != "" && f.Cluster == cluster }

// SameRevision says whether both have the same revision of the same StormTopology.
func (f Fingerprint) SameRevision(other Fingerprint) bool {
	return f.SameOwner(other) && f.Revision != "" && f.Revision == other.Revision
}

// markLetters are the characters of names of Kubernetes, uids, hashes and settings.
const markLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_/,:"

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
