package images

import (
	"archive/zip"
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/stormhooks/stormhooks/e2e/cluster/place"
	"github.com/stormhooks/stormhooks/e2e/stormjars"
)

// fluxFiles are definitions of topologies, and what they include.
//
//go:embed flux
var fluxFiles embed.FS

// library is the class that images have in a JAR of its own.
const library = "com/mycompany/Library.class"

// split is a JAR without one entry, and a JAR with that alone.
func split(jar []byte, entry string) (without, only []byte, err error) {
	from, err := zip.NewReader(bytes.NewReader(jar), int64(len(jar)))
	if err != nil {
		return nil, nil, err
	}
	var most, rest bytes.Buffer
	mostOf, restOf := zip.NewWriter(&most), zip.NewWriter(&rest)
	for _, file := range from.File {
		to := mostOf
		if file.Name == entry {
			to = restOf
		}
		if err := to.Copy(file); err != nil {
			return nil, nil, err
		}
	}
	err = errors.Join(mostOf.Close(), restOf.Close())
	return most.Bytes(), rest.Bytes(), err
}

// manyLibraries are the files of a folder with 40 JARs, one of them with the library.
func manyLibraries(only []byte) ([]put, error) {
	puts := []put{{"app/lib/", 0o755, nil}, {"app/lib/library.jar", 0o644, only}}
	for i := range 39 {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		file, err := w.Create(fmt.Sprintf("lib%d/about.txt", i))
		if err == nil {
			_, err = fmt.Fprintf(file, "library %d\n", i)
		}
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			return nil, err
		}
		puts = append(puts, put{fmt.Sprintf("app/lib/lib-%02d.jar", i), 0o644, out.Bytes()})
	}
	return puts, nil
}

// fluxJar is Flux. It is brought once.
func fluxJar(ctx context.Context) ([]byte, error) {
	kept := place.In("programs", "flux-core-"+stormVersion+".jar")
	if jar, err := os.ReadFile(kept); err == nil {
		return jar, nil
	}
	path, err := stormjars.Flux(ctx, stormVersion, place.In("maven", "flux"))
	if err != nil {
		return nil, err
	}
	if err := os.Rename(path, kept); err != nil {
		return nil, err
	}
	return os.ReadFile(kept)
}

// fluxImage is what an image for Flux has: a thin JAR, Flux and other libraries beside it,
// and definitions.
func fluxImage(ctx context.Context, thin, only []byte) ([]put, error) {
	puts := []put{{"app/", 0o755, nil}, {"app/lib/", 0o755, nil}, {"app/conf/", 0o755, nil}, {"app/lib/library.jar", 0o644, only}}
	flux, err := fluxJar(ctx)
	if err != nil {
		return nil, err
	}
	puts = append(puts, put{"app/lib/flux-core.jar", 0o644, flux})
	inJar, err := fluxFiles.ReadFile("flux/in-jar.flux")
	if err != nil {
		return nil, err
	}
	jar, err := bundling(thin, "in-jar.flux", inJar)
	if err != nil {
		return nil, err
	}
	puts = append(puts, put{"app/crawler.jar", 0o644, jar})
	for _, path := range []string{"app/crawler.flux", "app/conf/includes.yaml", "app/conf/dev.properties"} {
		content, err := fluxFiles.ReadFile("flux/" + filepath.Base(path))
		if err != nil {
			return nil, err
		}
		puts = append(puts, put{path, 0o644, content})
	}
	return puts, nil
}

// stormWithFlux is an image of Storm with Flux in the folder where every topology finds
// what a cluster adds to Storm.
func stormWithFlux(ctx context.Context) (Image, error) {
	storm, err := Storm(ctx)
	if err != nil {
		return Image{}, err
	}
	flux, err := fluxJar(ctx)
	if err != nil {
		return Image{}, err
	}
	image, err := small{"stories/storm-with-flux:1", storm.layers, []put{{stormHome + "/extlib/flux-core.jar", 0o644, flux}}}.make()
	image.config = storm.config
	return image, err
}
