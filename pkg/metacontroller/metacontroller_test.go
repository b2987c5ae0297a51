package metacontroller

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestDecode(t *testing.T) {
	tests := map[string]struct {
		reason string
		body   string
		bad    bool
	}{
		"a request with keys of a newer Metacontroller": {
			reason: "unknown keys are ignored",
			body:   `{"parent":{"kind":"X"},"children":{},"related":{},"finalizing":false,"new":1}`,
		},
		"children and related absent": {reason: "customize sends none", body: `{"controller":{},"parent":{}}`},
		"an empty body":               {reason: "nothing to act on", body: ``, bad: true},
		"an array":                    {reason: "no hook sends one", body: `[]`, bad: true},
		"no parent":                   {reason: "a JSON object of someone else", body: `{"children":{}}`, bad: true},
		"a null parent":               {reason: "Go would decode it to nothing", body: `{"parent":null}`, bad: true},
		"trailing text":               {reason: "half of another request", body: `{"parent":{}} x`, bad: true},
		"children of another shape":   {reason: "as in v1 of the hooks", body: `{"parent":{},"children":[]}`, bad: true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Decode([]byte(tc.body))
			if got := errors.Is(err, ErrBadRequest); got != tc.bad {
				t.Errorf("%s: Decode(%s): error %v, want bad request: %v", tc.reason, tc.body, err, tc.bad)
			}
		})
	}
}

func TestObjectsAreSorted(t *testing.T) {
	objects := Objects{"Pod.v1": {"ns/c": json.RawMessage(`3`), "ns/a": json.RawMessage(`1`), "ns/b": json.RawMessage(`2`)}}
	got := ""
	for _, raw := range objects.Of("Pod.v1") {
		got += string(raw)
	}
	if got != "123" {
		t.Errorf("Of gave %s: decisions must not depend on the order of a map", got)
	}
}

func TestEncode(t *testing.T) {
	job := &batchv1.Job{
		TypeMeta:   metav1.TypeMeta{APIVersion: "batch/v1", Kind: "Job"},
		ObjectMeta: metav1.ObjectMeta{Name: "j", Namespace: "ns"},
		Spec: batchv1.JobSpec{Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
			Containers: []corev1.Container{{Name: "c"}},
			Volumes:    []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}},
		}}},
	}
	claim := map[string]any{"apiVersion": "v1", "kind": "Claim", "metadata": map[string]any{"name": "a", "namespace": "ns"}}
	got, err := Encode(SyncResponse{Status: map[string]any{"phase": "Running"}, Children: []any{job, claim}, ResyncAfter: 1500 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"status":{"phase":"Running"},"children":[` +
		`{"apiVersion":"v1","kind":"Claim","metadata":{"name":"a","namespace":"ns"}},` +
		`{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j","namespace":"ns"},` +
		`"spec":{"template":{"spec":{"containers":[{"name":"c"}],"volumes":[{"emptyDir":{},"name":"v"}]}}}}],"resyncAfterSeconds":1.5}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestEncodeHasNoNull(t *testing.T) {
	got, err := Encode(SyncResponse{Status: map[string]any{}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`{"status":{},"children":[]}`, string(got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if _, err := Encode(SyncResponse{Children: []any{nil}}); err == nil {
		t.Error("a null child was encoded: Metacontroller would crash on it")
	}
}
