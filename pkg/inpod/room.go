package inpod

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
)

const (
	// ownSuffix ends the name of a pod's own file, until it is a JAR.
	ownSuffix = ".tmp"
	// reserve is what a volume keeps free beside the JAR, for its own books.
	reserve = 1 << 20
	// abandonedAfter is when an own file that no one writes to any more is a dead
	// pod's: one that is killed cannot remove it.
	abandonedAfter = 15 * time.Minute
)

// The names that files of ours have: another file on the volume is someone
// else's, whatever it is.
var (
	ofRevision = pattern(`^[0-9a-f]{8,64}\.jar$`)
	ownFile    = pattern(`^\.[0-9a-f]{8,64}\.jar\.[0-9]+\.tmp$`)
)

// makeRoom looks whether the volume has room for the copy. JARs that no one
// needs any more go only after a success, or here where room is short.
func (x *extraction) makeRoom(from string, length int64) *problem.Problem {
	free, err := freeSpace(filepath.Dir(x.To))
	if err != nil {
		return x.unwritten(from, length, err)
	}
	if free < length+reserve {
		x.tidy()
		if free, err = freeSpace(filepath.Dir(x.To)); err != nil {
			return x.unwritten(from, length, err)
		}
	}
	if free < length+reserve {
		return problem.New(v1beta1.VolumeFull, "The volume for the JAR has %s free, and %s needs %s.", readableSize(free), from, readableSize(length))
	}
	return nil
}

func freeSpace(folder string) (int64, error) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(folder, &stat); err != nil {
		return 0, &os.PathError{Op: "statfs", Path: folder, Err: err}
	}
	return int64(stat.Bavail) * int64(stat.Bsize), nil
}

// tidy removes the JARs of revisions that are not kept, what dead pods left
// behind, and what the user's command laid in its folder.
func (x *extraction) tidy() {
	folder := filepath.Dir(x.To)
	entries, _ := os.ReadDir(folder)
	var removed []string
	for _, entry := range entries {
		name := entry.Name()
		if !entry.Type().IsRegular() || name == filepath.Base(x.To) || slices.Contains(x.Keep, name) {
			continue
		}
		if ofRevision().MatchString(name) && os.Remove(filepath.Join(folder, name)) == nil {
			removed = append(removed, name)
		}
		if ownFile().MatchString(name) {
			x.removeAbandoned(filepath.Join(folder, name))
		}
	}
	if removed != nil {
		x.say("Removed %s: of revisions that no one needs any more.", strings.Join(removed, ", "))
	}
	if len(x.Command) > 0 {
		x.emptyWork()
		x.removeFormerWork()
	}
}

// removeFormerWork removes the folders that former pods' commands wrote to; a
// command that was killed left its half there. They lie beside our folder.
func (x *extraction) removeFormerWork() {
	folders, _ := filepath.Glob(filepath.Join(filepath.Dir(filepath.Dir(x.To)), "extracted-*"))
	for _, folder := range folders {
		info, err := os.Stat(folder)
		if err == nil && time.Since(info.ModTime()) > max(abandonedAfter, 2*x.Timeout) {
			_ = os.RemoveAll(folder)
		}
	}
}

// removeAbandoned removes a dead pod's own file. A live pod's is written to all
// the time, and every pod ends by its own limit.
func (x *extraction) removeAbandoned(path string) {
	info, err := os.Stat(path)
	if err == nil && time.Since(info.ModTime()) > max(abandonedAfter, 2*x.Timeout) {
		_ = os.Remove(path)
	}
}

func (x *extraction) emptyWork() {
	entries, _ := os.ReadDir(x.Work)
	for _, entry := range entries {
		_ = os.RemoveAll(filepath.Join(x.Work, entry.Name()))
	}
}
