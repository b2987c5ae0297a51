package topology

import (
	"fmt"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
)

// HelperMount says how the helper gets into the pods of topologies. It takes effect for
// children that are created from now on: no child is created again for it (Must 7).
type HelperMount string

const (
	// HelperMountAuto mounts the helper image in mode image-volume, which needs a runtime
	// that mounts images anyway, and uses an init container in the other modes. The zero
	// value means the same.
	HelperMountAuto HelperMount = "auto"
	// HelperMountImageVolume mounts the helper image as a volume. The runtime of the nodes
	// must allow programs of mounted images to run: containerd 2.3 does. Kubernetes leaves
	// that to the runtime (KEP-4639, which advises runtimes to mount with noexec).
	HelperMountImageVolume HelperMount = "image-volume"
	// HelperMountInitContainer uses an init container of the helper image, which copies the
	// helper to a folder of the pod.
	HelperMountInitContainer HelperMount = "init-container"
)

// ParseHelperMount reads one of the three values. Any other text is an error that lists
// them.
func ParseHelperMount(text string) (HelperMount, error) {
	switch mount := HelperMount(text); mount {
	case HelperMountAuto, HelperMountImageVolume, HelperMountInitContainer:
		return mount, nil
	}
	return "", fmt.Errorf("%q is not one of %s, %s and %s", text, HelperMountAuto, HelperMountImageVolume, HelperMountInitContainer)
}

// of is how a child of that mode gets the helper of that image.
func (m HelperMount) of(image string, mode v1beta1.ExtractionMode) children.Helper {
	mounted := m == HelperMountImageVolume || m != HelperMountInitContainer && mode == v1beta1.ExtractionVolume
	return children.Helper{Image: image, Mounted: mounted}
}
