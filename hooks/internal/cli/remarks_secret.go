package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// onVariables remarks on references to variables that the object itself does not set. Only
// spec.submission of the StormCluster may set them then.
func onVariables(spec map[string]any) (remarks []Remark) {
	template, _ := spec["template"].(map[string]any)
	if from, _ := template["envFrom"].([]any); len(from) > 0 {
		return nil // only the pod knows
	}
	topology, _ := spec["topology"].(map[string]any)
	set := append(namesOf(template["env"]), storm.TopologyName)
	missing := func(field string, path []string, value any) {
		storm.EachText(value, func(text string) {
			for _, name := range storm.Unset(text, func(name string) bool { return slices.Contains(set, name) }) {
				remarks = append(remarks, Remark{path, field, fmt.Sprintf("%s names $(%s), which spec.template does not set. The topology is InvalidSpec unless spec.submission of the StormCluster sets it. Set it in spec.template.env or envFrom. Only if you mean the text itself, write $$(%s).", field, name, name)})
			}
		})
	}
	for i, arg := range listOf(topology["args"]) {
		missing(fmt.Sprintf("spec.topology.args[%d]", i), []string{"spec", "topology", "args"}, arg)
	}
	config, _ := topology["config"].(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(config)) {
		missing(fmt.Sprintf("spec.topology.config[%q]", key), []string{"spec", "topology", "config", key}, config[key])
	}
	return remarks
}

// onCommand remarks on references in the extraction command that look like variables, and
// are not. Names in small letters are commands of a shell: $(date).
func onCommand(spec map[string]any) (remarks []Remark) {
	topology, _ := spec["topology"].(map[string]any)
	jar, _ := topology["jar"].(map[string]any)
	container, _ := jar["container"].(map[string]any)
	set := namesOf(container["env"])
	for _, list := range []string{"command", "args"} {
		for i, word := range listOf(container[list]) {
			field := fmt.Sprintf("spec.topology.jar.container.%s[%d]", list, i)
			text, _ := word.(string)
			for _, name := range storm.Unset(text, func(name string) bool { return slices.Contains(set, name) || name != strings.ToUpper(name) }) {
				remarks = append(remarks, Remark{[]string{"spec", "topology", "jar", "container", list}, field,
					fmt.Sprintf("%s names $(%s), which spec.topology.jar.container.env does not set: the command gets these letters. Set it there.", field, name)})
			}
		}
	}
	return remarks
}

// onSecret remarks on a setting that holds a secret as a text that everyone can read who
// may read the object.
func onSecret(key string, value any) []Remark {
	if !literalSecret(key, value) {
		return nil
	}
	field := fmt.Sprintf("spec.topology.config[%q]", key)
	return []Remark{{[]string{"spec", "topology", "config", key}, field, field +
		" has a literal value, and its name is that of a secret. Put it into a Secret, name the Secret in spec.template.envFrom, and write $(NAME) here."}}
}

// aboutSecrets end the name of a setting that is about a secret, and has none.
var aboutSecrets = []string{"file", "path", "location", "class", "plugin", "plugins", "provider", "enabled", "secs", "ms"}

// literalSecret looks into maps, too.
func literalSecret(key string, value any) bool {
	switch v := value.(type) {
	case string:
		last := key[strings.LastIndexAny(key, ".-_")+1:]
		return v != "" && storm.MayBeSecret(key) && !slices.Contains(aboutSecrets, strings.ToLower(last)) && !storm.HasReference(v)
	case map[string]any:
		for inner, value := range v {
			if literalSecret(inner, value) {
				return true
			}
		}
	}
	return false
}

func listOf(value any) []any {
	list, _ := value.([]any)
	return list
}

// namesOf are the names of a list of objects that have one.
func namesOf(list any) (names []string) {
	for _, item := range listOf(list) {
		if object, is := item.(map[string]any); is {
			name, _ := object["name"].(string)
			names = append(names, name)
		}
	}
	return names
}
