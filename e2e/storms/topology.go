package storms

import (
	"archive/zip"
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

const mainClass = "storms.Idle"

//go:embed topology/Idle.java
var idle []byte

// topologyJar compiles the topology against the client of a Storm.
func topologyJar(ctx context.Context, h home, dir string) (string, error) {
	classes := filepath.Join(dir, "classes")
	if err := os.MkdirAll(classes, 0o755); err != nil {
		return "", err
	}
	file := filepath.Join(dir, "Idle.java")
	if err := os.WriteFile(file, idle, 0o644); err != nil {
		return "", err
	}
	compiler := exec.CommandContext(ctx, h.compiler(), "-J-XX:TieredStopAtLevel=1", "-Xlint:-options", "--release", "8", "-cp", h.clientJars(), "-d", classes, file)
	if said, err := compiler.CombinedOutput(); err != nil {
		return "", fmt.Errorf("javac against Storm %s: %w: %s", h.version, err, said)
	}
	path := filepath.Join(dir, "idle.jar")
	out, err := os.Create(path)
	if err != nil {
		return "", err
	}
	defer out.Close()
	jar := zip.NewWriter(out)
	if err := jar.AddFS(os.DirFS(classes)); err != nil {
		return "", err
	}
	return path, jar.Close()
}
