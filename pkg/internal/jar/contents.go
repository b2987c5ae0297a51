package jar

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
)

// namesListed is how many names a message lists.
const namesListed = 5

// bundled are files of Storm's own client. With a second defaults.yaml or
// storm.yaml on the class path Storm fails with "Found multiple ... You're
// probably bundling the Storm jars with your topology jar"
// (findAndReadConfigFile in storm-client/src/jvm/org/apache/storm/utils/Utils.java,
// v2.8.1). Two StormSubmitters have different versions sooner or later.
var bundled = []string{"defaults.yaml", "storm.yaml", "org/apache/storm/StormSubmitter.class"}

// contents collects what messages need from the names of the entries, one by one.
type contents struct {
	main, simple string
	hasMain      bool
	// near are classes with the simple name of the main class in other packages.
	// topologies are classes whose name ends with Topology.
	near, topologies []string
	bundled          []string
}

func contentsFor(mainClass string) *contents {
	path := strings.ReplaceAll(mainClass, ".", "/")
	return &contents{main: path + ".class", simple: simpleName(path)}
}

func simpleName(path string) string {
	return path[strings.LastIndexAny(path, "/$")+1:]
}

func (c *contents) add(name string) {
	if slices.Contains(bundled, name) {
		c.bundled = append(c.bundled, name)
	}
	if name == c.main {
		c.hasMain = true
	}
	path, isClass := strings.CutSuffix(name, ".class")
	if !isClass || strings.HasPrefix(name, "META-INF/") {
		return
	}
	class := strings.ReplaceAll(path, "/", ".")
	switch {
	case strings.EqualFold(simpleName(path), c.simple):
		c.near = insertSorted(c.near, class)
	case strings.HasSuffix(path, "Topology"):
		c.topologies = insertSorted(c.topologies, class)
	}
}

// insertSorted keeps the first names of the alphabet, so that a message does not depend
// on the order of the JAR.
func insertSorted(names []string, name string) []string {
	at, found := slices.BinarySearch(names, name)
	if found {
		return names
	}
	names = slices.Insert(names, at, name)
	return names[:min(len(names), namesListed)]
}

func (c *contents) problem(want Wanted) *problem.Problem {
	switch {
	case len(c.bundled) == 1 && c.bundled[0] == "storm.yaml":
		return problem.New(v1beta1.JarInvalid, "%s bundles storm.yaml, and Storm fails if it finds a second one. Remove it from the JAR, and put its settings into spec.topology.config.", want.Of)
	case c.bundled != nil:
		slices.Sort(c.bundled)
		return problem.New(v1beta1.JarInvalid, "%s bundles Storm itself (%s), and Storm fails on a second copy of its own files. Set the scope of org.apache.storm:storm-client to provided (Maven) or compileOnly (Gradle), and build the JAR again.", want.Of, strings.Join(slices.Compact(c.bundled), ", "))
	case c.hasMain:
		return nil
	}
	return problem.New(v1beta1.MainClassNotFound, "%s has no class %s. %s", want.Of, want.MainClass, c.hint())
}

func (c *contents) hint() string {
	switch {
	case len(c.near) == 1:
		return fmt.Sprintf("It has %s: set spec.topology.mainClass to it.", c.near[0])
	case c.near != nil:
		return fmt.Sprintf("It has %s: set spec.topology.mainClass to one of them.", strings.Join(c.near, ", "))
	case c.topologies != nil:
		return fmt.Sprintf("Set spec.topology.mainClass to a class that it has, such as %s.", strings.Join(c.topologies, ", "))
	}
	return "Set spec.topology.mainClass to the class with the main method, with its package."
}
