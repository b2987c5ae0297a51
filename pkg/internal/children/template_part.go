package children

import (
	"maps"
	"reflect"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// VariablesNamed are the variables that settings and arguments name, but that of the
// topology's name.
func VariablesNamed(settings map[string]any, args []string) map[string]bool {
	names := map[string]bool{}
	add := func(text string) {
		for _, name := range storm.Unset(text, func(name string) bool { return name == storm.TopologyName }) {
			names[name] = true
		}
	}
	for _, arg := range args {
		add(arg)
	}
	for _, value := range settings {
		storm.EachText(value, add)
	}
	return names
}

// PartFor is the part of a template that sets the variables of these names; nil where it
// sets none.
func PartFor(template v1beta1.PodTemplate, names map[string]bool) *v1beta1.PodTemplate {
	env, all := variablesFor(names, template.Env)
	part := v1beta1.PodTemplate{Env: env}
	if !SetsAll(part, all) {
		part.EnvFrom = template.EnvFrom
	}
	if len(part.Env) == 0 && len(part.EnvFrom) == 0 {
		return nil
	}
	return &part
}

// WithPart is a template with what another one had before it: that wins.
func WithPart(now v1beta1.PodTemplate, then *v1beta1.PodTemplate) v1beta1.PodTemplate {
	if then == nil {
		return now
	}
	now.Env = mergedByName(then.Env, now.Env, variableName)
	now.EnvFrom = slices.Clone(now.EnvFrom)
	for _, from := range then.EnvFrom {
		if !slices.ContainsFunc(now.EnvFrom, func(f corev1.EnvFromSource) bool { return reflect.DeepEqual(f, from) }) {
			now.EnvFrom = append(now.EnvFrom, from) // the last one wins
		}
	}
	return now
}

// Whole is the part of a template that main reads.
func Whole(template *v1beta1.PodTemplate) *v1beta1.PodTemplate {
	if template == nil {
		return nil
	}
	part := &v1beta1.PodTemplate{Env: template.Env, EnvFrom: template.EnvFrom, Volumes: template.Volumes, VolumeMounts: template.VolumeMounts}
	if reflect.DeepEqual(*part, v1beta1.PodTemplate{}) {
		return nil
	}
	return part
}

// WithWhole is a template with the part that main reads as it was then.
func WithWhole(now v1beta1.PodTemplate, then *v1beta1.PodTemplate) v1beta1.PodTemplate {
	if then == nil {
		then = &v1beta1.PodTemplate{}
	}
	now.Env, now.EnvFrom, now.Volumes, now.VolumeMounts = then.Env, then.EnvFrom, then.Volumes, then.VolumeMounts
	return now
}

// variablesFor are the variables of these names, and of all names that stand in their
// values: a variable can name those before it.
func variablesFor(names map[string]bool, env []corev1.EnvVar) (needed []corev1.EnvVar, all map[string]bool) {
	all = maps.Clone(names)
	for _, variable := range slices.Backward(env) {
		if !all[variable.Name] {
			continue
		}
		needed = append(needed, variable)
		maps.Copy(all, VariablesNamed(nil, []string{variable.Value}))
	}
	slices.Reverse(needed)
	return needed, all
}

// SetsAll says whether a template sets the variables, as far as it tells.
func SetsAll(template v1beta1.PodTemplate, names map[string]bool) bool {
	set, known := Variables(template)
	for name := range names {
		if known && !set(name) {
			return false
		}
	}
	return true
}
