package inpod

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/jar"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
)

// wanted is what a JAR must have.
type wanted struct {
	// path and image are its names in messages.
	path, image string
	// sha256 is in hexadecimal; empty accepts any.
	sha256, mainClass string
	// dependencies: others are taken along.
	dependencies bool
}

// check checks a JAR whose checksum and size are known.
func (w wanted) check(ctx context.Context, file *os.File, facts termination.Facts) (jar.Found, *problem.Problem) {
	if w.sha256 != "" && !strings.EqualFold(w.sha256, facts.SHA256) {
		return jar.Found{}, problem.New(v1beta1.ChecksumMismatch, "File %s of %s has the sha256 %s, but spec.topology.jar.container.checksum.sha256 is %s. Use the right image, or set the field to the sha256 of the file.",
			w.path, w.image, facts.SHA256, strings.ToLower(w.sha256))
	}
	return jar.Check(ctx, file, facts.Size, jar.Wanted{Of: "File " + w.path + " of " + w.image, MainClass: w.mainClass, HasDependencies: w.dependencies})
}

// passed says what a check has found, for a log.
func (w wanted) passed(found jar.Found) string {
	if found.Lacks != "" {
		return fmt.Sprintf("all %d entries are intact. It has no class %s, which Storm's image may have", found.Entries, w.mainClass)
	}
	return fmt.Sprintf("all %d entries are intact, and the main class %s exists", found.Entries, w.mainClass)
}

// factsOf reads a file to its end.
func factsOf(ctx context.Context, file io.Reader, path string) (termination.Facts, error) {
	sum := sha256.New()
	length, err := io.Copy(sum, withContext(ctx, file))
	return termination.Facts{SHA256: hex.EncodeToString(sum.Sum(nil)), Size: length, Path: path}, err
}

// withContext is a reader that stops when ctx ends.
func withContext(ctx context.Context, r io.Reader) io.Reader {
	return readerFunc(func(p []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return r.Read(p)
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
