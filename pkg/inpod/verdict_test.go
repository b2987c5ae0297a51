package inpod

import (
	"io"
	"strings"
	"testing"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/jar"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

func cluesIn(lines []string) (seen clues) {
	for _, line := range lines {
		seen.add(line)
	}
	return seen
}

func TestVerdict(t *testing.T) {
	traced := func(lines ...string) []string {
		return append(lines, "\tat com.example.Main.build(Main.java:7)", "\tat com.example.Main.main(Main.java:3)")
	}
	one := []string{"mains-own-name"}
	for _, tc := range []struct {
		why       string
		run       mainRun
		submitted []string
		refused   []string
		reason    string
		text      string
	}{
		{"one topology, and an end", mainRun{}, one, nil, "", ""},
		{"an exit code after the submission is not a failure", mainRun{code: 1, tail: traced("Exception in thread \"main\" java.lang.RuntimeException: no drpc")}, one, nil,
			"", "The main method of com.example.Main ended with exit code 1 after it had submitted."},
		{"nor is a main that keeps running", mainRun{ending: keptRunning, code: -1}, one, nil, "", "kept running for 10s after it had submitted, and was stopped."},
		{"one twice is one too many", mainRun{}, []string{"a", "a"}, nil, v1beta1.SubmittedTwice, "submitted topology a 2 times"},
		{"two are one too many, whatever main does then", mainRun{code: 1}, []string{"a", "b"}, nil, v1beta1.SubmittedTwice, "submitted 2 topologies (a, b)"},
		{"nothing, and a success", mainRun{tail: []string{"Usage: main NAME"}}, nil, nil, v1beta1.NothingSubmitted, "exited successfully without submitting a topology. Check"},
		{"nothing, after a call that no recorder answers", mainRun{}, nil, []string{"getClusterInfo"}, v1beta1.NothingSubmitted, "It called getClusterInfo of Nimbus, which is unavailable while a topology is being recorded. Check"},
		{"an exception", mainRun{code: 1, tail: traced(`Exception in thread "main" java.lang.IllegalStateException: no broker given`)}, nil, nil,
			v1beta1.MainFailed, "(exit code 1): java.lang.IllegalStateException: no broker given. Fix main, its arguments"},
		{"a file of the image", mainRun{code: 1, tail: traced(`Exception in thread "main" java.io.FileNotFoundException: crawler.flux (No such file or directory)`)}, nil, nil,
			v1beta1.MainFailed, ": java.io.FileNotFoundException: crawler.flux (No such file or directory). Main ran in a folder that has only what spec.topology.jar.container.files names: other files of your image are not there. Add the file to that list, or mount it (spec.template.volumes)."},
		{"the same, by another way to read", mainRun{code: 1, tail: traced(`Exception in thread "main" java.nio.file.NoSuchFileException: conf/a.yaml`)}, nil, nil,
			v1beta1.MainFailed, "Add the file to that list"},
		{"the innermost cause says most", mainRun{code: 1, tail: append(traced(`Exception in thread "main" java.lang.RuntimeException: java.net.UnknownHostException: kafka`), traced("Caused by: java.net.UnknownHostException: kafka")...)}, nil, nil,
			v1beta1.MainFailed, ": java.net.UnknownHostException: kafka. Fix"},
		{"ConfigurableTopology prints the exception and exits with 0", mainRun{tail: traced("java.lang.IllegalArgumentException: Field topology.workers must be an Integer")}, nil, nil,
			v1beta1.MainFailed, "(exit code 0): java.lang.IllegalArgumentException: Field topology.workers"},
		{"an exception's name in a line of a log is not an exception", mainRun{tail: []string{"INFO retrying after java.io.IOException"}}, nil, nil, v1beta1.NothingSubmitted, ""},
		{"an exception beside the cause, and the failure of a close", mainRun{code: 1, tail: append(traced(`Exception in thread "main" java.lang.IllegalStateException: cannot build`), append(traced("\tSuppressed: java.io.IOException: close"), traced("\tCaused by: java.io.EOFException")...)...)}, nil, nil,
			v1beta1.MainFailed, ": java.lang.IllegalStateException: cannot build. Fix"},
		{"what main logs while it shuts down", mainRun{code: 1, tail: append(traced(`Exception in thread "main" java.lang.IllegalStateException: no broker given`), traced("WARN pool did not close: java.io.IOException: reset")...)}, nil, nil,
			v1beta1.MainFailed, ": java.lang.IllegalStateException: no broker given. Fix"},
		{"an exception of another thread, which main outlived", mainRun{code: 1, tail: append(traced(`Exception in thread "main" java.lang.IllegalStateException: no broker given`), traced(`Exception in thread "Thread-0" java.io.IOException: reset`)...)}, nil, nil,
			v1beta1.MainFailed, ": java.lang.IllegalStateException: no broker given. Fix"},
		{"a message of several lines", mainRun{code: 1, tail: traced("com.google.inject.CreationException: Unable to create injector", "", "1) No implementation for Brokers was bound.")}, nil, nil,
			v1beta1.MainFailed, ": com.google.inject.CreationException: Unable to create injector. Fix"},
		{"a name that does not say that it is an exception", mainRun{code: 1, tail: traced("Caused by: com.example.NoBroker: none given")}, nil, nil,
			v1beta1.MainFailed, ": com.example.NoBroker: none given. Fix"},
		{"the same, and only printed", mainRun{code: 1, tail: traced("com.example.NoBroker: none given")}, nil, nil, v1beta1.MainFailed, ": com.example.NoBroker: none given. Fix"},
		{"words of a log that only look so", mainRun{code: 1, tail: []string{"Caused by: the weather", "com.example.Main: started", "bye"}}, nil, nil, v1beta1.MainFailed, "(exit code 1). Fix"},
		{"a Java agent that fails", mainRun{code: 134, tail: append(traced(`Exception in thread "main" java.lang.ClassNotFoundException: com.acme.Agent`), "*** java.lang.instrument ASSERTION FAILED ***: \"result\"", "FATAL ERROR in native method: processing of -javaagent failed, processJavaStart failed")}, nil, nil,
			v1beta1.JavaNotStarted, "Java did not start: the Java agent failed: java.lang.ClassNotFoundException: com.acme.Agent. Check the options in JAVA_TOOL_OPTIONS"},
		{"a JRE without a library", mainRun{code: 127, tail: []string{"/opt/java/bin/java: error while loading shared libraries: libjli.so: cannot open shared object file: No such file or directory"}}, nil, nil,
			v1beta1.JavaNotStarted, "Java did not start: /opt/java/bin/java: error while loading shared libraries: libjli.so: cannot open shared object file: No such file or directory. Its files in"},
		{"half a JRE", mainRun{code: 1, tail: []string{"Error: could not find libjava.so", "Error: Could not find Java SE Runtime Environment."}}, nil, nil,
			v1beta1.JavaNotStarted, "Java did not start: Error: Could not find Java SE Runtime Environment. Its files in"},
		{"a JVM that main starts, and that does not start", mainRun{code: 1, tail: append([]string{"Error occurred during initialization of VM", "Multiple garbage collectors selected"}, traced(`Exception in thread "main" java.lang.IllegalStateException: the converter failed`)...)}, nil, nil,
			v1beta1.MainFailed, ": java.lang.IllegalStateException: the converter failed. Fix"},
		{"no memory outside the heap", mainRun{code: 1, tail: []string{"# There is insufficient memory for the Java Runtime Environment to continue.", "# Native memory allocation (mmap) failed to map 65536 bytes for committing reserved memory."}}, nil, nil, v1beta1.OutOfMemory, "ran out of memory"},
		{"a JAR of Storm 0.x", mainRun{code: 1, tail: traced(`Exception in thread "main" java.lang.NoClassDefFoundError: backtype/storm/topology/TopologyBuilder`)}, nil, nil,
			v1beta1.MainFailed, "Storm has no class backtype.storm.topology.TopologyBuilder since Storm 1.0: the JAR was built for an older Storm. Build it"},
		{"a local cluster, by its name", mainRun{code: 1, tail: traced("Caused by: java.lang.ClassNotFoundException: org.apache.storm.LocalCluster")}, nil, nil, v1beta1.MainFailed, "tries to run a local cluster"},
		{"a main method of an object", mainRun{code: 1, tail: []string{"Error: Main method is not static in class com.example.Main$, please define the main method as:"}}, nil, nil, v1beta1.MainClassNotFound, "has no main method"},
		{"an exit code alone", mainRun{code: 3, tail: []string{"bad luck"}}, nil, nil, v1beta1.MainFailed, "(exit code 3). Fix main"},
		{"a local cluster", mainRun{code: 1, tail: traced(`Exception in thread "main" java.lang.NoClassDefFoundError: org/apache/storm/LocalCluster`)}, nil, nil,
			v1beta1.MainFailed, "tries to run a local cluster"},
		{"no such class", mainRun{code: 1, tail: []string{"Error: Could not find or load main class com.example.Main", "Caused by: java.lang.ClassNotFoundException: com.example.Main"}}, nil, nil,
			v1beta1.MainClassNotFound, "cannot load the main class com.example.Main: java.lang.ClassNotFoundException: com.example.Main. Check"},
		{"no main method", mainRun{code: 1, tail: []string{"Error: Main method not found in class com.example.Main, please define the main method as:"}}, nil, nil,
			v1beta1.MainClassNotFound, "has no main method"},
		{"a newer Java", mainRun{code: 1, tail: []string{"Error: LinkageError occurred while loading main class com.example.Main", "\tjava.lang.UnsupportedClassVersionError: com/example/Main has been compiled by a more recent version of the Java Runtime (class file version 65.0)"}}, nil, nil,
			v1beta1.MainFailed, "compiled for a newer Java than the one of Storm's image"},
		{"a JVM that does not start", mainRun{code: 1, tail: []string{"Picked up JAVA_TOOL_OPTIONS: -Dpassword=x", "Error occurred during initialization of VM", "Multiple garbage collectors selected"}}, nil, nil,
			v1beta1.JavaNotStarted, "Java did not start: Multiple garbage collectors selected. Check the options in JAVA_TOOL_OPTIONS"},
		{"a JVM that knows an option no longer, or not yet", mainRun{code: 1, tail: []string{"Unrecognized VM option 'MaxRAMPercentage=60.0'", "Error: Could not create the Java Virtual Machine.", "Error: A fatal exception has occurred. Program will exit."}}, nil, nil,
			v1beta1.JavaNotStarted, "Java did not start: Unrecognized VM option 'MaxRAMPercentage=60.0'. Check"},
		{"a main that prints the same, and succeeds", mainRun{tail: []string{"Error occurred during initialization of VM"}}, nil, nil, v1beta1.NothingSubmitted, ""},
		{"Java 8 reads no file of arguments", mainRun{code: 1, tail: []string{"Error: Could not find or load main class @.tmp.main-1.options"}}, nil, nil,
			v1beta1.JavaNotStarted, "more than 96 KiB, which only Java 9 and newer can read. Make spec.topology.config smaller"},
		{"Storm is newer than the image's Java", mainRun{code: 1, tail: traced(`Exception in thread "main" java.lang.UnsupportedClassVersionError: org/apache/storm/topology/IRichSpout has been compiled by a more recent version of the Java Runtime (class file version 69.0)`)}, nil, nil,
			v1beta1.SubmissionFailed, "needs a newer Java than the image has: Java cannot load org.apache.storm.topology.IRichSpout. Set spec.image"},
		{"Storm's superclass of main is newer than the image's Java", mainRun{code: 1, tail: []string{"Error: LinkageError occurred while loading main class com.example.Main", "\tjava.lang.UnsupportedClassVersionError: org/apache/storm/topology/ConfigurableTopology has been compiled by a more recent version"}}, nil, nil,
			v1beta1.SubmissionFailed, "needs a newer Java than the image has"},
		{"the image lacks a class of Storm", mainRun{code: 1, tail: append(traced(`Exception in thread "main" java.lang.NoClassDefFoundError: org/apache/storm/topology/IRichSpout`), "Caused by: java.lang.ClassNotFoundException: org.apache.storm.topology.IRichSpout")}, nil, nil,
			v1beta1.SubmissionFailed, "image is not complete: it lacks org.apache.storm.topology.IRichSpout. Set spec.image"},
		{"the image lacks main's superclass", mainRun{code: 1, tail: []string{"Error: Could not find or load main class com.example.Main", "Caused by: java.lang.NoClassDefFoundError: org/apache/storm/topology/ConfigurableTopology"}}, nil, nil,
			v1beta1.SubmissionFailed, "it lacks org.apache.storm.topology.ConfigurableTopology"},
		{"the image lacks a library that Storm's client needs", mainRun{code: 1, tail: []string{`Exception in thread "main" java.lang.NoClassDefFoundError: org/slf4j/LoggerFactory`, "\tat org.apache.storm.StormSubmitter.<clinit>(StormSubmitter.java:52)", "\tat com.example.Main.main(Main.java:12)", "Caused by: java.lang.ClassNotFoundException: org.slf4j.LoggerFactory", "\t... 2 more"}}, nil, nil,
			v1beta1.SubmissionFailed, "The Storm of the StormCluster's image is not complete: it lacks org.slf4j.LoggerFactory. Set spec.image"},
		{"the same, and main needs it first", mainRun{code: 1, tail: []string{`Exception in thread "main" java.lang.NoClassDefFoundError: org/slf4j/LoggerFactory`, "\tat com.example.Main.<clinit>(Main.java:12)", "Caused by: java.lang.ClassNotFoundException: org.slf4j.LoggerFactory", "\t... 1 more"}}, nil, nil,
			v1beta1.SubmissionFailed, "is not complete: it lacks org.slf4j.LoggerFactory"},
		{"the same, before main runs", mainRun{code: 1, tail: []string{"Error: Unable to initialize main class com.example.Main", "Caused by: java.lang.NoClassDefFoundError: org/slf4j/Logger"}}, nil, nil,
			v1beta1.SubmissionFailed, "is not complete: it lacks org.slf4j.Logger."},
		{"a library that only Storm's client knows", mainRun{code: 1, tail: []string{`Exception in thread "main" java.lang.NoClassDefFoundError: javax/annotation/Nullable`, "\tat org.apache.storm.trident.TridentTopology.<init>(TridentTopology.java:9)", "Caused by: java.lang.ClassNotFoundException: javax.annotation.Nullable"}}, nil, nil,
			v1beta1.SubmissionFailed, "is not complete: it lacks javax.annotation.Nullable"},
		{"the image lacks Storm's own copies of libraries", mainRun{code: 1, tail: traced(`Exception in thread "main" java.lang.NoClassDefFoundError: org/apache/storm/shade/org/json/simple/JSONValue`)}, nil, nil,
			v1beta1.SubmissionFailed, "is not complete: it lacks org.apache.storm.shade.org.json.simple.JSONValue"},
		{"the JAR lacks a library", mainRun{code: 1, tail: []string{`Exception in thread "main" java.lang.NoClassDefFoundError: org/apache/kafka/clients/consumer/Consumer`, "\tat com.example.Main.main(Main.java:12)", "\tat org.apache.storm.topology.ConfigurableTopology.start(ConfigurableTopology.java:5)", "Caused by: java.lang.ClassNotFoundException: org.apache.kafka.clients.consumer.Consumer"}}, nil, nil,
			v1beta1.MainFailed, ": java.lang.ClassNotFoundException: org.apache.kafka.clients.consumer.Consumer. Fix main"},
		{"the JAR lacks a library that a module of Storm needs", mainRun{code: 1, tail: []string{`Exception in thread "main" java.lang.NoClassDefFoundError: org/apache/kafka/clients/consumer/Consumer`, "\tat org.apache.storm.kafka.spout.KafkaSpout.<init>(KafkaSpout.java:12)", "Caused by: java.lang.ClassNotFoundException: org.apache.kafka.clients.consumer.Consumer"}}, nil, nil,
			v1beta1.MainFailed, ": java.lang.ClassNotFoundException: org.apache.kafka.clients.consumer.Consumer. Fix main"},
		{"the JAR lacks a part of slf4j that Storm does not have", mainRun{code: 1, tail: []string{`Exception in thread "main" java.lang.NoClassDefFoundError: org/slf4j/bridge/SLF4JBridgeHandler`, "\tat com.example.Main.main(Main.java:12)", "Caused by: java.lang.ClassNotFoundException: org.slf4j.bridge.SLF4JBridgeHandler"}}, nil, nil,
			v1beta1.MainFailed, ": java.lang.ClassNotFoundException: org.slf4j.bridge.SLF4JBridgeHandler. Fix main"},
		{"a library that Storm's client does without, and another failure", mainRun{code: 1, tail: append([]string{"java.lang.NoClassDefFoundError: com/acme/Optional", "\tat org.apache.storm.utils.Utils.probe(Utils.java:9)"}, traced(`Exception in thread "main" java.lang.IllegalStateException: no broker given`)...)}, nil, nil,
			v1beta1.MainFailed, ": java.lang.IllegalStateException: no broker given. Fix main"},
		{"the JAR lacks a module of Storm", mainRun{code: 1, tail: traced(`Exception in thread "main" java.lang.NoClassDefFoundError: org/apache/storm/kafka/spout/KafkaSpout`)}, nil, nil,
			v1beta1.MainFailed, "Neither the JAR nor the Storm of the StormCluster's image has org.apache.storm.kafka.spout.KafkaSpout. If it belongs to a module"},
		{"the heap is full", mainRun{code: 1, tail: traced(`Exception in thread "main" java.lang.OutOfMemoryError: Java heap space`)}, nil, nil, v1beta1.OutOfMemory, "(the heap is 60 % of it, unless an option for Java says otherwise)"},
		{"a signal of another kind", mainRun{code: -1}, nil, nil, v1beta1.MainFailed, "(a signal)"},
		{"the kernel killed it", mainRun{code: -1, killed: true, outOfMemory: true}, nil, nil, v1beta1.OutOfMemory, "ran out of memory"},
		{"another process killed it", mainRun{code: -1, killed: true}, nil, nil, v1beta1.MainFailed, "not for lack of memory"},
		{"too slow", mainRun{ending: timedOut, code: -1}, nil, nil, v1beta1.MainTimedOut, "had submitted nothing after 5m0s and was stopped. See"},
		{"too slow, and it says why", mainRun{ending: timedOut, code: -1, tail: traced("WARN retrying: java.net.ConnectException: Connection refused")}, nil, nil,
			v1beta1.MainTimedOut, "and was stopped. Its last exception: java.net.ConnectException: Connection refused. See"},
		{"the pod is removed, even after the submission", mainRun{ending: toldToStop, code: -1}, one, nil, v1beta1.PodLost, "Stormhooks changed nothing in Storm"},
	} {
		t.Run(tc.why, func(t *testing.T) {
			tc.run.clues = cluesIn(tc.run.tail)
			j := judged{run: tc.run, submitted: tc.submitted, refused: tc.refused, sub: storm.Submission{MainClass: "com.example.Main", MainTimeoutSeconds: 300}}
			remark, failed := j.verdict()
			got := problem.Problem{Message: remark}
			if failed != nil {
				got = *failed
			}
			if got.Reason != tc.reason || !strings.Contains(got.Message, tc.text) || tc.text == "" && tc.reason == "" && remark != "" {
				t.Errorf("%s %q, want %s with %q", got.Reason, got.Message, tc.reason, tc.text)
			}
			for _, fault := range testkit.Form(got.Message, got.Counts) {
				if got.Message != "" {
					t.Errorf("%s: %s", fault, got.Message)
				}
			}
			if failed != nil && failed.Tail != strings.Join(tc.run.tail, "\n") {
				t.Errorf("tail %q", failed.Tail)
			}
		})
	}
}

// TestNothingHidesTheCause: neither the frames of a stack trace nor what main logs while it
// shuts down changes a verdict.
func TestNothingHidesTheCause(t *testing.T) {
	const frame = "\tat com.example.Deep.f(Deep.java:3)"
	for why, tc := range map[string]struct {
		code  int
		lines []string
		text  string
	}{
		"an exception":           {1, []string{`Exception in thread "main" java.lang.IllegalStateException: schema registry refused`, frame}, ": java.lang.IllegalStateException: schema registry refused."},
		"a cause":                {1, []string{`Exception in thread "main" java.lang.RuntimeException: no schema`, frame, "Caused by: java.net.ConnectException: refused", frame}, ": java.net.ConnectException: refused."},
		"one that is printed":    {0, []string{"12:00 [main] ERROR Main - java.lang.IllegalStateException: no broker", frame}, "(exit code 0): java.lang.IllegalStateException: no broker."},
		"a full heap":            {1, []string{`Exception in thread "main" java.lang.OutOfMemoryError: Java heap space`, frame}, "ran out of memory"},
		"a full heap, logged":    {3, []string{"Terminating due to java.lang.OutOfMemoryError: Java heap space"}, "ran out of memory"},
		"a newer Java":           {1, []string{"Error: LinkageError occurred while loading main class com.example.Main", "\tjava.lang.UnsupportedClassVersionError: com/example/Main has been compiled by a more recent version"}, "compiled for a newer Java"},
		"Java 8":                 {1, []string{`Exception in thread "main" java.lang.UnsupportedClassVersionError: com/example/Main : Unsupported major.minor version 61.0`, frame}, "compiled for a newer Java"},
		"a newer Storm":          {1, []string{`Exception in thread "main" java.lang.UnsupportedClassVersionError: org/apache/storm/Config has been compiled`, frame}, "needs a newer Java than the image has"},
		"a local cluster":        {1, []string{`Exception in thread "main" java.lang.NoClassDefFoundError: org/apache/storm/LocalCluster`, frame}, "tries to run a local cluster"},
		"a module of Storm":      {1, []string{`Exception in thread "main" java.lang.NoClassDefFoundError: org/apache/storm/kafka/spout/KafkaSpout`, frame}, "org.apache.storm.kafka.spout.KafkaSpout"},
		"no main class":          {1, []string{"Error: Could not find or load main class com.example.Main", "Caused by: java.lang.ClassNotFoundException: com.example.Main"}, "cannot load the main class"},
		"no main method":         {1, []string{"Error: Main method not found in class com.example.Main, please define the main method as:"}, "has no main method"},
		"a JVM that fails":       {1, []string{"Error occurred during initialization of VM", "Multiple garbage collectors selected"}, "Java did not start: Multiple garbage collectors selected."},
		"an option of no JVM":    {1, []string{"Unrecognized VM option 'X'", "Error: Could not create the Java Virtual Machine."}, "Java did not start: Unrecognized VM option 'X'."},
		"no file of arguments":   {1, []string{"Error: could not open `/no'"}, "Java did not start: Error: could not open `/no'."},
		"a file, and an old JVM": {1, []string{"Error: Could not find or load main class @.tmp.options"}, "which only Java 9 and newer can read"},
	} {
		t.Run(why, func(t *testing.T) {
			verdict := func(more string, count int) string {
				out := &output{to: io.Discard, drop: isNoise}
				_, _ = io.WriteString(out, strings.Join(tc.lines, "\n")+"\n"+strings.Repeat(more+"\n", count))
				run := mainRun{code: tc.code, tail: out.last(), clues: out.found()}
				_, failed := judged{run: run, sub: storm.Submission{MainClass: "com.example.Main"}}.verdict()
				return failed.Reason + " " + failed.Message
			}
			want := verdict("", 0)
			if !strings.Contains(want, tc.text) {
				t.Errorf("%q, want %q", want, tc.text)
			}
			for _, more := range []string{frame, "12:00 [hook] INFO  Pool - closing a connection", "\t... 57 more"} {
				for _, count := range []int{1, 2, tailLines - 1, tailLines, tailLines + 1, 100, 10_000} {
					if got := verdict(more, count); got != want {
						t.Fatalf("%q after %d lines %q, want %q", got, count, more, want)
					}
				}
			}
		})
	}
}

// A stack trace leaves room in the tail for what was printed before it.
func TestTailOfALongStackTrace(t *testing.T) {
	out := &output{to: io.Discard}
	_, _ = io.WriteString(out, "connecting to the registry\njava.lang.IllegalStateException: refused\n"+strings.Repeat("\tat t.Deep.f(Deep.java:3)\n", 500)+"Caused by: java.io.EOFException\n\tat t.M.main(M.java:1)\n")
	if tail := out.last(); len(tail) != 6 || tail[0] != "connecting to the registry" || tail[4] != "Caused by: java.io.EOFException" {
		t.Errorf("%q", tail)
	}
}

// A main class that is misspelt is not found, whatever its package is, and the likely one is
// named. What else the JAR lacks is not the cause.
func TestVerdictOnAMisspeltMainClass(t *testing.T) {
	for _, class := range []string{"com.example.Exclamatoin", "org.apache.storm.starter.Exclamatoin", "org.apache.storm.topology.Exclamatoin", "backtype.storm.Exclamatoin"} {
		const hint = "The JAR has com.example.Exclamation: set spec.topology.mainClass to it."
		run := mainRun{code: 1, tail: []string{"Error: Could not find or load main class " + class, "Caused by: java.lang.ClassNotFoundException: " + class}}
		run.clues = cluesIn(run.tail)
		_, failed := judged{run: run, sub: storm.Submission{MainClass: class}, jar: jar.Found{Lacks: hint, Likely: true, Inner: "The JAR contains JARs."}}.verdict()
		want := "Neither the JAR nor the StormCluster's image has class " + class + ". " + hint
		if failed == nil || failed.Reason != v1beta1.MainClassNotFound || failed.Message != want {
			t.Errorf("%+v, want %s", failed, want)
		}
	}
}

// The main class of Flux is right, and its module is missing.
func TestVerdictOnFluxWithoutItsModule(t *testing.T) {
	const class = "org.apache.storm.flux.Flux"
	run := mainRun{code: 1, tail: []string{"Error: Could not find or load main class " + class, "Caused by: java.lang.ClassNotFoundException: " + class}}
	run.clues = cluesIn(run.tail)
	_, failed := judged{run: run, sub: storm.Submission{MainClass: class}, jar: jar.Found{Lacks: "The JAR has com.example.Flux: set spec.topology.mainClass to it.", Likely: true}}.verdict()
	if failed == nil || failed.Reason != v1beta1.MainClassNotFound || !strings.Contains(failed.Message, "Build flux-core into the JAR") || strings.Contains(failed.Message, "mainClass") {
		t.Errorf("%+v", failed)
	}
}

// Main is not blamed for a Nimbus that does not answer the calls that are passed on.
func TestVerdictOnUnansweredCalls(t *testing.T) {
	const unanswered = "Main's call finishBlobUpload was not answered. Storm cannot be reached at nimbus:6627: it closed the connection. Check that Nimbus is running, and check spec.nimbus of the StormCluster."
	for _, tc := range []struct {
		why       string
		run       mainRun
		submitted []string
		reason    string
	}{
		{"main failed", mainRun{code: 1, tail: []string{"Caused by: TTransportException"}}, nil, v1beta1.ClusterUnreachable},
		{"main waited for it", mainRun{ending: timedOut}, nil, v1beta1.ClusterUnreachable},
		{"main has submitted", mainRun{}, []string{"x"}, ""},
		{"main submits two", mainRun{}, []string{"x", "y"}, v1beta1.SubmittedTwice},
	} {
		_, failed := judged{run: tc.run, submitted: tc.submitted, unanswered: unanswered}.verdict()
		if failed == nil {
			failed = &problem.Problem{}
		}
		if failed.Reason != tc.reason || failed.Reason == v1beta1.ClusterUnreachable && (failed.Message != unanswered || failed.Counts) {
			t.Errorf("%s: %+v, want %s", tc.why, failed, tc.reason)
		}
	}
}

// A call of main that is larger than any Nimbus reads names the way forward.
func TestVerdictOnALargeCall(t *testing.T) {
	for _, run := range []mainRun{{code: 1, tail: []string{"Caused by: TTransportException"}}, {ending: timedOut}} {
		_, failed := judged{run: run, tooLarge: true, sub: storm.Submission{MainClass: "com.example.Main"}}.verdict()
		if failed == nil || failed.Reason != v1beta1.SubmissionRejected || !strings.Contains(failed.Message, "Use smaller objects in the topology") {
			t.Fatalf("%+v", failed)
		}
		for _, fault := range testkit.Form(failed.Message, failed.Counts) {
			t.Errorf("%s: %s", fault, failed.Message)
		}
	}
}

func TestBlobsInARemark(t *testing.T) {
	j := judged{run: mainRun{code: 1}, submitted: []string{"x"}, blobs: []string{"a", "b", "c", "d", "e"}, sub: storm.Submission{MainClass: "com.example.Main"}}
	want := "The main method of com.example.Main ended with exit code 1 after it had submitted. Main changed blobs in Storm before the topology was checked: a, b, c and 2 more."
	if remark, failed := j.verdict(); failed != nil || remark != want {
		t.Errorf("%q, %+v", remark, failed)
	}
}

// A main with its own Nimbus client bypasses the recorder. What it did is named; what
// others may have done at the same time is not its failure.
func TestVerdictOnWhatChangedInStorm(t *testing.T) {
	foreign := func(name string) []nimbus.Summary { return []nimbus.Summary{{ID: name + "-7-1000", Name: name}} }
	one := []string{"mains-own-name"}
	lost := meanwhile{lost: "wordcount-1-900"}
	const killed = "Topology wordcount-1-900 was killed in Storm while main was being recorded. If main did that with a Nimbus client of its own, remove that call."
	for _, tc := range []struct {
		why       string
		run       mainRun
		submitted []string
		meanwhile meanwhile
		reason    string
		text      string
	}{
		{"the topology was killed, by main or by a person: it is brought back", mainRun{}, one, lost, "", killed},
		{"it was missing from one list", mainRun{}, one, meanwhile{lost: "wordcount-1-900", missing: true}, "", "Topology wordcount-1-900 was no longer in Storm's list after main had run."},
		{"killed, and main failed then", mainRun{code: 1}, nil, lost, v1beta1.MainFailed, killed},
		{"killed, and nothing was submitted", mainRun{}, nil, lost, v1beta1.NothingSubmitted, killed},
		{"another one has the object's name", mainRun{}, nil, meanwhile{lost: "wordcount-1-900", appeared: foreign("wordcount")}, v1beta1.NameConflict,
			"Then kill topology wordcount-7-1000. " + killed},
		{"another one has the name that main submits", mainRun{}, one, meanwhile{appeared: foreign("mains-own-name")}, "", ""},
		{"another one has a name of main's arguments", mainRun{}, one, meanwhile{appeared: foreign("from-args")}, "", ""},
		{"the same, and nothing was submitted: a hint", mainRun{}, nil, meanwhile{appeared: foreign("from-args")}, v1beta1.NothingSubmitted, "Topology from-args-7-1000, which has no fingerprint of Stormhooks, appeared in Storm at that time. If main submitted it"},
		{"another name, and nothing was submitted: a hint", mainRun{}, nil, meanwhile{appeared: foreign("other")}, v1beta1.NothingSubmitted, "Topology other-7-1000, which has no fingerprint of Stormhooks, appeared in Storm at that time. If main submitted it"},
		{"another name beside a submission can be another person's", mainRun{}, one, meanwhile{appeared: foreign("other")}, "", ""},
		{"the pod is removed", mainRun{ending: toldToStop}, one, lost, v1beta1.PodLost, ""},
	} {
		t.Run(tc.why, func(t *testing.T) {
			j := judged{run: tc.run, submitted: tc.submitted, meanwhile: tc.meanwhile, sub: storm.Submission{Name: "wordcount", MainClass: "com.example.Main", Args: []string{"-n", "from-args"}}}
			remark, failed := j.verdict()
			if failed == nil {
				failed = &problem.Problem{Message: remark}
			} else if faults := testkit.Form(failed.Message, failed.Counts); len(faults) > 0 {
				t.Errorf("%s: %s", faults, failed.Message)
			}
			if failed.Reason != tc.reason || !strings.Contains(failed.Message, tc.text) || tc.reason+tc.text == "" && remark != "" {
				t.Errorf("%s %q, want %s with %q", failed.Reason, failed.Message, tc.reason, tc.text)
			}
			if strings.Contains(failed.Message, "kill topology") != (tc.reason == v1beta1.NameConflict) {
				t.Errorf("%q: only a topology with the object's name may be killed", failed.Message)
			}
		})
	}
}
