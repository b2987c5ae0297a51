package topology

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// A call marshals and hashes the specs at most once for each goal: whatever asks
// again gets the same hash, and nothing else takes one.
func TestTheSpecsAreHashedOnce(t *testing.T) {
	parent := &v1beta1.StormTopology{}
	hash := specHash{parent: parent}
	first := hash.get()
	parent.Spec.RestartNonce = 1
	if hash.get() != first {
		t.Error("the hash is taken again")
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		taken := strings.Count(string(text), "revision.SpecHash(")
		if want := map[bool]int{true: 1}[file == "world.go"]; taken != want && !strings.HasSuffix(file, "_test.go") {
			t.Errorf("%s takes the hash at %d places, want %d", file, taken, want)
		}
	}
}
