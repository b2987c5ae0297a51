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
	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// mounted finds the JAR in a mounted image and checks all of it: nothing has checked
// it yet, and an image volume can be empty.
func (s Submit) mounted(ctx context.Context, sub storm.Submission) (checkedJar, *problem.Problem) {
	image := sub.Mounted
	root := strings.TrimSuffix(image.Root, "/")
	f := finder{from: filepath.Join(root, image.Path), class: sub.MainClass, image: fmt.Sprintf("image %q", image.Image), mounted: true, root: root, say: s.say}
	var path string
	failed := f.isMounted()
	if failed == nil {
		path, failed = f.find(ctx)
	}
	checked := checkedJar{path: f.real(path)}
	if failed == nil {
		want := wanted{path: strings.TrimPrefix(path, root), image: f.image, sha256: image.SHA256, mainClass: sub.MainClass, dependencies: len(image.Dependencies) > 0}
		failed = s.checkMounted(ctx, f, &checked, want)
	}
	if failed == nil {
		checked.beside, failed = s.besideMounted(ctx, f, image, path)
		checked.facts = checked.beside.noted(checked.facts)
	}
	if failed != nil {
		// Messages have paths of the image, as in the spec, and not of the mount.
		failed.Message = strings.ReplaceAll(failed.Message, root+"/", "/")
		return checkedJar{}, failed
	}
	return checked, nil
}

// isMounted says whether the image is there at all. Some container runtimes accept an image
// volume and mount an empty folder: then nothing that is said of the image would be true.
func (f finder) isMounted() *problem.Problem {
	entries, err := os.ReadDir(f.root)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil // its paths may be readable all the same
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return problem.New(v1beta1.ExtractionFailed, "The mounted %s cannot be read: %v. Check the node's disk.", f.image, withoutPath(err))
	case len(entries) == 0:
		return problem.New(v1beta1.ImageVolumeUnsupported, "%s is mounted as an empty folder: this node's container runtime does not mount images, or the image has no files. Set spec.topology.jar.container.extractionMode to copy or init-container, or choose other nodes (spec.template.nodeSelector).", text.Capital(f.image))
	}
	return nil
}

func (s Submit) checkMounted(ctx context.Context, f finder, checked *checkedJar, want wanted) (failed *problem.Problem) {
	file, err := os.Open(checked.path)
	if errors.Is(err, fs.ErrPermission) {
		return f.unreadable(want.path)
	} else if err != nil {
		return problem.New(v1beta1.ExtractionFailed, "File %s of %s cannot be opened: %v. Check the node's disk.", want.path, want.image, withoutPath(err))
	}
	defer func() { _ = file.Close() }()
	if checked.facts, err = factsOf(ctx, file, want.path); err != nil {
		return problem.New(v1beta1.ExtractionFailed, "File %s of %s cannot be read: %v. Check the node's disk.", want.path, want.image, withoutPath(err))
	}
	if checked.found, failed = want.check(ctx, file, checked.facts); failed != nil {
		return failed
	}
	s.say("%s of %s: %s, %s.", want.path, want.image, exactSize(checked.facts.Size), want.passed(checked.found))
	s.say("sha256 %s", checked.facts.SHA256)
	return nil
}

// besideMounted finds what else main needs of the image, and checks all of it.
func (s Submit) besideMounted(ctx context.Context, f finder, image *storm.MountedImage, jar string) (beside, *problem.Problem) {
	found, failed := f.beside(image.Dependencies, image.Files, jar)
	if failed != nil {
		return beside{}, failed
	}
	for i := range found.Dependencies {
		if failed := s.checkMountedDependency(ctx, f, found.Dependencies[i]); failed != nil {
			return beside{}, failed
		}
	}
	return found, nil
}

func (s Submit) checkMountedDependency(ctx context.Context, f finder, p piece) *problem.Problem {
	file, err := os.Open(p.at)
	if errors.Is(err, fs.ErrPermission) {
		return f.unreadable(p.at)
	} else if err != nil {
		return problem.New(v1beta1.ExtractionFailed, "%s cannot be opened: %v. Check the node's disk.", p.inImage(f.image), withoutPath(err))
	}
	defer func() { _ = file.Close() }()
	found, failed := checkDependency(ctx, file, p, f.image)
	if failed == nil {
		s.say("Dependency %s: %s, all %d entries are intact.", p.Path, readableSize(p.Size), found.Entries)
	}
	return failed
}
