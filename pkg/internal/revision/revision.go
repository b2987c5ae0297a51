package revision

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// length is that of a revision in hexadecimal digits: enough to distinguish the
// revisions of one topology, short enough to read aloud.
const length = 12

// wholeTopology is what Of hashes. A change of anything else restarts nothing: waits, the
// deletion policy, the extraction mode, the StormCluster. The settings are hashed as the
// spec has them and not with the types that Stormhooks gives them, so that a change of
// its table of types restarts nothing.
type wholeTopology struct {
	Jar       string           `json:"jar"`
	MainClass string           `json:"mainClass"`
	Args      []string         `json:"args,omitzero"`
	Config    v1beta1.Settings `json:"config,omitempty"`
	Workers   *int32           `json:"workers,omitempty"`
	// Components of OfRestart have their tasks only.
	Components map[string]v1beta1.Component `json:"components,omitempty"`
	// Inputs is the key of main's inputs.
	Inputs string `json:"inputs,omitempty"`
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
	RestartedAt  string          `json:"restartedAt,omitempty"`
	Dependencies []string        `json:"dependencies,omitempty"`
	Files        []string        `json:"files,omitempty"`
}

// All are Of, OfJar and OfRestart, with the JAR hashed once.
func All(topology *v1beta1.StormTopology, key string) (whole, jar, restart string) {
	part := restartPart(topology, key)
	return ofWhole(topology, part), part.Jar, ofRestart(topology, part)
}

// Of is the revision of the whole topology. key is that of main's inputs (Inputs.Key).
func Of(topology *v1beta1.StormTopology, key string) string {
	return ofWhole(topology, restartPart(topology, key))
}

func ofWhole(topology *v1beta1.StormTopology, whole wholeTopology) string {
	whole.Config, whole.Workers = topology.Spec.Topology.Config, topology.Spec.Topology.Workers
	whole.Components = topology.Spec.Topology.Components
	return hash(whole)
}

// OfRestart is the part of a revision that only a resubmission changes.
func OfRestart(topology *v1beta1.StormTopology, key string) string {
	return ofRestart(topology, restartPart(topology, key))
}

func ofRestart(topology *v1beta1.StormTopology, whole wholeTopology) string {
	for key, value := range topology.Spec.Topology.Config {
		if !cheap(key, value) {
			if whole.Config == nil {
				whole.Config = v1beta1.Settings{}
			}
			whole.Config[key] = value
		}
	}
	for name, component := range topology.Spec.Topology.Components {
		if component.Tasks == nil {
			continue
		}
		if whole.Components == nil {
			whole.Components = map[string]v1beta1.Component{}
		}
		whole.Components[name] = v1beta1.Component{Tasks: component.Tasks}
	}
	return hash(whole)
}

// isNull is what follows the name of a setting that is null.
const isNull = "=null"

// Cheap are the names of the settings that a rebalance changes, and of the components whose
// executors it changes, sorted. A setting that is null ends with isNull: a rebalance cannot
// set it to that.
func Cheap(topology *v1beta1.StormTopology) []string {
	var names []string
	for key, value := range topology.Spec.Topology.Config {
		switch {
		case !cheap(key, value):
		case storm.IsNull(key, value):
			names = append(names, key+isNull)
		default:
			names = append(names, key)
		}
	}
	if topology.Spec.Topology.Workers != nil && !slices.Contains(names, storm.Workers) {
		names = append(names, storm.Workers)
	}
	for name, component := range topology.Spec.Topology.Components {
		if component.Executors != nil || component.ExecutorsPerWorker != nil {
			names = append(names, executorsOf(name))
		}
	}
	slices.Sort(names)
	return names
}

// longestName is how much of Cheap the name of a component takes: a hundred of them must fit
// into the fingerprint (longestList of pkg/storm).
const longestName = 40

// executorsOf is the name of a component's executors in Cheap, with the letters that a
// fingerprint has (markLetters of pkg/storm).
func executorsOf(component string) string {
	return "components." + plainName(component) + ".executors"
}

// plainName is a name as a fingerprint can have it: hashed where it is long, or has other
// letters.
func plainName(name string) string {
	plain := func(r rune) bool {
		return r == '-' || r == '_' || r == '.' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}
	if len(name) > longestName || strings.ContainsFunc(name, func(r rune) bool { return !plain(r) }) {
		return hash(name)
	}
	return name
}

// cheap says whether a rebalance can change a setting to this value. Only the submitting
// pod knows the value of $(NAME).
func cheap(key string, value any) bool { return storm.Cheap(key) && !storm.HasReference(value) }

// restartPart is all but the settings and the number of workers.
func restartPart(topology *v1beta1.StormTopology, key string) wholeTopology {
	spec := topology.Spec.Topology
	whole := wholeTopology{Jar: OfJar(topology), MainClass: spec.MainClass, Inputs: key}
	if !slices.Equal(topology.MainArgs(), (&v1beta1.StormTopology{}).MainArgs()) {
		whole.Args = spec.Args
	}
	return whole
}

// OfJar is the revision of the JAR alone.
func OfJar(topology *v1beta1.StormTopology) string {
	container := topology.Spec.Topology.Jar.Container
	jar := jarOnly{
		Image: container.Image, Path: container.Path, RestartNonce: topology.Spec.RestartNonce,
		RestartedAt: topology.Annotations[v1beta1.AnnotationRestartedAt],
		Command:     container.Command, Args: container.Args, Env: container.Env,
		Dependencies: container.Dependencies, Files: container.Files,
	}
	if container.Checksum != nil {
		jar.SHA256 = strings.ToLower(container.Checksum.SHA256)
	}
	return hash(jar)
}

// SpecHash is a hash of all that a person wrote. An attempt that failed, or that
// hangs, starts over when it changes. A change restarts nothing that runs.
func SpecHash(topology *v1beta1.StormTopology, cluster *v1beta1.StormCluster) string {
	var defaults v1beta1.StormClusterSpec
	if cluster != nil {
		defaults = cluster.Spec
		defaults.PollSeconds, defaults.UI = 0, nil
	}
	return hash([]any{topology.Spec, defaults})
}

// Unscaled is a hash of all that can make a revision work that failed: of what a person wrote,
// of the StormCluster's defaults and of main's inputs. The number of workers, spec.suspend,
// deletionPolicy, retry, update.policy and the waits are not in it: autoscalers write the first,
// and who changes one of the others does not mean to try that revision again. key is that
// of the inputs (Inputs.Key).
func Unscaled(topology *v1beta1.StormTopology, cluster *v1beta1.StormCluster, key string) string {
	without := *topology
	spec := &without.Spec
	spec.KillWaitSeconds, spec.DeletionPolicy, spec.Retry = nil, "", nil
	if spec.Update != nil {
		update := *spec.Update
		update.Policy, update.RebalanceWaitSeconds, update.DrainSeconds = "", nil, nil
		if spec.Update = &update; reflect.ValueOf(update).IsZero() {
			spec.Update = nil
		}
	}
	if cluster != nil && cluster.Spec.Retry != nil {
		cluster = cluster.DeepCopy()
		cluster.Spec.Retry = nil
	}
	return UnscaledBefore(&without, cluster, key)
}

// UnscaledBefore is what Unscaled was before it left out more than the number of workers and
// spec.suspend. A status that an earlier hook server wrote has it.
func UnscaledBefore(topology *v1beta1.StormTopology, cluster *v1beta1.StormCluster, key string) string {
	without := *topology
	without.Spec.Topology.Workers, without.Spec.Suspend = nil, false
	return hash([]string{SpecHash(&without, cluster), Of(&without, key)})
}

func hash(value any) string {
	text, err := json.Marshal(value) // maps are written in the order of their keys
	if err != nil {
		// Settings come from decoded JSON, so they can be encoded.
		panic(fmt.Sprintf("hashing a revision: %v", err))
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])[:length]
}
