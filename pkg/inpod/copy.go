package inpod

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
)

// copyChecked copies to this pod's own file beside To, checks the copy, and renames
// it, so To never holds half a JAR. The source is read once.
func (x *extraction) copyChecked(ctx context.Context, from string) (termination.Facts, *problem.Problem) {
	source, err := os.Open(from)
	if errors.Is(err, fs.ErrPermission) {
		return termination.Facts{}, x.finder().unreadable(from)
	} else if err != nil {
		return termination.Facts{}, problem.New(v1beta1.ExtractionFailed, "File %s of %s cannot be opened: %v. Check the node's disk.", from, x.image(), err)
	}
	defer func() { _ = source.Close() }()
	info, err := source.Stat()
	if err != nil {
		return termination.Facts{}, problem.New(v1beta1.ExtractionFailed, "File %s of %s cannot be read: %v. Check the node's disk.", from, x.image(), err)
	}
	if failed := x.makeFolder(from); failed != nil {
		return termination.Facts{}, failed
	}
	if failed := x.makeRoom("file "+from+" needs", info.Size()); failed != nil {
		return termination.Facts{}, failed
	}
	own, err := os.CreateTemp(filepath.Dir(x.To), "."+filepath.Base(x.To)+".*"+ownSuffix)
	if err != nil {
		return termination.Facts{}, x.unwritten(from, info.Size(), err)
	}
	defer func() { // after the rename this name is free
		_ = own.Close()
		_ = os.Remove(own.Name())
	}()
	facts, failed := x.copyTo(ctx, own, source, info.Size())
	if failed == nil {
		failed = x.check(ctx, own, facts)
	}
	if failed == nil {
		failed = x.publish(own)
	}
	return facts, failed
}

// makeFolder makes the folder of the topology. It belongs to this topology alone: a claim may
// be shared.
func (x *extraction) makeFolder(from string) *problem.Problem {
	if err := os.Mkdir(filepath.Dir(x.To), 0o775); err != nil && !errors.Is(err, fs.ErrExist) {
		return x.unwritten(from, 0, err)
	}
	return nil
}

func (x *extraction) copyTo(ctx context.Context, own, source *os.File, length int64) (termination.Facts, *problem.Problem) {
	start := time.Now()
	x.phase("copying " + source.Name())
	x.say("Copying %s of %s, %s, to the volume.", source.Name(), x.image(), exactSize(length))
	sum := sha256.New()
	copied, err := io.CopyBuffer(io.MultiWriter(own, sum), withContext(ctx, source), make([]byte, 256<<10))
	facts := termination.Facts{SHA256: hex.EncodeToString(sum.Sum(nil)), Size: copied, Path: source.Name()}
	if err == nil {
		err = own.Sync() // some volumes report only here that they are full
	}
	switch {
	case ctx.Err() != nil:
		x.say("%s of %s were copied.", readableSize(copied), readableSize(length))
		return termination.Facts{}, x.stopped(ctx)
	case err != nil:
		return termination.Facts{}, x.unwritten(source.Name(), length, err)
	}
	x.say("Copied in %s; sha256 %s", elapsed(start), facts.SHA256)
	return facts, nil
}

func (x *extraction) check(ctx context.Context, own *os.File, facts termination.Facts) *problem.Problem {
	start := time.Now()
	x.phase("checking " + facts.Path)
	want := x.wanted(facts.Path)
	found, failed := want.check(ctx, own, facts)
	switch {
	case ctx.Err() != nil:
		return x.stopped(ctx)
	case failed != nil:
		return failed
	}
	x.say("Checked in %s: %s.", elapsed(start), want.passed(found))
	for _, remark := range found.Remarks {
		x.say("%s", remark)
	}
	return nil
}

// publish renames the copy to To.
func (x *extraction) publish(own *os.File) *problem.Problem {
	err := own.Chmod(0o644)
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission) {
		err = nil // some volumes have no file modes
	}
	if err == nil {
		err = os.Rename(own.Name(), x.To)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(x.To))
	}
	if err != nil {
		return problem.New(v1beta1.ExtractionFailed, "The JAR was copied, but the copy could not be renamed on the volume: %v. Check the volume.", err)
	}
	x.say("Stored on the volume as %s.", filepath.Base(x.To))
	return nil
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = folder.Close() }()
	if err := folder.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) { // some file systems cannot
		return err
	}
	return nil
}

// unwritten is the problem of a copy that failed on the volume, or at its source.
func (x *extraction) unwritten(from string, length int64, err error) *problem.Problem {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return problem.New(v1beta1.VolumeFull, "The volume for the JAR has no room for %s (%s).", from, readableSize(length))
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return problem.New(v1beta1.VolumeNotWritable, "User %d, group %d cannot write to the volume for the JAR (%v). Use a StorageClass whose volumes support fsGroup, or set spec.topology.jar.container.securityContext.runAsUser to a user with write access.",
			os.Getuid(), os.Getgid(), withoutPath(err))
	}
	return problem.New(v1beta1.ExtractionFailed, "Copying %s of %s to the volume failed: %v. Check the node's disk and the volume.", from, x.image(), withoutPath(err))
}

// withoutPath removes the path, which contains a name that is new in each run.
func withoutPath(err error) error {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return path.Err
	}
	return err
}
