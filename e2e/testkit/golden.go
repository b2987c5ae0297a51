// Package testkit is what tests of several packages share.
//
// In: what a test got. Out: a failure, or with UPDATE=1 the golden file.
package testkit

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Update says that tests rewrite their golden files: UPDATE=1 go test ./...
func Update() bool { return os.Getenv("UPDATE") == "1" }

// Golden holds got against a golden file, or with UPDATE=1 writes it.
func Golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if Update() {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v. Make it: make golden", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got; if it is meant: make golden)\n%s", file, diff)
	}
}
