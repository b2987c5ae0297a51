package children

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// MakeJarClaim makes the PersistentVolumeClaim that JARs are copied to.
func MakeJarClaim(plan Plan) *corev1.PersistentVolumeClaim {
	storage := Storage(plan.Topology, plan.Cluster)
	claim := &corev1.PersistentVolumeClaim{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "PersistentVolumeClaim"},
		ObjectMeta: objectMeta(plan, ClaimName(plan.Topology.Name), ""),
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes:      []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
			StorageClassName: storage.StorageClassName,
			Resources: corev1.VolumeResourceRequirements{
				Requests: corev1.ResourceList{corev1.ResourceStorage: volumeSize(storage.Size)},
			},
		},
	}
	if len(storage.AccessModes) > 0 {
		claim.Spec.AccessModes = nil
		for _, mode := range storage.AccessModes {
			claim.Spec.AccessModes = append(claim.Spec.AccessModes, corev1.PersistentVolumeAccessMode(mode))
		}
	}
	return claim
}

// Storage is that of the StormTopology, else that of the StormCluster.
func Storage(topology *v1beta1.StormTopology, cluster *v1beta1.StormCluster) v1beta1.JarStorage {
	if own := topology.Spec.Topology.Jar.Storage; own != nil {
		return *own
	}
	if cluster != nil && cluster.Spec.Storage != nil {
		return *cluster.Spec.Storage
	}
	return v1beta1.JarStorage{}
}

// volumeSize is the size of the volume. The CRD accepts only quantities.
func volumeSize(text string) resource.Quantity {
	if quantity, err := resource.ParseQuantity(text); err == nil {
		return quantity
	}
	return resource.MustParse(v1beta1.DefaultStorageSize)
}
