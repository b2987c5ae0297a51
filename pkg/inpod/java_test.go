package inpod

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

func program(t *testing.T, elements ...string) string {
	t.Helper()
	path := write(t, []byte("#!/bin/sh\n"), elements...)
	if err := os.Chmod(path, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFindJava(t *testing.T) {
	root := t.TempDir()
	home, home3, none := filepath.Join(root, "apache-storm"), filepath.Join(root, "apache-storm-3"), filepath.Join(root, "half")
	write(t, nil, home, "lib-worker/storm-client-2.8.1.jar")
	write(t, nil, home3, "lib-common/storm-client-3.2.0.jar")
	write(t, nil, home3, "lib-worker/README.md")
	write(t, nil, none, "lib-worker/README.md")
	program(t, home, "bin/storm")
	if err := os.Symlink(filepath.Join(home, "bin/storm"), filepath.Join(t.TempDir(), "storm")); err != nil {
		t.Fatal(err)
	}
	jre := program(t, root, "jre/bin/java")
	onPath := program(t, root, "bin/java")
	links := filepath.Join(root, "links")
	if err := os.MkdirAll(links, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(home, "bin/storm"), filepath.Join(links, "storm")); err != nil {
		t.Fatal(err)
	}
	write(t, nil, root, "user/.storm/storm.yaml")
	for _, tc := range []struct {
		reason string
		env    map[string]string
		want   java
		err    string
	}{
		{"the image's variables, as apache/storm sets them",
			map[string]string{"STORM_HOME": home, "JAVA_HOME": filepath.Join(root, "jre"), "STORM_CONF_DIR": "/conf"}, java{program: jre, home: home, conf: "/conf"}, ""},
		{"no variables: the PATH, and the targets of links", map[string]string{"PATH": filepath.Join(root, "bin") + ":" + links},
			java{program: onPath, home: home, conf: filepath.Join(home, "conf")}, ""},
		{"the user's storm.yaml comes first, as in storm.py", map[string]string{"PATH": filepath.Join(root, "bin") + ":" + links, "HOME": filepath.Join(root, "user"), "STORM_CONF_DIR": "/conf"},
			java{program: onPath, home: home, conf: filepath.Join(root, "user/.storm")}, ""},
		{"Storm 3: its client is in lib-common", map[string]string{"STORM_HOME": home3, "JAVA_HOME": filepath.Join(root, "jre")}, java{program: jre, home: home3, conf: filepath.Join(home3, "conf")}, ""},
		{"a lib-worker without Storm's client", map[string]string{"STORM_HOME": none, "JAVA_HOME": filepath.Join(root, "jre")}, java{}, "the image has no Storm"},
		{"no Java", map[string]string{"PATH": links, "STORM_HOME": home}, java{}, "no Java at java. Set spec.image of the StormCluster"},
		{"no Storm", map[string]string{"PATH": filepath.Join(root, "bin")}, java{}, "the image has no Storm"},
		{"options with an open quote", map[string]string{"STORM_HOME": home, "JAVA_HOME": filepath.Join(root, "jre"), "STORM_JAR_JVM_OPTS": `-Da="b`}, java{}, "STORM_JAR_JVM_OPTS cannot be split into options, since a quote is not closed. Correct it"},
		{"a folder without Storm", map[string]string{"PATH": filepath.Join(root, "bin"), "STORM_HOME": root}, java{}, "the image has no Storm"},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			t.Setenv("PATH", tc.env["PATH"])
			got, err := findJava(func(name string) string { return tc.env[name] })
			if tc.err != "" {
				if err == nil || !strings.Contains(err.Error(), tc.err) {
					t.Errorf("error %v, want %q", err, tc.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{tc.want.program, tc.want.home, tc.want.conf}, []string{got.program, got.home, got.conf}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestArguments(t *testing.T) {
	env := map[string]string{"STORM_EXT_CLASSPATH": "/ext/*"}
	j := java{home: "/s", conf: "/conf", confFile: "/tmp/storm.yaml", options: []string{"-Da=b c", "-Xmx2g"}, env: func(name string) string { return env[name] }}
	got := j.arguments(storm.Submission{Jar: "/jars/r.jar", MainClass: "a.Main", Args: []string{"-x", "$(id)", "--", "a b"}}, "/tmp/r.jar", "OPTIONS")
	want := []string{
		"-Dstorm.home=/s", "-Dstorm.log.dir=/s/logs", "-Dstorm.conf.file=/tmp/storm.yaml",
		"-cp", "/s/*:/s/lib-common/*:/s/lib-worker/*:/s/extlib/*:/ext/*:/jars/r.jar:/conf:/s/bin",
		"-Da=b c", "-Xmx2g", // the options of the image come later, so they win
		"-Dstorm.options=OPTIONS", // but for the way to the recorder
		"-Dstorm.jar=/tmp/r.jar", "-Dstorm.dependency.jars=", "-Dstorm.dependency.artifacts={}",
		"a.Main", "-x", "$(id)", "--", "a b", // main's arguments, unchanged
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"}, j.fast()); diff != "" {
		t.Errorf("the image sets the heap (-want +got):\n%s", diff)
	}
}

func TestOptionsLeadToTheRecorder(t *testing.T) {
	sub := storm.Submission{
		Settings:       map[string]any{"topology.workers": 2, "nimbus.seeds": []any{"elsewhere"}},
		ClientSettings: map[string]any{"storm.nimbus.retry.times": 1, "topology.workers": 9},
	}
	got, err := optionsFor(sub, "127.0.0.1", 4711)
	want := "nimbus.seeds%3D%5B%22127.0.0.1%22%5D,nimbus.thrift.client.use.tls%3Dfalse,nimbus.thrift.port%3D4711," +
		"storm.thrift.transport%3D%22org.apache.storm.security.auth.SimpleTransportPlugin%22,topology.workers%3D2"
	if err != nil || got != want {
		t.Errorf("%v\n got %s\nwant %s", err, got, want)
	}
}

const mainJava = `
public class Main {
  public static void main(String[] args) throws Exception {
    switch (args[0]) {
      case "options": System.out.println(System.getProperty("storm.options").length() + " " + System.getProperty("storm.jar")); break;
      case "jvm": System.out.println(java.lang.management.ManagementFactory.getGarbageCollectorMXBeans().get(0).getName() + " " + (Runtime.getRuntime().maxMemory() >> 20)); break;
      case "environment": System.out.println("[" + System.getProperty("env.name") + "] [" + System.getProperty("x") + "] [" + System.getenv("FROM_INI") + "]"); break;
      case "storm": System.out.println(org.apache.storm.StormSubmitter.whose()); break;
      case "library": Class.forName("kafka.Producer"); break;
      case "deep": deep(60); break;
      case "throw": throw new IllegalStateException("no broker given");
      case "print": new RuntimeException("swallowed").printStackTrace(); break;
      case "memory": byte[][] all = new byte[1 << 20][]; for (int i = 0; ; i++) all[i] = new byte[1 << 20];
    }
  }
  static void deep(int n) { if (n == 0) throw new IllegalStateException("schema registry refused"); deep(n - 1); }
}
class NoMain {}
class InImage { public static void main(String[] args) { System.out.println("in the image"); } }
class InVersions { public static void main(String[] args) { System.out.println("in versions"); } }
`

const submitterJava = `package org.apache.storm; public class StormSubmitter { public static String whose() { return "Storm's"; } }`

// mainClasses is the folder with the compiled classes, which TestMain removes.
var mainClasses string

var compileMain = sync.OnceValue(func() error {
	sources, err := os.MkdirTemp("", "main-java-")
	if err != nil {
		return err
	}
	mainClasses = sources
	files := []string{filepath.Join(sources, "Main.java"), filepath.Join(sources, "StormSubmitter.java")}
	err = errors.Join(os.WriteFile(files[0], []byte(mainJava), 0o600), os.WriteFile(files[1], []byte(submitterJava), 0o600))
	if out, failed := exec.Command("javac", append([]string{"-d", sources}, files...)...).CombinedOutput(); failed != nil {
		err = errors.Join(err, fmt.Errorf("%w\n%s", failed, out))
	}
	return err
})

// realMain is a folder with the class Main that is also a Storm's home. Tests share it.
func realMain(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("javac"); err != nil || testing.Short() {
		t.Skip("needs javac")
	}
	if err := compileMain(); err != nil {
		t.Fatal(err)
	}
	write(t, nil, mainClasses, "lib-worker/storm-client-2.8.1.jar")
	return mainClasses
}

// runJava runs a class as the pod does, in this environment.
func runJava(t *testing.T, env map[string]string, sub storm.Submission, options string) (run mainRun, log string) {
	t.Helper()
	j, err := findJava(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	args, err := inFile(append(j.fast(), j.arguments(sub, "empty.jar", options)...), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	command := exec.CommandContext(context.Background(), j.program, args...)
	command.Env = os.Environ()
	for name, value := range env {
		command.Env = append(command.Env, name+"="+value)
	}
	command.Env = append(command.Env, j.environment()[len(os.Environ()):]...)
	run = mainProcess{command: command, log: &out, limit: time.Minute, grace: time.Minute}.run(t.Context())
	return run, out.String()
}

// TestRealJava: what Java itself prints is judged correctly.
func TestRealJava(t *testing.T) {
	classes := realMain(t)
	env := map[string]string{"STORM_HOME": classes, "STORM_CONF_DIR": classes, "STORM_JAR_JVM_OPTS": "-Xmx32m"}
	for _, tc := range []struct{ why, class, arg, reason, text string }{
		{"settings too long for one argument", "Main", "options", v1beta1.NothingSubmitted, "exited successfully without submitting a topology"},
		{"an exception", "Main", "throw", v1beta1.MainFailed, "(exit code 1): java.lang.IllegalStateException: no broker given."},
		{"a stack trace of more lines than the tail has", "Main", "deep", v1beta1.MainFailed, "(exit code 1): java.lang.IllegalStateException: schema registry refused."},
		{"an exception that is only printed", "Main", "print", v1beta1.MainFailed, "(exit code 0): java.lang.RuntimeException: swallowed."},
		{"a heap that is too small", "Main", "memory", v1beta1.OutOfMemory, "ran out of memory"},
		{"a class without main", "NoMain", "", v1beta1.MainClassNotFound, "Class NoMain has no main method."},
		{"no such class", "Other", "", v1beta1.MainClassNotFound, "Java cannot load the main class Other: java.lang.ClassNotFoundException: Other."},
	} {
		t.Run(tc.why, func(t *testing.T) {
			t.Parallel()
			sub := storm.Submission{Jar: classes, MainClass: tc.class, Args: []string{tc.arg}, MainTimeoutSeconds: 60}
			run, log := runJava(t, env, sub, strings.Repeat("x", 200_000))
			_, failed := judged{run: run, sub: sub}.verdict()
			if failed == nil || failed.Reason != tc.reason || !strings.Contains(failed.Message, tc.text) {
				t.Errorf("%+v, want %s with %q\n%s", failed, tc.reason, tc.text, log)
			}
			if tc.arg == "options" && log != "200000 empty.jar\n" {
				t.Errorf("the JVM sees %q", log)
			}
		})
	}
}

// TestOptionsOfTheEnvironment: Java runs with the garbage collector and the heap that the
// image or the pod template chooses, wherever it does so.
func TestOptionsOfTheEnvironment(t *testing.T) {
	classes := realMain(t)
	for _, tc := range []struct{ why, variable, value, printed, failed string }{
		{"nothing is chosen", "OTHER", "-XX:+UseG1GC", "Copy ", ""},
		{"a collector for each Java", "JAVA_TOOL_OPTIONS", "-XX:+UseSerialGC -Xmx64m", "Copy 6", ""},
		{"G1", "JAVA_TOOL_OPTIONS", "-XX:+UseG1GC -XX:MaxRAM=128m", "G1 Young Generation 6", ""},
		{"Parallel", "STORM_JAR_JVM_OPTS", "-XX:+UseParallelGC -XX:MaxHeapSize=64m", "PS ", ""},
		{"Z", "JAVA_TOOL_OPTIONS", "-XX:+UseZGC -Xmx64m", "ZGC ", ""},
		{"Shenandoah", "STORM_JAR_JVM_OPTS", "-XX:+UseShenandoahGC -Xmx64m", "Shenandoah Pauses 6", ""},
		{"for the java command", "JDK_JAVA_OPTIONS", `"-XX:+UseParallelGC" -Xmx64m`, "PS ", ""},
		{"after the command line", "_JAVA_OPTIONS", "-XX:+UseG1GC -Xmx64m", "G1 Young Generation 64\n", ""},
		{"for main", "STORM_JAR_JVM_OPTS", "-XX:+UseG1GC -Xmx64m", "G1 Young Generation 64\n", ""},
		{"a share of the memory", "JAVA_TOOL_OPTIONS", "-XX:MaxRAM=100m -XX:MaxRAMPercentage=50.0 -Xshare:off", "Copy 4", ""},
		{"compilation", "JAVA_TOOL_OPTIONS", "-XX:-TieredCompilation", "Copy ", ""},
		{"an option that Java does not have", "JAVA_TOOL_OPTIONS", "-XX:Nonsense=1", "", "Java did not start: Unrecognized VM option 'Nonsense=1'. Check the options in JAVA_TOOL_OPTIONS"},
		{"a heap and a collector by one option", "JAVA_TOOL_OPTIONS", "-XX:+AggressiveHeap -XX:ParallelGCThreads=1", "PS ", ""},
		{"a file of options", "JAVA_TOOL_OPTIONS", "-XX:Flags=" + write(t, []byte("+UseG1GC\n"), t.TempDir(), "flags"), "G1 Young Generation", ""},
		{"a file of arguments", "STORM_JAR_JVM_OPTS", "@" + write(t, []byte("-XX:+UseG1GC -Xmx64m"), t.TempDir(), "arguments"), "G1 Young Generation 64\n", ""},
		{"another name for the heap", "STORM_JAR_JVM_OPTS", "-mx64m", " 6", ""},
		{"a Java agent that fails", "JAVA_TOOL_OPTIONS", "-javaagent:" + write(t, agentJar(t), t.TempDir(), "agent.jar"), "", "Java did not start: the Java agent failed: java.lang.ClassNotFoundException: no.Agent. Check the options"},
		{"two collectors", "STORM_JAR_JVM_OPTS", "-XX:+UseG1GC -XX:+UseSerialGC", "", "Java did not start: Multiple garbage collectors selected. Check"},
		{"an agent that is missing", "JAVA_TOOL_OPTIONS", "-javaagent:/no.jar", "", "Java did not start: Error opening zip file or JAR manifest missing : /no.jar, agent library failed"},
		{"a file of options that is missing", "JDK_JAVA_OPTIONS", "@/no", "", "Java did not start: Error: could not open `/no'. Check"},
		{"more heap than there is", "STORM_JAR_JVM_OPTS", "-Xmx99999g", "", "Java did not start: Could not reserve enough space for 1048"},
	} {
		t.Run(tc.why, func(t *testing.T) {
			t.Parallel()
			run, log := runJava(t, map[string]string{"STORM_HOME": classes, tc.variable: tc.value}, storm.Submission{Jar: classes, MainClass: "Main", Args: []string{"jvm"}}, "x")
			_, failed := judged{run: run}.verdict()
			switch {
			case tc.failed == "" && !strings.Contains(log, tc.printed):
				t.Errorf("%q, want %q", log, tc.printed)
			case tc.failed != "" && (failed.Reason != v1beta1.JavaNotStarted || !strings.HasPrefix(failed.Message, tc.failed)):
				t.Errorf("%+v, want %q", failed, tc.failed)
			}
		})
	}
}

// TestRealJARs: what a check accepts runs with Java, and what it remarks is in the message
// of a failure.
func TestRealJARs(t *testing.T) {
	classes, home := realMain(t), t.TempDir()
	compiled := func(name string) string {
		content, err := os.ReadFile(filepath.Join(classes, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	// Storm's own class says "Storm's", the one in the JAR is not a class at all.
	write(t, jarOf(t, map[string]string{"org/apache/storm/StormSubmitter.class": compiled("org/apache/storm/StormSubmitter.class")}), home, "lib-worker/storm-client-2.8.1.jar")
	write(t, jarOf(t, map[string]string{"InImage.class": compiled("InImage.class")}), home, "extlib/flux.jar")
	const signed = "Signature-Version: 1.0\r\nSHA-256-Digest-Manifest: AA==\r\nSHA-256-Digest-Manifest-Main-Attributes: AA==\r\n\r\n"
	for _, tc := range []struct {
		why, class, arg string
		entries         map[string]string
		printed         string
		reason, text    string
	}{
		{"Storm's classes in the JAR", "Main", "storm", map[string]string{"Main.class": compiled("Main.class"), "org/apache/storm/StormSubmitter.class": "old"}, "Storm's", "", ""},
		{"the main class is in Storm's image", "InImage", "", map[string]string{"a.yaml": ""}, "in the image", "", ""},
		{"the main class is nowhere", "Nowhere", "", map[string]string{"other/Nowhere.class": testkit.Class("other.Nowhere", true)}, "",
			v1beta1.MainClassNotFound, "Neither the JAR nor the StormCluster's image has class Nowhere. The JAR has other.Nowhere: set spec.topology.mainClass to it."},
		{"a class for newer Javas only", "InVersions", "", map[string]string{"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\nMulti-Release: true\n\n", "META-INF/versions/11/InVersions.class": compiled("InVersions.class")}, "in versions", "", ""},
		{"a library beside the JAR", "Main", "library", map[string]string{"Main.class": compiled("Main.class"), "META-INF/MANIFEST.MF": "Manifest-Version: 1.0\nClass-Path: lib/kafka.jar\n\n"}, "",
			v1beta1.MainFailed, "The JAR's manifest names lib/kafka.jar in its Class-Path, and Stormhooks takes the JAR alone. List them in spec.topology.jar.container.dependencies, or build one JAR"},
		{"a library in the JAR", "Main", "library", map[string]string{"Main.class": compiled("Main.class"), "lib/kafka.jar": ""}, "",
			v1beta1.MainFailed, "The JAR contains JARs, such as lib/kafka.jar, and Java loads no class from them."},
		{"one that may be a resource", "Main", "library", map[string]string{"Main.class": compiled("Main.class"), "inner/kafka.jar": ""}, "",
			v1beta1.MainFailed, "The JAR contains JARs, such as inner/kafka.jar, and Java loads no class from them."},
		{"another failure than one of classes", "Main", "throw", map[string]string{"Main.class": compiled("Main.class"), "inner/kafka.jar": ""}, "", v1beta1.MainFailed, "no broker given. Fix main, its arguments (spec.topology.args) or its settings (spec.topology.config)."},
		{"a signature without its key", "Main", "jvm", map[string]string{"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\n\n", "META-INF/A.SF": signed, "Main.class": compiled("Main.class")}, "Copy", "", ""},
	} {
		t.Run(tc.why, func(t *testing.T) {
			t.Parallel()
			sub := storm.Submission{Jar: write(t, jarOf(t, tc.entries), t.TempDir(), "a.jar"), MainClass: tc.class, Args: []string{tc.arg}}
			checked, failed := checkPresent(t.Context(), sub)
			if failed != nil {
				t.Fatal(failed)
			}
			env := map[string]string{"STORM_HOME": home}
			run, log := runJava(t, env, sub, "x")
			if tc.reason == "" {
				if run.code != 0 || !strings.Contains(log, tc.printed) {
					t.Errorf("code %d, want %q\n%s", run.code, tc.printed, log)
				}
				return
			}
			_, failed = judged{run: run, sub: sub, jar: checked.found}.verdict()
			if failed.Reason != tc.reason || !strings.Contains(failed.Message, tc.text) || tc.arg == "throw" && !strings.HasSuffix(failed.Message, tc.text) {
				t.Errorf("%+v, want %s with %q\n%s", failed, tc.reason, tc.text, log)
			}
			for _, fault := range testkit.Form(failed.Message, true) {
				t.Errorf("%s: %s", fault, failed.Message)
			}
		})
	}
}

// TestRealDependencies: Java loads classes of main from its dependencies, also the main class.
func TestRealDependencies(t *testing.T) {
	classes, home := realMain(t), t.TempDir()
	compiled := func(name string) map[string]string {
		content, err := os.ReadFile(filepath.Join(classes, name))
		if err != nil {
			t.Fatal(err)
		}
		return map[string]string{name: string(content)}
	}
	write(t, nil, home, "lib-worker/storm-client-2.8.1.jar")
	nothing := map[string]string{"a.txt": ""}
	for _, tc := range []struct {
		why             string
		jar, dependency map[string]string
		class, arg      string
		prints, fails   string
	}{
		{"a library", compiled("Main.class"), compiled("org/apache/storm/StormSubmitter.class"), "Main", "storm", "Storm's", ""},
		{"main itself, as Flux is", nothing, compiled("InImage.class"), "InImage", "", "in the image", ""},
		{"not the library", compiled("Main.class"), nothing, "Main", "library", "", "ClassNotFoundException: kafka.Producer"},
		{"no main class anywhere", nothing, compiled("InImage.class"), "Nowhere", "", "", "Neither the JAR, nor its dependencies, nor the StormCluster's image has class Nowhere."},
	} {
		t.Run(tc.why, func(t *testing.T) {
			t.Parallel()
			sub := storm.Submission{Jar: write(t, jarOf(t, tc.jar), t.TempDir(), "a.jar"), MainClass: tc.class, Args: []string{tc.arg},
				Dependencies: []string{write(t, jarOf(t, tc.dependency), t.TempDir(), "b c.jar")}}
			checked, failed := checkPresent(t.Context(), sub)
			if failed != nil {
				t.Fatal(failed)
			}
			run, log := runJava(t, map[string]string{"STORM_HOME": home}, sub, "x")
			if tc.fails == "" {
				if run.code != 0 || !strings.Contains(log, tc.prints) {
					t.Errorf("code %d, want %q\n%s", run.code, tc.prints, log)
				}
				return
			}
			if _, failed = (judged{run: run, sub: sub, jar: checked.found}).verdict(); failed == nil || !strings.Contains(failed.Message, tc.fails) {
				t.Errorf("%+v\n%s", failed, log)
			}
		})
	}
}

// TestRealSignature: Java refuses the classes of a JAR whose manifest is not the signed one.
func TestRealSignature(t *testing.T) {
	classes := realMain(t)
	folder := t.TempDir()
	signed := filepath.Join(folder, "a.jar")
	content, err := os.ReadFile(filepath.Join(classes, "Main.class"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, jarOf(t, map[string]string{"Main.class": string(content), "META-INF/MANIFEST.MF": "Manifest-Version: 1.0\r\n\r\n"}), signed)
	keys := filepath.Join(folder, "keys")
	for _, command := range [][]string{
		{"keytool", "-genkeypair", "-keystore", keys, "-storepass", "changeit", "-alias", "acme", "-keyalg", "EC", "-dname", "CN=acme"},
		{"jarsigner", "-keystore", keys, "-storepass", "changeit", signed, "acme"},
	} {
		if out, err := exec.CommandContext(t.Context(), command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	archive, err := zip.OpenReader(signed)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = archive.Close() }()
	entries := map[string]string{}
	for _, entry := range archive.File {
		body, err := entry.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		entries[entry.Name] = string(text)
	}
	entries["META-INF/MANIFEST.MF"] = "Manifest-Version: 1.0\r\nCreated-By: a shading tool\r\n\r\n"
	sub := storm.Submission{Jar: write(t, jarOf(t, entries), t.TempDir(), "a.jar"), MainClass: "Main", Args: []string{"jvm"}}
	checked, failed := checkPresent(t.Context(), sub)
	if failed != nil {
		t.Fatal(failed)
	}
	env := map[string]string{"STORM_HOME": classes}
	run, log := runJava(t, env, sub, "x")
	_, failed = judged{run: run, sub: sub, jar: checked.found}.verdict()
	if want := "The JAR contains META-INF/ACME.SF, a signature of a dependency that does not match any more."; failed == nil || failed.Reason != v1beta1.JarInvalid || !strings.HasPrefix(failed.Message, want) {
		t.Errorf("%+v, want %q\n%s", failed, want, log)
	}
}

// agentJar names a Java agent that it does not have.
func agentJar(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	manifest, err := archive.Create("META-INF/MANIFEST.MF")
	if err == nil {
		_, err = manifest.Write([]byte("Manifest-Version: 1.0\r\nPremain-Class: no.Agent\r\n\r\n"))
	}
	if err := errors.Join(err, archive.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestEnvironmentOfStorm: Java and main get the options and the variables that they get from
// Storm's own command.
func TestEnvironmentOfStorm(t *testing.T) {
	classes := realMain(t)
	conf := t.TempDir()
	write(t, []byte("[environment]\nFROM_INI = from the file\nJAVA_TOOL_OPTIONS: -XX:+UseG1GC\n"), conf, "storm_env.ini")
	env := map[string]string{"STORM_HOME": classes, "STORM_CONF_DIR": conf, "FROM_INI": "from the pod",
		"STORM_JAR_JVM_OPTS": `-Denv.name="my env" -Dx=y\ z -Dstorm.options=nimbus.seeds%3Delsewhere`}
	for arg, want := range map[string]string{"environment": "[my env] [y z] [from the file]\n", "jvm": "G1 Young", "options": "1 empty.jar\n"} {
		if _, log := runJava(t, env, storm.Submission{Jar: classes, MainClass: "Main", Args: []string{arg}}, "x"); !strings.Contains(log, want) {
			t.Errorf("%s: %q, want %q", arg, log, want)
		}
	}
}

// TestEmptyJar: what Storm's client sends is a JAR, in case main opens it.
func TestEmptyJar(t *testing.T) {
	path, err := emptyJar("/extracted/of/topology.jar", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	if filepath.Base(path) != "topology.jar" || len(archive.File) != 1 || archive.File[0].Name != "META-INF/MANIFEST.MF" {
		t.Errorf("%s holds %v", path, archive.File)
	}
}
