package revision

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Version is a revision of a topology.
type Version struct {
	storm.Fingerprint
	// Spec is only for the reason that Compare gives; nil where it is not known.
	Spec *v1beta1.Topology
}

// Compare says which change leads from what runs to the target: nil where they are
// equal, a rebalance where that is enough.
func Compare(running, target Version, policy v1beta1.UpdatePolicy) *v1beta1.Change {
	if running.SameRevision(target.Fingerprint) {
		return nil
	}
	why := changed(running.Spec, target.Spec)
	restart := func(because string) *v1beta1.Change {
		if why != "" {
			because = why
		}
		return &v1beta1.Change{Kind: v1beta1.ChangeRestart, Why: because}
	}
	switch {
	case running.Jar != target.Jar && running.Spec != nil:
		return restart("spec.restartNonce or annotation " + v1beta1.AnnotationRestartedAt + " changed") // everything else is known to be equal
	case running.Jar != target.Jar:
		return restart("the JAR changed")
	case running.Restart == "" || running.Restart != target.Restart:
		return restart("mainClass, args or a setting of config changed")
	case policy == v1beta1.UpdateRestart:
		return &v1beta1.Change{Kind: v1beta1.ChangeRestart, Why: "spec.update.policy is Restart"}
	}
	if gone := removed(running.Cheap, target.Cheap); len(gone) > 0 {
		return &v1beta1.Change{Kind: v1beta1.ChangeRestart, Why: strings.Join(gone, ", ") + " removed, which a rebalance cannot do"}
	}
	if why == "" {
		why = "settings changed"
	}
	return &v1beta1.Change{Kind: v1beta1.ChangeRebalance, Why: why}
}

// removed are the settings that run and are not in the target.
func removed(running, target string) []string {
	var gone []string
	wanted := strings.Split(target, ",")
	for _, key := range strings.Split(running, ",") {
		if key != "" && !slices.Contains(wanted, key) {
			gone = append(gone, key)
		}
	}
	return gone
}

// changed names the fields that differ.
func changed(last, wanted *v1beta1.Topology) string {
	if last == nil || wanted == nil {
		return ""
	}
	var names []string
	note := func(name string, differs bool) {
		if differs {
			names = append(names, name)
		}
	}
	note("image", last.Jar.Container.Image != wanted.Jar.Container.Image)
	note("path", last.Jar.Container.Path != wanted.Jar.Container.Path)
	note("command", !slices.Equal(last.Jar.Container.Command, wanted.Jar.Container.Command) || !slices.Equal(last.Jar.Container.Args, wanted.Jar.Container.Args))
	note("env", !reflect.DeepEqual(last.Jar.Container.Env, wanted.Jar.Container.Env))
	note("checksum", !reflect.DeepEqual(last.Jar.Container.Checksum, wanted.Jar.Container.Checksum))
	note("mainClass", last.MainClass != wanted.MainClass)
	note("args", !slices.Equal(last.Args, wanted.Args))
	note("workers", !reflect.DeepEqual(last.Workers, wanted.Workers))
	for _, key := range keysOf(last.Config, wanted.Config) {
		note(key, fmt.Sprint(last.Config[key]) != fmt.Sprint(wanted.Config[key]))
	}
	if len(names) == 0 {
		return ""
	}
	return strings.Join(names, ", ") + " changed"
}

func keysOf(all ...v1beta1.Settings) []string {
	var keys []string
	for _, settings := range all {
		keys = slices.AppendSeq(keys, maps.Keys(settings))
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
