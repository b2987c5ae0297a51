package images

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stormhooks/stormhooks/e2e/cluster/parts"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
	"github.com/stormhooks/stormhooks/e2e/cluster/run"
	"github.com/stormhooks/stormhooks/e2e/nimbustls"
)

// topologySources are the classes of com.mycompany: the topology of the guide's
// second example, mains that fail in every way that stories tell of, and what
// Nimbus itself is given to refuse.
//
//go:embed topology
var topologySources embed.FS

// topologyJar has the classes of com.mycompany.
func topologyJar(ctx context.Context) ([]byte, error) {
	sources := map[string][]byte{}
	entries, err := topologySources.ReadDir("topology")
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if sources[entry.Name()], err = topologySources.ReadFile("topology/" + entry.Name()); err != nil {
			return nil, err
		}
	}
	return compiled(ctx, "my-topology", sources)
}

// strictTLSJar has the TLS transport of a Nimbus, since that of this Storm does not work.
func strictTLSJar(ctx context.Context) ([]byte, error) {
	return compiled(ctx, "strict-tls", map[string][]byte{"StrictTls.java": nimbustls.StrictSource})
}

// compiled is the JAR of classes that are compiled against Storm's published JARs, once for
// each content of the sources.
func compiled(ctx context.Context, name string, sources map[string][]byte) ([]byte, error) {
	key := sha256.New()
	for _, file := range slices.Sorted(maps.Keys(sources)) {
		fmt.Fprintf(key, "%s %d\n%s", file, len(sources[file]), sources[file])
	}
	path := place.In("programs", name+"-"+hex.EncodeToString(key.Sum(nil))[:16]+".jar")
	if made, err := os.ReadFile(path); err == nil {
		return made, nil
	}
	work, err := os.MkdirTemp("", name+"-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	made, err := compile(ctx, work, sources)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(path+".draft", made, 0o644); err != nil {
		return nil, err
	}
	return made, os.Rename(path+".draft", path)
}

func compile(ctx context.Context, work string, sources map[string][]byte) ([]byte, error) {
	if err := parts.NeedTools("javac"); err != nil {
		return nil, err
	}
	daemons, err := daemonJars(ctx)
	if err != nil {
		return nil, err
	}
	argv := []string{"javac", "--release", "11", "-cp", daemons, "-d", work + "/classes"}
	for name, text := range sources {
		if err := os.WriteFile(filepath.Join(work, name), text, 0o644); err != nil {
			return nil, err
		}
		argv = append(argv, filepath.Join(work, name))
	}
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
func bundling(jar []byte, name string, content []byte) ([]byte, error) {
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
	file, err := with.Create(name)
	if err == nil {
		_, err = file.Write(content)
	}
	if err != nil {
		return nil, err
	}
	err = with.Close()
	return out.Bytes(), err
}
