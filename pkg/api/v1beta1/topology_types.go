package v1beta1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// StormTopology is an Apache Storm topology whose JAR lies in a container image.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
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
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec.clusterRef cannot be changed. Delete this StormTopology and apply one for the other StormCluster"
	ClusterRef string `json:"clusterRef"`

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
type Jar struct {
	// container is the container image that holds the JAR.
	// +required
	Container JarContainer `json:"container"`
}

// ExtractionMode says how the JAR gets out of its image.
//
// +kubebuilder:validation:Enum=copy
type ExtractionMode string

// ExtractionCopy copies the JAR by a Job to a volume, from which it is submitted.
const ExtractionCopy ExtractionMode = "copy"

// JarContainer is the container image that holds the JAR.
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
	// it to a volume, and a second Job submits it from there.
	// +optional
	// +kubebuilder:default=copy
	ExtractionMode ExtractionMode `json:"extractionMode,omitempty"`
}
