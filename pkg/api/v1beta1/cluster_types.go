package v1beta1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// StormCluster is a Storm that already runs and that topologies are submitted to.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:metadata:annotations="helm.sh/resource-policy=keep"
// +kubebuilder:metadata:annotations="argocd.argoproj.io/sync-options=Prune=false,Delete=false"
// +kubebuilder:resource:shortName=stc,categories=storm
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Version",type=string,JSONPath=`.status.version`
// +kubebuilder:printcolumn:name="Leader",type=string,JSONPath=`.status.leader`
// +kubebuilder:printcolumn:name="Supervisors",type=integer,JSONPath=`.status.supervisors`
// +kubebuilder:printcolumn:name="Free Slots",type=integer,JSONPath=`.status.slots.free`
// +kubebuilder:printcolumn:name="Topologies",type=integer,JSONPath=`.status.topologies`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.message`
type StormCluster struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec says where the Storm is.
	// +required
	Spec StormClusterSpec `json:"spec"`

	// status is what the Storm says of itself.
	// +optional
	// +default={"observedGeneration": -1}
	Status StormClusterStatus `json:"status,omitempty"`
}

// StormClusterList is a list of StormClusters.
//
// +kubebuilder:object:root=true
type StormClusterList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []StormCluster `json:"items"`
}

// StormClusterSpec says where the Storm is.
//
// +kubebuilder:validation:XValidation:rule="!has(self.storage) || !has(self.storage.claimName)",message="spec.storage.claimName is a topology's own: set spec.topology.jar.storage.claimName of the StormTopology"
type StormClusterSpec struct {
	// nimbus is where Storm's Nimbus answers.
	// +required
	Nimbus Nimbus `json:"nimbus"`

	// image is the Storm image that topologies are submitted with, such as
	// apache/storm:2.8.1. Its version should be that of the Storm.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1000
	Image string `json:"image"`

	// imagePullSecrets are Secrets of the namespace with registries' logins, for
	// every image of every topology's pods, besides those that the topology lists.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	ImagePullSecrets []corev1.LocalObjectReference `json:"imagePullSecrets,omitempty"`

	// config are Storm's client settings for the submitting JVM, such as
	// storm.thrift.socket.timeout.ms. The topology does not get them. Connection
	// settings are Stormhooks' own.
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	// +kubebuilder:pruning:PreserveUnknownFields
	// +kubebuilder:validation:MaxProperties=500
	Config Settings `json:"config,omitempty"`

	// submission is the default for spec.template of the topologies.
	// +optional
	Submission *PodTemplate `json:"submission,omitempty"`

	// retry is the default for spec.retry of the topologies.
	// +optional
	Retry *Retry `json:"retry,omitempty"`

	// storage is the default for spec.topology.jar.storage of the topologies.
	// +optional
	Storage *JarStorage `json:"storage,omitempty"`

	// ui says where people find Storm's user interface. It is never called.
	// +optional
	UI *UI `json:"ui,omitempty"`

	// pollSeconds is how often a topology in a steady state is looked at.
	// +optional
	// +kubebuilder:default=30
	// +kubebuilder:validation:Minimum=5
	// +kubebuilder:validation:Maximum=3600
	PollSeconds int32 `json:"pollSeconds,omitempty"`
}

// Nimbus is where Storm's Nimbus answers.
type Nimbus struct {
	// seeds are host names or addresses of Nimbus, asked in turn for the leader.
	// A name without a dot is a Service in the StormCluster's namespace.
	// +required
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.all(seed, isIP(seed) || seed.matches('^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$'))",message="spec.nimbus.seeds must be host names or addresses without a port. The port is spec.nimbus.port"
	Seeds []string `json:"seeds"`

	// port is the port of Nimbus' Thrift interface.
	// +optional
	// +kubebuilder:default=6627
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	Port int32 `json:"port,omitempty"`
}

// StormClusterStatus is what the Storm says of itself. Nothing in it changes
// at each poll: a quiet Storm writes nothing.
type StormClusterStatus struct {
	// observedGeneration is the metadata.generation that this status speaks of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// message says what happened and what to do.
	// +optional
	Message string `json:"message,omitempty"`
	// conditions: Ready; Reconciling and Stalled while they are true.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`
	// identity tells this Storm from any other: a hash of its ZooKeeper servers,
	// root and port. A Storm with another one is not touched until the annotation
	// storm.apache.org/accept-storm names it.
	// +optional
	Identity string `json:"identity,omitempty"`
	// version of Storm, as the leading Nimbus says it.
	// +optional
	Version string `json:"version,omitempty"`
	// leader is host:port of the leading Nimbus.
	// +optional
	Leader string `json:"leader,omitempty"`
	// supervisors is how many supervisors report to Nimbus.
	// +optional
	Supervisors *int32 `json:"supervisors,omitempty"`
	// slots is how many workers the supervisors have room for, used and free.
	// +optional
	Slots *Slots `json:"slots,omitempty"`
	// topologies is how many topologies Storm lists, whoever submitted them.
	// +optional
	Topologies *int32 `json:"topologies,omitempty"`
	// silentSince is when Storm was first found not to answer.
	// +optional
	SilentSince *metav1.Time `json:"silentSince,omitempty"`
}

// Slots for workers.
type Slots struct {
	// total is how many slots all supervisors have.
	Total int32 `json:"total"`
	// used is how many slots have a worker.
	Used int32 `json:"used"`
	// free is how many slots have none.
	Free int32 `json:"free"`
}

// UI is Storm's user interface.
type UI struct {
	// url that people open. It is shown and never called.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	URL string `json:"url,omitempty"`
}
