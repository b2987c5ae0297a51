package inpod

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// Limits of the search for JARs near the path.
const (
	searchTime  = 3 * time.Second
	searchFiles = 50_000
	namesListed = 5
)

// finder finds a topology's JAR in an image.
type finder struct {
	// from is the JAR's path, or a glob that matches exactly one.
	from string
	// class is the topology's main class.
	class string
	// work is the folder where the user's command left the JAR; empty without a
	// command.
	work string
	// image is the image's name in messages.
	image string
	// mounted: the image is mounted in a container of another image.
	mounted bool
	// root is where the search for other JARs ends; skip is not searched.
	root, skip string
	say        func(format string, args ...any)
}

// find returns the one file that from names, or the one that the user's command left
// in work.
func (f finder) find(ctx context.Context) (string, *problem.Problem) {
	if f.work != "" {
		return f.findInWork()
	}
	if info, err := f.stat(f.from); err == nil && info.Mode().IsRegular() {
		return f.from, nil
	} else if errors.Is(err, fs.ErrPermission) {
		return "", f.unreadable(f.from)
	}
	matches, denied := f.regular(f.from)
	switch {
	case len(matches) == 1:
		f.say("%s matches %s.", f.from, matches[0])
		return matches[0], nil
	case len(matches) > 1:
		return "", problem.New(v1beta1.JarAmbiguous, "%s has %d files that match %s: %s. Set spec.topology.jar.container.path to one of them.",
			text.Capital(f.image), len(matches), f.from, firstNames(matches))
	case denied != "":
		return "", f.unreadable(denied)
	}
	return "", f.notFound(ctx)
}

// regular lists the regular files that match a pattern, and the first folder that may not
// be read.
func (f finder) regular(pattern string) (files []string, denied string) {
	matches, denied := f.glob(pattern)
	for _, match := range matches {
		info, err := f.stat(match)
		switch {
		case err == nil && info.Mode().IsRegular():
			files = append(files, match)
		case errors.Is(err, fs.ErrPermission) && denied == "": // of a link
			denied = match
		}
	}
	return files, denied
}

// findInWork returns the file of from's base name, or else the only JAR.
func (f finder) findInWork() (string, *problem.Problem) {
	for _, pattern := range []string{filepath.Base(f.from), "*.jar"} {
		switch files, _ := f.regular(filepath.Join(f.work, pattern)); {
		case len(files) == 1:
			return files[0], nil
		case len(files) > 1:
			return "", problem.New(v1beta1.JarAmbiguous, "The extraction command left %d files that match %s in %s: %s. Set spec.topology.jar.container.path to the name of one of them, or change the command to leave only one.",
				len(files), pattern, f.work, firstNames(files))
		}
	}
	return "", problem.New(v1beta1.JarNotFound, "The extraction command succeeded, but left no JAR in %s. Change it to copy the JAR there (spec.topology.jar.container.command and args).", f.work)
}

func (f finder) unreadable(path string) *problem.Problem {
	or := "set spec.topology.jar.container.securityContext.runAsUser to a user with access"
	if f.mounted { // no container of the image runs
		or = "use extractionMode copy, which can run as a user with access"
	}
	return problem.New(v1beta1.JarUnreadable, "User %d cannot read %s in %s. Build the image with the file and its folders readable for all (in a Dockerfile: COPY --chmod=0644), or %s.",
		os.Getuid(), path, f.image, or)
}

func (f finder) notFound(ctx context.Context) *problem.Problem {
	info, err := f.stat(f.from)
	switch nowhere := f.leadsNowhere(f.from); {
	case err == nil && info.IsDir():
		if near, _ := f.regular(filepath.Join(f.from, "*.jar")); len(near) > 0 {
			return problem.New(v1beta1.JarNotFound, "Path %s in %s is a folder. It has %s: set spec.topology.jar.container.path to the file.", f.from, f.image, firstNames(near))
		}
		return problem.New(v1beta1.JarNotFound, "Path %s in %s is a folder, without a JAR in it. Set spec.topology.jar.container.path to the topology's JAR.", f.from, f.image)
	case err == nil:
		return problem.New(v1beta1.JarNotFound, "Path %s in %s is neither a file nor a folder. Build the image with the JAR as a file.", f.from, f.image)
	case nowhere != "":
		return problem.New(v1beta1.JarNotFound, "Path %s in %s is a link to %s, which the image does not have. Build the image with the file that it leads to, or set spec.topology.jar.container.path to the JAR itself.", f.from, f.image, nowhere)
	}
	what := problem.New(v1beta1.JarNotFound, "%s has no %s. ", text.Capital(f.image), f.from)
	switch near := f.nearby(ctx); {
	case len(near.found) == 1:
		what.Message += "It has " + near.found[0] + ": set spec.topology.jar.container.path to it."
	case near.found != nil:
		what.Message += "It has " + firstNames(near.found) + ": set spec.topology.jar.container.path to the topology's JAR."
	case near.exploded != "":
		what.Message += fmt.Sprintf("It has class %s as a file in %s, and Stormhooks takes one JAR with all classes. Build such a JAR (maven-shade-plugin, Gradle shadow), and the image with it.", f.class, near.exploded)
	case near.libraries != nil:
		what.Message += fmt.Sprintf("It has JARs in folders of libraries only, such as %s. Set spec.topology.jar.container.path to the topology's JAR, and dependencies to the others.", near.libraries[0])
	default:
		what.Message += "No other JAR was found near that path. Build the image with the JAR, or set spec.topology.jar.container.path to where the JAR is."
	}
	return what
}

// firstNames lists the first names, and says whether there are more.
func firstNames(names []string) string {
	if len(names) > namesListed {
		return strings.Join(names[:namesListed], ", ") + " and others"
	}
	return strings.Join(names, ", ")
}

// nearby finds JARs, those of the nearest folder first: the deepest existing folder of the
// path, then its parent, and so on, up to one that has more than libraries. Its time and the
// number of files are limited, since an image can contain a million files.
func (f finder) nearby(ctx context.Context) search {
	ctx, cancel := context.WithTimeout(ctx, searchTime)
	defer cancel()
	s := search{ctx: ctx, left: searchFiles, skip: map[string]bool{f.skip: true}, near: f.real(filepath.Dir(f.from))}
	s.class = "/" + strings.ReplaceAll(f.class, ".", "/") + ".class"
	for folder := f.real(filepath.Dir(filepath.Clean(f.from))); ; folder = filepath.Dir(folder) {
		s.walk(folder)
		if s.found != nil || s.exploded != "" || folder == f.root || folder == "/" || folder == "." {
			return s
		}
	}
}

type search struct {
	ctx  context.Context
	left int
	skip map[string]bool
	// near is the folder of the path: a JAR in it is not taken for a library. class is how
	// the path of the main class ends.
	near, class string
	// found are JARs, libraries those in folders of libraries; exploded is the folder with
	// the main class as a file.
	found, libraries []string
	exploded         string
}

// walk finds JARs below a folder, on its own file system: /proc, /sys and other
// volumes do not belong to the image. The slash follows a folder that is a link.
func (s *search) walk(folder string) {
	home, err := os.Stat(folder)
	if err != nil {
		return
	}
	_ = filepath.WalkDir(folder+"/", func(path string, entry fs.DirEntry, err error) error {
		switch s.left--; {
		case s.left < 0 || s.ctx.Err() != nil:
			return filepath.SkipAll
		case err != nil:
			return nil // an unreadable folder
		case entry.IsDir() && (s.skip[filepath.Clean(path)] || !sameDevice(home, entry)):
			return filepath.SkipDir
		case !entry.IsDir():
			s.add(filepath.Clean(path))
		}
		return nil
	})
	s.skip[folder] = true
	slices.SortStableFunc(s.found, func(a, b string) int {
		return strings.Count(a, "/") - strings.Count(b, "/")
	})
}

func (s *search) add(path string) {
	classes, exploded := strings.CutSuffix(path, s.class)
	switch {
	case exploded && s.exploded == "":
		s.exploded = classes
	case !strings.EqualFold(filepath.Ext(path), ".jar"):
	case filepath.Dir(path) != s.near && inLibFolder(path):
		s.libraries = append(s.libraries, path)
	default:
		s.found = append(s.found, path)
	}
}

// libFolders are folders of libraries, beside those whose names begin with lib.
var libFolders = []string{"extlib", "dependency", "dependencies", ".m2", ".gradle"}

// inLibFolder is true for a JAR in a folder lib, lib-worker and the like: a library, and
// hardly the topology.
func inLibFolder(path string) bool {
	return slices.ContainsFunc(strings.Split(filepath.Dir(path), "/"), func(folder string) bool {
		return strings.HasPrefix(folder, "lib") || slices.Contains(libFolders, folder)
	})
}

func sameDevice(home fs.FileInfo, entry fs.DirEntry) bool {
	info, err := entry.Info()
	if err != nil {
		return false
	}
	a, aOK := home.Sys().(*syscall.Stat_t)
	b, bOK := info.Sys().(*syscall.Stat_t)
	return !aOK || !bOK || a.Dev == b.Dev
}
