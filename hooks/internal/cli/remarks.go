package cli

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/preview"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Remark is about what is accepted, and most likely a mistake.
type Remark struct {
	// Path is the place, key by key.
	Path    []string `json:"-"`
	Field   string   `json:"field"`
	Message string   `json:"message"`
}

// Remarks are those on one object: unknown annotations, settings that Storm does not
// know, settings of topologies in a StormCluster, secrets, and variables that the object
// does not set. The hook accepts all of these, as far as the object alone shows. version is
// that of the Storm, empty if it is not known.
func Remarks(object Object, version string) []Remark {
	spec, _ := object.Content["spec"].(map[string]any)
	if object.Kind != KindTopology {
		config, _ := spec["config"].(map[string]any)
		return slices.Concat(onAnnotations(object.Content, []string{v1beta1.AnnotationAcceptStorm}), onClientSettings(config, version), onBytes(spec, "spec"))
	}
	remarks := onAnnotations(object.Content, []string{
		v1beta1.AnnotationAbandon, v1beta1.AnnotationPaused, v1beta1.AnnotationRestartedAt, v1beta1.AnnotationAdopt})
	topology, _ := spec["topology"].(map[string]any)
	config, _ := topology["config"].(map[string]any)
	remarks = append(remarks, onAdoption(object, topology)...)
	remarks = append(remarks, onMainClass(topology["mainClass"])...)
	remarks = append(remarks, onWorkers(topology["workers"], config[storm.Workers])...)
	remarks = append(remarks, onDeadline(spec["update"])...)
	remarks = append(remarks, onDrain(spec["update"])...)
	for _, key := range slices.Sorted(maps.Keys(config)) {
		remarks = append(remarks, onSetting(key, config[key], version)...)
		remarks = append(remarks, onSecret(key, config[key])...)
	}
	return slices.Concat(remarks, onVariables(spec), onCommand(spec), onFlux(spec), onBytes(spec, "spec"))
}

// onDeadline remarks on a deadline that cannot do what it is for.
func onDeadline(value any) []Remark {
	update, _ := value.(map[string]any)
	deadline, set := wholeNumber(update["progressDeadlineSeconds"])
	if !set {
		return nil
	}
	const name = "spec.update.progressDeadlineSeconds"
	field := []string{"spec", "update", "progressDeadlineSeconds"}
	least, _ := wholeNumber(update["minReadySeconds"])
	switch earliest := least + int64(v1beta1.DeadlineReserve/time.Second); {
	case least == 0:
		return []Remark{{field, name, "spec.update has progressDeadlineSeconds without minReadySeconds. Storm shows a worker that crashes as up for a moment, and the revision has progressed then. Set minReadySeconds, for example to 30."}}
	case deadline < earliest:
		return []Remark{{field, name, fmt.Sprintf("%s is %d, and no deadline is over before %d s: minReadySeconds, and 90 s until all workers have started and told their age. Raise it.", name, deadline, earliest)}}
	}
	return nil
}

// onDrain remarks on a drain of the strategy that the object does not have.
func onDrain(value any) []Remark {
	update, _ := value.(map[string]any)
	if _, set := update["drainSeconds"]; !set || update["strategy"] == string(v1beta1.UpdateBlueGreen) {
		return nil
	}
	const name = "spec.update.drainSeconds"
	return []Remark{{strings.Split(name, "."), name, name + " has no effect without spec.update.strategy: BlueGreen. To set how long Storm drains a topology before it kills it, write spec.killWaitSeconds."}}
}

// wholeNumber is a number of a decoded object.
func wholeNumber(value any) (n int64, set bool) {
	switch number := value.(type) {
	case int64:
		return number, true
	case float64:
		return int64(number), true
	}
	return 0, false
}

// onClientSettings remarks on settings that spec.config of a StormCluster is not for, and on
// those that its Storm ignores.
func onClientSettings(config map[string]any, version string) (remarks []Remark) {
	remark := func(key, message string) {
		remarks = append(remarks, Remark{[]string{"spec", "config", key}, fmt.Sprintf("spec.config[%q]", key), message})
	}
	for _, key := range storm.TopologySettings(config) {
		remark(key, storm.TopologySettingsRemark([]string{key}))
	}
	for _, key := range slices.Sorted(maps.Keys(config)) {
		if near := misspeltSetting(key); near != "" {
			remark(key, fmt.Sprintf("spec.config[%q] is not a setting of Storm %s. Did you mean %s?", key, storm.KnownAs(version), near))
		}
	}
	for _, key := range storm.Undeclared(config, version) {
		remark(key, storm.UndeclaredRemark("spec.config", []string{key}, version))
	}
	return remarks
}

// onAdoption remarks on an id of another topology: Storm makes ids of the name.
func onAdoption(object Object, topology map[string]any) []Remark {
	metadata, _ := object.Content["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	id, _ := annotations[v1beta1.AnnotationAdopt].(string)
	name, _ := topology["name"].(string)
	if name = cmp.Or(name, object.Name); !storm.ValidID(id) || preview.NameOfID(id) == name {
		return nil
	}
	field := fmt.Sprintf("metadata.annotations[%q]", v1beta1.AnnotationAdopt)
	return []Remark{{[]string{"metadata", "annotations", v1beta1.AnnotationAdopt}, field, fmt.Sprintf(
		"%s is %q, the id of a topology %q, and this one has the name %q in Storm: nothing is adopted. Correct the id. Only if this StormTopology is to take over %[3]q, set spec.topology.name to %[3]q.",
		field, id, preview.NameOfID(id), name)}}
}

// onMainClass remarks on a file: a class is not called .jar.
func onMainClass(value any) []Remark {
	name, _ := value.(string)
	if dot := strings.LastIndexByte(name, '.'); dot < 0 || !slices.Contains([]string{".jar", ".java", ".class", ".py"}, name[dot:]) {
		return nil
	}
	const field = "spec.topology.mainClass"
	return []Remark{{strings.Split(field, "."), field, fmt.Sprintf("%s is %q, which looks like a file. Write the class with the method main, for example com.mycompany.MyTopology.", field, name)}}
}

// onWorkers remarks that the number of workers is set twice.
func onWorkers(field, setting any) []Remark {
	if _, valid := wholeNumber(field); !valid || setting == nil || fmt.Sprint(field) == fmt.Sprint(setting) {
		return nil
	}
	name := fmt.Sprintf("spec.topology.config[%q]", storm.Workers)
	return []Remark{{[]string{"spec", "topology", "config", storm.Workers}, name, fmt.Sprintf(
		"%s is %v, but spec.topology.workers is %v and takes precedence. Remove %s from spec.topology.config.", name, setting, field, storm.Workers)}}
}

func onSetting(key string, value any, version string) []Remark {
	path := []string{"spec", "topology", "config", key}
	field := fmt.Sprintf("spec.topology.config[%q]", key)
	known := storm.Keys()
	_, declared := slices.BinarySearch(known, key)
	if flat := storm.Flat(key, value); flat != nil {
		write := "Write"
		if len(flat) > 1 {
			write = "Write each in a line of its own:"
		}
		return []Remark{{path, field, fmt.Sprintf("%s is a map, and Storm's settings are flat: Storm ignores it. %s %s.", field, write, written(flat))}}
	}
	if only, instead := storm.OfDaemons(key); only {
		if _, problems := storm.Settings(map[string]any{key: value}); len(problems) > 0 {
			return nil // it is an error as well
		}
		message := field + " is a setting of Storm's daemons, which read it from their own storm.yaml. It has no effect in a topology. Remove it."
		if instead != "" {
			message = strings.TrimSuffix(message, "Remove it.") + "Did you mean " + instead + "?"
		}
		return []Remark{{path, field, message}}
	}
	switch says := onFormer(key); {
	case says != "":
		return []Remark{{path, field, field + " " + says}}
	case len(storm.Undeclared(map[string]any{key: value}, version)) > 0:
		return []Remark{{path, field, storm.UndeclaredRemark("spec.topology.config", []string{key}, version)}}
	case !declared && slices.Contains(known, "topology."+key):
		return []Remark{{path, field, fmt.Sprintf("%s is not a setting of Storm; it is passed to the topology unchanged. Did you mean topology.%s?", field, key)}}
	case !declared && strings.HasPrefix(key, "topology."):
		message := fmt.Sprintf("%s is not a setting of Storm %s; it is passed to the topology unchanged.", field, storm.KnownAs(version))
		if near := NearestBelow("topology.", key, known); near != "" {
			message += fmt.Sprintf(" Did you mean %s?", near)
		}
		return []Remark{{path, field, message}}
	case misspeltSetting(key) != "":
		return []Remark{{path, field, fmt.Sprintf("%s is not a setting of Storm %s; it is passed to the topology unchanged. Did you mean %s?", field, storm.KnownAs(version), misspeltSetting(key))}}
	case value == nil:
		if _, problems := storm.Settings(map[string]any{key: value}); len(problems) > 0 {
			return nil // it is an error as well
		}
		return []Remark{{path, field, field + " is null. kubectl apply leaves the key out; other clients keep the null, and Storm gets no value. Set a value, or remove the key: then what main sets counts, or Storm's default."}}
	}
	return nil
}

// misspeltSetting is the setting of Storm that a name most likely means, if Storm does not
// know it: the same letters with other dots or capitals, or two letters that differ. Keys of
// the topology's own code are farther away, or short.
func misspeltSetting(key string) string {
	const shortest, letters = 10, 2
	known := storm.Keys()
	if _, declared := slices.BinarySearch(known, key); declared || len(key) < shortest {
		return ""
	}
	if i := slices.IndexFunc(known, func(word string) bool { return dotted(word) == dotted(key) }); i >= 0 {
		return known[i]
	}
	best, least := "", letters+1
	for _, word := range known {
		if d := distance(key, word, least); d < least {
			best, least = word, d
		}
	}
	return best
}

// dotted is a key in small letters, with dots only.
func dotted(key string) string {
	return strings.ToLower(strings.NewReplacer("_", ".", "-", ".").Replace(key))
}

// written are settings as they are written in a file.
func written(flat map[string]any) string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(flat)) {
		switch value := flat[key].(type) {
		case string, bool, int64, float64:
			all = append(all, fmt.Sprintf("%s: %v", key, value))
		default:
			all = append(all, key+": …")
		}
	}
	return preview.Line(someOf(all))
}

func onAnnotations(content map[string]any, known []string) []Remark {
	metadata, _ := content["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	var remarks []Remark
	for _, name := range slices.Sorted(maps.Keys(annotations)) {
		path, field := []string{"metadata", "annotations", name}, fmt.Sprintf("metadata.annotations[%q]", name)
		value, is := annotations[name].(string)
		if !is {
			continue // the API server rejects it
		}
		if message := onAnnotation(name, value, known); message != "" {
			remarks = append(remarks, Remark{path, field, field + " " + message})
		}
	}
	return remarks
}

// onAnnotation is the rest of a sentence that begins with the annotation.
func onAnnotation(name, value string, known []string) string {
	switch {
	case !slices.Contains(known, name):
		near := NearestBelow(v1beta1.Group+"/", name, known)
		if near == "" && strings.HasPrefix(name, v1beta1.Group+"/") {
			return "is not an annotation of Stormhooks. Known: " + strings.Join(known, ", ") + "."
		} else if near != "" {
			return "is not an annotation of Stormhooks. Did you mean " + near + "?"
		}
	case name == v1beta1.AnnotationAbandon || name == v1beta1.AnnotationPaused:
		if _, err := strconv.ParseBool(value); err != nil {
			return fmt.Sprintf("is %q, which counts as false. Write \"true\", or remove it.", value)
		}
	case name == v1beta1.AnnotationAdopt:
		if !storm.ValidID(value) {
			return fmt.Sprintf("is %q, which is not an id of Storm. Write the id that storm list shows, for example wordcount-1-1767268800.", value)
		}
	}
	return ""
}
