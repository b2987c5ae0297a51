package storms

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/stormhooks/stormhooks/e2e/stormjars"
)

// home is the folder of a Storm, as an image has it.
type home struct {
	version version
	path    string
	java    string // home of Java
	major   int    // its version
}

// javas is the Java of this Storm, for the table.
func (h home) javas() string { return strconv.Itoa(h.major) }

// cached is a path in the cache that all of e2e uses.
func cached(elem ...string) (string, error) {
	cache := os.Getenv("STORMHOOKS_CACHE")
	if cache == "" {
		user, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		cache = filepath.Join(user, ".cache", "stormhooks")
	}
	return filepath.Abs(filepath.Join(append([]string{cache, "storms"}, elem...)...))
}

// published is the home of a version, made of its JARs on Maven Central.
func published(ctx context.Context, v version) (home, error) {
	path, err := cached(string(v))
	if err != nil {
		return home{}, err
	}
	h := home{version: v, path: path}
	h.major, h.java = java(v)
	if _, err := os.Stat(filepath.Join(path, "whole")); err == nil {
		return h, nil
	}
	for _, lib := range []string{stormjars.Lib, stormjars.LibWorker} {
		made := filepath.Join(path, "maven-"+lib)
		jars, err := stormjars.Bring(ctx, string(v), lib, made)
		if err != nil {
			return home{}, err
		}
		if err := os.MkdirAll(filepath.Join(path, lib), 0o755); err != nil {
			return home{}, err
		}
		for _, jar := range jars {
			if err := os.Rename(jar, filepath.Join(path, lib, filepath.Base(jar))); err != nil {
				return home{}, err
			}
		}
		if err := os.RemoveAll(made); err != nil {
			return home{}, err
		}
	}
	if err := os.MkdirAll(filepath.Join(path, "conf"), 0o755); err != nil {
		return home{}, err
	}
	return h, os.WriteFile(filepath.Join(path, "whole"), nil, 0o644)
}

var clientJar = regexp.MustCompile(`^storm-client-(\d.*)\.jar$`)

// given is a home that is on this machine. It says its version by its JARs.
func given(path string) (home, error) {
	jars, err := filepath.Glob(filepath.Join(path, "lib*", "storm-client-*.jar"))
	if err != nil {
		return home{}, err
	}
	for _, jar := range jars {
		if said := clientJar.FindStringSubmatch(filepath.Base(jar)); said != nil {
			h := home{version: version(said[1]), path: path}
			h.major, h.java = java(h.version)
			return h, nil
		}
	}
	return home{}, fmt.Errorf("%s has no lib*/storm-client-VERSION.jar, so it is not the home of a Storm", path)
}

// classPath of the daemons. Storm 3 has JARs of both in lib-common.
func (h home) classPath() string {
	return strings.Join([]string{h.path + "/*", h.path + "/lib-common/*", h.path + "/lib/*", h.path + "/extlib/*"}, ":")
}

// clientJars is the class path of what submits.
func (h home) clientJars() string {
	return strings.Join([]string{h.path + "/lib-common/*", h.path + "/lib-worker/*"}, ":")
}
