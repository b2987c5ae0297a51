package inpod

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// beside is what an image has beside the topology's JAR for main: dependencies, in the order
// of the class path, and files.
type beside struct {
	Dependencies []piece `json:"dependencies,omitempty"`
	Files        []piece `json:"files,omitempty"`
}

// piece is one dependency or file.
type piece struct {
	// Path is its path in the image. Name is the file name of a dependency, and the path of
	// a file in main's working folder.
	Path   string `json:"path"`
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256,omitempty"`
	// Executable: the image has it as a program.
	Executable bool `json:"executable,omitempty"`

	// at is where this container has it.
	at string
}

// Limits of what is beside a JAR. All paths of the dependencies are one argument of Java,
// and Linux passes 128 KiB at most.
const (
	maxDependencies  = 300
	maxClassPath     = 96 << 10
	maxFiles         = 2000
	maxFilesSize     = 256 << 20
	dependenciesPath = "spec.topology.jar.container.dependencies"
	filesPath        = "spec.topology.jar.container.files"
)

// noted adds to the facts of a JAR how much is beside it.
func (b beside) noted(facts termination.Facts) termination.Facts {
	facts.Dependencies, facts.DependenciesSize = len(b.Dependencies), sizeOf(b.Dependencies)
	return facts
}

func sizeOf(pieces []piece) (size int64) {
	for _, p := range pieces {
		size += p.Size
	}
	return size
}

// paths are where this container has the dependencies.
func (b beside) paths() (paths []string) {
	for _, p := range b.Dependencies {
		paths = append(paths, p.at)
	}
	return paths
}

// beside finds the dependencies and files that the patterns name. jar is the topology's own
// JAR: it is left out, whatever the patterns are.
func (f finder) beside(dependencies, files []string, jar string) (found beside, failed *problem.Problem) {
	for _, pattern := range dependencies {
		if failed = f.addDependencies(&found, pattern, jar); failed != nil {
			return beside{}, failed
		}
	}
	for _, pattern := range files {
		if failed = f.addFiles(&found, pattern); failed != nil {
			return beside{}, failed
		}
	}
	if size := sizeOf(found.Files); len(found.Files) > maxFiles || size > maxFilesSize {
		return beside{}, problem.New(v1beta1.JarInvalid, "%s names more than %d files or %d MiB of %s. Name only what main reads.", filesPath, maxFiles, maxFilesSize>>20, f.image)
	}
	return found, nil
}

func (f finder) addDependencies(to *beside, pattern, jar string) *problem.Problem {
	matches, denied := f.regular(f.inContainer(pattern))
	switch {
	case matches == nil && denied != "":
		return f.unreadable(denied)
	case matches == nil:
		return f.unmatched(dependenciesPath, pattern)
	}
	own, _ := f.stat(jar)
	length := 0
	for _, path := range matches {
		p, info, failed := f.pieceAt(path)
		switch {
		case failed != nil:
			return failed
		case own != nil && os.SameFile(own, info):
			f.say("%s is the topology's own JAR: it is left out of the dependencies.", p.Path)
			continue
		}
		p.Name = filepath.Base(path)
		if known := named(to.Dependencies, p.Name); known != nil && known.Path != p.Path {
			return problem.New(v1beta1.JarAmbiguous, "%s has two dependencies with the same name: %s and %s. Set %s so that it names only one of them.",
				text.Capital(f.image), known.Path, p.Path, dependenciesPath)
		} else if known == nil {
			to.Dependencies = append(to.Dependencies, p)
		}
	}
	for _, p := range to.Dependencies {
		length += len(p.Path)
	}
	if len(to.Dependencies) > maxDependencies || length > maxClassPath {
		return problem.New(v1beta1.JarInvalid, "%s names more than %d JARs of %s, or paths of more than %d KiB. Build one JAR with most of them (maven-shade-plugin, Gradle shadow).", dependenciesPath, maxDependencies, f.image, maxClassPath>>10)
	}
	return nil
}

func (f finder) addFiles(to *beside, pattern string) *problem.Problem {
	matches, denied := f.glob(f.inContainer(pattern))
	if matches == nil && denied != "" {
		return f.unreadable(denied)
	}
	before := len(to.Files)
	for _, match := range matches {
		from := filepath.Join(f.real(filepath.Dir(match)), filepath.Base(match)) // a link is a link
		err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
			path = match + strings.TrimPrefix(path, from)
			switch info, statErr := f.stat(path); {
			case errors.Is(err, fs.ErrPermission), errors.Is(statErr, fs.ErrPermission):
				return &foundError{f.unreadable(path)}
			case err != nil:
				return err
			case len(to.Files) > maxFiles || statErr != nil && path != match || entry.IsDir():
				return nil
			case statErr == nil && !info.Mode().IsRegular():
				return nil // a link to a folder, a device
			}
			return f.addFile(to, pattern, path)
		})
		if found := (*foundError)(nil); errors.As(err, &found) {
			return found.problem
		} else if err != nil {
			return problem.New(v1beta1.ExtractionFailed, "Folder %s of %s cannot be read: %v. Check the node's disk.", f.shown(match), f.image, withoutPath(err))
		}
	}
	if len(to.Files) == before && !covered(to.Files, matches, f) {
		return f.unmatched(filesPath, pattern)
	}
	return nil
}

// covered says whether an earlier pattern has found what these paths are.
func covered(files []piece, paths []string, f finder) bool {
	for _, p := range files {
		for _, path := range paths {
			if shown := f.shown(path); p.Path == shown || strings.HasPrefix(p.Path, shown+"/") {
				return true
			}
		}
	}
	return false
}

// foundError carries a problem out of a walk.
type foundError struct{ problem *problem.Problem }

func (e *foundError) Error() string { return e.problem.Message }

func (f finder) addFile(to *beside, pattern, path string) error {
	p, _, failed := f.pieceAt(path)
	if failed != nil {
		return &foundError{failed}
	}
	name, err := filepath.Rel(fixedPart(pattern), p.Path) // no wildcard matches ..
	if err != nil {
		return err
	}
	p.Name = name
	switch known := named(to.Files, name); {
	case known == nil:
		to.Files = append(to.Files, p)
	case known.Path != p.Path:
		return &foundError{problem.New(v1beta1.JarAmbiguous, "%s has %s and %s, which would both be %s in main's working folder. Set %s so that it names only one of them.",
			text.Capital(f.image), known.Path, p.Path, name, filesPath)}
	}
	return nil
}

// pieceAt is a file of the image.
func (f finder) pieceAt(path string) (piece, os.FileInfo, *problem.Problem) {
	if failed := f.deadLink(path); failed != nil {
		return piece{}, nil, failed
	}
	info, err := f.stat(path)
	if err != nil {
		return piece{}, nil, problem.New(v1beta1.ExtractionFailed, "File %s of %s cannot be read: %v. Check the node's disk.", f.shown(path), f.image, withoutPath(err))
	}
	return piece{Path: f.shown(path), Size: info.Size(), Executable: info.Mode()&0o111 != 0, at: f.real(path)}, info, nil
}

// deadLink is the problem of a link of the image that leads to nothing, or nil.
func (f finder) deadLink(path string) *problem.Problem {
	nowhere := f.leadsNowhere(path)
	if nowhere == "" {
		return nil
	}
	return problem.New(v1beta1.JarNotFound, "File %s of %s is a link to %s, which the image does not have. Build the image with the file that it leads to.", f.shown(path), f.image, nowhere)
}

func named(pieces []piece, name string) *piece {
	for i := range pieces {
		if pieces[i].Name == name {
			return &pieces[i]
		}
	}
	return nil
}

// fixedPart is the folder of a pattern above its first wildcard.
func fixedPart(pattern string) string {
	if at := strings.IndexAny(pattern, `*?[\`); at >= 0 {
		pattern = pattern[:at] + "x"
	}
	return filepath.Dir(filepath.Clean(pattern))
}

// inContainer is a path of the image as this container has it.
func (f finder) inContainer(path string) string {
	if f.mounted {
		return filepath.Join(f.root, path)
	}
	return path
}

// shown is a path of this container as the image has it.
func (f finder) shown(path string) string {
	if f.mounted {
		return "/" + strings.TrimPrefix(strings.TrimPrefix(path, f.root), "/")
	}
	return path
}

// unmatched says what the image has instead of what a pattern names.
func (f finder) unmatched(field, pattern string) *problem.Problem {
	if failed := f.deadLink(f.inContainer(pattern)); failed != nil {
		return failed
	}
	folder := fixedPart(f.inContainer(pattern))
	entries, err := os.ReadDir(f.real(folder))
	for ; errors.Is(err, fs.ErrNotExist) && len(folder) > len(f.inContainer("/")); entries, err = os.ReadDir(f.real(folder)) {
		folder = filepath.Dir(folder)
	}
	if errors.Is(err, fs.ErrPermission) {
		return f.unreadable(folder)
	}
	var names []string
	for _, entry := range entries {
		name := text.Cut(text.Clean(entry.Name()), 100)
		if entry.IsDir() {
			name += "/"
		}
		names = append(names, name)
	}
	has := "is empty"
	if names != nil {
		has = "has " + firstNames(names)
	}
	return problem.New(v1beta1.JarNotFound, "%s has no file that matches %s (%s). Its folder %s %s. Correct the pattern, or build the image with the file.",
		text.Capital(f.image), pattern, field, f.shown(folder), has)
}

// inImage names a piece in a message.
func (p piece) inImage(image string) string { return fmt.Sprintf("File %s of %s", p.Path, image) }
