package diagnose

import (
	"strings"
	"testing"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

func FuzzText(f *testing.F) {
	f.Add("read tcp 10.0.0.7:43210->10.0.0.9:5000: i/o timeout", 40)
	f.Add("ä\xff\n\tat x", 3)
	f.Fuzz(func(t *testing.T, said string, limit int) {
		limit &= 0xff
		for _, got := range []string{text.LastLines(said, limit), text.Cut(steady(said), limit)} {
			if len(got) > limit || !utf8.ValidString(got) || strings.ContainsAny(got, "\n\x00") {
				t.Errorf("%d bytes, limit %d: %q", len(got), limit, got)
			}
		}
	})
}

// What the kubelet, the scheduler and the runtime say again and again, with other
// numbers, is one problem with one text (Must 5).
func TestTextsOfKubernetesStandStill(t *testing.T) {
	moving := [][2]string{
		{"read tcp 10.0.0.7:43210->10.0.0.9:5000: i/o stalled", "read tcp 10.0.0.7:43999->10.0.0.8:5000: i/o stalled"},
		{"the mount is busy since 2031-07-19T13:47:53Z", "the mount is busy since 2031-07-19T13:48:53.5Z"},
		{"the disk has 17 MB left after 3 attempts", "the disk has 16.5 MB left after 12 attempts"},
		{"no answer within 10s from port 40123", "no answer within 1m20s from port 40999"},
		{"layer sha256:" + strings.Repeat("ab", 32) + " is torn", "layer sha256:" + strings.Repeat("cd", 32) + " is torn"},
		{"volume 0b1c2d3e-1111-2222-3333-444455556666 is busy", "volume 0b1c2d3e-1111-2222-3333-444455556667 is busy"},
		{"runc: pid 4711 is gone", "runc: pid 12 is gone"},
	}
	for _, reason := range []string{"ErrImagePull", "ImagePullBackOff", "RegistryUnavailable", "SignatureValidationFailed", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError",
		"CreateContainerConfigError", "CreateContainerError", "RunContainerError", "PreCreateHookError", "PreStartHookError", "PostStartHookError", "CrashLoopBackOff", "Unheard"} {
		for _, pair := range moving {
			var texts []string
			for _, said := range pair {
				pod := podOf(submitJob(), has(children.SubmitContainer, waits(reason, said)))
				if problem := Pod(&pod, about, began.Add(late)); problem != nil {
					texts = append(texts, problem.Text())
				}
			}
			if len(texts) == 2 && texts[0] != texts[1] {
				t.Errorf("%s:\n%s\n%s", reason, texts[0], texts[1])
			}
		}
	}
	for _, pair := range moving {
		var texts []string
		for _, said := range pair {
			for _, change := range []func(*corev1.Pod){
				notBound("Unschedulable", "0/3 nodes are available: 3 "+said+"."),
				func(pod *corev1.Pod) { pod.Status.Phase, pod.Status.Reason = corev1.PodFailed, said },
				has(children.SubmitContainer, ends("StartError", 128, said)),
			} {
				pod := podOf(submitJob(), change)
				if problem := Pod(&pod, about, began.Add(late)); problem != nil {
					texts = append(texts, problem.Text())
				}
			}
		}
		if len(texts) != 6 {
			t.Errorf("%d texts of 6: %q", len(texts), texts)
		}
		for i := range len(texts) / 2 {
			if texts[i] != texts[i+len(texts)/2] {
				t.Errorf("two texts:\n%s\n%s", texts[i], texts[i+len(texts)/2])
			}
		}
	}
}
