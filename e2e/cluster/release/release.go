package release

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Options are what a person chooses.
type Options struct {
	// Version is the tag, for example v0.1.0.
	Version string
	// Image is the name under which the image will be pushed, without a tag.
	Image string
	// Checkout is the folder of the clone.
	Checkout string
	// Out is the folder that gets the files. It must not exist.
	Out string
	// Say reports each step; nil for nothing.
	Say func(format string, args ...any)
}

// A release in the making.
type release struct {
	Options
	digest   string            // of the image's index
	archives map[string]string // platform -> file name of the archive of kubectl-storm
}

// Make writes all files of a release. What it returns as an error names the file to
// correct.
func Make(ctx context.Context, options Options) error {
	r := &release{Options: options, archives: map[string]string{}}
	if r.Say == nil {
		r.Say = func(string, ...any) {}
	}
	if err := r.check(ctx); err != nil {
		return err
	}
	if _, err := os.Stat(r.Out); err == nil {
		return fmt.Errorf("%s exists already. Remove it first", r.Out)
	}
	work, err := os.MkdirTemp("", "release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := os.MkdirAll(r.Out, 0o755); err != nil {
		return err
	}
	for _, step := range []struct {
		what string
		do   func(context.Context, string) error
	}{
		{"image for " + strings.Join(imagePlatforms, ", "), r.image},
		{"install.yaml", r.install},
		{"Helm chart", r.chart},
		{"kubectl-storm for " + strings.Join(clientPlatforms, ", "), r.client},
		{"manifest for krew", r.krew},
		{"sums", r.sums},
	} {
		r.Say("%s", step.what)
		if err := step.do(ctx, work); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return nil
}

// sums writes the SHA-256 of each file, in the form of sha256sum.
func (r *release) sums(context.Context, string) error {
	entries, err := os.ReadDir(r.Out)
	if err != nil {
		return err
	}
	var lines []string
	for _, entry := range entries {
		sum, err := sumOf(filepath.Join(r.Out, entry.Name()))
		if err != nil {
			return err
		}
		lines = append(lines, sum+"  "+entry.Name())
	}
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(a[66:], b[66:]) })
	return os.WriteFile(filepath.Join(r.Out, "SHA256SUMS"), []byte(strings.Join(lines, "\n")+"\n"), 0o644)
}

func sumOf(file string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}
