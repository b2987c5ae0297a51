package release

import (
	"context"
	"io"
	"path/filepath"
	"strings"
)

// client writes an archive of kubectl-storm for each platform, with the licence.
func (r *release) client(ctx context.Context, work string) error {
	for _, platform := range clientPlatforms {
		program, err := r.build(ctx, work, "hooks/kubectl-storm", ".", "kubectl-storm", platform)
		if err != nil {
			return err
		}
		entries := []entry{
			{name: filepath.Base(program), file: program, mode: 0o755},
			{name: "LICENSE", file: filepath.Join(r.Checkout, "LICENSE"), mode: 0o644},
		}
		name := "kubectl-storm_" + r.Version + "_" + strings.ReplaceAll(platform, "/", "_")
		write, ending := gzipped, ".tar.gz"
		if strings.HasPrefix(platform, "windows/") {
			write, ending = writeZip, ".zip"
		}
		r.archives[platform] = name + ending
		err = writeFile(filepath.Join(r.Out, name+ending), func(out io.Writer) error { return write(out, entries) })
		if err != nil {
			return err
		}
	}
	return nil
}
