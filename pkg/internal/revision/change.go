package revision

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Version is a revision of a topology.
type Version struct {
	storm.Fingerprint
	// Spec is for the reason that Compare gives, and for what older fingerprints do not
	// say; nil where it is not known.
	Spec *v1beta1.Topology
	// RestartNonce is spec.restartNonce, and RestartedAt the annotation restartedAt, where Spec
	// is known.
	RestartNonce int64
	RestartedAt  string
	// ChangedInputs are main's inputs that differ from those of what runs, and restart.
	ChangedInputs []string
}

// Compare says which change leads from what runs to the target: nil where they are
// equal, a rebalance where that is enough.
func Compare(running, target Version, policy v1beta1.UpdatePolicy) *v1beta1.Change {
	if running.SameRevision(target.Fingerprint) {
		return nil
	}
	why := changed(running.Spec, target.Spec, target.ChangedInputs)
	restart := func(because string) *v1beta1.Change {
		if why != "" {
			because = why
		}
		return &v1beta1.Change{Kind: v1beta1.ChangeRestart, Why: because}
	}
	switch {
	case running.Jar != target.Jar && running.Spec != nil:
		return restart(restartedBy(running, target) + " changed") // everything else is known to be equal
	case running.Jar != target.Jar:
		return restart("a field of jar.container, " + nonce + " or " + restartedAt + " changed")
	case running.Restart == "" || running.Restart != target.Restart:
		return restart(restartFields(target.Spec) + " changed")
	case policy == v1beta1.UpdateRestart:
		return &v1beta1.Change{Kind: v1beta1.ChangeRestart, Why: "spec.update.policy is Restart"}
	}
	if gone := removed(running, target.Cheap); len(gone) > 0 {
		return &v1beta1.Change{Kind: v1beta1.ChangeRestart, Why: strings.Join(gone, ", ") + ", which a rebalance cannot do"}
	}
	if why == "" {
		why = "settings changed"
	}
	return &v1beta1.Change{Kind: v1beta1.ChangeRebalance, Why: why}
}

const (
	nonce       = "spec.restartNonce"
	restartedAt = "annotation " + v1beta1.AnnotationRestartedAt
)

// restartedBy is what a person changed to restart a topology whose other fields are equal. A
// status that an earlier hook server wrote does not have it.
func restartedBy(running, target Version) string {
	switch byNonce, byAnnotation := running.RestartNonce != target.RestartNonce, running.RestartedAt != target.RestartedAt; {
	case byNonce && !byAnnotation:
		return nonce
	case byAnnotation && !byNonce:
		return restartedAt
	}
	return nonce + " or " + restartedAt
}

// restartFields names the fields that may have changed, where the spec that runs is not
// known.
func restartFields(wanted *v1beta1.Topology) string {
	if wanted != nil {
		for _, component := range wanted.Components {
			if component.Tasks != nil {
				return "mainClass, args, tasks of a component or a setting of config"
			}
		}
	}
	return "mainClass, args or a setting of config"
}

// removed says which settings run and are not in the target, and which become null: a
// rebalance gives Storm values, and never removes one.
func removed(running Version, target string) []string {
	var gone []string
	runs, wanted := strings.Split(running.Cheap, ","), strings.Split(target, ",")
	for _, name := range runs {
		key := strings.TrimSuffix(name, isNull)
		if key != "" && !slices.Contains(wanted, key) && !slices.Contains(wanted, key+isNull) {
			gone = append(gone, running.named(key)+" removed")
		}
	}
	for _, name := range wanted {
		key, null := strings.CutSuffix(name, isNull)
		if null && !slices.Contains(runs, name) && !running.nullAt(key) {
			gone = append(gone, key+" set to null")
		}
	}
	return gone
}

// named is a name of Cheap for a person: that of a component may be hashed there.
func (v Version) named(key string) string {
	if v.Spec != nil {
		for name := range v.Spec.Components {
			if executorsOf(name) == key {
				return "executors of components[" + text.Said(name, 100) + "]"
			}
		}
	}
	return key
}

// nullAt says whether the spec is known and has null for a setting. Fingerprints of older
// releases do not say so.
func (v Version) nullAt(key string) bool {
	if v.Spec == nil {
		return false
	}
	value, set := v.Spec.Config[key]
	return set && storm.IsNull(key, value)
}

// changed names the fields that differ.
func changed(last, wanted *v1beta1.Topology, inputs []string) string {
	names := append(changedFields(last, wanted), inputs...)
	if len(names) == 0 {
		return ""
	}
	return listed(names) + " changed"
}

func changedFields(last, wanted *v1beta1.Topology) (names []string) {
	if last == nil || wanted == nil {
		return nil
	}
	note := func(name string, differs bool) {
		if differs {
			names = append(names, name)
		}
	}
	note("image", last.Jar.Container.Image != wanted.Jar.Container.Image)
	note("path", last.Jar.Container.Path != wanted.Jar.Container.Path)
	note("command", !slices.Equal(last.Jar.Container.Command, wanted.Jar.Container.Command) || !slices.Equal(last.Jar.Container.Args, wanted.Jar.Container.Args))
	note("env", !reflect.DeepEqual(last.Jar.Container.Env, wanted.Jar.Container.Env))
	note("dependencies", !slices.Equal(last.Jar.Container.Dependencies, wanted.Jar.Container.Dependencies))
	note("files", !slices.Equal(last.Jar.Container.Files, wanted.Jar.Container.Files))
	note("checksum", !reflect.DeepEqual(last.Jar.Container.Checksum, wanted.Jar.Container.Checksum))
	note("mainClass", last.MainClass != wanted.MainClass)
	note("args", !slices.Equal(last.Args, wanted.Args))
	note("workers", !reflect.DeepEqual(last.Workers, wanted.Workers))
	for _, name := range keysOf(last.Components, wanted.Components) {
		note("components["+name+"]", !reflect.DeepEqual(last.Components[name], wanted.Components[name]))
	}
	for _, key := range keysOf(last.Config, wanted.Config) {
		note(key, hash(last.Config[key]) != hash(wanted.Config[key])) // as Of has them
	}
	return names
}

// namesListed is how many fields and settings a reason lists.
const namesListed = 8

// listed are names in a message. Those of settings are any text of the spec.
func listed(names []string) string {
	var shown []string
	for _, name := range names[:min(len(names), namesListed)] {
		shown = append(shown, text.Said(name, 100))
	}
	if more := len(names) - len(shown); more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(shown, ", "), more)
	}
	return strings.Join(shown, ", ")
}

func keysOf[M ~map[string]V, V any](all ...M) []string {
	var keys []string
	for _, settings := range all {
		keys = slices.AppendSeq(keys, maps.Keys(settings))
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
