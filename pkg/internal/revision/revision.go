package revision

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// length of a revision in hexadecimal digits: enough to tell the revisions of
// one topology apart, short enough to read aloud.
const length = 12

// wholeTopology is what Of hashes. What is not here restarts nothing: waits,
// the deletion policy, the extraction mode, the StormCluster.
// The settings are hashed as they are written, not as Stormhooks types them, so
// that a change of its table of types restarts nothing.
type wholeTopology struct {
	Jar       string           `json:"jar"`
	MainClass string           `json:"mainClass"`
	Args      []string         `json:"args,omitzero"`
	Config    v1beta1.Settings `json:"config,omitempty"`
}

// jarOnly is what OfJar hashes.
type jarOnly struct {
	Image        string `json:"image"`
	Path         string `json:"path"`
	RestartNonce int64  `json:"restartNonce,omitempty"`
}

// Of is the revision of the whole topology.
func Of(topology *v1beta1.StormTopology) string {
	spec := topology.Spec.Topology
	whole := wholeTopology{Jar: OfJar(topology), MainClass: spec.MainClass, Config: spec.Config}
	if !slices.Equal(topology.MainArgs(), (&v1beta1.StormTopology{}).MainArgs()) {
		whole.Args = spec.Args
	}
	return hash(whole)
}

// OfJar is the revision of the JAR alone.
func OfJar(topology *v1beta1.StormTopology) string {
	container := topology.Spec.Topology.Jar.Container
	return hash(jarOnly{Image: container.Image, Path: container.Path, RestartNonce: topology.Spec.RestartNonce})
}

func hash(value any) string {
	text, err := json.Marshal(value) // maps are written in the order of their keys
	if err != nil {
		// Settings come from decoded JSON; what JSON gave, JSON takes.
		panic(fmt.Sprintf("hashing a revision: %v", err))
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])[:length]
}
