package cli

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

const (
	fluxClass  = "org.apache.storm.flux.Flux"
	fluxArgs   = "spec.topology.args"
	fluxFiles  = "spec.topology.jar.container.files"
	bringsFile = "Add it to " + fluxFiles + " and name it as it is in main's working folder, mount it (spec.template.volumes and volumeMounts), or put it into the JAR and use --resource"
)

// fluxOptions are the options of Flux by both of their names; those with a value are true
// (Flux.java, v2.8.1).
var fluxOptions = map[string]bool{
	"-h": false, "--help": false, "-l": false, "--local": false, "-r": false, "--remote": false, "-R": false, "--resource": false,
	"-s": true, "--sleep": true, "-d": false, "--dry-run": false, "-q": false, "--no-detail": false, "-n": false, "--no-splash": false,
	"-i": false, "--inactive": false, "-z": true, "--zookeeper": true, "-f": true, "--filter": true, "-e": false, "--env-filter": false,
}

// fluxCall are the arguments of Flux.
type fluxCall struct {
	options    []string
	filter     string
	definition []string
	// lacks is the option that has no value.
	lacks string
}

func parseFlux(args []string) (c fluxCall) {
	for i := 0; i < len(args); i++ {
		option, value, joined := strings.Cut(args[i], "=")
		takes, known := fluxOptions[option]
		switch {
		case !known && !strings.HasPrefix(args[i], "-"):
			c.definition = append(c.definition, args[i])
		case !known:
		case takes && !joined && i+1 == len(args):
			c.lacks = option
		case takes && !joined:
			i++
			value = args[i]
			fallthrough
		case takes:
			if option == "-f" || option == "--filter" {
				c.filter = value
			}
		}
		if known {
			c.options = append(c.options, option)
		}
	}
	return c
}

func (c fluxCall) has(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(c.options, name) })
}

// onFlux remarks on arguments of Flux with which it submits nothing, and on files that
// nothing gives to it.
func onFlux(spec map[string]any) (remarks []Remark) {
	topology, _ := spec["topology"].(map[string]any)
	if topology["mainClass"] != fluxClass {
		return nil
	}
	remark := func(format string, args ...any) {
		remarks = append(remarks, Remark{strings.Split(fluxArgs, "."), fluxArgs, fmt.Sprintf(format, args...)})
	}
	call := parseFlux(textsOf(topology["args"]))
	switch {
	case topology["args"] == nil:
		remark("%s is missing: Flux gets the name of the topology as the file of its definition. Set it to [--remote, FILE].", fluxArgs)
		return remarks
	case call.lacks != "":
		remark("%s has %s without a value. Write the value after it.", fluxArgs, call.lacks)
		return remarks
	case len(call.definition) == 0:
		remark("%s names no definition of Flux. Add its file, for example [--remote, crawler.flux].", fluxArgs)
	case len(call.definition) > 1:
		remark("%s names several definitions (%s), and Flux takes one. Use includes in the definition, or one StormTopology for each.", fluxArgs, strings.Join(call.definition, ", "))
	}
	if call.has("-l", "--local") {
		remark("%s has --local, which Flux ignores: the topology is submitted to Storm. Use --remote.", fluxArgs)
	}
	if call.has("-d", "--dry-run", "-h", "--help") {
		remark("%s has --dry-run or --help, with which Flux submits nothing. Remove it; kubectl storm render shows what would be submitted without a cluster.", fluxArgs)
	}
	if call.has("-i", "--inactive") {
		remark("%s has --inactive, which has no effect here. Set spec.suspend instead.", fluxArgs)
	}
	given := filesGiven(spec, topology)
	if call.filter != "" && !given.has(call.filter) {
		remark("%s has --filter %s, and nothing gives that file to main. %s.", fluxArgs, call.filter, bringsFile[:strings.Index(bringsFile, ", or put")])
	}
	if len(call.definition) == 1 && !call.has("-R", "--resource") && !given.has(call.definition[0]) {
		remark("%s has the definition %s, and nothing gives that file to main. %s.", fluxArgs, call.definition[0], bringsFile)
	}
	return remarks
}

// given says which files main has, as far as an object alone shows.
type given struct {
	files  []string // patterns of the image
	mounts []string // folders
}

func filesGiven(spec, topology map[string]any) (g given) {
	jar, _ := topology["jar"].(map[string]any)
	container, _ := jar["container"].(map[string]any)
	template, _ := spec["template"].(map[string]any)
	g.files = textsOf(container["files"])
	mounts, _ := template["volumeMounts"].([]any)
	for _, mount := range mounts {
		if m, is := mount.(map[string]any); is {
			g.mounts = append(g.mounts, path.Clean(fmt.Sprint(m["mountPath"])))
		}
	}
	return g
}

func (g given) has(file string) bool {
	if strings.Contains(file, "$(") {
		return true // only the pod knows
	}
	if path.IsAbs(file) {
		return slices.ContainsFunc(g.mounts, func(mount string) bool {
			return path.Clean(file) == mount || strings.HasPrefix(path.Clean(file), mount+"/")
		})
	}
	return slices.ContainsFunc(g.files, func(pattern string) bool { return gives(pattern, path.Clean(file)) })
}

// gives says whether a pattern of jar.container.files can give a file of the working folder:
// the file itself matches, or a folder above it.
func gives(pattern, file string) bool {
	fixed := pattern
	if at := strings.IndexAny(pattern, `*?[\`); at >= 0 {
		fixed = pattern[:at] + "x"
	}
	fixed = path.Dir(path.Clean(fixed))
	for at := path.Join(fixed, file); len(at) > len(fixed); at = path.Dir(at) {
		if matches, err := path.Match(path.Clean(pattern), at); matches || err != nil {
			return true
		}
	}
	return false
}

// textsOf are the texts in a list.
func textsOf(value any) (texts []string) {
	list, _ := value.([]any)
	for _, item := range list {
		texts = append(texts, fmt.Sprint(item))
	}
	return texts
}
