package v1beta1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// StormCluster is an existing Storm that topologies are submitted to.
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

	// Where Storm is, and the defaults for its topologies.
	// +required
	Spec StormClusterSpec `json:"spec"`

	// What Stormhooks last read from Storm.
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

// StormClusterSpec says where Storm is, and has defaults for its topologies.
//
// +kubebuilder:validation:XValidation:rule="!has(self.storage) || !has(self.storage.claimName)",message="spec.storage.claimName must not be set, since each topology has its own claim. Set spec.topology.jar.storage.claimName of the StormTopology"
type StormClusterSpec struct {
	// Hosts and port under which Nimbus answers.
	// +required
	Nimbus Nimbus `json:"nimbus"`

	// Storm image that topologies are submitted with, for example
	// apache/storm:2.8.1. Its version should be that of the running Storm.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1000
	Image string `json:"image"`

	// Secrets of the namespace with the logins of registries, for every image in the
	// pods of every topology. Secrets that the topology lists are added.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	ImagePullSecrets []corev1.LocalObjectReference `json:"imagePullSecrets,omitempty"`

	// Client settings of Storm for the JVM that submits, for example
	// storm.thrift.socket.timeout.ms. The topology does not get them. Stormhooks sets
	// the connection to Nimbus itself.
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	// +kubebuilder:pruning:PreserveUnknownFields
	// +kubebuilder:validation:MaxProperties=500
	Config Settings `json:"config,omitempty"`

	// Default for spec.template of all topologies of this cluster.
	// +optional
	Submission *PodTemplate `json:"submission,omitempty"`

	// Default for spec.retry of all topologies of this cluster.
	// +optional
	Retry *Retry `json:"retry,omitempty"`

	// Default for spec.topology.jar.storage of all topologies of this cluster.
	// +optional
	Storage *JarStorage `json:"storage,omitempty"`

	// Where people find the user interface of Storm. Stormhooks never calls it.
	// +optional
	UI *UI `json:"ui,omitempty"`

	// How often a steady topology is checked, in seconds. Default: 30.
	// +optional
	// +kubebuilder:default=30
	// +kubebuilder:validation:Minimum=5
	// +kubebuilder:validation:Maximum=3600
	PollSeconds int32 `json:"pollSeconds,omitempty"`
}

// Nimbus has the hosts and the port of Nimbus.
type Nimbus struct {
	// Host names or addresses of Nimbus. Stormhooks asks all of them at once who leads.
	// A name without a dot is a Service in the StormCluster's namespace.
	// +required
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.all(seed, seed.matches('^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|([0-9A-Fa-f]{0,4}:){2,8}[0-9A-Fa-f.]*)$'))",message="spec.nimbus.seeds must be host names or addresses without a port. Set the port in spec.nimbus.port"
	Seeds []string `json:"seeds"`

	// Port of the Thrift interface of Nimbus. Default: 6627. With tls it is Nimbus's TLS
	// port (nimbus.thrift.tls.port).
	// +optional
	// +kubebuilder:default=6627
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	Port int32 `json:"port,omitempty"`

	// Connects to Nimbus over TLS. Storm has it since 2.6.4. SASL and Kerberos are not
	// supported.
	// +optional
	TLS *NimbusTLS `json:"tls,omitempty"`
}

// NimbusTLS says how Nimbus is reached over TLS.
type NimbusTLS struct {
	// Certificates, in PEM format, of the authorities that sign Nimbus's certificate.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=65536
	// +kubebuilder:validation:XValidation:rule="self.contains('-----BEGIN CERTIFICATE-----')",message="spec.nimbus.tls.caBundle has no certificate in PEM format. Set it to the certificate of the authority that signs Nimbus's certificate"
	// +kubebuilder:validation:XValidation:rule="!self.contains('PRIVATE KEY-----')",message="spec.nimbus.tls.caBundle contains a private key. Remove it; certificates only"
	CABundle string `json:"caBundle"`

	// Name in Nimbus's certificate, if it is not the name that is dialled: a seed, or the
	// leader's own name.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	ServerName string `json:"serverName,omitempty"`

	// Secret of type kubernetes.io/tls in the StormCluster's namespace, with the client
	// certificate of the pods that submit. The hook server has its own: serve
	// --nimbus-cert-file and --nimbus-key-file.
	// +optional
	SecretRef *SecretReference `json:"secretRef,omitempty"`
}

// SecretReference names a Secret in the namespace of the object.
type SecretReference struct {
	// Name of a Secret of type kubernetes.io/tls in the StormCluster's namespace.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
}

// StormClusterStatus is what Stormhooks last read from Storm. No field changes at
// each poll, so that nothing is written while Storm does not change.
type StormClusterStatus struct {
	// The metadata.generation that this status belongs to.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// What happened, and what to do about it.
	// +optional
	Message string `json:"message,omitempty"`
	// The condition Ready, and Reconciling and Stalled while they are true.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`
	// Identifies this Storm: a hash of its ZooKeeper servers, root and port. A Storm
	// with another identity is not used until the annotation
	// storm.apache.org/accept-storm confirms it.
	// +optional
	Identity string `json:"identity,omitempty"`
	// Version of Storm that the leading Nimbus reports.
	// +optional
	Version string `json:"version,omitempty"`
	// The leading Nimbus as host:port.
	// +optional
	Leader string `json:"leader,omitempty"`
	// How many supervisors report to Nimbus.
	// +optional
	Supervisors *int32 `json:"supervisors,omitempty"`
	// When used and free slots and topologies were last counted. They change with each
	// submission, and each write of this status starts a check of every StormTopology of
	// the StormCluster. So they are counted again after 10 minutes at the earliest, or
	// when the last free slot is taken or a first one becomes free.
	// +optional
	CountedAt *metav1.Time `json:"countedAt,omitempty"`
	// Slots for workers on all supervisors: total, used and free.
	// +optional
	Slots *Slots `json:"slots,omitempty"`
	// How many topologies Storm lists, with those that Stormhooks did not submit.
	// +optional
	Topologies *int32 `json:"topologies,omitempty"`
	// Since when Storm does not answer.
	// +optional
	SilentSince *metav1.Time `json:"silentSince,omitempty"`
}

// Slots are the places for workers on all supervisors.
type Slots struct {
	// How many slots all supervisors have together.
	Total int32 `json:"total"`
	// How many of the slots have a worker.
	Used int32 `json:"used"`
	// How many of the slots have no worker.
	Free int32 `json:"free"`
}

// UI is the user interface of Storm.
type UI struct {
	// Link to the UI of Storm, for people. Stormhooks never calls it.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	URL string `json:"url,omitempty"`
}
