package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"
)

// SECURITY.md names a test, or a story on the real cluster, for each line. All of
// them exist.
func TestSecurityIsHeld(t *testing.T) {
	have := map[string]bool{}
	test := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	for _, folder := range []string{"../pkg", "../hooks", "../e2e/lyingstorm", "../e2e/sim", "../e2e/manifests"} {
		err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			for _, found := range test.FindAllStringSubmatch(string(text), -1) {
				have[found[1]] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, table := range strings.Split(read(t, "../SECURITY.md"), "| | tests |\n|---|---|\n")[1:] {
		rows, _, _ := strings.Cut(table, "\n\n")
		for row := range strings.Lines(rows) {
			if !regexp.MustCompile("\\| [^|]*`(?:Test|Fuzz|e2e/)[^|]* \\|\n?$").MatchString(row) {
				t.Errorf("SECURITY.md names no test for %s", row)
			}
		}
	}
	named := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(read(t, "../SECURITY.md"), -1)
	if len(named) < 20 {
		t.Errorf("only %d tests are named", len(named))
	}
	for _, name := range named {
		if !have[name[1]] {
			t.Errorf("SECURITY.md names %s, which does not exist", name[1])
		}
	}
	stories := regexp.MustCompile("`(e2e/cluster/stories/[a-z-]+\\.txt)`").FindAllStringSubmatch(read(t, "../SECURITY.md"), -1)
	if len(stories) < 3 {
		t.Errorf("only %d stories are named", len(stories))
	}
	for _, story := range stories {
		read(t, "../"+story[1])
	}
}

// Both pages that say what Metacontroller reads for Stormhooks name each kind of its role.
func TestWhatMetacontrollerReads(t *testing.T) {
	kinds := map[string]string{
		"stormtopologies": "StormTopologies", "stormclusters": "StormClusters", "persistentvolumeclaims": "PersistentVolumeClaims",
		"pods": "Pods", "jobs": "Jobs", "configmaps": "ConfigMaps", "namespaces": "Namespaces",
	}
	var role rbacv1.ClusterRole
	if err := yaml.UnmarshalStrict([]byte(read(t, "../manifests/overlays/metacontroller-rbac/roles/read.yaml")), &role); err != nil {
		t.Fatal(err)
	}
	for page, line := range map[string]string{"../SECURITY.md": `(?m)^\| Metacontroller \| .*$`, "install.md": `(?m)^- read StormTopologies.*$`} {
		says := regexp.MustCompile(line).FindString(read(t, page))
		for _, rule := range role.Rules {
			for _, resource := range rule.Resources {
				if kind := kinds[resource]; kind == "" || !strings.Contains(says, kind) {
					t.Errorf("%s does not say that Metacontroller reads %s (%q): %s", page, resource, kind, says)
				}
			}
		}
	}
}
