package packages

import (
	"log/slog"
	"os"
	"testing"
)

// Helm tells of each symbolic link that it follows.
func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}
