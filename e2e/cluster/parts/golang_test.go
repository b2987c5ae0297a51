package parts

import (
	"os"
	"regexp"
	"testing"
)

// What the harness shares with the programs that it builds has one version, so that it is
// compiled once. After a bump of build/go.mod: go get the version that is printed here.
func TestTheHarnessSharesItsModulesWithWhatItBuilds(t *testing.T) {
	required := regexp.MustCompile(`(?m)^(?:require)?\s+(\S+) (v\S+)`)
	read := func(file string) map[string]string {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		versions := map[string]string{}
		for _, line := range required.FindAllStringSubmatch(string(text), -1) {
			versions[line[1]] = line[2]
		}
		return versions
	}
	builds := read("../build/go.mod")
	shared := 0
	for module, version := range read("../go.mod") {
		other, both := builds[module]
		if !both {
			continue
		}
		shared++
		if other != version {
			t.Errorf("e2e/cluster has %s %s, e2e/cluster/build has %s", module, version, other)
		}
	}
	if shared < 20 {
		t.Errorf("only %d shared modules were found; both files are read wrongly", shared)
	}
}
