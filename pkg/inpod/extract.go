package inpod

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/jar"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
)

// Extraction is what `stormhooks jar extract` is told.
type Extraction struct {
	// From is the JAR's path in the image, or a glob that matches exactly one.
	From string
	// To is the file on the volume; its name is the JAR revision's.
	To        string
	MainClass string
	// SHA256 is wanted in hexadecimal; empty is any.
	SHA256 string
	// Keep are file names in To's folder that are not removed.
	Keep []string
	// Timeout is for all of it.
	Timeout time.Duration
	// Image is named in messages; empty is "the image".
	Image string
	// Command is the user's own, run first; the JAR is then taken from Work.
	Command []string
	Work    string
	// TerminationLog takes the last words.
	TerminationLog string
	// Log is written for a person.
	Log io.Writer

	// root is where the search for other JARs ends; "/" but in tests.
	root string
}

// extractionHint is what a person can do about an extraction that takes long.
const extractionHint = "See whether the node's disk and the volume are slow or overloaded; the log says how far it came."

// Extract copies the JAR, checks the copy, and gives it its name: To is either
// absent or whole. Its error is a *problem.Problem, which is the termination message, too.
func Extract(ctx context.Context, e Extraction) error {
	if e.Timeout <= 0 || e.From == "" || e.To == "" || e.MainClass == "" {
		return errors.New("an extraction needs --from, --to, --main-class and a --timeout above 0")
	}
	ctx, cancel := withLimit(ctx, e.Timeout)
	defer cancel()
	x := &extraction{Extraction: e}
	x.phase("starting")
	done := make(chan struct{})
	var facts termination.Facts
	var failed *problem.Problem
	go func() {
		defer close(done)
		facts, failed = x.run(ctx)
	}()
	select {
	case <-done:
		return end(e.TerminationLog, facts, failed)
	case <-ctx.Done():
	}
	// A read or write on a volume that hangs cannot be called off: it gets a
	// moment, and then the words are said without it.
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		return end(e.TerminationLog, termination.Facts{}, x.stopped(ctx))
	}
	return end(e.TerminationLog, facts, failed)
}

// extraction is an Extraction under way.
type extraction struct {
	Extraction
	doing atomic.Pointer[string]
}

// phase is what is being done, for the message of an end that comes from outside.
func (x *extraction) phase(doing string) { x.doing.Store(&doing) }

func (x *extraction) stopped(ctx context.Context) *problem.Problem {
	return stopped(ctx, x.Timeout, v1beta1.ExtractionTimedOut, *x.doing.Load(), extractionHint)
}

func (x *extraction) say(format string, args ...any) {
	fmt.Fprintf(x.Log, format+"\n", args...)
}

// image names the image in a message.
func (x *extraction) image() string {
	if x.Image == "" {
		return "the image"
	}
	return fmt.Sprintf("image %q", x.Image)
}

// run is the whole extraction, in order.
func (x *extraction) run(ctx context.Context) (termination.Facts, *problem.Problem) {
	if facts, ok := x.already(ctx); ok {
		return facts, nil
	}
	if len(x.Command) > 0 {
		if failed := x.runCommand(ctx); failed != nil {
			return termination.Facts{}, failed
		}
	}
	x.phase("looking for " + x.From)
	from, failed := x.find(ctx)
	if failed != nil {
		return termination.Facts{}, failed
	}
	facts, failed := x.copyChecked(ctx, from)
	if failed != nil {
		return facts, failed
	}
	x.tidy()
	return facts, nil
}

// already says whether To is there, whole and as wanted: an extraction that is
// run again finds what the former copied.
func (x *extraction) already(ctx context.Context) (termination.Facts, bool) {
	x.phase("checking " + x.To)
	file, err := os.Open(x.To)
	if err != nil {
		return termination.Facts{}, false
	}
	defer func() { _ = file.Close() }()
	sum := sha256.New()
	length, err := io.Copy(sum, withContext(ctx, file))
	facts := termination.Facts{SHA256: hex.EncodeToString(sum.Sum(nil)), Size: length, Path: x.From}
	if err != nil || x.SHA256 != "" && !strings.EqualFold(facts.SHA256, x.SHA256) {
		return termination.Facts{}, false
	}
	found, failed := jar.Check(ctx, file, length, jar.Wanted{Of: x.To, MainClass: x.MainClass})
	if failed != nil {
		return termination.Facts{}, false // copied anew, and checked anew with the image's name for it
	}
	x.say("%s of %s has been copied before, as %s on the volume: %s, %d entries, all whole.",
		x.From, x.image(), filepath.Base(x.To), exactSize(length), found.Entries)
	x.say("sha256 %s", facts.SHA256)
	return facts, true
}
