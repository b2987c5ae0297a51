package volumes

import (
	"os"
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic/fake"
)

func TestClaimsThatGetAVolume(t *testing.T) {
	for name, test := range map[string]struct {
		reason string
		change func(*corev1.PersistentVolumeClaim)
		want   int
	}{
		"chosen for a node":    {"the scheduler waits for the volume", func(*corev1.PersistentVolumeClaim) {}, 1},
		"no node yet":          {"a local volume must be where the pod will be", func(c *corev1.PersistentVolumeClaim) { c.Annotations = nil }, 0},
		"another StorageClass": {"its own provisioner serves it", func(c *corev1.PersistentVolumeClaim) { c.Spec.StorageClassName = ptr("nope") }, 0},
		"bound already":        {"it has one", func(c *corev1.PersistentVolumeClaim) { c.Spec.VolumeName = "pv" }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvisioner(t)
			claim := corev1.PersistentVolumeClaim{
				ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "jar", UID: "u1", Annotations: map[string]string{selectedNode: "node"}},
				Spec: corev1.PersistentVolumeClaimSpec{
					StorageClassName: ptr("local"), AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
					Resources: corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
				},
			}
			test.change(&claim)
			for range 2 { // an event may come twice
				if err := p.onClaim(t.Context(), toUnstructured(t, &claim)); err != nil {
					t.Fatal(err)
				}
			}
			made, err := p.Client.Resource(volumes).List(t.Context(), metav1.ListOptions{})
			if err != nil {
				t.Fatal(err)
			}
			folders, _ := os.ReadDir(p.Folder)
			if len(made.Items) != test.want || len(folders) != test.want {
				t.Errorf("%s: want %d volume and folder, got %d and %d", test.reason, test.want, len(made.Items), len(folders))
			}
		})
	}
}

func TestReclaim(t *testing.T) {
	for name, test := range map[string]struct {
		reason string
		phase  corev1.PersistentVolumePhase
		inside bool // its folder lies where this provisioner makes them
		gone   bool
	}{
		"released":                {"its claim is gone", corev1.VolumeReleased, true, true},
		"bound":                   {"a pod may use it", corev1.VolumeBound, true, false},
		"a folder somewhere else": {"nothing outside of the folder of volumes is ever removed", corev1.VolumeReleased, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvisioner(t)
			folder := filepath.Join(p.Folder, "pvc-1")
			if !test.inside {
				folder = filepath.Join(t.TempDir(), "pvc-1")
			}
			if err := os.MkdirAll(filepath.Join(folder, "content"), 0o755); err != nil {
				t.Fatal(err)
			}
			volume := &corev1.PersistentVolume{
				TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "PersistentVolume"},
				ObjectMeta: metav1.ObjectMeta{Name: "pvc-1", Annotations: map[string]string{"pv.kubernetes.io/provisioned-by": Name}},
				Spec:       corev1.PersistentVolumeSpec{PersistentVolumeSource: corev1.PersistentVolumeSource{Local: &corev1.LocalVolumeSource{Path: folder}}},
				Status:     corev1.PersistentVolumeStatus{Phase: test.phase},
			}
			object := toUnstructured(t, volume)
			if _, err := p.Client.Resource(volumes).Create(t.Context(), object, metav1.CreateOptions{}); err != nil {
				t.Fatal(err)
			}
			_ = p.onVolume(t.Context(), object)
			_, folderErr := os.Stat(folder)
			_, err := p.Client.Resource(volumes).Get(t.Context(), "pvc-1", metav1.GetOptions{})
			if gone := os.IsNotExist(folderErr) && err != nil; gone != test.gone {
				t.Errorf("%s: gone %v, want %v (folder: %v, volume: %v)", test.reason, gone, test.gone, folderErr, err)
			}
		})
	}
}

func newProvisioner(t *testing.T) Provisioner {
	kinds := map[schema.GroupVersionResource]string{volumes: "PersistentVolumeList", claims: "PersistentVolumeClaimList"}
	return Provisioner{Class: "local", Folder: t.TempDir(), Client: fake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), kinds)}
}

func toUnstructured(t *testing.T, object any) *unstructured.Unstructured {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		t.Fatal(err)
	}
	return &unstructured.Unstructured{Object: content}
}

func ptr[T any](value T) *T { return &value }
