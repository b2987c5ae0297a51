package revision

import (
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// Inputs are what main reads besides spec.topology: parts of spec.template, and the data of
// the ConfigMaps that these name. They are kept as text, in the fingerprint of what runs and
// in the status. The zero value has none.
type Inputs struct {
	// Key joins the revision, so that a change of an input is another revision. It stays
	// while no input changes that restarts, whatever spec.update.restartOn says: turning that
	// on or off restarts nothing.
	Key string
	// Hashes are those of the inputs, by name: a field of the template, or that of
	// configMapInput.
	Hashes map[string]string
}

const (
	// unknownInput is the hash of a ConfigMap that does not exist, although a pod needs it:
	// the pod waits until it does.
	unknownInput = "unknown"
	// absentInput is that of one that does not exist, and is optional.
	absentInput = "absent"
	noInputs    = "none"
	inputKey    = "key"
	mapPrefix   = "configMap/"
)

// MostConfigMaps is how many ConfigMaps of a template are watched, by name: a hundred of
// them fit into the fingerprint (longestList of pkg/storm).
const MostConfigMaps = 100

// ConfigMapHash is that of the data of a ConfigMap.
func ConfigMapHash(m *corev1.ConfigMap) string { return hash([]any{m.Data, m.BinaryData}) }

// InputsOf are those of a template. configMaps are the hashes of the ConfigMaps that exist.
func InputsOf(template *v1beta1.PodTemplate, configMaps map[string]string) Inputs {
	now := Inputs{Hashes: map[string]string{}}
	if template == nil {
		return now
	}
	part := func(name string, has bool, value any) {
		if has {
			now.Hashes[name] = hash(value)
		}
	}
	part("env", len(template.Env) > 0, template.Env)
	part("envFrom", len(template.EnvFrom) > 0, template.EnvFrom)
	part("volumes", len(template.Volumes) > 0, template.Volumes)
	part("volumeMounts", len(template.VolumeMounts) > 0, template.VolumeMounts)
	needed := configMapsOf(template)
	for _, name := range ConfigMapNames(template) {
		switch found, exists := configMaps[name]; {
		case exists:
			now.Hashes[configMapInput(name)] = found
		case needed[name]:
			now.Hashes[configMapInput(name)] = unknownInput
		default:
			now.Hashes[configMapInput(name)] = absentInput
		}
	}
	return now
}

// configMapInput is the name of a ConfigMap among the inputs, with the letters that a
// fingerprint has.
func configMapInput(name string) string { return mapPrefix + plainName(name) }

// String is the text that ParseInputs reads.
func (i Inputs) String() string {
	var parts []string
	if i.Key != "" {
		parts = append(parts, inputKey+":"+i.Key)
	}
	for _, name := range slices.Sorted(maps.Keys(i.Hashes)) {
		parts = append(parts, name+":"+i.Hashes[name])
	}
	if len(parts) == 0 {
		return noInputs
	}
	return strings.Join(parts, ",")
}

// ParseInputs reads the text of inputs. An empty one has none.
func ParseInputs(said string) Inputs {
	i := Inputs{Hashes: map[string]string{}}
	for part := range strings.SplitSeq(said, ",") {
		switch name, value, found := strings.Cut(part, ":"); {
		case !found:
		case name == inputKey:
			i.Key = value
		default:
			i.Hashes[name] = value
		}
	}
	return i
}

// Remembered is the text for a status: empty for none at all.
func (i Inputs) Remembered() string {
	if said := i.String(); said != noInputs {
		return said
	}
	return ""
}

// known says whether the hash is that of data.
func known(hash string) bool { return hash != "" && hash != unknownInput && hash != absentInput }

// Filled are the inputs with what was unknown of them, as it was first seen after that.
func (i Inputs) Filled(later ...Inputs) Inputs {
	filled := Inputs{i.Key, maps.Clone(i.Hashes)}
	for name, hash := range i.Hashes {
		for _, other := range later {
			if hash == unknownInput && known(other.Hashes[name]) {
				hash = other.Hashes[name]
				filled.Hashes[name] = hash
			}
		}
	}
	return filled
}

// Assuming are the inputs of now. A ConfigMap that does not exist counts as it was then.
func (i Inputs) Assuming(then Inputs) Inputs {
	assumed := Inputs{i.Key, maps.Clone(i.Hashes)}
	for name, hash := range i.Hashes {
		if !known(hash) && known(then.Hashes[name]) {
			assumed.Hashes[name] = then.Hashes[name]
		}
	}
	return assumed
}

// restarts says whether a change of an input restarts.
func restarts(name string, on []v1beta1.RestartCause) bool {
	if strings.HasPrefix(name, mapPrefix) {
		return slices.Contains(on, v1beta1.RestartOnConfigMaps)
	}
	return slices.Contains(on, v1beta1.RestartOnTemplate)
}

// KeyOf is the key for the inputs of now, as far as they restart; empty for none.
func (i Inputs) KeyOf(on []v1beta1.RestartCause) string {
	of := maps.Clone(i.Hashes)
	maps.DeleteFunc(of, func(name, _ string) bool { return !restarts(name, on) })
	if len(of) == 0 {
		return ""
	}
	return hash(of)
}

// ChangedSince are the names of the inputs that changed: those that restart, and the others.
// A ConfigMap that does not exist, or did not at the submission whose pod waited for it, has
// not changed. One that the template names only now counts where ConfigMaps restart.
func (i Inputs) ChangedSince(then Inputs, on []v1beta1.RestartCause) (restart, other []string) {
	for _, name := range keysOf(i.Hashes, then.Hashes) {
		now, before := i.Hashes[name], then.Hashes[name]
		covered, isMap := restarts(name, on), strings.HasPrefix(name, mapPrefix)
		switch {
		case now == before, isMap && !known(now), before == unknownInput, isMap && before == "" && !covered:
		case covered:
			restart = append(restart, name)
		default:
			other = append(other, name)
		}
	}
	return restart, other
}

// WithConfigMapsOf are the inputs of then, with the ConfigMaps that exist now: what a
// submission of a template of then gets.
func (i Inputs) WithConfigMapsOf(now Inputs) Inputs {
	mixed := Inputs{i.Key, maps.Clone(i.Hashes)}
	for name := range i.Hashes {
		if strings.HasPrefix(name, mapPrefix) && known(now.Hashes[name]) {
			mixed.Hashes[name] = now.Hashes[name]
		}
	}
	return mixed
}

// Shown are names of inputs for a person. Those of ConfigMaps are any text of the spec.
func Shown(names []string, template *v1beta1.PodTemplate) []string {
	actual := map[string]string{}
	if template != nil {
		for name := range configMapsOf(template) {
			actual[configMapInput(name)] = name
		}
	}
	var shown []string
	for _, name := range names {
		if of, isMap := strings.CutPrefix(name, mapPrefix); isMap {
			if is, found := actual[name]; found {
				of = is
			}
			shown = append(shown, "ConfigMap "+text.Said(of, 40))
			continue
		}
		shown = append(shown, "template."+name)
	}
	return shown
}

// Missing are the ConfigMaps that do not exist, of those that existed then.
func (i Inputs) Missing(then Inputs) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(i.Hashes)) {
		if !known(i.Hashes[name]) && known(then.Hashes[name]) {
			names = append(names, name)
		}
	}
	return names
}
