package revision

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

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
	Image        string          `json:"image"`
	Path         string          `json:"path"`
	RestartNonce int64           `json:"restartNonce,omitempty"`
	Command      []string        `json:"command,omitempty"`
	Args         []string        `json:"args,omitempty"`
	Env          []corev1.EnvVar `json:"env,omitempty"`
	SHA256       string          `json:"sha256,omitempty"`
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
	jar := jarOnly{
		Image: container.Image, Path: container.Path, RestartNonce: topology.Spec.RestartNonce,
		Command: container.Command, Args: container.Args, Env: container.Env,
	}
	if container.Checksum != nil {
		jar.SHA256 = strings.ToLower(container.Checksum.SHA256)
	}
	return hash(jar)
}

// OfSpecs is a hash of all that a person wrote: an attempt that failed, or that
// hangs, is made anew when it changes. It restarts nothing that runs.
func OfSpecs(topology *v1beta1.StormTopology, cluster *v1beta1.StormCluster) string {
	var defaults v1beta1.StormClusterSpec
	if cluster != nil {
		defaults = cluster.Spec
		defaults.PollSeconds, defaults.UI = 0, nil
	}
	return hash([]any{topology.Spec, defaults})
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
