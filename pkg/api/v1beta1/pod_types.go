package v1beta1

import corev1 "k8s.io/api/core/v1"

// PodTemplate is what all pods of a topology get: the one that extracts its JAR
// and the one that submits it. Workers are none of them: they run in Storm.
//
// +kubebuilder:validation:XValidation:rule="!has(self.labels) || self.labels.all(key, !(key in ['controller-uid', 'job-name']) && !key.startsWith('batch.kubernetes.io/') && !key.startsWith('storm.apache.org/'))",message="template.labels must not have controller-uid, job-name, batch.kubernetes.io/* or storm.apache.org/*: Kubernetes and Stormhooks set those. Take them away"
type PodTemplate struct {
	// serviceAccountName of the pods; its own pull secrets are used where the
	// spec lists none. No token of it is mounted.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	ServiceAccountName string `json:"serviceAccountName,omitempty"`
	// nodeSelector of the pods: only nodes with all of these labels take them.
	// Workers run where Storm's supervisors do.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	NodeSelector map[string]string `json:"nodeSelector,omitempty"`
	// tolerations of the pods: taints of nodes that they may run on in spite of.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	Tolerations []corev1.Toleration `json:"tolerations,omitempty"`
	// affinity of the pods: nodes and other pods that they should be near to, or
	// far from.
	// +optional
	Affinity *corev1.Affinity `json:"affinity,omitempty"`
	// labels of the pods, besides ours. A mesh's sidecar is refused
	// (sidecar.istio.io/inject: "false") unless it is asked for here.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	Labels map[string]string `json:"labels,omitempty"`
	// annotations of the pods, for meshes, scanners and the like. Those of the
	// StormTopology itself are not copied.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	Annotations map[string]string `json:"annotations,omitempty"`
	// priorityClassName of the pods: a PriorityClass that is there, so that the
	// scheduler prefers them to others.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	PriorityClassName string `json:"priorityClassName,omitempty"`
	// runtimeClassName of the pods: a RuntimeClass that is there, a sandbox, say.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	RuntimeClassName string `json:"runtimeClassName,omitempty"`
	// hostAliases of the pods: lines of /etc/hosts, for a Nimbus that DNS does not
	// know, say.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	HostAliases []corev1.HostAlias `json:"hostAliases,omitempty"`
	// dnsConfig of the pods: name servers and search domains besides the
	// cluster's.
	// +optional
	DNSConfig *corev1.PodDNSConfig `json:"dnsConfig,omitempty"`
	// volumes of the pods, besides ours.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	Volumes []Volume `json:"volumes,omitempty"`

	// env of the submission: main sees it.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	Env []corev1.EnvVar `json:"env,omitempty"`
	// envFrom of the submission: main sees it.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	EnvFrom []corev1.EnvFromSource `json:"envFrom,omitempty"`
	// volumeMounts of the submission: where main finds the volumes above.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	VolumeMounts []corev1.VolumeMount `json:"volumeMounts,omitempty"`
	// resources of the submission: it runs main, no worker. Default: requests
	// of 250m CPU and 512Mi, a memory limit of 1Gi, of which the JVM's heap is
	// a share.
	// +optional
	Resources *corev1.ResourceRequirements `json:"resources,omitempty"`
}

// Retry says how often, and after which wait, something is tried again.
type Retry struct {
	// limit is how many attempts may fail for a reason that trying again will not
	// mend. Everything else (pulls, scheduling, quotas, lost nodes, a Storm that
	// is away) is tried again for ever.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	Limit *int32 `json:"limit,omitempty"`
	// backoffSeconds is the wait after the first failure; it doubles with each.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=3600
	BackoffSeconds *int32 `json:"backoffSeconds,omitempty"`
	// maxBackoffSeconds is the longest wait between two attempts. Default: 300.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=86400
	MaxBackoffSeconds *int32 `json:"maxBackoffSeconds,omitempty"`
}

// JarStorage is the volume that copy mode copies JARs to.
//
// +kubebuilder:validation:XValidation:rule="!has(self.claimName) || !(has(self.size) || has(self.storageClassName) || has(self.accessModes))",message="spec.topology.jar.storage.claimName names a claim that is there; size, storageClassName and accessModes are for one that is made. Take one or the other away"
type JarStorage struct {
	// size of the volume that is made. It takes effect when the claim is made anew.
	// +optional
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="isQuantity(self) && quantity(self).isGreaterThan(quantity('0'))",message="spec.topology.jar.storage.size must be a quantity such as 1Gi"
	Size string `json:"size,omitempty"`
	// storageClassName of the volume that is made. Default: the cluster's default class.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec.topology.jar.storage.storageClassName cannot be changed: the volume is there. Delete this StormTopology and apply one with the other class"
	StorageClassName *string `json:"storageClassName,omitempty"`
	// accessModes of the volume that is made. Default: ReadWriteOnce.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=4
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec.topology.jar.storage.accessModes cannot be changed: the volume is there. Delete this StormTopology and apply one with the other modes"
	AccessModes []AccessMode `json:"accessModes,omitempty"`
	// claimName is a PersistentVolumeClaim that is there already, in place of one
	// that is made. JARs of several topologies may lie on it.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec.topology.jar.storage.claimName cannot be changed. Delete this StormTopology and apply one with the other claim"
	ClaimName string `json:"claimName,omitempty"`
}

// AccessMode is how a volume can be mounted.
//
// +kubebuilder:validation:Enum=ReadWriteOnce;ReadWriteOncePod;ReadWriteMany
type AccessMode string

// Volume of a pod, in the words of Kubernetes: the kinds that a submission has a
// use for.
//
// +kubebuilder:validation:XValidation:rule="[has(self.configMap), has(self.secret), has(self.emptyDir), has(self.persistentVolumeClaim), has(self.projected), has(self.csi)].filter(x, x).size() == 1",message="a volume of template.volumes must have exactly one of configMap, secret, emptyDir, persistentVolumeClaim, projected, csi"
// +kubebuilder:validation:XValidation:rule="!(self.name in ['helper', 'jars', 'tmp', 'image'])",message="template.volumes must not have the name of a volume of Stormhooks': helper, jars, tmp, image. Take another"
type Volume struct {
	// name that volumeMounts refer to.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name"`
	// configMap of the namespace.
	// +optional
	ConfigMap *corev1.ConfigMapVolumeSource `json:"configMap,omitempty"`
	// secret of the namespace.
	// +optional
	Secret *corev1.SecretVolumeSource `json:"secret,omitempty"`
	// emptyDir of the pod's own.
	// +optional
	EmptyDir *corev1.EmptyDirVolumeSource `json:"emptyDir,omitempty"`
	// persistentVolumeClaim of the namespace.
	// +optional
	PersistentVolumeClaim *corev1.PersistentVolumeClaimVolumeSource `json:"persistentVolumeClaim,omitempty"`
	// projected joins several sources.
	// +optional
	Projected *corev1.ProjectedVolumeSource `json:"projected,omitempty"`
	// csi is a volume of a driver.
	// +optional
	CSI *corev1.CSIVolumeSource `json:"csi,omitempty"`
}

// Checksum of the JAR.
type Checksum struct {
	// sha256 that the JAR must have, 64 hexadecimal digits.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9a-fA-F]{64}$')",message="spec.topology.jar.container.checksum.sha256 must be 64 hexadecimal digits, as sha256sum prints them"
	SHA256 string `json:"sha256,omitempty"`
}
