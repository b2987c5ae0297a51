package inpod

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// heapPercent of the container's memory limit is the heap. The rest is for the JVM
// itself (classes, compiled code, threads) and for the helper.
const heapPercent = 60

// tuning are Stormhooks' own options for a Java.
type tuning func(java) []string

// fast are options for a JVM that starts fast and does not live long. Java 8 (since
// 8u191) to 25 accept each: Java 8 needs the decimal point. What the environment chooses
// counts instead: Java takes the command line over JAVA_TOOL_OPTIONS, and does not start
// with two garbage collectors. A file of options may choose anything.
func (j java) fast() (options []string) {
	chosen := j.chosenOptions()
	if slices.ContainsFunc(chosen, isFileOfOptions) {
		return nil
	}
	for _, own := range []struct{ option, unless string }{
		{fmt.Sprintf("-XX:MaxRAMPercentage=%d.0", heapPercent), heapChosen},
		{"-XX:TieredStopAtLevel=1", `^-XX:[+-]?(Tiered|CompilationMode)|^-Xint$|^-Xcomp$`},
		{"-XX:+UseSerialGC", `^-XX:\+(Use\w+GC|AggressiveHeap)$`},
		{"-Xshare:auto", `^-Xshare:`},
	} {
		if !slices.ContainsFunc(chosen, regexp.MustCompile(own.unless).MatchString) {
			options = append(options, own.option)
		}
	}
	return options
}

// plain is what every Java accepts: a heap of the same share, in bytes. An older Java does
// not know the limit of a container, and would take a share of the node's memory.
func (j java) plain() []string {
	chosen := j.chosenOptions()
	limit := memoryLimit(memoryLimits...)
	if limit == 0 || slices.ContainsFunc(chosen, isFileOfOptions) || slices.ContainsFunc(chosen, regexp.MustCompile(heapChosen).MatchString) {
		return nil
	}
	return []string{fmt.Sprintf("-Xmx%dm", limit/100*heapPercent>>20)}
}

const heapChosen = `^-Xmx|^-mx|^-XX:(MaxHeapSize|MaxRAM\w*)=|^-XX:\+AggressiveHeap$`

func isFileOfOptions(option string) bool {
	return strings.HasPrefix(option, "@") || strings.HasPrefix(option, "-XX:Flags=") || strings.HasPrefix(option, "-XX:VMOptionsFile=")
}

// memoryLimits have the limit of a container: the files of cgroup v2 and v1
// (Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst).
var memoryLimits = []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}

// memoryLimit is the first limit that a file has, in bytes; 0 if there is none.
func memoryLimit(files ...string) int64 {
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		if err == nil && limit > 0 && limit < 1<<50 { // cgroup v1 has a huge number for no limit
			return limit
		}
	}
	return 0
}

const (
	jarOptions = "STORM_JAR_JVM_OPTS"
	// afterAll is what Java reads after the options of its command line.
	afterAll = "_JAVA_OPTIONS"
)

// optionVariables are the variables with options that Java reads.
var optionVariables = []string{"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", afterAll}

// variable is one that main gets: of storm_env.ini, or of the container.
func (j java) variable(name string) string {
	if value, set := j.fromFile[name]; set {
		return value
	}
	return j.env(name)
}

// chosenOptions are the options that the image and the pod template give to Java.
func (j java) chosenOptions() []string {
	options := slices.Clone(j.options)
	for _, name := range optionVariables {
		for _, word := range rawWords(j.variable(name)) {
			options = append(options, unquoted(word))
		}
	}
	return options
}

// ownProperty are the properties by which Stormhooks leads main to the recorder. Java would take
// those of _JAVA_OPTIONS instead, and main would reach Nimbus.
var ownProperty = pattern(`^-Dstorm\.(options|jar|dependency\.jars|dependency\.artifacts|conf\.file|home)=`)

// withoutOwn are options without Stormhooks' own properties, and those that it took out.
func withoutOwn(options string) (rest string, taken []string) {
	var kept []string
	for _, word := range rawWords(options) {
		if ownProperty().MatchString(unquoted(word)) {
			taken = append(taken, unquoted(word))
		} else {
			kept = append(kept, word)
		}
	}
	return strings.Join(kept, " "), taken
}

// withoutEffectOnMain are the names of Stormhooks' own properties that the environment
// sets, with the variable of each.
func (j java) withoutEffectOnMain() (lines []string) {
	words := map[string][]string{jarOptions: j.options}
	for _, name := range optionVariables {
		for _, word := range rawWords(j.variable(name)) {
			words[name] = append(words[name], unquoted(word))
		}
	}
	for _, name := range append([]string{jarOptions}, optionVariables...) {
		for _, word := range words[name] {
			if ownProperty().MatchString(word) {
				property, _, _ := strings.Cut(word, "=")
				lines = append(lines, fmt.Sprintf("%s in %s has no effect. Set settings in spec.topology.config, or in spec.config of the StormCluster.", property, name))
			}
		}
	}
	return lines
}

// rawWords are the words of a variable of options, with their quotes: Java splits at white
// space outside of quotes, and knows no other escape (parse_options_buffer in
// hotspot/share/runtime/arguments.cpp).
func rawWords(line string) (words []string) {
	var quote rune
	begun := -1
	for at, r := range line {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
			continue
		case strings.ContainsRune(" \t\n\r\v\f", r):
			if begun >= 0 {
				words, begun = append(words, line[begun:at]), -1
			}
			continue
		case r == '"' || r == '\'':
			quote = r
		}
		if begun < 0 {
			begun = at
		}
	}
	if begun >= 0 {
		words = append(words, line[begun:])
	}
	return words
}

// unquoted is a word as Java reads it.
func unquoted(word string) string {
	var plain strings.Builder
	var quote rune
	for _, r := range word {
		switch {
		case quote == 0 && (r == '"' || r == '\''):
			quote = r
		case r == quote && quote != 0:
			quote = 0
		default:
			plain.WriteRune(r)
		}
	}
	return plain.String()
}
