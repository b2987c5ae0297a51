package inpod

import (
	"strings"
	"testing"
)

// A file of an image may have any name.
func TestALineOfTheLogIsOneCleanLine(t *testing.T) {
	var log strings.Builder
	writeLine(&log, "Copying /app/\x1b]0;owned\x07\x1b[2Ja\u202e\nb.jar of image \"x\".")
	if got, want := log.String(), "Copying /app/a b.jar of image \"x\".\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
