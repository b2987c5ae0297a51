package inpod

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// Extract are the arguments of `stormhooks jar extract`.
type Extract struct {
	// From is the JAR's path in the image, or a glob that matches exactly one.
	From string
	// To is the file on the volume; its name is the JAR revision's.
	To        string
	MainClass string
	// SHA256 is the required checksum in hexadecimal; empty accepts any.
	SHA256 string
	// Dependencies and Files are globs of what else is copied.
	Dependencies, Files []string
	// Keep are file names in To's folder that are not removed.
	Keep []string
	// Timeout is the limit of the whole extraction.
	Timeout time.Duration
	// Image is its name in messages; empty is "the image".
	Image string
	// Command is the user's. It runs first, and leaves the JAR in Work.
	Command []string
	Work    string
	// Variables are the names of those in the environment that replace $(NAME) in Command.
	Variables []string
	// TerminationLog is the termination message file.
	TerminationLog string
	// Log is written for a person.
	Log io.Writer

	// root is where the search for other JARs ends; "/" except in tests.
	root string
}

// errTimeout is the cause of a context that ended by Timeout, unlike one that ended
// by SIGTERM.
var errTimeout = errors.New("took too long")

// Run copies the JAR, checks the copy, and renames it: To is either absent or
// complete. Its error is a *problem.Problem, which is also the termination message.
func (e Extract) Run(ctx context.Context) error {
	if e.Timeout <= 0 || e.From == "" || e.To == "" || e.MainClass == "" {
		return errors.New("an extraction needs --from, --to, --main-class and a --timeout above 0")
	}
	ctx, cancel := context.WithTimeoutCause(ctx, e.Timeout, errTimeout)
	defer cancel()
	x := &extraction{Extract: e}
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
	// A read or write on a volume that hangs cannot be cancelled. After a moment the
	// termination message is written without it.
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		return end(e.TerminationLog, termination.Facts{}, x.stopped(ctx))
	}
	return end(e.TerminationLog, facts, failed)
}

// extraction is an Extract in progress.
type extraction struct {
	Extract
	doing atomic.Pointer[string]
}

// phase says what is being done, for the message if the extraction is stopped.
func (x *extraction) phase(doing string) { x.doing.Store(&doing) }

// stopped is the problem of a context that has ended.
func (x *extraction) stopped(ctx context.Context) *problem.Problem {
	doing := *x.doing.Load()
	if errors.Is(context.Cause(ctx), errTimeout) {
		return problem.New(v1beta1.ExtractionTimedOut, "%s was not finished within %s. Check whether the node's disk or the volume is slow or overloaded. The log says how far the extraction got.",
			text.Capital(doing), x.Timeout)
	}
	return problem.New(v1beta1.PodLost, "The pod was told to stop before %s was finished: it was deleted or evicted, or its node is shutting down. The extraction will be retried.", doing)
}

func (x *extraction) say(format string, args ...any) {
	writeLine(x.Log, fmt.Sprintf(format, args...))
}

// image is the image's name in a message.
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
	from, failed := x.finder().find(ctx)
	if failed != nil {
		return termination.Facts{}, failed
	}
	var found beside
	if x.hasBeside() {
		x.phase("looking for dependencies and files")
		if found, failed = x.finder().beside(x.Dependencies, x.Files, from); failed == nil {
			found, failed = x.copyBeside(ctx, found, from)
		}
		if failed != nil {
			return termination.Facts{}, failed
		}
	}
	facts, failed := x.copyChecked(ctx, from)
	if failed != nil {
		return facts, failed
	}
	x.tidy()
	return found.noted(facts), nil
}

// already says whether To is complete and as required: an extraction that runs
// again finds what the previous one copied.
func (x *extraction) already(ctx context.Context) (termination.Facts, bool) {
	x.phase("checking " + x.To)
	file, err := os.Open(x.To)
	if err != nil {
		return termination.Facts{}, false
	}
	defer func() { _ = file.Close() }()
	facts, err := factsOf(ctx, file, x.From)
	if err != nil {
		return termination.Facts{}, false
	}
	found, failed := x.wanted(x.From).check(ctx, file, facts)
	if failed != nil {
		return termination.Facts{}, false // it is copied and checked again, and that says what is wrong
	}
	more, complete := x.alreadyBeside(ctx)
	if !complete {
		return termination.Facts{}, false
	}
	x.say("%s of %s is already on the volume, as %s: %s, and all %d entries are intact.",
		x.From, x.image(), filepath.Base(x.To), exactSize(facts.Size), found.Entries)
	x.say("sha256 %s", facts.SHA256)
	return more.noted(facts), true
}

// finder finds the JAR in the image of this container.
func (x *extraction) finder() finder {
	f := finder{from: x.From, class: x.MainClass, image: x.image(), root: cmp.Or(x.root, "/"), skip: filepath.Dir(x.To), say: x.say}
	if len(x.Command) > 0 {
		f.work = x.Work
	}
	return f
}

// wanted is what the JAR at a path must have.
func (x *extraction) wanted(path string) wanted {
	return wanted{path: path, image: x.image(), sha256: x.SHA256, mainClass: x.MainClass, dependencies: len(x.Dependencies) > 0}
}
