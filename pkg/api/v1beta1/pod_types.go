package v1beta1

import corev1 "k8s.io/api/core/v1"

// PodTemplate is for all pods of a topology: the pod that extracts its JAR and the pod
// that submits it. Workers are not among them: they run in Storm.
//
// +kubebuilder:validation:XValidation:rule="!has(self.labels) || self.labels.all(key, !(key in ['controller-uid', 'job-name']) && !key.startsWith('batch.kubernetes.io/') && !key.startsWith('storm.apache.org/'))",message="template.labels must not have controller-uid, job-name, batch.kubernetes.io/* or storm.apache.org/*: Kubernetes and Stormhooks set those. Remove them"
type PodTemplate struct {
	// Service account of the pods. Its imagePullSecrets apply if the spec lists none.
	// Its token is not mounted.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	ServiceAccountName string `json:"serviceAccountName,omitempty"`
	// Labels that a node must have to run the pods, in addition to kubernetes.io/os:
	// linux, unless this sets that label. Workers run where the supervisors of Storm are.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	NodeSelector map[string]string `json:"nodeSelector,omitempty"`
	// Tolerations of the pods: node taints that the pods tolerate.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	Tolerations []corev1.Toleration `json:"tolerations,omitempty"`
	// Affinity of the pods: nodes and other pods that they should be close to, or
	// apart from.
	// +optional
	Affinity *corev1.Affinity `json:"affinity,omitempty"`
	// Additional labels of the Jobs, the pods and the PersistentVolumeClaim. Istio injection
	// is disabled in the pods unless you set sidecar.istio.io/inject here.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	Labels map[string]string `json:"labels,omitempty"`
	// Annotations of the Jobs, the pods and the PersistentVolumeClaim, for example for
	// meshes and scanners. The annotations of the StormTopology itself are not copied, and
	// those of storm.apache.org have no effect here.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	Annotations map[string]string `json:"annotations,omitempty"`
	// Security context of the pods, in place of Stormhooks' own: user, group and fsGroup
	// 65532. {} leaves these to the cluster, as OpenShift requires. runAsNonRoot is true, and
	// the seccomp profile is the default of the runtime, unless you set them here.
	// +optional
	SecurityContext *corev1.PodSecurityContext `json:"securityContext,omitempty"`
	// Existing PriorityClass for the pods, so that the scheduler prefers them to
	// others.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	PriorityClassName string `json:"priorityClassName,omitempty"`
	// Existing RuntimeClass for the pods, for example a sandbox.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	RuntimeClassName string `json:"runtimeClassName,omitempty"`
	// Lines of /etc/hosts for the pods, for example for a Nimbus that DNS does not
	// know.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	HostAliases []corev1.HostAlias `json:"hostAliases,omitempty"`
	// Name servers and search domains of the pods, in addition to those of the
	// Kubernetes cluster.
	// +optional
	DNSConfig *corev1.PodDNSConfig `json:"dnsConfig,omitempty"`
	// Additional volumes of the pods, which volumeMounts can refer to.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	Volumes []Volume `json:"volumes,omitempty"`

	// Environment variables of the container that runs main.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	Env []corev1.EnvVar `json:"env,omitempty"`
	// ConfigMaps and Secrets with environment variables for the container that runs
	// main.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	EnvFrom []corev1.EnvFromSource `json:"envFrom,omitempty"`
	// Where the container that runs main mounts the volumes above.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	VolumeMounts []corev1.VolumeMount `json:"volumeMounts,omitempty"`
	// Resources of the container that runs main (workers run in Storm). Default:
	// requests of 250m CPU and 512Mi, a memory limit of 1Gi (the heap of the JVM is
	// 60 % of it). The container that installs the helper has the resources of the pod's
	// main container.
	// +optional
	Resources *corev1.ResourceRequirements `json:"resources,omitempty"`
}

// Retry says how often, and after which wait, a failed attempt is retried.
type Retry struct {
	// Failed attempts before the topology is marked Failed or UpdateFailed. Only failures
	// that a retry cannot fix, or may not fix, count; image pulls, scheduling, quotas, lost
	// nodes and an unreachable Storm are retried without end. Default: 3.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	Limit *int32 `json:"limit,omitempty"`
	// Wait after the first failure, in seconds; it doubles each time. Default: 10.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=3600
	BackoffSeconds *int32 `json:"backoffSeconds,omitempty"`
	// Longest wait between two attempts, in seconds. Default: 300.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=86400
	MaxBackoffSeconds *int32 `json:"maxBackoffSeconds,omitempty"`
	// Wait between two attempts once limit attempts have failed, in seconds: main may need
	// a service that was away. 0: no attempt follows until the spec changes. A failure that
	// only a change can fix, such as JarInvalid or SubmissionRejected, ends the attempts in
	// any case. Default: 600.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=86400
	LaterSeconds *int32 `json:"laterSeconds,omitempty"`
}

// JarStorage is the volume that copy mode copies JARs to.
//
// +kubebuilder:validation:XValidation:rule="!has(self.claimName) || !(has(self.size) || has(self.storageClassName) || has(self.accessModes))",message="spec.topology.jar.storage.claimName is for an existing claim; size, storageClassName and accessModes are for one that Stormhooks creates. Remove one of them"
type JarStorage struct {
	// Size of the volume to create. A change applies only when the claim is created
	// again. Default: 1Gi.
	// +optional
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="isQuantity(self) && quantity(self).isGreaterThan(quantity('0'))",message="spec.topology.jar.storage.size must be a quantity such as 1Gi"
	Size string `json:"size,omitempty"`
	// StorageClass of the volume to create. Default: the default class of the
	// Kubernetes cluster.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec.topology.jar.storage.storageClassName cannot be changed, since the volume exists. Delete this StormTopology and apply one with the other class"
	StorageClassName *string `json:"storageClassName,omitempty"`
	// Access modes of the volume to create. Default: ReadWriteOnce.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=4
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec.topology.jar.storage.accessModes cannot be changed, since the volume exists. Delete this StormTopology and apply one with the other modes"
	AccessModes []AccessMode `json:"accessModes,omitempty"`
	// Existing PersistentVolumeClaim to use instead of creating one. Topologies can
	// share it.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec.topology.jar.storage.claimName cannot be changed. Delete this StormTopology and apply one with the other claim"
	ClaimName string `json:"claimName,omitempty"`
}

// AccessMode is how a volume can be mounted.
//
// +kubebuilder:validation:Enum=ReadWriteOnce;ReadWriteOncePod;ReadWriteMany
type AccessMode string

// Volume of a pod, written as in Kubernetes, of a kind that a submission can use.
//
// +kubebuilder:validation:XValidation:rule="[has(self.configMap), has(self.secret), has(self.emptyDir), has(self.persistentVolumeClaim), has(self.projected), has(self.csi)].filter(x, x).size() == 1",message="a volume of template.volumes must have exactly one of configMap, secret, emptyDir, persistentVolumeClaim, projected, csi"
// +kubebuilder:validation:XValidation:rule="!(self.name in ['helper', 'jars', 'tmp', 'image', 'nimbus-tls'])",message="template.volumes must not use the names of Stormhooks' own volumes: helper, jars, tmp, image, nimbus-tls. Choose another name"
type Volume struct {
	// Name of the volume that volumeMounts refer to.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name"`
	// ConfigMap of the namespace, with a file for each key.
	// +optional
	ConfigMap *corev1.ConfigMapVolumeSource `json:"configMap,omitempty"`
	// Secret of the namespace, with a file for each key.
	// +optional
	Secret *corev1.SecretVolumeSource `json:"secret,omitempty"`
	// Empty directory that exists as long as the pod.
	// +optional
	EmptyDir *corev1.EmptyDirVolumeSource `json:"emptyDir,omitempty"`
	// Existing PersistentVolumeClaim of the namespace.
	// +optional
	PersistentVolumeClaim *corev1.PersistentVolumeClaimVolumeSource `json:"persistentVolumeClaim,omitempty"`
	// Several sources in one directory.
	// +optional
	Projected *corev1.ProjectedVolumeSource `json:"projected,omitempty"`
	// Volume that a CSI driver provides for the pod.
	// +optional
	CSI *corev1.CSIVolumeSource `json:"csi,omitempty"`
}

// Checksum of the JAR.
type Checksum struct {
	// SHA-256 that the JAR must have: 64 hexadecimal digits.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9a-fA-F]{64}$')",message="spec.topology.jar.container.checksum.sha256 must be 64 hexadecimal digits, as sha256sum prints them"
	SHA256 string `json:"sha256,omitempty"`
}
