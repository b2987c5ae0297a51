package diagnose

import (
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
)

// helperNotStarted is a container that could not be started since its pod does not get the
// helper: its image is for another processor, or, where it is mounted as a volume, the
// runtime of the node cannot mount it, or mounts it in a way that no program of it can
// run. nil for any other cause.
func (v view) helperNotStarted(c container, said string) *Problem {
	helper := children.HelperOf(&v.pod.Spec)
	mounted := helper.Mounted && runsHelper(c.name)
	switch {
	case mounted && mountFailed(said) && (v.mounts(c) == "" || strings.Contains(said, helper.Image)):
		return report(v1beta1.ImageVolumeUnsupported,
			"The node's container runtime cannot mount helper image %s: %s. Set the hook server's %s to init-container.",
			quote(helper.Image), v.startText(said), flagHelperMount)
	case mounted && mayNotRun(said):
		return report(v1beta1.ImageVolumeUnsupported,
			"Helper image %s is mounted noexec by the node's container runtime, or its file /stormhooks is not executable: %s. Set the hook server's %s to init-container.",
			quote(helper.Image), v.startText(said), flagHelperMount)
	case mounted && notThere(said):
		return report(v1beta1.ImageVolumeUnsupported,
			"Helper image %s is mounted without /stormhooks: the node's container runtime mounts an empty folder, or the image lacks that file. Set the hook server's %s to init-container, or its %s to an image of Stormhooks.",
			quote(helper.Image), flagHelperMount, flagHelperImage)
	case (mounted || c.name == children.HelperContainer) && isProgramOf(said):
		return report(v1beta1.ContainerFailed,
			"The helper of %s could not be started: %s. Set %s of the hook server to an image of Stormhooks for the node's processor; it is %s.",
			v.home(), v.startText(said), flagHelperImage, quote(helper.Image))
	}
	return nil
}

// isProgramOf says whether a start failed at a program of the helper image, in the words of
// runc and containerd.
func isProgramOf(said string) bool {
	return containsOne(said, []string{"exec format error", "executable file not found", "no command specified", `exec: "/`})
}

// mayNotRun says whether a start failed since the helper's file may not be executed, in the
// words of runc (`exec: "/stormhooks/bin/stormhooks": permission denied`) and of crun
// (`open executable: Permission denied`). On a mount with noexec the kernel answers so
// (fs/namei.c and fs/exec.c of Linux, path_noexec).
func mayNotRun(said string) bool {
	return strings.Contains(strings.ToLower(said), "permission denied") &&
		(strings.Contains(said, children.HelperPath) || strings.Contains(said, "open executable"))
}

// notThere says whether a start failed since the helper's file does not exist, in the words
// of runc (`exec: "…": stat …: no such file or directory`) and of crun (`executable file
// … not found`).
func notThere(said string) bool {
	return strings.Contains(said, children.HelperPath) && containsOne(said, []string{"no such file or directory", "not found"})
}
