// Package stormjars brings the published JARs of Apache Storm, by Maven.
//
// In: a version, one of the two lib folders of a Storm distribution, a folder to write
// to. Out: the JARs there. Called by e2e/cluster for the image of Storm, and by
// e2e/storms for each version that is tried.
package stormjars

import (
	"context"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Dependency is the plug-in of Maven that copies JARs.
const Dependency = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"

// Lib has the JARs of the daemons, LibWorker those of workers and submitting clients.
const (
	Lib       = "lib"
	LibWorker = "lib-worker"
)

//go:embed lib.pom.xml lib-worker.pom.xml flux.pom.xml
var poms embed.FS

// Recipe is a text that changes with the JARs of a version.
func Recipe(version string) string {
	recipe := version
	for _, lib := range []string{Lib, LibWorker} {
		pom, _ := poms.ReadFile(lib + ".pom.xml") // embedded
		recipe += string(pom)
	}
	return recipe
}

// Bring replaces the contents of a folder with the JARs of a lib folder, and returns their
// paths. Maven keeps what it has downloaded.
func Bring(ctx context.Context, version, lib, dir string) ([]string, error) {
	if err := prepared(lib, dir); err != nil {
		return nil, err
	}
	return mavenJars(ctx, version, dir, ":copy-dependencies", "-DincludeScope=runtime")
}

// Flux replaces the contents of a folder with Flux, and returns its path: one JAR with all
// that Flux needs beside Storm's client.
func Flux(ctx context.Context, version, dir string) (string, error) {
	if err := prepared("flux", dir); err != nil {
		return "", err
	}
	jars, err := mavenJars(ctx, version, dir, ":copy", "-Dartifact=org.apache.storm:flux-core:"+version)
	if err == nil && len(jars) != 1 {
		err = fmt.Errorf("mvn for Flux of Storm %s brought %d JARs", version, len(jars))
	}
	if err != nil {
		return "", err
	}
	return jars[0], nil
}

// prepared empties a folder, and writes a POM there.
func prepared(pom, dir string) error {
	text, err := poms.ReadFile(pom + ".pom.xml")
	if err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "pom.xml"), text, 0o644)
}

// mavenJars runs a goal of Maven that copies JARs.
func mavenJars(ctx context.Context, version, dir, goal, option string) ([]string, error) {
	maven := exec.CommandContext(ctx, "mvn", "-q", "-B", "-Dstorm.version="+version, Dependency+goal, option, "-DoutputDirectory="+dir+"/jars")
	maven.Dir = dir
	if said, err := maven.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("mvn for the JARs of Storm %s: %w: %s", version, err, said[max(0, len(said)-4000):])
	}
	jars, err := filepath.Glob(dir + "/jars/*.jar")
	return slices.DeleteFunc(jars, isSecondBinding), err
}

// isSecondBinding: two bindings of slf4j would quarrel, and log4j2's stays.
func isSecondBinding(jar string) bool {
	base := filepath.Base(jar)
	for _, binding := range []string{"slf4j-reload4j", "reload4j", "slf4j-log4j12", "log4j-1."} {
		if strings.HasPrefix(base, binding) {
			return true
		}
	}
	return false
}
