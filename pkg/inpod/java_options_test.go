package inpod

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// A Java that refuses an option of Stormhooks starts without it. Each row is a Java: the
// option that it refuses, and its words.
func TestAJavaThatRefusesAnOptionOfOurs(t *testing.T) {
	const end = "Error: Could not create the Java Virtual Machine.\nError: A fatal exception has occurred. Program will exit."
	before := memoryLimits
	t.Cleanup(func() { memoryLimits = before })
	memoryLimits = []string{write(t, []byte("1073741824\n"), t.TempDir(), "memory.max")}
	for _, tc := range []struct{ why, refuses, words, chosen, started string }{
		{"Java 8u181", "MaxRAMPercentage", "Unrecognized VM option 'MaxRAMPercentage=60.0'\nDid you mean 'MaxRAMFraction=<value>'?\n" + end, "", "started -Xmx614m"},
		{"Java 8u181, with a heap of the environment", "UseSerialGC", "Unrecognized VM option 'UseSerialGC'\n" + end, "-Xmx64m", "started "},
		{"a collector that is chosen in a way that nothing here reads", "UseSerialGC", "Conflicting collector combinations in option list; please refer to the release notes for the combinations allowed\n" + end, "", "started -Xmx614m"},
		{"OpenJ9", "Xshare:auto", "JVMJ9VM007E Command-line option unrecognised: -Xshare:auto\n" + end, "", "started -Xmx614m"},
		{"an option of the user's", "", "Picked up JAVA_TOOL_OPTIONS: -XX:Nonsense=1\nUnrecognized VM option 'Nonsense=1'\n" + end, "", ""},
	} {
		t.Run(tc.why, func(t *testing.T) {
			j := java{env: func(name string) string { return map[string]string{"JAVA_TOOL_OPTIONS": tc.chosen}[name] }}
			var log bytes.Buffer
			starts := 0
			s := Submit{Log: &log}
			run, err := s.runMain(t.Context(), storm.Submission{MainTimeoutSeconds: 60}, func(tuned tuning) (*exec.Cmd, error) {
				starts++
				return shell(`words=$1; refuses=$2; shift 2; case "$*" in *"$refuses"*) printf '%s\n' "$words"; exit 1;; esac; echo started "$@"`,
					append([]string{tc.words, tc.refuses}, tuned(j)...)...), nil
			}, nil)
			if err != nil || starts != 2 {
				t.Fatalf("%d starts, %v", starts, err)
			}
			_, failed := judged{run: run}.verdict()
			if tc.started == "" {
				if want := "Java did not start: Unrecognized VM option 'Nonsense=1'."; failed.Reason != v1beta1.JavaNotStarted || !strings.HasPrefix(failed.Message, want) {
					t.Errorf("%+v, want %s", failed, want)
				}
				return
			}
			if run.code != 0 || !strings.Contains(log.String(), tc.started+"\n") && !strings.HasSuffix(strings.TrimSpace(log.String()), strings.TrimSpace(tc.started)) {
				t.Errorf("%+v\n%s", failed, &log)
			}
		})
	}
}

// Main runs once: an exception, or a JVM that main starts itself, leads to no second start.
func TestMainIsNotRunAgain(t *testing.T) {
	for why, script := range map[string]string{
		"an exception":         `echo 'Exception in thread "main" java.lang.IllegalStateException: x'; exit 1`,
		"a JVM of main's":      `for i in 1 2 3 4 5 6; do echo line $i; done; echo 'Error: Could not create the Java Virtual Machine.'; exit 1`,
		"a Java agent":         `echo 'FATAL ERROR in native method: processing of -javaagent failed'; exit 1`,
		"a success":            `echo 'Error: Could not create the Java Virtual Machine.'`,
		"a main that is ended": `echo 'Error: Could not create the Java Virtual Machine.'; kill -9 $$`,
	} {
		starts := 0
		s := Submit{Log: &bytes.Buffer{}}
		run, err := s.runMain(t.Context(), storm.Submission{MainTimeoutSeconds: 60}, func(tuning) (*exec.Cmd, error) {
			starts++
			return shell(script), nil
		}, nil)
		if err != nil || starts != 1 {
			t.Errorf("%s: %d starts, %+v, %v", why, starts, run, err)
		}
	}
}

// Java reads _JAVA_OPTIONS after its command line. Nothing there leads main to Nimbus.
func TestOwnPropertiesInJavaOptions(t *testing.T) {
	rest, taken := withoutOwn(` -Da="b c"  '-Dstorm.options=nimbus.seeds="x y"' -Dstorm.jar=/x.jar -Dstorm.optionsx=1	"-Dstorm.home=/h"`)
	if diff := cmp.Diff([]string{`-Dstorm.options=nimbus.seeds="x y"`, "-Dstorm.jar=/x.jar", "-Dstorm.home=/h"}, taken); diff != "" || rest != `-Da="b c" -Dstorm.optionsx=1` {
		t.Errorf("%q (-want +got):\n%s", rest, diff)
	}
	for _, none := range []string{"", "  ", "-Da=b", `-Da='-Dstorm.jar=x'`} {
		if rest, taken := withoutOwn(none); taken != nil {
			t.Errorf("%q: %q, %q", none, rest, taken)
		}
	}
}

// The same with Java itself, for each variable.
func TestOwnPropertiesInTheEnvironment(t *testing.T) {
	classes := realMain(t)
	for _, name := range []string{"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "STORM_JAR_JVM_OPTS"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := map[string]string{"STORM_HOME": classes, "STORM_CONF_DIR": classes, name: `-Dx=y "-Dstorm.options=nimbus.seeds=elsewhere" -Dstorm.jar=/other.jar`}
			sub := storm.Submission{Jar: classes, MainClass: "Main", Args: []string{"options"}}
			_, log := runJava(t, env, sub, "12345")
			if !strings.HasSuffix(log, "5 empty.jar\n") {
				t.Errorf("main sees %q", log)
			}
			j, err := findJava(func(name string) string { return env[name] })
			if err != nil {
				t.Fatal(err)
			}
			want := []string{
				"-Dstorm.options in " + name + " has no effect. Set settings in spec.topology.config, or in spec.config of the StormCluster.",
				"-Dstorm.jar in " + name + " has no effect. Set settings in spec.topology.config, or in spec.config of the StormCluster.",
			}
			if diff := cmp.Diff(want, j.differences()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestMemoryLimit(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]int64{"max\n": 0, "1073741824\n": 1 << 30, "9223372036854771712\n": 0, "": 0} {
		if got := memoryLimit(dir+"/none", write(t, []byte(text), dir, "limit")); got != want {
			t.Errorf("%q: %d", text, got)
		}
	}
}
