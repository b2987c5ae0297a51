// Command settings lists the settings that the versions of Storm declare: the constants of
// Config.java, with the annotations that Storm's validation obeys.
//
//	make settings STORM=PATH
//
// PATH is a clone of https://github.com/apache/storm with its tags. The test TestDeclared of
// pkg/storm compares the table of settings with the list.
package main

import (
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

// versions are the supported ones, the lowest first, and where each is in Storm's Git.
var versions = []struct{ version, commit string }{
	{"2.0.0", "v2.0.0"}, {"2.1.0", "v2.1.0"}, {"2.1.1", "v2.1.1"}, {"2.2.0", "v2.2.0"}, {"2.2.1", "v2.2.1"}, {"2.2.2", "v2.2.2"},
	{"2.3.0", "v2.3.0"}, {"2.3.1", "v2.3.1"}, {"2.4.0", "v2.4.0"}, {"2.5.0", "v2.5.0"},
	{"2.6.0", "v2.6.0"}, {"2.6.1", "v2.6.1"}, {"2.6.2", "v2.6.2"}, {"2.6.3", "v2.6.3"}, {"2.6.4", "v2.6.4"}, {"2.7.0", "v2.7.0"}, {"2.7.1", "v2.7.1"},
	{"2.8.0", "v2.8.0"}, {"2.8.1", "v2.8.1"}, {"2.8.2", "v2.8.2"}, {"2.8.3", "v2.8.3"}, {"2.8.4", "v2.8.4"}, {"2.8.5", "v2.8.5"}, {"2.8.6", "v2.8.6"}, {"2.8.7", "v2.8.7"}, {"2.8.8", "v2.8.8"},
	{"3.0.0", storm3},
}

// storm3 is the commit of 3.0.0-SNAPSHOT that was read, since no tag exists yet.
const storm3 = "73da988d9ac3f2c9b83ec224bc54edb038654f75"

const source = "storm-client/src/jvm/org/apache/storm/Config.java"

func main() {
	storm := flag.String("storm", "", "a clone of Storm, with its tags")
	flag.Parse()
	if err := list(os.Stdout, *storm); err != nil {
		fmt.Fprintln(os.Stderr, "settings:", err)
		os.Exit(1)
	}
}

// list writes a row for each setting, and for each change of its annotations: the setting,
// the first version and the last one that declares it so, the annotations.
func list(out io.Writer, clone string) error {
	of := map[string][]string{} // the annotations in each version; empty if it does not declare the setting
	var names []string
	for i, v := range versions {
		names = append(names, v.version)
		text, err := exec.Command("git", "-C", clone, "show", v.commit+":"+source).Output()
		if err != nil {
			return fmt.Errorf("reading Config.java of Storm %s: %w", v.version, err)
		}
		for setting, annotations := range declared(string(text)) {
			if of[setting] == nil {
				of[setting] = make([]string, len(versions))
			}
			of[setting][i] = annotations
		}
	}
	fmt.Fprintf(out, "# The settings that Config.java of each Storm declares, with their annotations. Made by\n# .ci/tools/settings. Do not edit.\n# versions: %s\n", strings.Join(names, " "))
	for _, setting := range slices.Sorted(maps.Keys(of)) {
		for i := 0; i < len(names); {
			last := i
			for last+1 < len(names) && of[setting][last+1] == of[setting][i] {
				last++
			}
			if of[setting][i] != "" {
				fmt.Fprintf(out, "%s | %s | %s | %s\n", setting, names[i], names[last], of[setting][i])
			}
			i = last + 1
		}
	}
	return nil
}

// unchecked is a setting that Storm declares and does not validate.
const unchecked = "-"

var (
	comments = regexp.MustCompile(`(?s)/\*.*?\*/|//[^\n]*`)
	constant = regexp.MustCompile(`(?s)((?:@[\w.]+(?:\s*\((?:[^()]|\([^()]*\))*\))?\s*)*)public (?:static (final )?|(final) static )String \w+\s*=\s*"([^"]+)"\s*;`)
	single   = regexp.MustCompile(`@([\w.]+)(?:\s*\(((?:[^()]|\([^()]*\))*)\))?`)
	spaces   = regexp.MustCompile(`\s+`)
)

// declared are the settings of a Config.java. Storm validates none that has no annotation,
// and none whose constant is not final.
func declared(text string) map[string]string {
	all := map[string]string{}
	for _, found := range constant.FindAllStringSubmatch(comments.ReplaceAllString(text, ""), -1) {
		var annotations []string
		for _, one := range single.FindAllStringSubmatch(found[1], -1) {
			name := one[1][strings.LastIndexByte(one[1], '.')+1:]
			if name == "Deprecated" {
				continue
			}
			name = strings.ToUpper(name[:1]) + name[1:] // Storm 2.0 to 2.2 have isString
			if arguments := spaces.ReplaceAllString(one[2], ""); arguments != "" {
				name += "(" + strings.ReplaceAll(arguments, ",", ", ") + ")"
			}
			annotations = append(annotations, name)
		}
		slices.Sort(annotations)
		name, isFinal := found[4], found[2]+found[3] != ""
		if all[name] = strings.Join(annotations, " "); len(annotations) == 0 || !isFinal {
			all[name] = unchecked
		}
	}
	return all
}
