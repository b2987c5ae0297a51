package manifests

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	psa "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

const installFolder = "../../manifests/install"

// build is what kubectl apply -k would apply, by kind and name.
func build(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		t.Fatal(err)
	}
	objects := map[string][]byte{}
	for _, resource := range built.Resources() {
		text, err := resource.AsYAML()
		if err != nil {
			t.Fatal(err)
		}
		objects[resource.GetKind()+"/"+resource.GetName()] = text
	}
	return objects
}

func decode[T any](t *testing.T, objects map[string][]byte, name string) T {
	t.Helper()
	var object T
	if err := yaml.UnmarshalStrict(objects[name], &object); err != nil || objects[name] == nil {
		t.Fatalf("%s: %v\n%s", name, err, objects[name])
	}
	return object
}

func TestTheInstallIsWhole(t *testing.T) {
	objects := build(t, installFolder)
	for _, name := range []string{
		"Namespace/stormhooks-system",
		"CustomResourceDefinition/stormtopologies.storm.apache.org", "CustomResourceDefinition/stormclusters.storm.apache.org",
		"CompositeController/stormtopology", "CompositeController/stormcluster",
		"Deployment/stormhooks", "Service/stormhooks",
	} {
		if objects[name] == nil {
			t.Errorf("%s is missing", name)
		}
	}
	for name := range objects {
		for _, kind := range []string{"Role/", "ClusterRole/", "RoleBinding/", "ClusterRoleBinding/", "ServiceAccount/", "Secret/"} {
			if strings.HasPrefix(name, kind) {
				t.Errorf("%s: the server asks Kubernetes for nothing and needs no right", name)
			}
		}
	}
}

// The namespace enforces the restricted standard, so the server's pod has to
// keep to it, or it is refused.
func TestTheServerKeepsToRestricted(t *testing.T) {
	objects := build(t, installFolder)
	namespace := decode[corev1.Namespace](t, objects, "Namespace/stormhooks-system")
	if got := namespace.Labels[psa.EnforceLevelLabel]; got != "restricted" {
		t.Fatalf("the namespace enforces %q, want restricted", got)
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	pod := decode[appsv1.Deployment](t, objects, "Deployment/stormhooks").Spec.Template
	restricted := psa.LevelVersion{Level: psa.LevelRestricted, Version: psa.LatestVersion()}
	for _, result := range evaluator.EvaluatePod(restricted, &pod.ObjectMeta, &pod.Spec) {
		if !result.Allowed {
			t.Errorf("%s: %s", result.ForbiddenReason, result.ForbiddenDetail)
		}
	}
}

func TestTheServiceFindsTheServer(t *testing.T) {
	objects := build(t, installFolder)
	service := decode[corev1.Service](t, objects, "Service/stormhooks")
	pod := decode[appsv1.Deployment](t, objects, "Deployment/stormhooks").Spec.Template
	for key, value := range service.Spec.Selector {
		if pod.Labels[key] != value {
			t.Errorf("the Service selects %s=%s, the pod has %q", key, value, pod.Labels[key])
		}
	}
	target := service.Spec.Ports[0].TargetPort.String()
	if name := pod.Spec.Containers[0].Ports[0].Name; service.Spec.Ports[0].Port != 80 || target != name {
		t.Errorf("the Service has port %d to %s, want 80 to the container's port %s", service.Spec.Ports[0].Port, target, name)
	}
}

// No image is published, so a page installs with the image of the reader: it replaces the
// name that the manifests have, for the server and for the helper.
func TestTheInstallHasYourImage(t *testing.T) {
	piped := regexp.MustCompile(`kubectl kustomize (\S+) \| sed "s\|([^|]+)\|\$IMAGE\|" \| kubectl apply -f -`)
	for page, want := range map[string]int{"README.md": 1, "docs/install.md": 3, "docs/upgrade.md": 1} {
		text, err := os.ReadFile("../../" + page)
		if err != nil {
			t.Fatal(err)
		}
		if plain := regexp.MustCompile(`kubectl apply -k manifests/(?:install|overlays/(?:tls|production))\b`).FindString(string(text)); plain != "" {
			t.Errorf("%s shows %s, which installs an image that no registry has", page, plain)
		}
		shown := piped.FindAllStringSubmatch(string(text), -1)
		if len(shown) != want {
			t.Errorf("%s shows %d installs with $IMAGE, want %d", page, len(shown), want)
		}
		for _, install := range shown {
			container := decode[appsv1.Deployment](t, build(t, "../../"+install[1]), "Deployment/stormhooks").Spec.Template.Spec.Containers[0]
			if container.Image != install[2] || container.Env[0].Value != install[2] {
				t.Errorf("%s replaces %s, but %s has the image %s and the helper %s", page, install[2], install[1], container.Image, container.Env[0].Value)
			}
		}
	}
}

// The image is set in one place; the helper image that goes into topologies'
// pods has to follow it. The overlay is the one that docs/install.md shows.
func TestTheHelperImageFollowsTheImage(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "kustomization.yaml"), []byte(overlay(t, folder, "Another image or registry")), 0o644); err != nil {
		t.Fatal(err)
	}
	for folder, want := range map[string]string{
		installFolder: "stormhooks/stormhooks:v0.1.0",
		folder:        "registry.example.com/mirror/stormhooks:v0.1.0",
	} {
		container := decode[appsv1.Deployment](t, build(t, folder), "Deployment/stormhooks").Spec.Template.Spec.Containers[0]
		helper := fmt.Sprintf("%s=%s", container.Env[0].Name, container.Env[0].Value)
		if container.Image != want || helper != "STORMHOOKS_IMAGE="+want {
			t.Errorf("%s: image %s, helper %s, want both %s", folder, container.Image, helper, want)
		}
	}
}

// The overlay of docs/install.md gives the server its option, after those that it has.
func TestTheHelperMount(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "kustomization.yaml"), []byte(overlay(t, folder, "How pods get the helper")), 0o644); err != nil {
		t.Fatal(err)
	}
	args := func(folder string) []string {
		return decode[appsv1.Deployment](t, build(t, folder), "Deployment/stormhooks").Spec.Template.Spec.Containers[0].Args
	}
	if got, want := args(folder), append(args(installFolder), "--helper-mount=init-container"); !slices.Equal(got, want) {
		t.Errorf("the options are %v, want %v", got, want)
	}
}

// ofThisProject is how a document names a folder of this checkout.
var ofThisProject = regexp.MustCompile(`github\.com/stormhooks/stormhooks//(\S+)\?ref=v0\.1\.0`)

// overlay is the kustomization that docs/install.md shows under a heading, for a
// folder from which it reaches the manifests of this checkout.
func overlay(t *testing.T, folder, heading string) string {
	t.Helper()
	return overlayOf(t, "docs/install.md", folder, heading)
}

// overlayOf is overlay for another page.
func overlayOf(t *testing.T, page, folder, heading string) string {
	t.Helper()
	text, err := os.ReadFile("../../" + page)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "\n## "+heading+"\n")
	_, rest, shows := strings.Cut(rest, "```yaml\n")
	shown, _, ended := strings.Cut(rest, "```")
	if !found || !shows || !ended || !ofThisProject.MatchString(shown) {
		t.Fatalf("%s shows no overlay of this project under %q", page, heading)
	}
	// Kustomize resolves links in a folder's path before it goes up from it.
	folder, err = filepath.EvalSymlinks(folder)
	if err != nil {
		t.Fatal(err)
	}
	return ofThisProject.ReplaceAllStringFunc(shown, func(url string) string {
		target, err := filepath.Abs("../../" + ofThisProject.FindStringSubmatch(url)[1])
		if err != nil {
			t.Fatal(err)
		}
		relative, err := filepath.Rel(folder, target)
		if err != nil {
			t.Fatal(err)
		}
		return relative
	})
}
