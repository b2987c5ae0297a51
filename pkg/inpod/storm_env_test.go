package inpod

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStormEnv(t *testing.T) {
	for _, tc := range []struct {
		why, file string
		want      map[string]string
		err       string
	}{
		{"Storm's own file", "# Environment variables\n[environment]\n\n#JAVA_HOME:home\n\n; more\n", map[string]string{}, ""},
		{"both delimiters, and spaces", "[environment]\nA = b c \nB:d=e\nEmpty:\n", map[string]string{"A": "b c", "B": "d=e", "Empty": ""}, ""},
		{"a value of several lines", "[environment]\nA: -Dx=y\n   -Dz=z\nB: 1\n", map[string]string{"A": "-Dx=y\n-Dz=z", "B": "1"}, ""},
		{"a percent sign", "[environment]\nA: 100%%\n", map[string]string{"A": "100%"}, ""},
		{"other sections", "[other]\nA: 1\n  2\n[environment]\nB: 2\n", map[string]string{"B": "2"}, ""},
		{"a value of another variable", "[environment]\nA: %(B)s\n", nil, "the value of A has a % that is not written %%"},
		{"no value", "[environment]\nA\n", nil, "neither = nor a colon"},
	} {
		folder := t.TempDir()
		write(t, []byte(tc.file), folder, "storm_env.ini")
		got, err := stormEnv(folder)
		if diff := cmp.Diff(tc.want, got); diff != "" || (err == nil) != (tc.err == "") || err != nil && !strings.Contains(err.Error(), tc.err) {
			t.Errorf("%s: %v (-want +got):\n%s", tc.why, err, diff)
		}
	}
	if got, err := stormEnv(t.TempDir()); got != nil || err != nil {
		t.Errorf("without a file: %v, %v", got, err)
	}
}

// What main does not get, although it gets it from Storm's command, is in the log.
func TestDifferencesFromStormsCommand(t *testing.T) {
	for _, tc := range []struct{ why, file, text, want string }{
		{"Storm's own script", "storm-env.sh", "#!/bin/bash\n\n# The java implementation to use.\nexport JAVA_HOME=${JAVA_HOME}\n", ""},
		{"a script that sets a variable", "storm-env.sh", "export STORM_EXT_CLASSPATH=/opt/lib\n", "/storm-env.sh of the StormCluster's image is not run. Set its variables"},
		{"what Storm's command has read before", "storm_env.ini", "[environment]\nJAVA_HOME: /opt/java\nSTORM_JAR_JVM_OPTS: -Xmx1g\n", "JAVA_HOME, STORM_JAR_JVM_OPTS of "},
		{"a file that cannot be read", "storm_env.ini", "[environment]\nA\n", "is not used: a line of [environment]"},
	} {
		home := t.TempDir()
		write(t, nil, home, "lib-worker/storm-client-2.8.1.jar")
		write(t, []byte(tc.text), home, "conf", tc.file)
		env := map[string]string{"STORM_HOME": home, "JAVA_HOME": home}
		program(t, home, "bin/java")
		j, err := findJava(func(name string) string { return env[name] })
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(j.differences(), "\n"); (got == "") != (tc.want == "") || !strings.Contains(got, tc.want) {
			t.Errorf("%s: %q, want %q", tc.why, got, tc.want)
		}
	}
}
