package inpod

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzGlob takes any path for the JAR's: what is found lies in the image and is
// a file, and what is not found is said in words.
func FuzzGlob(f *testing.F) {
	for _, path := range []string{"app/a.jar", "app/*.jar", "app/[", "**/*", "../*", "app/a.jar/../b.jar", "app\x00", "app/$(id)", "app/{a,b}.jar", "\\*", strings.Repeat("*", 500)} {
		f.Add(path)
	}
	root := f.TempDir()
	for _, name := range []string{"app/a.jar", "app/b.jar", "app/lib/c.jar", "app/odd\n$(id).jar"} {
		if err := os.MkdirAll(filepath.Join(root, filepath.Dir(name)), 0o755); err != nil {
			f.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), []byte("x"), 0o644); err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, path string) {
		if len(path) > 1024 || strings.Contains(path, "..") {
			return // the API takes no longer one, and none that climbs
		}
		x := finder{from: filepath.Join(root, path), image: "i", root: root, say: t.Logf}
		file, problem := x.find(t.Context())
		switch {
		case problem != nil && (problem.Reason == "" || problem.Message == ""):
			t.Fatalf("%+v", problem)
		case problem == nil && !strings.HasPrefix(file, root):
			t.Fatalf("found %q", file)
		case problem == nil:
			if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
				t.Fatalf("found %q: %v", file, err)
			}
		}
	})
}
