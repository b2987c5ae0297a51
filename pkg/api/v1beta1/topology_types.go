package v1beta1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// StormTopology is an Apache Storm topology whose JAR lies in a container image.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:subresource:scale:specpath=.spec.topology.workers,statuspath=.status.workers,selectorpath=.status.selector
// +kubebuilder:metadata:annotations="helm.sh/resource-policy=keep"
// +kubebuilder:metadata:annotations="argocd.argoproj.io/sync-options=Prune=false,Delete=false"
// +kubebuilder:resource:shortName=stopo,categories=storm
// +kubebuilder:printcolumn:name="Cluster",type=string,JSONPath=`.spec.clusterRef`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Phase",type=string,JSONPath=`.status.phase`
// +kubebuilder:printcolumn:name="Storm",type=string,JSONPath=`.status.stormStatus`
// +kubebuilder:printcolumn:name="Workers",type=string,JSONPath=`.status.workersUp`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.message`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,40}[a-z0-9])?$')",message="metadata.name must be 1 to 42 characters of a-z, 0-9 and -, and begin and end with a letter or digit, since the Job topology-jar-extract-NAME must fit into 63. Choose another metadata.name; spec.topology.name may be longer"
// +kubebuilder:validation:XValidation:rule="(has(self.spec.topology.name) ? self.spec.topology.name : self.metadata.name) == (has(oldSelf.spec.topology.name) ? oldSelf.spec.topology.name : oldSelf.metadata.name)",message="spec.topology.name cannot be changed, since Storm finds a topology by its name only. Delete this StormTopology and apply one with the new name"
type StormTopology struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what should run in Storm.
	// +required
	Spec StormTopologySpec `json:"spec"`

	// status is what runs, and what is in the way.
	// +optional
	// +default={"observedGeneration": -1}
	Status StormTopologyStatus `json:"status,omitempty"`
}

// StormTopologyList is a list of StormTopologies.
//
// +kubebuilder:object:root=true
type StormTopologyList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []StormTopology `json:"items"`
}

// DeletionPolicy says what becomes of the topology in Storm when its
// StormTopology is deleted.
//
// +kubebuilder:validation:Enum=Kill;Orphan
type DeletionPolicy string

const (
	// DeletionKill: the topology is gone from Storm before the object is.
	DeletionKill DeletionPolicy = "Kill"
	// DeletionOrphan: the topology goes on running.
	DeletionOrphan DeletionPolicy = "Orphan"
)

// StormTopologySpec is what should run in Storm.
type StormTopologySpec struct {
	// clusterRef is the name of the StormCluster, in the same namespace, that
	// the topology is submitted to. It cannot be changed.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')",message="spec.clusterRef must be the name of a StormCluster: a-z, 0-9, - and . only (kubectl get stormclusters)"
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec.clusterRef cannot be changed. Delete this StormTopology and apply one for the other StormCluster"
	ClusterRef string `json:"clusterRef"`

	// suspend stops a topology that runs (Storm: INACTIVE; its workers stay), and
	// holds one that does not: nothing is extracted or submitted. An update while
	// suspended is submitted INACTIVE.
	// +optional
	Suspend bool `json:"suspend,omitempty"`

	// update says how a change is carried out.
	// +optional
	Update *Update `json:"update,omitempty"`

	// restartNonce is any number. A change extracts the JAR anew (the one that
	// a moved tag names now, too), kills the topology and submits it again. It
	// is also how a topology that failed for good is tried once more.
	// +optional
	RestartNonce int64 `json:"restartNonce,omitempty"`

	// deletionPolicy says what becomes of the topology in Storm when this
	// object is deleted. Kill: it is gone from Storm before the object is.
	// Orphan: it goes on running.
	// +optional
	// +kubebuilder:default=Kill
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// killWaitSeconds is how long Storm lets the topology drain before it kills
	// it, at an update and at deletion. Default: Storm's own, the topology's
	// topology.message.timeout.secs.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=86400
	KillWaitSeconds *int32 `json:"killWaitSeconds,omitempty"`

	// topology is the topology itself: its JAR, its main class, its settings.
	// +required
	Topology Topology `json:"topology"`

	// template is what all pods of the topology get: the one that extracts its
	// JAR and the one that submits it. A change restarts nothing.
	// +optional
	Template *PodTemplate `json:"template,omitempty"`

	// retry says how often a failed extraction or submission is tried again.
	// Default: 3 attempts, 10 s to 5 min apart.
	// +optional
	Retry *Retry `json:"retry,omitempty"`
}

// UpdatePolicy says how a change is carried out.
//
// +kubebuilder:validation:Enum=Auto;Restart
type UpdatePolicy string

const (
	// UpdateAuto takes the cheapest change that does it: none, a rebalance, a restart.
	UpdateAuto UpdatePolicy = "Auto"
	// UpdateRestart always submits anew.
	UpdateRestart UpdatePolicy = "Restart"
)

// Update says how a change is carried out.
type Update struct {
	// policy Auto takes the cheapest change that does it: none, a rebalance (the
	// topology keeps its id) or a restart. Restart always submits anew.
	// Default: Auto.
	// +optional
	Policy UpdatePolicy `json:"policy,omitempty"`
	// rollback true submits the last revision that ran again where a new one was
	// refused, or did not appear, after the old one had been killed. Crashing
	// workers are no cause for it. Default: true.
	// +optional
	Rollback *bool `json:"rollback,omitempty"`
	// rebalanceWaitSeconds is how long the spouts pause before Storm moves the
	// workers. Default: Storm's own, the topology's topology.message.timeout.secs.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=86400
	RebalanceWaitSeconds *int32 `json:"rebalanceWaitSeconds,omitempty"`
}

// Topology is the topology itself.
type Topology struct {
	// name is the topology's name in Storm, whatever name its main class uses.
	// Default: metadata.name. It cannot be changed.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=200
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9_-]+$')",message="spec.topology.name must be letters, digits, _ and - only, since Storm makes file names of it"
	Name string `json:"name,omitempty"`

	// mainClass is the class whose main builds and submits the topology, such
	// as com.mycompany.MyTopology.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=500
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z_$][A-Za-z0-9_$]*([.][A-Za-z_$][A-Za-z0-9_$]*)*$')",message="spec.topology.mainClass must be a Java class name with its package, such as com.mycompany.MyTopology"
	MainClass string `json:"mainClass"`

	// args are the arguments of main. Default: the topology's name as the one
	// argument. An empty list is no argument. $(TOPOLOGY_NAME) is replaced by
	// the topology's name.
	// +optional
	// +kubebuilder:validation:MaxItems=200
	// +kubebuilder:validation:items:MaxLength=65536
	Args []string `json:"args,omitzero"`

	// workers is how many workers the topology asks Storm for; it wins over
	// topology.workers in config. kubectl scale, an HPA with external metrics and
	// KEDA write it. A change is a rebalance.
	// At least 1: to stop a topology, set spec.suspend.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self >= 1",message="spec.topology.workers must be 1 or more. To stop the topology and keep it: spec.suspend: true"
	// +kubebuilder:validation:Maximum=10000
	Workers *int32 `json:"workers,omitempty"`

	// mainTimeoutSeconds is how long main may take until it has submitted.
	// Default: 300.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=86400
	MainTimeoutSeconds *int32 `json:"mainTimeoutSeconds,omitempty"`

	// config are Storm settings of the topology, such as topology.workers. A
	// string is read as Storm's own command line reads it after -c key=, so "2"
	// is the number 2; numbers, booleans, lists and maps may be written as such.
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	// +kubebuilder:pruning:PreserveUnknownFields
	// +kubebuilder:validation:MaxProperties=500
	Config Settings `json:"config,omitempty"`

	// jar is where the topology's JAR comes from.
	// +required
	Jar Jar `json:"jar"`
}

// Jar is where the topology's JAR comes from.
//
// +kubebuilder:validation:XValidation:rule="!has(self.storage) || !has(self.container.extractionMode) || self.container.extractionMode == 'copy'",message="spec.topology.jar.storage is for extractionMode copy only. Take it away, or take that mode"
type Jar struct {
	// container is the container image that holds the JAR.
	// +required
	Container JarContainer `json:"container"`

	// storage is the volume that copy mode copies JARs to. Default: 1Gi,
	// ReadWriteOnce, of the cluster's default StorageClass.
	// +optional
	Storage *JarStorage `json:"storage,omitempty"`
}

// ExtractionMode says how the JAR gets out of its image.
//
// +kubebuilder:validation:Enum=copy;init-container;image-volume
type ExtractionMode string

const (
	// ExtractionCopy copies the JAR by a Job to a volume, from which it is submitted.
	ExtractionCopy ExtractionMode = "copy"
	// ExtractionInit extracts the JAR in an init container of the Pod that submits.
	ExtractionInit ExtractionMode = "init-container"
	// ExtractionVolume mounts the image itself, read-only, into the pod that submits.
	ExtractionVolume ExtractionMode = "image-volume"
)

// JarContainer is the container image that holds the JAR.
//
// +kubebuilder:validation:XValidation:rule="!has(self.args) || size(self.args) == 0 || (has(self.command) && size(self.command) > 0)",message="spec.topology.jar.container.args goes with command only: the image's own entrypoint is never run. Give command, too"
// +kubebuilder:validation:XValidation:rule="!has(self.extractionMode) || self.extractionMode != 'image-volume' || !(has(self.command) || has(self.env) || has(self.resources) || has(self.securityContext))",message="spec.topology.jar.container.command, env, resources and securityContext are for a container; extractionMode image-volume runs none of the image. Take them away, or take another mode"
type JarContainer struct {
	// image is the image's name with its tag or digest, as in a pod.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1000
	// +kubebuilder:validation:XValidation:rule="!self.matches('[[:space:]]')",message="spec.topology.jar.container.image must not have white space in it"
	Image string `json:"image"`

	// path is the JAR's absolute path in the image, or a glob that matches
	// exactly one file, such as /app/*.jar.
	// +required
	// +kubebuilder:validation:MinLength=2
	// +kubebuilder:validation:MaxLength=4096
	// +kubebuilder:validation:XValidation:rule="self.startsWith('/')",message="spec.topology.jar.container.path must be absolute: begin with /"
	Path string `json:"path"`

	// extractionMode says how the JAR gets out of its image. copy: a Job copies
	// it to a volume, and a second Job submits it from there. init-container: one
	// Pod extracts and submits it. image-volume: the image is mounted read-only
	// into the Job that submits.
	// +optional
	// +kubebuilder:default=copy
	ExtractionMode ExtractionMode `json:"extractionMode,omitempty"`

	// imagePullPolicy of the image. Default: Kubernetes' own (Always for the tag
	// latest, else IfNotPresent).
	// +optional
	// +kubebuilder:validation:Enum=Always;IfNotPresent;Never
	ImagePullPolicy corev1.PullPolicy `json:"imagePullPolicy,omitempty"`

	// imagePullSecrets are Secrets of the namespace with the registry's login.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	ImagePullSecrets []corev1.LocalObjectReference `json:"imagePullSecrets,omitempty"`

	// command of your own that brings the JAR to the folder /extracted. The JAR is
	// then taken from there: the file named as in path, else the only *.jar. It is
	// run as it is, without a shell.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=200
	// +kubebuilder:validation:items:MaxLength=65536
	Command []string `json:"command,omitempty"`

	// args of command, one item each. They go with command only, since the
	// image's own entrypoint is never run.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=200
	// +kubebuilder:validation:items:MaxLength=65536
	Args []string `json:"args,omitempty"`

	// env of the container that extracts, for a command of your own. Main does not
	// see it: that is template.env.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	Env []corev1.EnvVar `json:"env,omitempty"`

	// resources of the container that extracts. Default: requests of 50m CPU and
	// 64Mi, a memory limit of 256Mi.
	// +optional
	Resources *corev1.ResourceRequirements `json:"resources,omitempty"`

	// securityContext of the container that extracts, in place of ours (user,
	// group and fsGroup 65532, no privilege, root file system read-only), none of
	// which is set then.
	// +optional
	SecurityContext *corev1.SecurityContext `json:"securityContext,omitempty"`

	// checksum that the JAR must have.
	// +optional
	Checksum *Checksum `json:"checksum,omitempty"`

	// timeoutSeconds is how long the extraction may take from its container's
	// start. Default: 300.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=86400
	TimeoutSeconds *int32 `json:"timeoutSeconds,omitempty"`
}
