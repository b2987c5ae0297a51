package inpod

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// stormEnv are the variables of storm_env.ini in a folder of Storm's configuration: those
// that Storm's command adds to the environment of main. A file that is missing has none.
//
// Since Storm 2 the command reads the file after JAVA_HOME, STORM_JAR_JVM_OPTS and
// STORM_EXT_CLASSPATH, so that these have no effect there (init_storm_env in bin/storm.py,
// v2.0.0 to v2.8.8). It reads the file with Python's configparser.
func stormEnv(folder string) (map[string]string, error) {
	written, err := os.ReadFile(filepath.Join(folder, "storm_env.ini"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	variables, section, last := map[string]string{}, "", ""
	for line := range strings.Lines(string(written)) {
		content := strings.TrimSpace(line)
		switch {
		case content == "", content[0] == '#', content[0] == ';':
		case last != "" && strings.TrimLeft(line, " \t") != line: // the value continues
			variables[last] += "\n" + content
		case content[0] == '[':
			section, last = strings.Trim(content, "[]"), ""
		case section == "environment":
			end := strings.IndexAny(content, "=:")
			if end < 0 {
				return nil, errors.New("a line of [environment] has neither = nor a colon")
			}
			last = strings.TrimSpace(content[:end])
			variables[last] = strings.TrimSpace(content[end+1:])
		}
	}
	for name, value := range variables {
		if strings.Contains(strings.ReplaceAll(value, "%%", ""), "%") {
			return nil, fmt.Errorf("the value of %s has a %% that is not written %%%%", name)
		}
		variables[name] = strings.ReplaceAll(value, "%%", "%")
	}
	return variables, nil
}

// withoutEffect are variables of storm_env.ini that Storm's command has read before.
func withoutEffect(variables map[string]string) (names []string) {
	for _, name := range []string{"JAVA_HOME", "STORM_JAR_JVM_OPTS", "STORM_EXT_CLASSPATH"} {
		if variables[name] != "" {
			names = append(names, name)
		}
	}
	return names
}

// stockLines are what Storm's own storm-env.sh does: nothing.
var stockLines = []string{"", "export JAVA_HOME=${JAVA_HOME}"}

// hasStormEnvScript says whether a folder has a storm-env.sh that sets variables. The shell
// script that starts Storm's command runs it.
func hasStormEnvScript(folder string) bool {
	written, _ := os.ReadFile(filepath.Join(folder, "storm-env.sh"))
	for line := range strings.Lines(string(written)) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "#") && !slices.Contains(stockLines, line) {
			return true
		}
	}
	return false
}

// differences are what of Storm's environment main does not get, for the log.
func (j java) differences() (lines []string) {
	if j.unreadEnv != nil {
		lines = append(lines, fmt.Sprintf("%s/storm_env.ini of the StormCluster's image is not used: %v. Correct the file, or set its variables in spec.template.env.", j.clusterConf, j.unreadEnv))
	}
	if names := withoutEffect(j.fromFile); names != nil {
		lines = append(lines, fmt.Sprintf("%s of %s/storm_env.ini has no effect, as in Storm's own command since Storm 2. Set it in the image, or in spec.template.env.", strings.Join(names, ", "), j.clusterConf))
	}
	if hasStormEnvScript(j.clusterConf) {
		lines = append(lines, fmt.Sprintf("%s/storm-env.sh of the StormCluster's image is not run. Set its variables in the image, or in spec.template.env.", j.clusterConf))
	}
	return append(lines, j.withoutEffectOnMain()...)
}
