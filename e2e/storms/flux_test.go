package storms

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/stormhooks/stormhooks/e2e/stormjars"
	"github.com/stormhooks/stormhooks/pkg/inpod"
)

// fluxOf is Flux: that in the folder external/flux of the home, or as it is published. JARs in
// the home itself would be on the class path of main, and this one has to get there as a
// dependency.
func fluxOf(ctx context.Context, h home) (string, error) {
	folder := filepath.Join(h.path, "external", "flux")
	if there, _ := filepath.Glob(filepath.Join(folder, "flux-core*.jar")); len(there) > 0 {
		return there[0], nil
	}
	made, err := cached(string(h.version), "maven-flux")
	if err != nil {
		return "", err
	}
	jar, err := stormjars.Flux(ctx, string(h.version), made)
	if err != nil {
		return "", err
	}
	kept := filepath.Join(folder, filepath.Base(jar))
	return kept, errors.Join(os.MkdirAll(folder, 0o755), os.Rename(jar, kept))
}

// parts is what both kinds of definitions include, or have.
const parts = `spouts:
  - {id: idle, className: "storms.Idle$Spout", parallelism: 2}
bolts:
  - {id: sum, className: "storms.Idle$Sum", parallelism: 2}
streams:
  - {from: idle, to: sum, grouping: {type: SHUFFLE}}
`

// fluxImage extracts an image with Flux, the topology's classes and definitions.
func (d *dependent) fluxImage(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "flux-")
	if err != nil {
		return err
	}
	var out bytes.Buffer
	jar := zip.NewWriter(&out)
	err = jar.AddFS(os.DirFS(filepath.Dir(d.idle) + "/classes"))
	if err == nil {
		var file interface{ Write([]byte) (int, error) }
		if file, err = jar.Create("in-jar.flux"); err == nil {
			_, err = file.Write([]byte("name: x\nconfig:\n  topology.message.timeout.secs: ${ENV-TIMEOUT}\n" + parts))
		}
	}
	if err := errors.Join(err, jar.Close()); err != nil {
		return err
	}
	flux, err := os.ReadFile(d.fluxJar)
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{
		"app/crawler.jar": out.Bytes(), "app/lib/flux-core.jar": flux, "app/conf/includes.yaml": []byte(parts), "app/conf/dev.properties": []byte("timeout=41\n"),
		"app/crawler.flux":   []byte("name: x\nincludes: [{resource: false, file: includes.yaml, override: false}]\nconfig:\n  topology.message.timeout.secs: ${timeout}\n"),
		"mounted/whole.flux": []byte("name: x\nconfig: {topology.message.timeout.secs: 42}\n" + parts),
	} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, content, 0o644)); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(dir+"/volume", 0o755); err != nil {
		return err
	}
	d.mounted, d.jar = dir+"/mounted/whole.flux", dir+"/volume/abcdef012345.jar"
	return inpod.Extract{
		From: dir + "/app/crawler.jar", To: d.jar, MainClass: "org.apache.storm.flux.Flux", Timeout: soon,
		Dependencies: []string{dir + "/app/lib/*.jar"}, Files: []string{dir + "/app/crawler.flux", dir + "/app/conf/*"},
		TerminationLog: d.terminationLog(), Log: d.log,
	}.Run(ctx)
}

func (d *dependent) fluxFromFiles(ctx context.Context) error {
	if err := d.fluxImage(ctx); err != nil {
		return err
	}
	return d.runsFlux(ctx, "41", "--remote", "--filter", "dev.properties", "crawler.flux")
}

func (d *dependent) fluxMounted(ctx context.Context) error {
	return d.runsFlux(ctx, "42", "--remote", d.mounted)
}

func (d *dependent) fluxInJar(ctx context.Context) error {
	if err := os.Setenv("TIMEOUT", "43"); err != nil {
		return err
	}
	return d.runsFlux(ctx, "43", "--remote", "--resource", "--env-filter", "/in-jar.flux")
}

// runsFlux: the definition's own setting is in Storm.
func (d *dependent) runsFlux(ctx context.Context, timeout string, args ...string) error {
	d.flux = args
	if err := d.submits(ctx); err != nil {
		return err
	}
	const key = "topology.message.timeout.secs"
	conf, err := d.calls.ConfAnd(ctx, d.id, key)
	if got := fmt.Sprint(conf[key]); err != nil || got != timeout {
		return fmt.Errorf("%s is %s: %v", key, got, err)
	}
	return nil
}
