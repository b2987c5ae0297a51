package manifests

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/e2e/pages"
)

// The component, in an overlay as docs/install.md shows it, selects the server's
// pods, and lets only Metacontroller's namespace in, at the server's own port.
// The network plugin enforces it.
func TestTheNetworkPolicyClosesTheServersPort(t *testing.T) {
	for _, beside := range []string{"install", "overlays/tls"} {
		folder := t.TempDir()
		text := strings.Replace(overlay(t, folder, "A NetworkPolicy"), "manifests/install\n", "manifests/"+beside+"\n", 1)
		if err := os.WriteFile(filepath.Join(folder, "kustomization.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		objects := build(t, folder)
		policy := decode[networkingv1.NetworkPolicy](t, objects, "NetworkPolicy/stormhooks")
		server := decode[appsv1.Deployment](t, objects, "Deployment/stormhooks")
		if policy.Namespace != server.Namespace {
			t.Errorf("%s: the policy is in %q, the server in %q", beside, policy.Namespace, server.Namespace)
		}
		selector, err := metav1.LabelSelectorAsSelector(&policy.Spec.PodSelector)
		if err != nil || !selector.Matches(labels.Set(server.Spec.Template.Labels)) {
			t.Errorf("%s: %s does not select the server's pods %v: %v", beside, selector, server.Spec.Template.Labels, err)
		}
		if diff := cmp.Diff([]networkingv1.PolicyType{networkingv1.PolicyTypeIngress}, policy.Spec.PolicyTypes); diff != "" {
			t.Errorf("%s: -want +got:\n%s", beside, diff)
		}
		if len(policy.Spec.Ingress) != 1 || len(policy.Spec.Ingress[0].From) != 1 || len(policy.Spec.Ingress[0].Ports) != 1 {
			t.Fatalf("%s: it lets in more than one: %v", beside, policy.Spec.Ingress)
		}
		in := policy.Spec.Ingress[0]
		want := networkingv1.NetworkPolicyPeer{NamespaceSelector: &metav1.LabelSelector{
			MatchLabels: map[string]string{"kubernetes.io/metadata.name": "metacontroller"},
		}}
		if diff := cmp.Diff(want, in.From[0]); diff != "" {
			t.Errorf("%s: who is let in, -want +got:\n%s", beside, diff)
		}
		if port := server.Spec.Template.Spec.Containers[0].Ports[0].Name; in.Ports[0].Port.String() != port {
			t.Errorf("%s: it opens port %s, the server listens at %s", beside, in.Ports[0].Port, port)
		}
	}
}

// The policy that docs/install.md shows for the pods of topologies selects the pods of
// every mode, and allows Nimbus's default port and DNS.
func TestThePolicyForTheTopologiesPods(t *testing.T) {
	policy := shownPolicy(t)
	selector, err := metav1.LabelSelectorAsSelector(&policy.Spec.PodSelector)
	if err != nil {
		t.Fatal(err)
	}
	bodies, err := filepath.Glob("../../pkg/internal/children/testdata/*.yaml")
	if err != nil || len(bodies) < 5 {
		t.Fatalf("found only the bodies %v (%v)", bodies, err)
	}
	for _, file := range bodies {
		pod := podLabels(t, file)
		if pod != nil && !selector.Matches(labels.Set(pod)) {
			t.Errorf("%s: %s does not select its pod with the labels %v", file, selector, pod)
		}
	}
	var ports []int
	for _, rule := range policy.Spec.Egress {
		for _, port := range rule.Ports {
			ports = append(ports, port.Port.IntValue())
		}
	}
	if diff := cmp.Diff([]int{6627, 53, 53}, ports); diff != "" {
		t.Errorf("ports, -want +got:\n%s", diff)
	}
}

// podLabels are the labels of the pod of a child, nil for a claim.
func podLabels(t *testing.T, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var child struct {
		Kind     string            `json:"kind"`
		Metadata metav1.ObjectMeta `json:"metadata"`
		Spec     struct {
			Template corev1.PodTemplateSpec `json:"template"`
		} `json:"spec"`
	}
	if err := yaml.Unmarshal(text, &child); err != nil {
		t.Fatal(err)
	}
	switch child.Kind {
	case "PersistentVolumeClaim":
		return nil
	case "Job":
		child.Metadata.Labels = child.Spec.Template.Labels
	}
	if len(child.Metadata.Labels) == 0 {
		t.Fatalf("%s: the pod has no labels", file)
	}
	return child.Metadata.Labels
}

func shownPolicy(t *testing.T) (policy networkingv1.NetworkPolicy) {
	t.Helper()
	blocks, err := pages.Read("../../docs/install.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range blocks {
		if strings.Contains(block.Mark, "TestThePolicyForTheTopologiesPods") {
			if err := yaml.UnmarshalStrict([]byte(block.Text), &policy); err != nil {
				t.Fatal(err)
			}
			return policy
		}
	}
	t.Fatal("docs/install.md shows no policy for the pods of topologies")
	return policy
}
