package inpod

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/problem"
	"github.com/stormhooks/stormhooks/pkg/internal/termination"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// mounted finds the JAR in a mounted image and checks all of it: nothing has checked
// it yet, and an image volume can be empty.
func (s Submit) mounted(ctx context.Context, sub storm.Submission) (string, termination.Facts, *problem.Problem) {
	image := sub.Mounted
	root := strings.TrimSuffix(image.Root, "/")
	f := finder{from: filepath.Join(root, image.Path), image: fmt.Sprintf("image %q", image.Image), mounted: true, root: root, say: s.say}
	path, failed := f.find(ctx)
	var facts termination.Facts
	if failed == nil {
		want := wanted{path: strings.TrimPrefix(path, root), image: f.image, sha256: image.SHA256, mainClass: sub.MainClass}
		facts, failed = s.checkMounted(ctx, f, path, want)
	}
	if failed != nil {
		// Messages have paths of the image, as in the spec, and not of the mount.
		failed.Message = strings.ReplaceAll(failed.Message, root+"/", "/")
		return "", termination.Facts{}, failed
	}
	return path, facts, nil
}

func (s Submit) checkMounted(ctx context.Context, f finder, path string, want wanted) (termination.Facts, *problem.Problem) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrPermission) {
		return termination.Facts{}, f.unreadable(path)
	} else if err != nil {
		return termination.Facts{}, problem.New(v1beta1.ExtractionFailed, "File %s of %s cannot be opened: %v. Check the node's disk.", path, want.image, err)
	}
	defer func() { _ = file.Close() }()
	facts, err := factsOf(ctx, file, want.path)
	if err != nil {
		return facts, problem.New(v1beta1.ExtractionFailed, "File %s of %s cannot be read: %v. Check the node's disk.", path, want.image, withoutPath(err))
	}
	found, failed := want.check(ctx, file, facts)
	if failed != nil {
		return facts, failed
	}
	s.say("%s of %s: %s, %s.", want.path, want.image, exactSize(facts.Size), want.passed(found))
	s.say("sha256 %s", facts.SHA256)
	return facts, nil
}
