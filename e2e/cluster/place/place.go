package place

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const module = "module github.com/stormhooks/stormhooks"

// Cache is the folder for whatever is built or downloaded once: by default
// ~/.cache/stormhooks, so that a new clone finds it again.
func Cache() string {
	if dir := os.Getenv("STORMHOOKS_CACHE"); dir != "" {
		if abs, err := filepath.Abs(dir); err == nil {
			return abs
		}
		return dir
	}
	home, err := os.UserHomeDir()
	if err != nil {
		home = "/root"
	}
	return filepath.Join(home, ".cache", "stormhooks")
}

// In is a path in the cache.
func In(elem ...string) string {
	return filepath.Join(append([]string{Cache()}, elem...)...)
}

// Bin is where the built programs lie.
func Bin(name string) string { return In("bin", name) }

// State is a path in the folder of the cluster that is up. All of it but the
// logs is thrown away by the next start.
func State(elem ...string) string {
	return In(append([]string{"cluster"}, elem...)...)
}

// Kubeconfig is the file that kubectl uses; its path never changes.
func Kubeconfig() string { return State("kubeconfig") }

// Logs is where each process of the harness writes what it says.
func Logs(elem ...string) string {
	return State(append([]string{"logs"}, elem...)...)
}

// Checkout is the root of the clone that the current folder is in.
func Checkout() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the checkout: %w", err)
	}
	for at := dir; ; at = filepath.Dir(at) {
		text, err := os.ReadFile(filepath.Join(at, "go.mod"))
		if err == nil && strings.HasPrefix(string(text)+"\n", module+"\n") {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("%s is in no checkout of Stormhooks. Run this inside a clone of the repository", dir)
		}
	}
}
