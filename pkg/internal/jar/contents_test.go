package jar

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
)

// A main class that the JAR lacks may be in Storm's image: the JAR is accepted, and the
// hint says what to do otherwise.
func TestHints(t *testing.T) {
	other := class("x.y.Z")
	for _, tc := range []struct {
		reason string
		files  []file
		hint   string
	}{
		{"the class is there", []file{main()}, ""},
		{"the class is elsewhere", []file{class("org.other.Main")}, "The JAR has org.other.Main: set spec.topology.mainClass to it."},
		{"in two places", []file{class("z.Main"), class("a.Main")}, "The JAR has a.Main, z.Main: set spec.topology.mainClass to one of them."},
		{"a nested class", []file{class("com.example.Outer$Main")}, "The JAR has com.example.Outer$Main: set"},
		{"a case mistaken", []file{class("com.example.MAIN")}, "The JAR has com.example.MAIN: set"},
		{"the class of a Kotlin file", []file{runnable("com.example.MainKt")}, "The JAR has com.example.MainKt: set"},
		{"the class of a Scala object, with its twin", []file{runnable("org.other.Main"), class("org.other.Main$")}, "The JAR has org.other.Main: set"},
		{"nothing like it, but topologies", []file{class("x.WordTopology")}, "such as x.WordTopology."},
		{"the nearest first", []file{class("a.ATopology"), runnable("z.Mian"), runnable("b.Maim")}, "such as b.Maim, z.Mian."},
		{"no class that only reads alike", []file{class("b.Maim")}, "with its package"},
		{"only classes with a main method", []file{class("b.Maim"), runnable("z.Mian"), runnable("a.ATopology")}, "such as z.Mian, a.ATopology."},
		{"a class that Java looks for elsewhere", []file{{name: "old/b/Main.class", body: testkit.Class("b.Main", true)}, other}, "with its package"},
		{"what is not a class", []file{{name: "b/Main.class", body: "<html>"}, other}, "with its package"},
		{"a name that the CRD refuses", []file{{name: "my-app/Main.class", body: testkit.Class("my-app/Main", true)}, other}, "with its package"},
		{"for newer Javas only", []file{{name: "META-INF/versions/17/b/Main.class", body: testkit.Class("b.Main", true)}, other}, "with its package"},
		{"a JAR of sources", []file{{name: "com/example/Main.java"}}, "The JAR has com/example/Main.java, and no classes: it is a JAR of sources."},
		{"a JAR of documentation", []file{{name: "index.html"}}, "The JAR has no classes."},
		{"nothing at all", nil, "The JAR has no classes."},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			found, problem := checked(pack(t, tc.files...))
			if problem != nil || !strings.Contains(found.Lacks, tc.hint) || (tc.hint == "") != (found.Lacks == "") {
				t.Errorf("%q, %v; want %q", found.Lacks, problem, tc.hint)
			}
		})
	}
}

// The form of a JAR that workers cannot load classes from is told once and for all tools.
func TestLayouts(t *testing.T) {
	const launched = "org.springframework.boot.loader.launch.JarLauncher"
	boot := []file{{name: "BOOT-INF/classes/com/acme/MyTopology.class", body: testkit.Class("com.acme.MyTopology", true)}, {name: "BOOT-INF/lib/kafka.jar"}, runnable(launched)}
	const spring = "/app/a.jar is a Spring Boot JAR: its classes are in BOOT-INF/classes, where workers cannot load them. Build a flat JAR (maven-shade-plugin, Gradle shadow), and set spec.topology.mainClass"
	for _, tc := range []struct {
		reason, mainClass string
		files             []file
		problem           string
		hint, remark      string
	}{
		{"Spring Boot, and the class of the topology", "com.acme.MyTopology", boot, spring, "", ""},
		{"Spring Boot, and its launcher", launched, boot, spring, "", ""},
		{"Spring Boot, and a class that is misspelt", "com.acme.MyTopologie", boot, "", "with its package", "The JAR is a Spring Boot JAR: its classes are in BOOT-INF/classes, where workers cannot load them."},
		{"Spring Boot around a flat JAR", "com.acme.Flat", append(boot, runnable("com.acme.Flat")), "", "", "its classes are in BOOT-INF/classes"},
		{"a web application", "com.acme.MyTopology", []file{{name: "WEB-INF/classes/com/acme/MyTopology.class", body: testkit.Class("com.acme.MyTopology", true)}},
			"/app/a.jar is a web application (WAR): its classes are in WEB-INF/classes, where workers", "", ""},
		{"a JMOD file, or a folder too much", "com.acme.MyTopology", []file{{name: "classes/com/acme/MyTopology.class", body: testkit.Class("com.acme.MyTopology", true)}},
			`/app/a.jar has class com.acme.MyTopology as the entry "classes/com/acme/MyTopology.class", where neither main nor the workers can load it. Build a flat JAR`, "", ""},
		{"the separators of Windows", "com.acme.MyTopology", []file{{name: `com\acme\MyTopology.class`, body: testkit.Class("com.acme.MyTopology", true)}},
			`as the entry "com\\acme\\MyTopology.class"`, "", ""},
		{"another class that has its name in a package", "acme.Main", []file{class("com.acme.Main")}, "", "The JAR has com.acme.Main: set", ""},
		{"One-JAR", "com.simontuffs.onejar.Boot", []file{runnable("com.simontuffs.onejar.Boot"), {name: "main/main.jar"}},
			"Class com.simontuffs.onejar.Boot of /app/a.jar is the launcher of One-JAR: it loads your classes from where workers cannot load them. Build a flat JAR", "", ""},
		{"JARs of Eclipse", "org.eclipse.jdt.internal.jarinjarloader.JarRsrcLoader", []file{runnable("org.eclipse.jdt.internal.jarinjarloader.JarRsrcLoader"), {name: "kafka.jar"}}, "is the launcher of Eclipse:", "", ""},
		{"Quarkus, whose JARs are beside it", "io.quarkus.bootstrap.runner.QuarkusEntryPoint", []file{runnable("io.quarkus.bootstrap.runner.QuarkusEntryPoint")}, "is the launcher of Quarkus:", "", ""},
		{"Capsule", "Capsule", []file{runnable("Capsule"), {name: "kafka.jar"}}, "is the launcher of Capsule:", "", ""},
		{"a class of your own of that name", "Capsule", []file{runnable("Capsule")}, "", "", ""},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			data := pack(t, tc.files...)
			found, problem := Glance(context.Background(), bytes.NewReader(data), int64(len(data)), Wanted{Of: "/app/a.jar", MainClass: tc.mainClass})
			if problem != nil {
				if faults := testkit.Form(strings.Replace(problem.Message, "/app", "File /app", 1), true); tc.problem == "" || problem.Reason != v1beta1.JarInvalid || !strings.Contains(problem.Message, tc.problem) || faults != nil {
					t.Errorf("%v %s, want %q", faults, problem.Message, tc.problem)
				}
				return
			}
			if tc.problem != "" || !strings.Contains(found.Lacks, tc.hint) || !strings.Contains(strings.Join(found.Remarks, "|"), tc.remark) || (tc.remark == "") != (found.Remarks == nil) {
				t.Errorf("%+v, want %+v", found, tc)
			}
		})
	}
}

// Whatever entries a JAR has, a hint names only classes that the CRD accepts and that Java
// loads from the root of the JAR.
func TestHintsCanBeFollowed(t *testing.T) {
	part := rapid.SampledFrom([]string{"com", "acme", "my-app", "BOOT-INF", "classes", "WEB-INF", "META-INF", "1st", "Main", "MainKt", "Main$", "WordTopology", "a b", "x\\y", "\u00e9"})
	named := regexp.MustCompile(`The JAR has (.*): set spec\.topology\.mainClass|such as (.*)\.$`)
	rapid.Check(t, func(r *rapid.T) {
		var files []file
		loadable := map[string]bool{}
		for range rapid.IntRange(0, 8).Draw(r, "files") {
			name := strings.Join(rapid.SliceOfN(part, 1, 4).Draw(r, "name"), "/")
			folder := rapid.SampledFrom([]string{"", "", "BOOT-INF/classes/", "lib/"}).Draw(r, "folder")
			files = append(files, file{name: folder + name + ".class", body: testkit.Class(name, rapid.Bool().Draw(r, "main"))})
			if folder == "" {
				loadable[strings.ReplaceAll(name, "/", ".")] = true
			}
		}
		data := pack(t, files...)
		found, _ := Glance(context.Background(), bytes.NewReader(data), int64(len(data)), Wanted{Of: "the JAR", MainClass: "com.example.Main"})
		names := named.FindStringSubmatch(found.Lacks)
		if names == nil {
			return
		}
		for _, name := range strings.Split(names[1]+names[2], ", ") {
			if !mainClassRule().MatchString(name) || !loadable[name] {
				r.Errorf("%q is named by %q", name, found.Lacks)
			}
		}
	})
}

// TestRuleOfTheCRD: a hint knows what the API server accepts.
func TestRuleOfTheCRD(t *testing.T) {
	source, err := os.ReadFile("../../api/v1beta1/topology_types.go")
	if err != nil || !strings.Contains(string(source), "self.matches('"+mainClassRule().String()+"')\",message=\"spec.topology.mainClass") {
		t.Errorf("%v: the rule of spec.topology.mainClass differs from %s", err, mainClassRule())
	}
}

// What Storm fails on is refused; what it ignores is a remark.
func TestBundledStorm(t *testing.T) {
	const (
		remark = "The JAR contains Storm's own classes. Storm's version of them is used. Set storm-client to scope provided."
		scope  = " of Storm itself, and Storm fails if it finds a second one. Set the scope of org.apache.storm:storm-client to provided"
		remove = "bundles storm.yaml, and Storm fails if it finds a second one. Remove it from the JAR"
	)
	for _, tc := range []struct {
		names   string
		problem string
		remarks []string
	}{
		{"", "", nil},
		{"org/apache/storm/StormSubmitter.class", "", []string{remark}},
		{"defaults.yaml", "bundles defaults.yaml" + scope, nil},
		{"storm.yaml", remove, nil},
		{"defaults.yaml org/apache/storm/StormSubmitter.class", "bundles defaults.yaml" + scope, nil},
		{"storm.yaml org/apache/storm/StormSubmitter.class", remove, nil},
		{"storm.yaml defaults.yaml", "bundles defaults.yaml and storm.yaml" + scope, nil},
		{"storm.yaml org/apache/storm/StormSubmitter.class defaults.yaml", "bundles defaults.yaml and storm.yaml" + scope, nil},
		{"org/apache/storm/starter/storm.yaml conf/defaults.yaml", "", nil},
	} {
		files := []file{main()}
		for _, name := range strings.Fields(tc.names) {
			files = append(files, file{name: name})
		}
		found, failed := checked(pack(t, files...))
		if failed == nil {
			failed = &problem.Problem{}
			if diff := cmp.Diff(tc.remarks, found.Remarks); diff != "" {
				t.Errorf("%q: (-want +got):\n%s", tc.names, diff)
			}
		}
		if (failed.Reason == v1beta1.JarInvalid) != (tc.problem != "") || !strings.Contains(failed.Message, tc.problem) {
			t.Errorf("%q: %+v, want %q", tc.names, failed, tc.problem)
		}
	}
}

// JARs in a folder lib are meant to be loaded, as Hadoop does it. Others may be resources of
// the topology: they are named only if a class is missing.
func TestInnerJARs(t *testing.T) {
	const want = "The JAR contains JARs, such as %, and Java loads no class from them. Build a flat JAR (maven-shade-plugin, Gradle shadow)."
	found, _ := checked(pack(t, main(), file{name: "lib/b.jar"}, file{name: "lib/a.jar"}))
	if diff := cmp.Diff([]string{strings.Replace(want, "%", "lib/a.jar", 1)}, found.Remarks); diff != "" || found.Inner != "" {
		t.Errorf("%+v (-want +got):\n%s", found, diff)
	}
	found, _ = checked(pack(t, main(), file{name: "resources/model.jar"}))
	if found.Inner != strings.Replace(want, "%", "resources/model.jar", 1) || found.Remarks != nil {
		t.Errorf("%+v", found)
	}
}
