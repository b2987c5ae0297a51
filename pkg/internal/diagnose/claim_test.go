package diagnose

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

func TestClaim(t *testing.T) {
	tests := map[string]struct {
		reason string
		claim  *corev1.PersistentVolumeClaim
		want   kind
		says   string
	}{
		"none":    {"nothing is known of it", nil, none, ""},
		"bound":   {"it can be used", claimIn(corev1.ClaimBound), none, ""},
		"pending": {"many classes wait for a pod", claimIn(corev1.ClaimPending), none, ""},
		"pending, no class": {"nothing creates a volume without one", claimIn(corev1.ClaimPending, func(c *corev1.PersistentVolumeClaim) { c.Spec.StorageClassName = nil }),
			waitingFor(v1beta1.VolumePending), "has no StorageClass"},
		"pending, empty class": {"only a volume that was created by hand fits", claimIn(corev1.ClaimPending, func(c *corev1.PersistentVolumeClaim) { c.Spec.StorageClassName = new("") }),
			waitingFor(v1beta1.VolumePending), "create a matching PersistentVolume"},
		"pending, volume named": {"it is being bound by hand", claimIn(corev1.ClaimPending, func(c *corev1.PersistentVolumeClaim) {
			c.Spec.StorageClassName, c.Spec.VolumeName = new(""), "pv"
		}), none, ""},
		"lost": {"its volume was deleted", claimIn(corev1.ClaimLost, func(c *corev1.PersistentVolumeClaim) { c.Spec.VolumeName = "pv" }),
			waitingFor(v1beta1.VolumePending), `has lost its volume "pv"`},
		"terminating": {"completed pods hold it", claimIn(corev1.ClaimBound, func(c *corev1.PersistentVolumeClaim) { c.DeletionTimestamp = &metav1.Time{Time: began} }),
			waitingFor(v1beta1.VolumePending), "is being deleted"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			problem := Claim(test.claim, about)
			if diff := cmp.Diff(test.want, kindOf(problem)); diff != "" {
				t.Errorf("%s (-want +got)\n%s", test.reason, diff)
			}
			if text := valueOf(problem).Text(); !strings.Contains(text, test.says) {
				t.Errorf("%q is not in %q", test.says, text)
			}
		})
	}
}

func TestAbsent(t *testing.T) {
	tests := map[string]struct {
		reason    string
		requested time.Time
		after     time.Duration
		want      kind
	}{
		"never requested":         {"nothing was requested", time.Time{}, late, none},
		"just requested":          {"the caches lag", began, soon, none},
		"requested 10 s ago":      {"rejected, or the name is taken", began, RefusedAfter, waitingFor(v1beta1.ChildRefused)},
		"requested in the future": {"a clock was set back", began.Add(late), soon, none},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			problem := Absent("Job", "topology-submit-wc", about, test.requested, began.Add(test.after))
			if diff := cmp.Diff(test.want, kindOf(problem)); diff != "" {
				t.Errorf("%s (-want +got)\n%s", test.reason, diff)
			}
		})
	}
	for kind, says := range map[string]struct{ required, holders string }{
		"PersistentVolumeClaim": {"If they require labels, set spec.template.labels.", " and the pods under Used By"},
		"Pod":                   {"If they require resources, set spec.topology.jar.container.resources and spec.template.resources; if they require labels, spec.template.labels.", ""},
	} {
		problem := Absent(kind, "topology-wc", about, began, began.Add(late))
		want := kind + ` "topology-wc" was not created: Kubernetes rejected it, or another one has this name. ` +
			`If rejected, see: kubectl describe stormtopology wc -n storm-system. ` + says.required +
			` If kubectl describe ` + strings.ToLower(kind) + ` topology-wc -n storm-system shows one that you do not need, delete it` + says.holders + `.`
		if diff := cmp.Diff(want, problem.Text()); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}
