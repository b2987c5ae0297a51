package release

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// checkout is a clone with what the check reads, all committed.
func checkout(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	all := map[string]string{
		"manifests/charts/stormhooks/Chart.yaml": "name: a\nversion: 1.2.3\nappVersion: v1.2.3\n",
		"manifests/install/kustomization.yaml":   "images:\n- name: a\n  newTag: v1.2.3\n",
		"CHANGELOG.md":                           "# Changelog\n\n## [1.2.3] - 2027-01-01\n",
		"README.md":                              "# A\n\nText.\n\nv1.2.3 · more\n",
	}
	for name, text := range files {
		all[name] = text
	}
	for name, text := range all {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}, {"-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "a"}} {
		command := exec.Command("git", args...)
		command.Dir = folder
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	return folder
}

// Each thing that would make a wrong release is refused, with the file to correct.
func TestCheck(t *testing.T) {
	const image = "registry.example.com:5000/stormhooks"
	for name, tc := range map[string]struct {
		version, image string
		files          map[string]string
		dirty          bool
		want           string
	}{
		"all is right":              {"v1.2.3", image, nil, false, ""},
		"a version without v":       {"1.2.3", image, nil, false, "must be like v0.1.0"},
		"an image with a tag":       {"v1.2.3", image + ":v1.2.3", nil, false, "a name without a tag"},
		"an image with a digest":    {"v1.2.3", image + "@sha256:ab", nil, false, "a name without a tag"},
		"changes":                   {"v1.2.3", image, nil, true, "not committed:\n?? new"},
		"the chart of another":      {"v1.2.4", image, nil, false, "Chart.yaml does not have the version v1.2.4: set version to 1.2.4"},
		"the app of another":        {"v1.2.3", image, map[string]string{"manifests/charts/stormhooks/Chart.yaml": "name: a\nversion: 1.2.3\nappVersion: v1\n"}, false, "set appVersion to v1.2.3"},
		"a changelog without it":    {"v1.2.3", image, map[string]string{"CHANGELOG.md": "## [Unreleased]\n"}, false, "add a section ## [1.2.3] - DATE"},
		"a README without it":       {"v1.2.3", image, map[string]string{"README.md": "# A\n"}, false, "name v1.2.3 in its second paragraph"},
		"an install of another tag": {"v1.2.3", image, map[string]string{"manifests/install/kustomization.yaml": "  newTag: v1\n"}, false, "set newTag to v1.2.3"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := checkout(t, tc.files)
			if tc.dirty {
				if err := os.WriteFile(filepath.Join(folder, "new"), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			r := release{Options: Options{Version: tc.version, Image: tc.image, Checkout: folder}}
			err := r.check(context.Background())
			if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

// Equal files give equal archives, whatever their times are; links are followed.
func TestArchives(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{"a/one": "1", "b/two": "2"} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../b", filepath.Join(folder, "a", "linked")); err != nil {
		t.Fatal(err)
	}
	made := func() (tarred, zipped []byte) {
		entries, err := filesOf(filepath.Join(folder, "a"), "chart")
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, e := range entries {
			names = append(names, e.name)
		}
		if got := strings.Join(names, " "); got != "chart/linked/two chart/one" {
			t.Errorf("the archive has %s", got)
		}
		var tar, zip bytes.Buffer
		if err := gzipped(&tar, entries); err != nil {
			t.Fatal(err)
		}
		if err := writeZip(&zip, entries); err != nil {
			t.Fatal(err)
		}
		return tar.Bytes(), zip.Bytes()
	}
	tar1, zip1 := made()
	now := stamp.AddDate(20, 0, 0)
	if err := os.Chtimes(filepath.Join(folder, "a/one"), now, now); err != nil {
		t.Fatal(err)
	}
	tar2, zip2 := made()
	if !bytes.Equal(tar1, tar2) || !bytes.Equal(zip1, zip2) {
		t.Error("another time of a file gives another archive")
	}
}
