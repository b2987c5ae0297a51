package jar

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
)

var want = Wanted{Of: "/app/a.jar", MainClass: "com.example.Main"}

// file is one entry of a JAR for a test.
type file struct {
	name, body string
	method     uint16
}

func pack(t testing.TB, files ...file) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range files {
		entry, err := w.CreateHeader(&zip.FileHeader{Name: f.name, Method: f.method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(entry, f.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func main() file { return file{"com/example/Main.class", strings.Repeat("main ", 1000), zip.Deflate} }

// class is a class at its place, runnable one with a main method.
func class(name string) file {
	return file{name: strings.ReplaceAll(name, ".", "/") + ".class", body: testkit.Class(name, false)}
}

func runnable(name string) file {
	return file{name: strings.ReplaceAll(name, ".", "/") + ".class", body: testkit.Class(name, true), method: zip.Deflate}
}

func checked(data []byte) (Found, *problem.Problem) {
	return Check(context.Background(), bytes.NewReader(data), int64(len(data)), want)
}

func TestCheckWhole(t *testing.T) {
	for reason, data := range map[string][]byte{
		"deflated and stored entries, a folder": pack(t, file{"com/", "", zip.Store}, main(), file{"a.txt", "as it is", zip.Store}),
		"a launcher script before the zip":      append([]byte("#!/bin/sh\nexec java -jar $0\n"), pack(t, main())...),
		"an empty file":                         pack(t, main(), file{"empty", "", zip.Deflate}),
	} {
		if _, problem := checked(data); problem != nil {
			t.Errorf("%s: %v", reason, problem)
		}
	}
	found, _ := checked(pack(t, main(), file{"a", "12345", zip.Store}))
	if diff := cmp.Diff(Found{Entries: 2, Unpacked: 5005}, found); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCheckManyEntries has more entries than 16 bits can count, so it has zip64's records.
func TestCheckManyEntries(t *testing.T) {
	files := make([]file, 70_000)
	for i := range files {
		files[i] = file{name: "f"}
	}
	found, problem := checked(pack(t, append(files, main())...))
	if problem != nil || found.Entries != 70_001 {
		t.Errorf("found %d entries, %v", found.Entries, problem)
	}
}

func TestCheckRefuses(t *testing.T) {
	whole := pack(t, main(), file{"b", "stored text", zip.Store})
	damaged := func(old, new string) []byte {
		if !bytes.Contains(whole, []byte(old)) {
			t.Fatalf("the zip has no %q", old)
		}
		return bytes.Replace(bytes.Clone(whole), []byte(old), []byte(new), 1)
	}
	bomb := pack(t, main(), file{"zero", strings.Repeat("\x00", 1<<20), zip.Deflate})
	for _, tc := range []struct {
		reason string
		data   []byte
		code   string
		text   string
	}{
		{"no file at all", nil, v1beta1.JarInvalid, "no zip directory at its end"},
		{"an image built on a failed download has a page of HTML", []byte("<html>404</html>"), v1beta1.JarInvalid, "no zip directory at its end, and begins like a page of HTML or XML. Build"},
		{"a checkout without Git LFS", []byte("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"), v1beta1.JarInvalid, "begins like a pointer of Git LFS. Build"},
		{"a distribution", []byte("\x1f\x8b\x08 and more"), v1beta1.JarInvalid, "begins like a gzip archive. Build"},
		{"a native image", []byte("\x7fELF\x02"), v1beta1.JarInvalid, "begins like a program for Linux. Build"},
		{"a class", []byte(testkit.Class("com.example.Main", true)), v1beta1.JarInvalid, "begins like a single class. Build"},
		{"a copy cut off", whole[:len(whole)-30], v1beta1.JarInvalid, "no zip directory"},
		{"the beginning is lost", whole[20:], v1beta1.JarInvalid, "/app/a.jar is not a valid JAR"},
		{"a flipped byte in a stored entry", damaged("stored text", "stored tEXt"), v1beta1.JarInvalid, `entry "b" has a wrong checksum`},
		{"a damaged directory", damaged("PK\x01\x02", "PK\x01\x03"), v1beta1.JarInvalid, "directory is damaged"},
		{"a damaged local header", damaged("PK\x03\x04", "PK\x03\x05"), v1beta1.JarInvalid, "is not where the directory says"},
		{"sizes in the directory that are a lie", shrinkSize(t, bomb), v1beta1.JarInvalid, "unpacks to more than the directory says"},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			_, problem := checked(tc.data)
			if problem == nil || problem.Reason != tc.code || !strings.Contains(problem.Message, tc.text) {
				t.Errorf("problem %+v, want %s with %q", problem, tc.code, tc.text)
			}
		})
	}
}

// shrinkSize makes the directory say that the last entry unpacks to 10 bytes.
func shrinkSize(t *testing.T, data []byte) []byte {
	t.Helper()
	at := bytes.LastIndex(data, []byte("PK\x01\x02"))
	copy(data[at+24:], []byte{10, 0, 0, 0})
	return data
}

func TestCheckEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	data := pack(t, main())
	_, problem := Check(ctx, bytes.NewReader(data), int64(len(data)), want)
	if problem == nil || problem.Reason != v1beta1.ExtractionTimedOut {
		t.Errorf("problem %+v, want %s", problem, v1beta1.ExtractionTimedOut)
	}
}

type failing struct{ io.ReaderAt }

func (failing) ReadAt([]byte, int64) (int, error) { return 0, errors.New("input/output error") }

func TestCheckOfAnUnreadableDisk(t *testing.T) {
	_, problem := Check(context.Background(), failing{}, 1000, want)
	if problem == nil || problem.Reason != v1beta1.ExtractionFailed || !strings.Contains(problem.Message, "input/output error") {
		t.Errorf("problem %+v: an error of the disk is not a fault of the JAR", problem)
	}
}

// TestCheckNamesTheFirst: entries are unpacked in parallel. The message names the first
// broken entry of the directory, though a smaller one after it is found sooner.
func TestCheckNamesTheFirst(t *testing.T) {
	data := pack(t, main(), file{"first", strings.Repeat("x", 8<<20) + "first", zip.Store}, file{"second", "second-body", zip.Store})
	data[bytes.Index(data, []byte("xxfirst"))]++
	data[bytes.Index(data, []byte("second-body"))]++
	for range 20 {
		if _, problem := checked(data); problem == nil || !strings.Contains(problem.Message, `entry "first"`) {
			t.Fatalf("%v, and the first broken entry is \"first\"", problem)
		}
	}
}

// A dependency is any whole JAR without Storm's own files: it needs no main class, and no
// class of it is taken for one.
func TestDependency(t *testing.T) {
	for why, tc := range map[string]struct {
		files []file
		says  string
	}{
		"classes":        {[]file{{"org/lib/A.class", "a", zip.Deflate}}, ""},
		"only resources": {[]file{{"messages.properties", "a=b", zip.Store}}, ""},
		"a Class-Path":   {[]file{{"META-INF/MANIFEST.MF", "Class-Path: other.jar\n", zip.Deflate}, {"A.class", "a", zip.Deflate}}, ""},
		"Storm's client": {[]file{{"defaults.yaml", "", zip.Deflate}, {"org/apache/storm/StormSubmitter.class", "a", zip.Deflate}}, "/lib/a.jar has defaults.yaml of Storm itself, and Storm fails if it finds a second one. Leave Storm out of spec.topology.jar.container.dependencies"},
		"a storm.yaml":   {[]file{{"storm.yaml", "", zip.Deflate}}, "/lib/a.jar has storm.yaml of Storm itself"},
	} {
		data := pack(t, tc.files...)
		found, problem := Check(t.Context(), bytes.NewReader(data), int64(len(data)), Wanted{Of: "/lib/a.jar", Dependency: true})
		switch {
		case tc.says == "" && (problem != nil || len(found.Remarks) > 0 || found.Lacks != "" || found.Entries != len(tc.files)):
			t.Errorf("%s: %+v, %v", why, found, problem)
		case tc.says != "" && (problem == nil || !strings.Contains(problem.Message, tc.says)):
			t.Errorf("%s: %v", why, problem)
		}
	}
	data := pack(t, file{"A.class", strings.Repeat("a", 1000), zip.Deflate})
	if _, problem := Check(t.Context(), bytes.NewReader(data[:len(data)-30]), int64(len(data)-30), Wanted{Of: "/lib/a.jar", Dependency: true}); problem == nil || !strings.Contains(problem.Message, "is not a valid JAR") {
		t.Errorf("a JAR that is cut off: %v", problem)
	}
}
