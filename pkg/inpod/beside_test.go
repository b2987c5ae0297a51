package inpod

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// appImage is an image with a thin JAR, its dependencies and files.
func appImage(t *testing.T, root string) {
	t.Helper()
	write(t, makeJar(t, "com.example.Main"), root, "app/topology.jar")
	for _, name := range []string{"b-lib", "a-lib", "guava-33.0"} {
		write(t, makeJar(t, "org.lib."+name[:1]), root, "app/lib", name+".jar")
	}
	write(t, []byte("name: crawler\n"), root, "app/crawler.flux")
	write(t, []byte("a: 1\n"), root, "app/conf/a.yaml")
	write(t, []byte("b: 1\n"), root, "app/conf/deep/b.yaml")
	write(t, []byte("#!/bin/sh\n"), root, "app/tools/run.sh")
	if err := os.Chmod(filepath.Join(root, "app/tools/run.sh"), 0o755); err != nil {
		t.Fatal(err)
	}
}

// tree lists all files of a folder.
func tree(t *testing.T, folder string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, strings.TrimPrefix(path, folder+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestExtractDependenciesAndFiles(t *testing.T) {
	p := newPod(t)
	appImage(t, p.root)
	p.Dependencies = []string{p.root + "/app/lib/guava*.jar", p.root + "/app/lib/*.jar", p.root + "/app/*.jar"}
	p.Files = []string{p.root + "/app/crawler.flux", p.root + "/app/conf/*", p.root + "/app/tools"}
	write(t, nil, p.volume, "aaaaaaaaaaa0.jar")
	write(t, nil, p.volume, "aaaaaaaaaaa0.d/index.json")
	write(t, nil, p.volume, "aaaaaaaaaaa1.jar")
	write(t, nil, p.volume, "aaaaaaaaaaa1.d/index.json")
	write(t, nil, p.volume, "aaaaaaaaaaa2.d/half") // of a pod that died before it published its JAR
	p.Keep = []string{"aaaaaaaaaaa1.jar"}
	message, err := p.extract(t, t.Context())
	if err != nil {
		t.Fatalf("%v\n%s", err, &p.log)
	}
	want := []string{
		"aaaaaaaaaaa1.d/index.json", "aaaaaaaaaaa1.jar",
		"aaaaaaaaaaa2.d/dependencies/a-lib.jar", "aaaaaaaaaaa2.d/dependencies/b-lib.jar", "aaaaaaaaaaa2.d/dependencies/guava-33.0.jar",
		"aaaaaaaaaaa2.d/files/a.yaml", "aaaaaaaaaaa2.d/files/crawler.flux", "aaaaaaaaaaa2.d/files/deep/b.yaml", "aaaaaaaaaaa2.d/files/tools/run.sh",
		"aaaaaaaaaaa2.d/index.json", "aaaaaaaaaaa2.jar",
	}
	if diff := cmp.Diff(want, tree(t, p.volume)); diff != "" {
		t.Errorf("the volume (-want +got):\n%s\n%s", diff, &p.log)
	}
	found, err := besideOnVolume(besideFolder(p.To))
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, d := range found.Dependencies {
		order = append(order, d.Name)
	}
	if diff := cmp.Diff([]string{"guava-33.0.jar", "a-lib.jar", "b-lib.jar"}, order); diff != "" {
		t.Errorf("the class path (-want +got):\n%s", diff)
	}
	if message.Facts.Dependencies != 3 || message.Facts.DependenciesSize != sizeOf(found.Dependencies) || message.Facts.DependenciesSize == 0 {
		t.Errorf("facts %+v", message.Facts)
	}

	// The next run finds all of it. One whose dependency has been damaged copies it again.
	p.log.Reset()
	if again, err := p.extract(t, t.Context()); err != nil || again.Facts != message.Facts || !strings.Contains(p.log.String(), "is already on the volume") {
		t.Errorf("%+v, %v\n%s", again, err, &p.log)
	}
	for _, damaged := range []string{"dependencies/a-lib.jar", "files/crawler.flux", "index.json"} {
		write(t, []byte("half"), besideFolder(p.To), damaged)
		if again, err := p.extract(t, t.Context()); err != nil || again.Facts != message.Facts {
			t.Errorf("%+v, %v\n%s", again, err, &p.log)
		}
		if found, ok := (&extraction{Extract: p.Extract}).alreadyBeside(t.Context()); !ok || len(found.Dependencies) != 3 {
			t.Errorf("%s was damaged, and is not whole again\n%s", damaged, &p.log)
		}
	}
}

// What is wrong with a dependency or file is refused, and nothing of it is published.
func TestDependenciesAndFilesRefused(t *testing.T) {
	for _, tc := range []struct {
		why           string
		change        func(p *pod)
		reason, words string
	}{
		{"a pattern of another folder", func(p *pod) { p.Dependencies = []string{p.root + "/app/libs/*.jar"} }, v1beta1.JarNotFound,
			`Image "example/app:1" has no file that matches /app/libs/*.jar (spec.topology.jar.container.dependencies). Its folder /app has conf/, crawler.flux, lib/, tools/, topology.jar. Correct the pattern, or build the image with the file.`},
		{"a file that does not exist", func(p *pod) { p.Files = []string{p.root + "/app/crawler.yaml"} }, v1beta1.JarNotFound,
			`has no file that matches /app/crawler.yaml (spec.topology.jar.container.files). Its folder /app has`},
		{"an empty folder", func(p *pod) {
			if err := os.Mkdir(p.root+"/app/empty", 0o755); err != nil {
				t.Fatal(err)
			}
			p.Files = []string{p.root + "/app/empty/*"}
		}, v1beta1.JarNotFound, "Its folder /app/empty is empty."},
		{"the same name twice", func(p *pod) {
			write(t, makeJar(t, "x.Y"), p.root, "app/more/a-lib.jar")
			p.Dependencies = []string{p.root + "/app/lib/*.jar", p.root + "/app/more/*.jar"}
		}, v1beta1.JarAmbiguous, "two dependencies with the same name: /app/lib/a-lib.jar and /app/more/a-lib.jar."},
		{"two files at one place", func(p *pod) {
			write(t, nil, p.root, "app/more/a.yaml")
			p.Files = []string{p.root + "/app/conf/*", p.root + "/app/more/*"}
		}, v1beta1.JarAmbiguous, "Image \"example/app:1\" has /app/conf/a.yaml and /app/more/a.yaml, which would both be a.yaml in main's working folder."},
		{"a JAR that is cut off", func(p *pod) {
			write(t, makeJar(t, "x.Y")[:500], p.root, "app/lib/cut.jar")
		}, v1beta1.JarInvalid, "File /app/lib/cut.jar of image \"example/app:1\" is not a valid JAR"},
		{"Storm itself", func(p *pod) {
			write(t, jarOf(t, map[string]string{"defaults.yaml": "", "org/apache/storm/StormSubmitter.class": ""}), p.root, "app/lib/storm-client-2.8.1.jar")
		}, v1beta1.JarInvalid, "File /app/lib/storm-client-2.8.1.jar of image \"example/app:1\" has defaults.yaml of Storm itself, and Storm fails if it finds a second one. Leave Storm out of spec.topology.jar.container.dependencies"},
		{"too many", func(p *pod) {
			for i := range maxDependencies {
				write(t, nil, p.root, "app/lib", fmt.Sprintf("n%d.jar", i))
			}
		}, v1beta1.JarInvalid, "names more than 300 JARs"},
	} {
		t.Run(tc.why, func(t *testing.T) {
			p := newPod(t)
			appImage(t, p.root)
			p.Dependencies = []string{p.root + "/app/lib/*.jar"}
			tc.change(p)
			message, err := p.extract(t, t.Context())
			if err == nil || message.Reason != tc.reason || !strings.Contains(message.Message, tc.words) {
				t.Errorf("%s: %s\nwant %s: %s", message.Reason, message.Message, tc.reason, tc.words)
			}
			if left := tree(t, p.volume); left != nil {
				t.Errorf("left on the volume: %v", left)
			}
		})
	}
}

// A mounted image gives the same as a copy, with the same messages.
func TestMountedDependenciesAndFiles(t *testing.T) {
	root := t.TempDir()
	appImage(t, root)
	if err := os.Symlink("a-lib.jar", filepath.Join(root, "app/lib/z-link.jar")); err != nil {
		t.Fatal(err)
	}
	s, sub, log := newSubmit(t, "x")
	sub.Jar, sub.Mounted = "", &storm.MountedImage{Root: root + "/", Path: "/app/topology.jar", Image: "example/app:1",
		Dependencies: []string{"/app/lib/*.jar"}, Files: []string{"/app/crawler.flux", "/app/conf/*"}}
	checked, failed := s.mounted(t.Context(), sub)
	if failed != nil {
		t.Fatal(failed)
	}
	var names []string
	for _, p := range append(checked.Dependencies, checked.Files...) {
		names = append(names, p.Path+" "+p.Name)
	}
	want := []string{"/app/lib/a-lib.jar a-lib.jar", "/app/lib/b-lib.jar b-lib.jar", "/app/lib/guava-33.0.jar guava-33.0.jar", "/app/lib/z-link.jar z-link.jar",
		"/app/crawler.flux crawler.flux", "/app/conf/a.yaml a.yaml", "/app/conf/deep/b.yaml deep/b.yaml"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, log)
	}
	if checked.facts.Dependencies != 4 || checked.facts.Size == 0 {
		t.Errorf("facts %+v", checked.facts)
	}

	for why, tc := range map[string]struct {
		change func()
		words  string
	}{
		"a link to what the image lacks": {func() {
			if err := os.Symlink("/bin/sh", filepath.Join(root, "app/lib/zz.jar")); err != nil {
				t.Fatal(err)
			}
			sub.Mounted.Dependencies = append(sub.Mounted.Dependencies, "/app/lib/zz.jar")
		}, `File /app/lib/zz.jar of image "example/app:1" is a link to /bin/sh, which the image does not have. Build the image with the file that it leads to.`},
		"no match": {func() { sub.Mounted.Files = []string{"/none/*"} }, `Image "example/app:1" has no file that matches /none/* (spec.topology.jar.container.files). Its folder / has app/. Correct the pattern, or build the image with the file.`},
	} {
		_ = os.Remove(filepath.Join(root, "app/lib/zz.jar"))
		sub.Mounted.Dependencies = []string{"/app/lib/*.jar"}
		tc.change()
		if _, failed = s.mounted(t.Context(), sub); failed == nil || failed.Message != tc.words {
			t.Errorf("%s: %+v", why, failed)
		} else if faults := testkit.Form(failed.Message, failed.Counts); len(faults) > 0 {
			t.Errorf("%s: %s", why, faults)
		}
	}
}

// Main has its files in its working folder, and the dependencies and that folder on its
// class path, after the JAR.
func TestMainHasDependenciesAndFiles(t *testing.T) {
	p := newPod(t)
	appImage(t, p.root)
	p.Dependencies, p.Files = []string{p.root + "/app/lib/*.jar"}, []string{p.root + "/app/crawler.flux", p.root + "/app/tools"}
	if _, err := p.extract(t, t.Context()); err != nil {
		t.Fatal(err)
	}
	s, sub, log := newSubmit(t, "fx")
	sub.Jar, sub.Beside = p.To, true
	checked, failed := checkPresent(t.Context(), sub)
	if failed != nil {
		t.Fatal(failed)
	}
	s.beside, sub.Dependencies = checked.beside, checked.paths()
	client := nimbus.New(sub.Seeds, sub.Port, s.ClientOptions...)
	defer client.Close()
	if _, failed := s.record(t.Context(), client, sub); failed != nil {
		t.Fatalf("%+v\n%s", failed, log)
	}
	_, said, _ := strings.Cut(log.String(), "main sees crawler.flux and a program in ")
	work, classPath, _ := strings.Cut(strings.SplitN(said, "\n", 2)[0], " with ")
	inFolder := besideFolder(p.To) + "/dependencies/"
	wantPath := strings.Join([]string{p.To, os.Getenv("STORM_HOME") + "/conf", os.Getenv("STORM_HOME") + "/bin", inFolder + "a-lib.jar", inFolder + "b-lib.jar", inFolder + "guava-33.0.jar", work}, ":")
	if work == "" || !strings.HasSuffix(classPath, wantPath) {
		t.Errorf("class path %s\nwant at its end %s\n%s", classPath, wantPath, log)
	}

	for _, gone := range []string{"dependencies/a-lib.jar", "files/crawler.flux", "index.json"} {
		if err := os.Rename(filepath.Join(besideFolder(p.To), gone), filepath.Join(p.root, "gone")); err != nil {
			t.Fatal(err)
		}
		_, failed := checkPresent(t.Context(), sub)
		if failed == nil || failed.Reason != v1beta1.JarNotFound || failed.Message != "Dependencies or files of JAR aaaaaaaaaaa2.jar are missing from the volume: something removed them. The next attempt extracts them again." {
			t.Errorf("%s: %+v", gone, failed)
		}
		if err := os.Rename(filepath.Join(p.root, "gone"), filepath.Join(besideFolder(p.To), gone)); err != nil {
			t.Fatal(err)
		}
	}
}

// mainLooks is a main that reads a file of its working folder.
func mainLooks() error {
	work, err := os.Getwd()
	if err != nil {
		return err
	}
	text, err := os.ReadFile("crawler.flux")
	if err != nil || string(text) != "name: crawler\n" {
		return errors.Join(err, errors.New("crawler.flux is not in the working folder"))
	}
	if info, err := os.Stat("tools/run.sh"); err != nil || info.Mode()&0o111 == 0 {
		return errors.Join(err, errors.New("tools/run.sh cannot be run"))
	}
	for i, arg := range os.Args {
		if arg == "-cp" {
			fmt.Printf("main sees crawler.flux and a program in %s with %s\n", work, os.Args[i+1])
		}
	}
	return nil
}

func TestFixedPart(t *testing.T) {
	for pattern, want := range map[string]string{
		"/app/crawler.flux": "/app", "/app/conf/*": "/app/conf", "/app/c*": "/app", "/app/*/x.yaml": "/app", "/*": "/", "/app/conf/": "/app",
		"/app/[ab]/x": "/app", `/app/\*x`: "/app", "/x": "/",
	} {
		if got := fixedPart(pattern); got != want {
			t.Errorf("%s: %s, want %s", pattern, got, want)
		}
	}
}
