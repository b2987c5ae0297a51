package inpod

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/jar"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
)

// On the volume, what is beside REVISION.jar is in the folder REVISION.d:
//
//	index.json      the beside, written last
//	dependencies/   the JARs
//	files/          the files, as they are in main's working folder
//
// The folder is published before the JAR, so that a JAR on the volume has all of it.
const (
	indexFile          = "index.json"
	dependenciesFolder = "dependencies"
	filesFolder        = "files"
)

// besideFolder is the folder of what is beside a JAR on the volume.
func besideFolder(jar string) string { return strings.TrimSuffix(jar, ".jar") + ".d" }

// hasBeside says whether anything but the JAR is wanted.
func (x *extraction) hasBeside() bool { return len(x.Dependencies)+len(x.Files) > 0 }

// copyBeside copies to this pod's own folder beside To, checks the copies, and renames it.
func (x *extraction) copyBeside(ctx context.Context, found beside, jar string) (beside, *problem.Problem) {
	if failed := x.makeFolder(jar); failed != nil {
		return beside{}, failed
	}
	if failed := x.makeRoom(fmt.Sprintf("%s with its dependencies and files needs", jar), sizeOf(found.Dependencies)+sizeOf(found.Files)); failed != nil {
		return beside{}, failed
	}
	folder := besideFolder(x.To)
	own, err := os.MkdirTemp(filepath.Dir(x.To), "."+filepath.Base(folder)+".*"+ownSuffix)
	if err != nil {
		return beside{}, x.unwritten(jar, sizeOf(found.Dependencies), err)
	}
	defer func() { _ = os.RemoveAll(own) }() // after the rename this name is free
	for i := range found.Dependencies {
		p := &found.Dependencies[i]
		if failed := x.copyPiece(ctx, p, filepath.Join(own, dependenciesFolder, p.Name), x.checkDependency); failed != nil {
			return beside{}, failed
		}
	}
	for i := range found.Files {
		p := &found.Files[i]
		if failed := x.copyPiece(ctx, p, filepath.Join(own, filesFolder, p.Name), nil); failed != nil {
			return beside{}, failed
		}
	}
	if err := publishFolder(own, folder, found); err != nil {
		return beside{}, problem.New(v1beta1.ExtractionFailed, "The dependencies and files were copied, but the copies could not be renamed on the volume: %v. Check the volume.", withoutPath(err))
	}
	x.say("Stored %d dependencies (%s) and %d files (%s) on the volume.", len(found.Dependencies), readableSize(sizeOf(found.Dependencies)), len(found.Files), readableSize(sizeOf(found.Files)))
	return found, nil
}

// publishFolder writes the index and renames the folder. An older folder of that name is of
// a pod that died before it published its JAR, or something has damaged it.
func publishFolder(own, folder string, index beside) error {
	line, err := json.Marshal(index)
	if err == nil {
		err = os.WriteFile(filepath.Join(own, indexFile), line, 0o644)
	}
	if err == nil {
		err = modeOf(own, 0o755)
	}
	if err == nil {
		err = syncFolder(own)
	}
	if err == nil {
		err = os.RemoveAll(folder)
	}
	if err == nil {
		err = os.Rename(own, folder)
	}
	return err
}

// modeOf sets a file's mode, where the volume has modes.
func modeOf(path string, mode fs.FileMode) error {
	err := os.Chmod(path, mode)
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission) {
		return nil
	}
	return err
}

// copyPiece copies a piece to the volume, and checks the copy.
func (x *extraction) copyPiece(ctx context.Context, p *piece, to string, check func(context.Context, *os.File, piece) *problem.Problem) *problem.Problem {
	x.phase("copying " + p.Path)
	file, err := p.copyTo(ctx, to)
	if file != nil {
		defer func() { _ = file.Close() }()
	}
	switch {
	case ctx.Err() != nil:
		return x.stopped(ctx)
	case errors.Is(err, errSource) && errors.Is(err, fs.ErrPermission):
		return x.finder().unreadable(p.Path)
	case err != nil:
		return x.unwritten(p.Path, p.Size, err)
	case check == nil:
		return nil
	}
	x.phase("checking " + p.Path)
	failed := check(ctx, file, *p)
	if ctx.Err() != nil {
		return x.stopped(ctx)
	}
	return failed
}

// errSource marks an error of the file that is copied.
var errSource = errors.New("the file cannot be opened")

// copyTo copies a piece to a new file, which the caller closes, and keeps its size and hash.
func (p *piece) copyTo(ctx context.Context, to string) (*os.File, error) {
	source, err := os.Open(p.at)
	if err != nil {
		return nil, errors.Join(errSource, err)
	}
	defer func() { _ = source.Close() }()
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(to, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	facts, err := factsOf(ctx, io.TeeReader(source, file), p.Path)
	if err == nil {
		err = file.Sync() // some volumes report only here that they are full
	}
	if err == nil && p.Executable {
		err = modeOf(to, 0o755)
	}
	p.Size, p.SHA256 = facts.Size, facts.SHA256
	return file, err
}

func (x *extraction) checkDependency(ctx context.Context, file *os.File, p piece) *problem.Problem {
	found, failed := checkDependency(ctx, file, p, x.image())
	if failed == nil {
		x.say("Dependency %s: %s, all %d entries are intact; sha256 %s", p.Path, readableSize(p.Size), found.Entries, p.SHA256)
	}
	return failed
}

// checkDependency checks a dependency as the topology's JAR is checked, but for its main class.
func checkDependency(ctx context.Context, file *os.File, p piece, image string) (jar.Found, *problem.Problem) {
	return jar.Check(ctx, file, p.Size, jar.Wanted{Of: p.inImage(image), Dependency: true})
}

// besideOnVolume is what is beside a JAR on the volume. All of it was checked when it was
// copied: here, only that nothing is missing. The error has no path of the volume.
func besideOnVolume(folder string) (found beside, err error) {
	line, err := os.ReadFile(filepath.Join(folder, indexFile))
	if err == nil {
		err = json.Unmarshal(line, &found)
	}
	for _, part := range []struct {
		pieces []piece
		folder string
	}{{found.Dependencies, dependenciesFolder}, {found.Files, filesFolder}} {
		for i := range part.pieces {
			p := &part.pieces[i]
			p.at = filepath.Join(folder, part.folder, p.Name)
			if info, statErr := os.Stat(p.at); err == nil && statErr != nil {
				err = statErr
			} else if err == nil && (info.Size() != p.Size || !filepath.IsLocal(p.Name)) {
				err = fs.ErrNotExist
			}
		}
	}
	return found, err
}

// alreadyBeside is what is beside To on the volume, if it is complete and not damaged.
func (x *extraction) alreadyBeside(ctx context.Context) (beside, bool) {
	if !x.hasBeside() {
		return beside{}, true
	}
	found, err := besideOnVolume(besideFolder(x.To))
	if err != nil {
		return beside{}, false
	}
	for _, pieces := range [][]piece{found.Dependencies, found.Files} {
		for _, p := range pieces {
			file, err := os.Open(p.at)
			if err != nil {
				return beside{}, false
			}
			facts, err := factsOf(ctx, file, p.Path)
			_ = file.Close()
			if err != nil || facts.SHA256 != p.SHA256 {
				return beside{}, false
			}
		}
	}
	return found, true
}

// workFolder makes main's working folder with the files.
func (b beside) workFolder(ctx context.Context, in string) (string, error) {
	work := filepath.Join(in, "work")
	if err := os.Mkdir(work, 0o755); err != nil {
		return "", err
	}
	for i := range b.Files {
		file, err := b.Files[i].copyTo(ctx, filepath.Join(work, b.Files[i].Name))
		if file != nil {
			err = errors.Join(err, file.Close())
		}
		if err != nil {
			return "", fmt.Errorf("file %s: %w", b.Files[i].Path, withoutPath(err))
		}
	}
	return work, nil
}
