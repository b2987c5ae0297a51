package jar

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
)

// Limits of a JAR. Nimbus and the supervisors unpack it, too.
const (
	maxEntries  = 2_000_000
	maxUnpacked = 8 << 30
)

// Wanted is what a JAR must contain.
type Wanted struct {
	// Of names the JAR in messages: `/app/a.jar of image "x"`.
	Of string
	// MainClass is the class as Java writes it: a.b.C, a.b.C$D.
	MainClass string
	// HasDependencies: other JARs are taken along with it.
	HasDependencies bool
	// Dependency: it is one of the JARs beside the topology's, and needs no main class.
	Dependency bool
}

// Found is what a valid JAR contains.
type Found struct {
	Entries int
	// Unpacked is the size of all entries.
	Unpacked int64
	// Lacks is empty if the JAR has the main class. Otherwise Storm's image may have it, and
	// Lacks says what to do if it does not.
	Lacks string
	// Likely: Lacks names classes of the JAR that may be meant.
	Likely bool
	// Remarks are on what Storm accepts, and what may not be intended.
	Remarks []string
	// Inner is a remark on JARs in the JAR, for when Java does not find a class; or empty.
	Inner string
	// Stale is the remark on a signature that does not match, or empty.
	Stale string
}

// Check reads all of a JAR: its directory, and every entry with its checksum. It reads
// the directory first, so that a JAR that claims to be too large is refused before
// anything is unpacked. It ends early, with ExtractionTimedOut, when ctx ends.
func Check(ctx context.Context, r io.ReaderAt, size int64, want Wanted) (Found, *problem.Problem) {
	if found, failed := Glance(ctx, r, size, want); failed != nil {
		return found, failed
	}
	return check(ctx, jarFile{r, size}, want, startVerifiers(ctx, r))
}

// Glance reads the directory, and only the entries that it must understand: the manifest,
// signatures, and classes that may be meant by a main class that the JAR lacks.
func Glance(ctx context.Context, r io.ReaderAt, size int64, want Wanted) (Found, *problem.Problem) {
	return check(ctx, jarFile{r, size}, want, nothing{})
}

// jarFile is a JAR with its size.
type jarFile struct {
	io.ReaderAt
	size int64
}

// verifier checks the content of entries. end waits until all are checked, and returns
// what is wrong with the first wrong one.
type verifier interface {
	verify(directory, entry) error
	end() error
}

// nothing is a verifier that checks nothing.
type nothing struct{}

func (nothing) verify(directory, entry) error { return nil }
func (nothing) end() error                    { return nil }

// check walks over the entries, and waits until the verifier has checked each.
func check(ctx context.Context, jar jarFile, want Wanted, verifier verifier) (Found, *problem.Problem) {
	found, contents := Found{}, contentsFor(want.MainClass)
	err := walk(jar, func(dir directory, e entry) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		found.Entries++
		found.Unpacked += e.unpacked
		switch {
		case found.Entries > maxEntries:
			return invalid("it has more than %d entries", maxEntries)
		case found.Unpacked > maxUnpacked:
			return invalid("it unpacks to more than %d GiB", maxUnpacked>>30)
		}
		contents.add(dir, e)
		return verifier.verify(dir, e)
	})
	if broken := verifier.end(); broken != nil {
		err = broken // of an entry before the one that ended the walk
	}
	switch broken := (*invalidError)(nil); {
	case err == nil:
		contents.look(jar)
		contents.tell(want, &found)
		return found, contents.problem(want)
	case errors.As(err, &broken):
		return found, problem.New(v1beta1.JarInvalid, "%s is not a valid JAR: %s. Build the JAR and its image again, and check that the file is not cut off on the way.", want.Of, broken.text)
	case ctx.Err() != nil:
		return found, problem.New(v1beta1.ExtractionTimedOut, "%s could not be checked in time: %d entries were read. Check whether the node or the volume is overloaded.", want.Of, found.Entries)
	}
	return found, problem.New(v1beta1.ExtractionFailed, "%s cannot be read: %v. Check the node's disk and the volume.", want.Of, err)
}

// invalidError says what is wrong with the zip.
type invalidError struct{ text string }

func (e *invalidError) Error() string { return e.text }

func invalid(format string, args ...any) error {
	return &invalidError{fmt.Sprintf(format, args...)}
}
