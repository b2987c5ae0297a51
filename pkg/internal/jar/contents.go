package jar

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
)

// namesListed is how many names a message lists.
const namesListed = 5

// refused are files of Storm's own client. With a second one on the class path Storm fails:
// "Found multiple defaults.yaml resources. You're probably bundling the Storm jars with your
// topology jar" (findAndReadConfigFile in
// storm-client/src/jvm/org/apache/storm/utils/Utils.java, v2.8.1).
var refused = []string{"defaults.yaml", "storm.yaml"}

// stormClass is a class of Storm's client. Those of Storm itself come before the JAR on the
// class paths of main and of the workers, so a second copy has no effect.
const stormClass = "org/apache/storm/StormSubmitter.class"

const (
	// candidatesKept is how many classes are looked into for a main method.
	candidatesKept = 32
	// classLimit is the longest class that is read, in bytes.
	classLimit = 1 << 20
)

// mainClassRule is the rule of the CRD for spec.topology.mainClass.
var mainClassRule = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$]*([.][A-Za-z_$][A-Za-z0-9_$]*)*$`)
})

// contents collects what messages need from the names of the entries, one by one.
type contents struct {
	main, simple string
	hasMain      bool
	// candidates are classes that may be meant, the nearest first.
	candidates []candidate
	// elsewhere are entries that may be the main class in another folder; misplaced is the
	// one that is.
	elsewhere []candidate
	misplaced string
	layout    *layout
	refused   []string
	bundled   bool   // Storm's classes
	inner     string // the first JAR in the JAR, in the order of the alphabet
	classes   int
	source    string // the source of the main class
	metaInf
}

// candidate is a class that may be meant by the main class that the JAR lacks.
type candidate struct {
	class string
	// far is how many letters of the simple name differ, whatever their case.
	far int
	located
}

// located is an entry, and where to find it.
type located struct {
	dir directory
	entry
}

func contentsFor(mainClass string) *contents {
	if mainClass == "" {
		return &contents{}
	}
	path := strings.ReplaceAll(mainClass, ".", "/")
	return &contents{main: path + ".class", simple: simpleName(path)}
}

// simpleName is the last part of a path. Some tools write backslashes; a Kotlin file Main.kt
// is the class MainKt, and an object Main of Scala has the class Main$ beside it.
func simpleName(path string) string {
	path = strings.TrimSuffix(strings.TrimRight(path, "$"), "Kt")
	return path[strings.LastIndexAny(path, `/\$`)+1:]
}

func (c *contents) add(dir directory, e entry) {
	at := located{dir, e}
	switch {
	case slices.Contains(refused, e.name):
		c.refused = append(c.refused, e.name)
	case e.name == stormClass:
		c.bundled = true
	case e.name == c.main:
		c.hasMain = true
	}
	if len(e.name) > len(metaFolder) && strings.EqualFold(e.name[:len(metaFolder)], metaFolder) {
		c.metaInf.add(at)
		return
	}
	if strings.HasSuffix(e.name, ".jar") && (c.inner == "" || e.name < c.inner) {
		c.inner = e.name
	}
	path, isClass := strings.CutSuffix(e.name, ".class")
	if c.main == "" {
		return // a dependency: no class of it is meant
	}
	if !isClass {
		c.addSource(e.name)
		return
	}
	c.classes++
	if found := layoutOf(e.name); found != nil {
		c.layout = found
	}
	slashed := strings.ReplaceAll(e.name, `\`, "/")
	if e.name != c.main && (slashed == c.main || strings.HasSuffix(slashed, "/"+c.main)) && len(c.elsewhere) < candidatesKept {
		c.elsewhere = append(c.elsewhere, candidate{located: at})
	}
	if far, may := c.distance(simpleName(path)); may {
		c.keep(candidate{strings.ReplaceAll(path, "/", "."), far, at})
	}
}

// addSource notices the source of the main class: then the JAR may be one of sources.
func (c *contents) addSource(name string) {
	path, _, found := strings.Cut(name, ".")
	if found && path+".class" == c.main {
		c.source = name
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

// look reads the entries that must be understood.
func (c *contents) look(from io.ReaderAt) {
	unpacker := newUnpacker()
	c.metaInf.look(from, unpacker)
	if c.hasMain || c.main == "" {
		return
	}
	for _, one := range c.elsewhere {
		if class := one.read(from, unpacker, classLimit); className(class)+".class" == c.main {
			c.misplaced = one.name
			break
		}
	}
	c.onlyLoadable(from, unpacker)
}

// onlyLoadable leaves out the candidates that Java cannot load from their entry, or that the
// CRD refuses as a main class, and those without a main method. If none has one, those stay
// that may inherit it: of the same simple name, and topologies.
func (c *contents) onlyLoadable(from io.ReaderAt, unpacker *unpacker) {
	var with, may []candidate
	for _, candidate := range c.candidates {
		class := candidate.read(from, unpacker, classLimit)
		if className(class)+".class" != candidate.name || !mainClassRule().MatchString(candidate.class) {
			continue
		}
		if hasMain(class) {
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

// read is the content of an entry, or nothing.
func (l located) read(from io.ReaderAt, unpacker *unpacker, limit int64) []byte {
	content, err := unpacker.read(from, l.dir, l.entry, limit)
	if err != nil {
		return nil
	}
	return content
}

// hasMain says whether a class declares a method that takes what main takes: both names are
// in the pool of its constants (JVM specification, 4.4.7).
func hasMain(class []byte) bool {
	return bytes.Contains(class, []byte("\x01\x00\x04main")) && bytes.Contains(class, []byte("\x01\x00\x16([Ljava/lang/String;)V"))
}

// problem is why the JAR cannot run, or nil.
func (c *contents) problem(want Wanted) *problem.Problem {
	tool := launcherOf(want.MainClass)
	slices.Sort(c.refused)
	switch {
	case want.Dependency && c.refused != nil:
		return problem.New(v1beta1.JarInvalid, "%s has %s of Storm itself, and Storm fails if it finds a second one. Leave Storm out of spec.topology.jar.container.dependencies: set the scope of org.apache.storm:storm-client to provided (Maven) or compileOnly (Gradle), and build the image again.", want.Of, strings.Join(slices.Compact(c.refused), " and "))
	case want.Dependency:
		return nil
	case slices.Contains(c.refused, "defaults.yaml"):
		return problem.New(v1beta1.JarInvalid, "%s bundles %s of Storm itself, and Storm fails if it finds a second one. Set the scope of org.apache.storm:storm-client to provided (Maven) or compileOnly (Gradle), and build the JAR again.", want.Of, strings.Join(slices.Compact(c.refused), " and "))
	case c.refused != nil:
		return problem.New(v1beta1.JarInvalid, "%s bundles storm.yaml, and Storm fails if it finds a second one. Remove it from the JAR, and put its settings into spec.topology.config.", want.Of)
	case c.layout != nil && (tool != "" || strings.HasPrefix(c.misplaced, c.layout.folder)):
		return problem.New(v1beta1.JarInvalid, "%s %s, and set spec.topology.mainClass to the class with your main method.", c.layout.sentence(want.Of), flat)
	case c.hasMain && tool != "" && (c.inner != "" || strings.Contains(want.MainClass, ".")):
		return problem.New(v1beta1.JarInvalid, "Class %s of %s is the launcher of %s: it loads your classes from where workers cannot load them. %s, and set spec.topology.mainClass to the class with your main method.", want.MainClass, lower(want.Of), tool, flat)
	case c.misplaced != "":
		return problem.New(v1beta1.JarInvalid, "%s has class %s as the entry %q, where neither main nor the workers can load it. %s, with the packages at its root.", want.Of, want.MainClass, cut(c.misplaced), flat)
	}
	return nil
}

// lower begins a name of the JAR in the middle of a sentence: "File /a.jar" is "file /a.jar".
func lower(of string) string {
	if rest, is := strings.CutPrefix(of, "File "); is {
		return "file " + rest
	}
	return of
}

// tell says what was found.
func (c *contents) tell(want Wanted, found *Found) {
	if want.Dependency {
		return
	}
	if !c.hasMain {
		found.Lacks, found.Likely = c.hint(), len(c.candidates) > 0
	}
	if c.bundled {
		found.Remarks = append(found.Remarks, "The JAR contains Storm's own classes. Storm's version of them is used. Set storm-client to scope provided.")
	}
	inner := fmt.Sprintf("The JAR contains JARs, such as %s, and Java loads no class from them. %s.", cut(c.inner), flat)
	switch {
	case c.layout != nil:
		found.Remarks = append(found.Remarks, c.layout.sentence("The JAR")+" "+flat+".")
	case strings.HasPrefix(c.inner, "lib/"): // as Hadoop reads a JAR
		found.Remarks = append(found.Remarks, inner)
	case c.inner != "": // for example resources of the topology
		found.Inner = inner
	}
	if names := c.classPath(); names != "" && !want.HasDependencies {
		found.Remarks = append(found.Remarks, fmt.Sprintf("The JAR's manifest names %s in its Class-Path, and Stormhooks takes the JAR alone. List them in spec.topology.jar.container.dependencies, or build one JAR of all.", names))
	}
	if found.Stale = c.stale(); found.Stale != "" {
		found.Remarks = append(found.Remarks, found.Stale)
	}
}

// hint is what to do if Storm's image has no such class either.
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
		return fmt.Sprintf("The JAR has %s: set spec.topology.mainClass to it.", near[0])
	case near != nil:
		return fmt.Sprintf("The JAR has %s: set spec.topology.mainClass to one of them.", strings.Join(near, ", "))
	case all != nil:
		return fmt.Sprintf("Set spec.topology.mainClass to a class that the JAR has, such as %s.", strings.Join(all, ", "))
	case c.classes == 0 && c.source != "":
		return fmt.Sprintf("The JAR has %s, and no classes: it is a JAR of sources. Set spec.topology.jar.container.path to the JAR with the classes.", cut(c.source))
	case c.classes == 0:
		return "The JAR has no classes. Build it with the compiled classes, or set spec.topology.jar.container.path to the JAR that has them."
	}
	return "Set spec.topology.mainClass to the class with the main method, with its package."
}

// nameLimit is the longest name of an entry in a message, in bytes.
const nameLimit = 100

// cut shortens a name for a message.
func cut(name string) string {
	if name = strings.ToValidUTF8(name, "?"); len(name) <= nameLimit {
		return name
	}
	return strings.ToValidUTF8(name[:nameLimit], "") + "…"
}
