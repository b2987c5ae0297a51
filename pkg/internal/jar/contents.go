package jar

import (
	"cmp"
	"fmt"
	"io"
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

// candidatesKept is how many classes are looked into for a main method.
const candidatesKept = 32

// contents collects what messages need from the names of the entries, one by one.
type contents struct {
	main, simple string
	hasMain      bool
	// candidates are classes that may be meant, the nearest first.
	candidates []candidate
	bundled    []string
}

// candidate is a class that may be meant by the main class that the JAR lacks.
type candidate struct {
	class string
	// far is how many letters of the simple name differ, whatever their case.
	far int
	dir directory
	entry
}

func contentsFor(mainClass string) *contents {
	path := strings.ReplaceAll(mainClass, ".", "/")
	return &contents{main: path + ".class", simple: simpleName(path)}
}

func simpleName(path string) string {
	return path[strings.LastIndexAny(path, "/$")+1:]
}

func (c *contents) add(dir directory, e entry) {
	if slices.Contains(bundled, e.name) {
		c.bundled = append(c.bundled, e.name)
	}
	if e.name == c.main {
		c.hasMain = true
	}
	path, isClass := strings.CutSuffix(e.name, ".class")
	if !isClass || strings.HasPrefix(e.name, "META-INF/") {
		return
	}
	if far, may := c.distance(simpleName(path)); may {
		c.keep(candidate{strings.ReplaceAll(path, "/", "."), far, dir, e})
	}
}

// longestName is the longest simple name that is compared letter by letter.
const longestName = 100

// distance says whether a class may be meant, and how far its simple name is: two letters
// or a third of them may differ, and a class whose name ends with Topology may always be meant.
func (c *contents) distance(simple string) (int, bool) {
	may, wanted := max(2, len(c.simple)/3), len(c.simple)
	isTopology := strings.HasSuffix(simple, "Topology")
	if len(simple) > longestName || wanted > longestName || !isTopology && (len(simple) > wanted+may || wanted > len(simple)+may) {
		return longestName, isTopology
	}
	far := letters(strings.ToLower(simple), strings.ToLower(c.simple))
	return far, isTopology || far <= may
}

// letters is how many letters must be written, left out or replaced to make b of a.
func letters(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			same := before
			if a[i] != b[j] {
				same++
			}
			before = row[j+1]
			row[j+1] = min(same, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// keep keeps the nearest candidates. Those that are equally near are in the order of the
// alphabet, so that a message does not depend on the order of the JAR.
func (c *contents) keep(one candidate) {
	at, found := slices.BinarySearchFunc(c.candidates, one, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.far, b.far), strings.Compare(a.class, b.class))
	})
	if found {
		return
	}
	c.candidates = slices.Insert(c.candidates, at, one)
	c.candidates = c.candidates[:min(len(c.candidates), candidatesKept)]
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
	var near, all []string
	for _, candidate := range c.candidates[:min(len(c.candidates), namesListed)] {
		all = append(all, candidate.class)
		if candidate.far == 0 {
			near = append(near, candidate.class)
		}
	}
	switch {
	case len(near) == 1:
		return fmt.Sprintf("It has %s: set spec.topology.mainClass to it.", near[0])
	case near != nil:
		return fmt.Sprintf("It has %s: set spec.topology.mainClass to one of them.", strings.Join(near, ", "))
	case all != nil:
		return fmt.Sprintf("Set spec.topology.mainClass to a class that it has, such as %s.", strings.Join(all, ", "))
	}
	return "Set spec.topology.mainClass to the class with the main method, with its package."
}

// onlyWithMain leaves out the candidates without a main method. If none has one, those
// stay that may inherit it: of the same simple name, and topologies.
func (c *contents) onlyWithMain(from io.ReaderAt) {
	unpacker := newUnpacker()
	var with, may []candidate
	for _, candidate := range c.candidates {
		if unpacker.hasMain(from, candidate.dir, candidate.entry) {
			with = append(with, candidate)
		}
		if candidate.far == 0 || strings.HasSuffix(candidate.class, "Topology") {
			may = append(may, candidate)
		}
	}
	if c.candidates = with; with == nil {
		c.candidates = may
	}
}
