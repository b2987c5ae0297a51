package volumes

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

// Name is what the StorageClass calls its provisioner.
const Name = "stormhooks.e2e/local"

var (
	claims  = schema.GroupVersionResource{Version: "v1", Resource: "persistentvolumeclaims"}
	volumes = schema.GroupVersionResource{Version: "v1", Resource: "persistentvolumes"}
)

// Provisioner serves the claims of one StorageClass.
type Provisioner struct {
	Class  string // the StorageClass
	Folder string // where the volumes' folders lie
	Client dynamic.Interface
}

// Run serves until the context ends.
func Run(ctx context.Context, kubeconfig, class, folder string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	p := Provisioner{Class: class, Folder: folder, Client: client}
	// The resync tries again what failed.
	informers := dynamicinformer.NewDynamicSharedInformerFactory(client, 15*time.Second)
	if err := handle(informers.ForResource(claims).Informer(), p.onClaim); err != nil {
		return err
	}
	if err := handle(informers.ForResource(volumes).Informer(), p.onVolume); err != nil {
		return err
	}
	informers.Start(ctx.Done())
	<-ctx.Done()
	return nil
}

func handle(informer cache.SharedIndexInformer, act func(context.Context, *unstructured.Unstructured) error) error {
	on := func(object any) {
		u, ok := object.(*unstructured.Unstructured)
		if !ok {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := act(ctx, u); err != nil {
			log.Printf("%s %s/%s: %v", u.GetKind(), u.GetNamespace(), u.GetName(), err)
		}
	}
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    on,
		UpdateFunc: func(_, object any) { on(object) },
	})
	return err
}

// selectedNode is set by the scheduler on claims that wait for their first pod.
const selectedNode = "volume.kubernetes.io/selected-node"

func (p Provisioner) onClaim(ctx context.Context, object *unstructured.Unstructured) error {
	var claim corev1.PersistentVolumeClaim
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &claim); err != nil {
		return err
	}
	node := claim.Annotations[selectedNode]
	class := claim.Spec.StorageClassName
	if claim.Spec.VolumeName != "" || claim.DeletionTimestamp != nil || node == "" || class == nil || *class != p.Class {
		return nil
	}
	volume := p.volume(claim, node)
	if err := os.MkdirAll(volume.Spec.Local.Path, 0o755); err != nil {
		return err
	}
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(volume)
	if err != nil {
		return err
	}
	_, err = p.Client.Resource(volumes).Create(ctx, &unstructured.Unstructured{Object: content}, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	if err == nil {
		log.Printf("made %s for %s/%s", volume.Name, claim.Namespace, claim.Name)
	}
	return err
}

// volume is named after the claim's uid, so that a new claim under an
// old name never gets the old folder.
func (p Provisioner) volume(claim corev1.PersistentVolumeClaim, node string) *corev1.PersistentVolume {
	name := "pvc-" + string(claim.UID)
	return &corev1.PersistentVolume{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "PersistentVolume"},
		ObjectMeta: metav1.ObjectMeta{
			Name: name,
			// Without it the volume controller looks for a plugin that deletes the volume.
			Annotations: map[string]string{"pv.kubernetes.io/provisioned-by": Name},
		},
		Spec: corev1.PersistentVolumeSpec{
			Capacity:                      corev1.ResourceList{corev1.ResourceStorage: claim.Spec.Resources.Requests[corev1.ResourceStorage]},
			AccessModes:                   claim.Spec.AccessModes,
			PersistentVolumeReclaimPolicy: corev1.PersistentVolumeReclaimDelete,
			StorageClassName:              p.Class,
			VolumeMode:                    claim.Spec.VolumeMode,
			ClaimRef: &corev1.ObjectReference{
				APIVersion: "v1", Kind: "PersistentVolumeClaim",
				Namespace: claim.Namespace, Name: claim.Name, UID: claim.UID,
			},
			PersistentVolumeSource: corev1.PersistentVolumeSource{
				Local: &corev1.LocalVolumeSource{Path: filepath.Join(p.Folder, name)},
			},
			NodeAffinity: &corev1.VolumeNodeAffinity{Required: &corev1.NodeSelector{
				NodeSelectorTerms: []corev1.NodeSelectorTerm{{
					MatchExpressions: []corev1.NodeSelectorRequirement{{
						Key: corev1.LabelHostname, Operator: corev1.NodeSelectorOpIn, Values: []string{node},
					}},
				}},
			}},
		},
	}
}

// onVolume reclaims what a deleted claim left.
func (p Provisioner) onVolume(ctx context.Context, object *unstructured.Unstructured) error {
	var volume corev1.PersistentVolume
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &volume); err != nil {
		return err
	}
	ours := volume.Annotations["pv.kubernetes.io/provisioned-by"] == Name && volume.Spec.Local != nil
	if !ours || volume.Status.Phase != corev1.VolumeReleased || volume.DeletionTimestamp != nil {
		return nil
	}
	folder := volume.Spec.Local.Path
	if filepath.Dir(folder) != filepath.Clean(p.Folder) {
		return fmt.Errorf("its folder %s is not in %s: left alone", folder, p.Folder)
	}
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	err := p.Client.Resource(volumes).Delete(ctx, volume.Name, metav1.DeleteOptions{})
	if err == nil {
		log.Printf("reclaimed %s", volume.Name)
	}
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
