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

// wanted is what a JAR must be.
type wanted struct {
	// path and image name it in messages.
	path, image string
	// sha256 is in hexadecimal; empty is any.
	sha256, mainClass string
}

// check holds a JAR whose sum and size are known against what is wanted.
func (w wanted) check(ctx context.Context, file *os.File, facts termination.Facts) (jar.Found, *problem.Problem) {
	if w.sha256 != "" && !strings.EqualFold(w.sha256, facts.SHA256) {
		return jar.Found{}, problem.New(v1beta1.ChecksumMismatch, "%s of %s has the sha256 %s, and spec.topology.jar.container.checksum.sha256 wants %s. If the image is the right one, set it to the former.",
			w.path, w.image, facts.SHA256, strings.ToLower(w.sha256))
	}
	return jar.Check(ctx, file, facts.Size, jar.Wanted{Of: w.path + " of " + w.image, MainClass: w.mainClass})
}

// passed says what a check has found out, for a log.
func (w wanted) passed(found jar.Found) string {
	return fmt.Sprintf("all %d entries are whole, the main class %s is there, and Storm itself is not bundled", found.Entries, w.mainClass)
}

// factsOf reads a file to its end.
func factsOf(ctx context.Context, file *os.File, path string) (termination.Facts, error) {
	sum := sha256.New()
	length, err := io.Copy(sum, withContext(ctx, file))
	return termination.Facts{SHA256: hex.EncodeToString(sum.Sum(nil)), Size: length, Path: path}, err
}

// withContext ends reading when ctx does.
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
