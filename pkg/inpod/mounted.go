package inpod

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// mounted finds the JAR in an image that is mounted, and checks all of it: nothing
// has done so before, and an image volume can be mounted empty.
func (s Submit) mounted(ctx context.Context, sub storm.Submission) (string, termination.Facts, *problem.Problem) {
	image := sub.Mounted
	x := &extraction{Extraction: Extraction{
		From: filepath.Join(image.Root, image.Path), Image: image.Image, MainClass: sub.MainClass, Log: s.Log, root: image.Root,
	}}
	path, failed := x.find(ctx)
	if failed == nil {
		var facts termination.Facts
		if facts, failed = s.checkMounted(ctx, path, sub); failed == nil {
			return path, facts, nil
		}
	}
	// Paths as the image and the spec have them, not as they are mounted.
	failed.Message = strings.ReplaceAll(failed.Message, strings.TrimSuffix(image.Root, "/")+"/", "/")
	return "", termination.Facts{}, failed
}

func (s Submit) checkMounted(ctx context.Context, path string, sub storm.Submission) (termination.Facts, *problem.Problem) {
	image := sub.Mounted
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrPermission) {
		x := &extraction{Extraction: Extraction{Image: image.Image, root: image.Root}}
		return termination.Facts{}, x.unreadable(path)
	} else if err != nil {
		return termination.Facts{}, problem.New(v1beta1.ExtractionFailed, "%s of image %q cannot be opened: %v. See whether the node's disk is in order.", path, image.Image, err)
	}
	defer func() { _ = file.Close() }()
	sum := sha256.New()
	length, err := io.Copy(sum, withContext(ctx, file))
	if err != nil {
		return termination.Facts{}, problem.New(v1beta1.ExtractionFailed, "%s of image %q cannot be read: %v. See whether the node's disk is in order.", path, image.Image, withoutPath(err))
	}
	facts := termination.Facts{SHA256: hex.EncodeToString(sum.Sum(nil)), Size: length, Path: strings.TrimPrefix(path, strings.TrimSuffix(image.Root, "/"))}
	if image.SHA256 != "" && !strings.EqualFold(image.SHA256, facts.SHA256) {
		return facts, mismatch(facts.Path, fmt.Sprintf("image %q", image.Image), facts.SHA256, image.SHA256)
	}
	found, failed := jar.Check(ctx, file, length, jar.Wanted{Of: fmt.Sprintf("%s of image %q", facts.Path, image.Image), MainClass: sub.MainClass})
	if failed != nil {
		return facts, failed
	}
	s.say("%s of image %q: %s, all %d entries are whole, the main class %s is there, and Storm itself is not bundled.",
		facts.Path, image.Image, exactSize(length), found.Entries, sub.MainClass)
	s.say("sha256 %s", facts.SHA256)
	return facts, nil
}
