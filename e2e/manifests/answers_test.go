package manifests

import (
	"encoding/json"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	psa "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/e2e/testkit/stories"
)

// answer is what a step of a story in pkg/topology is answered.
type answer struct {
	Children []map[string]any
	Status   map[string]any
}

func answers(t *testing.T) map[string]answer {
	t.Helper()
	told, err := stories.Answers("../../pkg/topology")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]answer{}
	for name, step := range told {
		var a answer
		if err := json.Unmarshal(step.Body, &a); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		found[name] = a
	}
	return found
}

// The API server keeps every status whole. A field that it drops would differ
// at each sync, and be written at each sync.
func TestEveryStatusFitsTheCRD(t *testing.T) {
	kind := load(t, "stormtopologies")
	for name, a := range answers(t) {
		object := guide(t)
		object["status"] = clone(a.Status)
		for _, err := range kind.Create(t.Context(), object) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Our pods run in the strictest namespace.
func TestEveryPodKeepsToRestricted(t *testing.T) {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	restricted := psa.LevelVersion{Level: psa.LevelRestricted, Version: psa.LatestVersion()}
	kinds := map[any]int{}
	for name, a := range answers(t) {
		for _, child := range a.Children {
			if child["kind"] != "Job" && child["kind"] != "Pod" || child["spec"] == nil {
				continue // named, so that it stays; it was made before
			}
			kinds[child["kind"]]++
			pod := podOf(t, child)
			for _, result := range evaluator.EvaluatePod(restricted, &pod.ObjectMeta, &pod.Spec) {
				if !result.Allowed {
					t.Errorf("%s: %s: %s", name, result.ForbiddenReason, result.ForbiddenDetail)
				}
			}
			if token := pod.Spec.AutomountServiceAccountToken; token == nil || *token {
				t.Errorf("%s: the pod gets a service account token", name)
			}
			for _, container := range append(pod.Spec.InitContainers, pod.Spec.Containers...) {
				if container.Resources.Requests == nil || container.Resources.Limits.Memory().IsZero() {
					t.Errorf("%s: container %s has no requests or no memory limit", name, container.Name)
				}
			}
		}
	}
	if kinds["Job"] == 0 || kinds["Pod"] == 0 {
		t.Errorf("no answer makes a Job, or none makes a Pod: %v", kinds)
	}
}

func podOf(t *testing.T, child map[string]any) corev1.PodTemplateSpec {
	if child["kind"] == "Pod" {
		pod := as[corev1.Pod](t, child)
		return corev1.PodTemplateSpec{ObjectMeta: pod.ObjectMeta, Spec: pod.Spec}
	}
	return as[batchv1.Job](t, child).Spec.Template
}

// Every child is one that Kubernetes knows, field by field.
func TestEveryChildIsKnown(t *testing.T) {
	for name, a := range answers(t) {
		for _, child := range a.Children {
			switch child["kind"] {
			case "Job":
				as[batchv1.Job](t, child)
			case "Pod":
				as[corev1.Pod](t, child)
			case "PersistentVolumeClaim":
				as[corev1.PersistentVolumeClaim](t, child)
			default:
				t.Errorf("%s: a child of kind %v, which manifests/install does not declare", name, child["kind"])
			}
		}
	}
}

// as reads an object strictly into its type.
func as[T any](t *testing.T, object map[string]any) T {
	t.Helper()
	text, err := yaml.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	var typed T
	if err := yaml.UnmarshalStrict(text, &typed); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return typed
}
