package diagnose

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	images "github.com/stormhooks/stormhooks/pkg/internal/image"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// imageProblem is an image that the kubelet cannot get. The reasons are in
// k8s.io/kubernetes 1.37, pkg/kubelet/images/types.go. ErrImagePull and
// ImagePullBackOff alternate and are one problem.
func imageProblem(v view) *Problem {
	for _, c := range v.containers {
		_, text := c.waits()
		image, field := v.imageOf(c, text)
		if problem := v.notUsable(c, image, field); problem != nil {
			problem.Helper = field == v.about.imageField(children.HelperContainer)
			return problem
		}
	}
	return nil
}

// notUsable is the problem of an image that is set in a field; nil for a container that
// does not wait for it.
func (v view) notUsable(c container, image, field string) *Problem {
	switch reason, text := c.waits(); reason {
	case "ErrImagePull", "ImagePullBackOff", "RegistryUnavailable", "SignatureValidationFailed":
		return v.notPulled(image, field, text)
	case "InvalidImageName":
		reason := v1beta1.ImageNotFound
		if field == fieldImage {
			reason = v1beta1.InvalidSpec // of the StormTopology
		}
		if problem := images.Problem(image); problem != "" {
			return report(reason, "%s %s", field, problem)
		}
		return report(reason, "%s is not a valid image reference. Correct %s.", quote(image), field)
	case "ErrImageNeverPull":
		if field != fieldImage {
			return report(v1beta1.ImageNotFound,
				"Image %s of container %s is not on the node, and its pull policy is Never. Load it onto the node.", quote(image), quote(c.name))
		}
		return report(v1beta1.ImageNotFound,
			"Image %s is not on the node, and its pull policy is Never (%s). Load it onto the node, or change the pull policy.", quote(image), fieldPullPolicy)
	case "ImageInspectError":
		return report(v1beta1.ImagePullFailed,
			"The node cannot read its copy of image %s: %s. Remove the image from the node. See: %s", quote(image), v.steady(text), v.look())
	}
	return nil
}

// imageOf is the image that a container waits for, and where it is set. A container
// also waits for the images of the volumes that it mounts: only the text names them. One
// name can be the beginning of another, so the longest counts.
func (v view) imageOf(c container, text string) (image, field string) {
	image, field = c.image, v.about.imageField(c.name)
	longest := ""
	for _, volume := range v.pod.Spec.Volumes {
		if volume.Image == nil || volume.Image.Reference == c.image || len(volume.Image.Reference) <= len(longest) || !strings.Contains(text, volume.Image.Reference) {
			continue
		}
		longest = volume.Image.Reference
		image, field = longest, fieldImage
		if volume.Name == children.HelperVolume {
			field = v.about.imageField(children.HelperContainer)
		}
	}
	return image, field
}

// pullCauses translate the texts of registries and containerd into words that do not
// change while the problem stays. The first that matches is the cause. "not found" is
// the last, since texts of other problems end with it.
var pullCauses = []struct {
	kind pullKind
	says string
	// fix is for pullOther: every other kind has one fix for all of its causes.
	fix   string
	words []string
}{
	{pullDenied, "401 Unauthorized", "", []string{"401 unauthorized"}},
	{pullDenied, "403 Forbidden", "", []string{"403 forbidden"}},
	{pullOther, "the registry limits the rate of pulls (429)", "Wait, log in (" + fieldPullSecrets + "), or use a mirror.",
		[]string{"429 too many requests", "toomanyrequests"}},
	{pullOther, "it is not built for the node's processor", "Build it for that processor, or choose other nodes (" + fieldTemplate + ".nodeSelector).",
		[]string{"no match for platform", "no matching manifest for"}},
	{pullOther, "the node has no disk space left", "Free disk space on the node.", []string{"no space left on device"}},
	{pullOther, "", "Check the disk and the container runtime of the node.", []string{"failed to extract layer", "content digest "}},
	{pullOther, "its signature is rejected", "Sign it, or change the node's policy for signatures.", []string{"signature validation failed"}},
	{pullUnreachable, "its certificate is not trusted", "", []string{"x509:", "tls: failed to verify"}},
	{pullUnreachable, "it does not speak HTTPS", "", []string{"server gave http response to https client"}},
	{pullUnreachable, "its host name is not known", "", []string{"no such host", "server misbehaving"}},
	{pullUnreachable, "connection refused", "", []string{"connection refused"}},
	{pullUnreachable, "no route to it", "", []string{"no route to host", "network is unreachable"}},
	{pullUnreachable, "connection reset", "", []string{"connection reset by peer", "unexpected eof", "broken pipe"}},
	{pullUnreachable, "it does not answer in time", "", []string{"i/o timeout", "timeout", "deadline exceeded"}},
	{pullUnreachable, "it answers with an error", "", []string{"500 internal", "502 bad gateway", "503 service", "504 gateway", "registry is unavailable"}},
	{pullDenied, "access denied, or the image does not exist", "", []string{"pull access denied", "insufficient_scope", "authorization failed",
		"unauthorized", "authentication required", "no basic auth credentials", "access denied", "denied:"}},
	{pullAbsent, "", "", []string{"manifest unknown", "name unknown", "404 not found", "not found"}},
}

type pullKind int

const (
	pullOther pullKind = iota
	pullDenied
	pullUnreachable
	pullAbsent
)

// notPulled says why an image cannot be pulled.
func (v view) notPulled(image, field, text string) *Problem {
	kind, says, fix := v.pullCause(text)
	switch kind {
	case pullDenied:
		problem := report(v1beta1.ImagePullFailed, "Image %s cannot be pulled: %s. %s", quote(image), says, v.credentials(field))
		// Kubernetes adds the secrets of a service account when it creates a pod.
		problem.Stale = len(v.about.PullSecrets) == 0
		return problem
	case pullAbsent:
		return report(v1beta1.ImageNotFound, "Image %s was not found in its registry. Push it, or correct %s.", quote(image), field)
	case pullUnreachable:
		return report(v1beta1.ImagePullFailed,
			"Image %s cannot be pulled: its registry is not usable (%s). Check the registry and the node's network path to it.", quote(image), says)
	}
	if fix == "" {
		fix = fmt.Sprintf("Check %s. See: %s", field, v.look())
	}
	return report(v1beta1.ImagePullFailed, "Image %s cannot be pulled: %s. %s", quote(image), says, fix)
}

func (v view) pullCause(text string) (kind pullKind, says, fix string) {
	lower := strings.ToLower(text)
	for _, cause := range pullCauses {
		for _, word := range cause.words {
			if strings.Contains(lower, word) {
				return cause.kind, cmp.Or(cause.says, v.pullText(text)), cause.fix
			}
		}
	}
	return pullOther, v.pullText(text), ""
}

// pullText removes the beginning of a text whose cause is unknown:
// `Back-off pulling image "x": ErrImagePull: rpc error: code = Unknown desc =
// failed to pull and unpack image "x": failed to resolve image: …`. The last part is
// containerd 2.3's; earlier versions write `failed to resolve reference "x": …`.
func (v view) pullText(text string) string {
	for _, wrap := range []string{"ErrImagePull: ", " desc = ", "failed to resolve reference ", "failed to resolve image: "} {
		if _, rest, ok := strings.Cut(text, wrap); ok {
			text = rest
		}
	}
	text = v.steady(text)
	if text == "" || strings.HasPrefix(text, "Back-off pulling image") {
		return "the node gives no reason"
	}
	return text
}

// credentials says which credentials to check: the pull secrets of the spec, else
// those that Kubernetes copied from the service account, else the service account
// without any. A missing secret looks like a wrong one.
func (v view) credentials(field string) string {
	if len(v.about.PullSecrets) > 0 {
		return "Check " + secrets(v.about.PullSecrets) + " (" + fieldPullSecrets + ")."
	}
	account := v.pod.Spec.ServiceAccountName
	if account == "" {
		account = "default"
	}
	var listed []string
	for _, secret := range v.pod.Spec.ImagePullSecrets {
		listed = append(listed, secret.Name)
	}
	if len(listed) > 0 {
		return "Check " + secrets(listed) + " of service account " + quote(account) + ", or " + field + "."
	}
	return "Add a pull secret to service account " + quote(account) + " (imagePullSecrets), set " + fieldPullSecrets + ", or check " + field + "."
}

func secrets(names []string) string {
	word := "secret "
	if len(names) > 1 {
		word = "secrets "
	}
	return word + text.Cut(text.Clean(strings.Join(names, ", ")), 200)
}
