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
	// ownSuffix ends the name of a pod's own file, until the file is the JAR.
	ownSuffix = ".tmp"
	// reserve is left free beside the JAR, for the file system itself.
	reserve = 1 << 20
	// abandonedAfter is the age of an own file after which its pod must be dead: a
	// killed pod cannot remove its file.
	abandonedAfter = 15 * time.Minute
)

// The names of Stormhooks' files. No other file of the volume is touched.
var (
	ofRevision = pattern(`^[0-9a-f]{8,64}\.(jar|d)$`)
	ownFile    = pattern(`^\.[0-9a-f]{8,64}\.(jar|d)\.[0-9]+\.tmp$`)
)

// makeRoom checks that the volume has room for the copy. JARs that no revision needs
// any more are removed only after a success, or here if the room is too small.
func (x *extraction) makeRoom(what string, length int64) *problem.Problem {
	free, err := freeSpace(filepath.Dir(x.To))
	if err != nil {
		return x.unwritten(x.From, length, err)
	}
	if free < length+reserve {
		x.tidy()
		if free, err = freeSpace(filepath.Dir(x.To)); err != nil {
			return x.unwritten(x.From, length, err)
		}
	}
	if free < length+reserve {
		return problem.New(v1beta1.VolumeFull, "The volume for the JAR has only %s free, and %s %s.", readableSize(free), what, readableSize(length))
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

// tidy removes the JARs of revisions that are not kept, the files of dead pods, and
// what the user's command left in its folder.
func (x *extraction) tidy() {
	folder := filepath.Dir(x.To)
	entries, _ := os.ReadDir(folder)
	var removed []string
	for _, entry := range entries {
		name := entry.Name()
		jar := strings.TrimSuffix(strings.TrimSuffix(name, ".jar"), ".d") + ".jar" // what a folder is beside
		isFolder := strings.HasSuffix(name, ".d") || strings.Contains(name, ".d.")
		if entry.IsDir() != isFolder || !entry.IsDir() && !entry.Type().IsRegular() || jar == filepath.Base(x.To) || slices.Contains(x.Keep, jar) {
			continue
		}
		if ofRevision().MatchString(name) && os.RemoveAll(filepath.Join(folder, name)) == nil {
			removed = append(removed, name)
		}
		if ownFile().MatchString(name) {
			x.removeAbandoned(filepath.Join(folder, name))
		}
	}
	if removed != nil {
		x.say("Removed %s, which no revision needs any more.", strings.Join(removed, ", "))
	}
	if len(x.Command) > 0 {
		x.emptyWork()
		x.removePreviousWork()
	}
}

// removePreviousWork removes the folders of commands that an earlier version made on the
// volume, beside the topology's folder.
func (x *extraction) removePreviousWork() {
	folders, _ := filepath.Glob(filepath.Join(filepath.Dir(filepath.Dir(x.To)), "extracted-*"))
	for _, folder := range folders {
		info, err := os.Stat(folder)
		if err == nil && isOld(info, x.Timeout) {
			_ = os.RemoveAll(folder)
		}
	}
}

// removeAbandoned removes a dead pod's own file. A live pod writes to its file all
// the time, and ends at its own limit.
func (x *extraction) removeAbandoned(path string) {
	info, err := os.Stat(path)
	if err == nil && isOld(info, x.Timeout) {
		_ = os.RemoveAll(path)
	}
}

// isOld says whether the pod that wrote a file or folder must be dead.
func isOld(info os.FileInfo, timeout time.Duration) bool {
	return time.Since(info.ModTime()) > max(abandonedAfter, 2*timeout)
}

func (x *extraction) emptyWork() {
	entries, _ := os.ReadDir(x.Work)
	for _, entry := range entries {
		_ = os.RemoveAll(filepath.Join(x.Work, entry.Name()))
	}
}
