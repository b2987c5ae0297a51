package images

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"

	"github.com/stormhooks/stormhooks/e2e/cluster/parts"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
	"github.com/stormhooks/stormhooks/e2e/cluster/run"
)

// topologySources are the classes of com.mycompany: the topology of the guide's
// second example, mains that fail in every way that stories tell of, and what
// Nimbus itself is given to refuse.
//
//go:embed topology
var topologySources embed.FS

// topologyJar compiles the classes against Storm's published JARs, once for each
// content of the sources.
func topologyJar(ctx context.Context) ([]byte, error) {
	key := sha256.Sum256([]byte(embedded(topologySources, "topology")))
	path := place.In("programs", "my-topology-"+hex.EncodeToString(key[:])[:16]+".jar")
	if made, err := os.ReadFile(path); err == nil {
		return made, nil
	}
	work, err := os.MkdirTemp("", "my-topology-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	made, err := compile(ctx, work)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(path+".draft", made, 0o644); err != nil {
		return nil, err
	}
	return made, os.Rename(path+".draft", path)
}

func compile(ctx context.Context, work string) ([]byte, error) {
	if err := parts.NeedTools("javac"); err != nil {
		return nil, err
	}
	if err := os.CopyFS(work, topologySources); err != nil {
		return nil, err
	}
	daemons, err := daemonJars(ctx)
	if err != nil {
		return nil, err
	}
	sources, err := filepath.Glob(work + "/topology/*.java")
	if err != nil {
		return nil, err
	}
	argv := append([]string{"javac", "--release", "11", "-cp", daemons, "-d", work + "/classes"}, sources...)
	if err := (run.Command{Argv: argv}).Run(ctx); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	jar := zip.NewWriter(&out)
	if err := jar.AddFS(os.DirFS(work + "/classes")); err != nil {
		return nil, err
	}
	err = jar.Close()
	return out.Bytes(), err
}

// daemonJars is the class path of Storm's daemons, its client among it, as Maven
// brought it for the Storm image.
func daemonJars(ctx context.Context) (string, error) {
	jars, err := filepath.Glob(place.In("maven", "lib", "jars", "*.jar"))
	if err == nil && len(jars) == 0 {
		jars, err = jarsOf(ctx, "lib")
	}
	return strings.Join(jars, ":"), err
}

// bundling is a JAR with one more file.
func bundling(jar []byte, name string) ([]byte, error) {
	before, err := zip.NewReader(bytes.NewReader(jar), int64(len(jar)))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	with := zip.NewWriter(&out)
	for _, file := range before.File {
		if err := with.Copy(file); err != nil {
			return nil, err
		}
	}
	if _, err := with.Create(name); err != nil {
		return nil, err
	}
	err = with.Close()
	return out.Bytes(), err
}
