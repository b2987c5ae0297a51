package v1beta1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// StormTopology is an Apache Storm topology whose JAR is in a container image.
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
// +kubebuilder:validation:XValidation:rule="self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,40}[a-z0-9])?$')",message="metadata.name must be 1 to 42 characters of a-z, 0-9 and -, and begin and end with a letter or digit, since the name of the Job topology-jar-extract-NAME must not exceed 63. Choose another metadata.name; spec.topology.name may be longer"
// +kubebuilder:validation:XValidation:rule="(has(self.spec.topology.name) ? self.spec.topology.name : self.metadata.name) == (has(oldSelf.spec.topology.name) ? oldSelf.spec.topology.name : oldSelf.metadata.name)",message="spec.topology.name cannot be changed, since Storm finds a topology by its name only. Delete this StormTopology and apply one with the new name",fieldPath=".spec.topology.name"
type StormTopology struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// What should run in Storm, and how it is submitted and updated.
	// +required
	Spec StormTopologySpec `json:"spec"`

	// What is running, and what prevents the spec from running.
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

// DeletionPolicy says what happens to the topology in Storm when its StormTopology is
// deleted.
//
// +kubebuilder:validation:Enum=Kill;Orphan
type DeletionPolicy string

const (
	// DeletionKill: the topology is killed before the object is removed.
	DeletionKill DeletionPolicy = "Kill"
	// DeletionOrphan: the topology keeps running.
	DeletionOrphan DeletionPolicy = "Orphan"
)

// StormTopologySpec is what should run in Storm.
type StormTopologySpec struct {
	// Name of the StormCluster, in the same namespace, that the topology is submitted
	// to. It cannot be changed.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')",message="spec.clusterRef must be the name of a StormCluster: a-z, 0-9, - and . only (kubectl get stormclusters)"
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec.clusterRef cannot be changed. Delete this StormTopology and apply one for the other StormCluster"
	ClusterRef string `json:"clusterRef"`

	// If true, a running topology is deactivated in Storm (INACTIVE, its workers stay),
	// and one that does not run is not extracted or submitted. An update of a suspended
	// topology is submitted INACTIVE. Default: false.
	// +optional
	Suspend bool `json:"suspend,omitempty"`

	// How a change of the spec reaches the running topology.
	// +optional
	Update *Update `json:"update,omitempty"`

	// Change this number to force a restart. The JAR is extracted again (which picks up
	// a moved tag) and checked while the topology keeps running; then the topology is
	// killed and submitted again. A change also retries a topology that is Failed.
	// +optional
	RestartNonce int64 `json:"restartNonce,omitempty"`

	// What happens to the topology in Storm when this object is deleted. Kill: it is
	// killed before the object is removed. Orphan: it keeps running. Default: Kill.
	// +optional
	// +kubebuilder:default=Kill
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// How long Storm drains the topology before it kills it, at an update and at
	// deletion, and before a BlueGreen switch, in seconds. Default:
	// topology.message.timeout.secs of the topology.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=86400
	KillWaitSeconds *int32 `json:"killWaitSeconds,omitempty"`

	// The topology: its JAR, its main class and its settings.
	// +required
	Topology Topology `json:"topology"`

	// Settings of all pods of the topology: the pod that extracts its JAR and the pod
	// that submits it. A change restarts nothing, unless update.restartOn says so.
	// +optional
	Template *PodTemplate `json:"template,omitempty"`

	// How often a failed extraction or submission is retried. Default: 3 attempts, 10 s
	// to 5 min apart.
	// +optional
	Retry *Retry `json:"retry,omitempty"`
}

// UpdatePolicy says how a change reaches the running topology.
//
// +kubebuilder:validation:Enum=Auto;Restart
type UpdatePolicy string

const (
	// UpdateAuto uses the cheapest change that works: none, a rebalance or a restart.
	UpdateAuto UpdatePolicy = "Auto"
	// UpdateRestart always restarts.
	UpdateRestart UpdatePolicy = "Restart"
)

// UpdateStrategy says how a restart replaces the running topology.
//
// +kubebuilder:validation:Enum=Replace;BlueGreen
type UpdateStrategy string

const (
	// UpdateReplace kills the running topology and then submits the new revision.
	UpdateReplace UpdateStrategy = "Replace"
	// UpdateBlueGreen submits the new revision beside the running one, and switches.
	UpdateBlueGreen UpdateStrategy = "BlueGreen"
)

// Update says how a change reaches the running topology.
type Update struct {
	// Auto uses the cheapest change that works: none, a rebalance (the topology keeps
	// its id) or a restart. Restart always kills the topology and submits it again.
	// Default: Auto.
	// +optional
	Policy UpdatePolicy `json:"policy,omitempty"`
	// How a restart works. Replace: the old revision is killed first. BlueGreen: the new
	// one starts beside it and takes over. Default: Replace.
	// +optional
	Strategy UpdateStrategy `json:"strategy,omitempty"`
	// If true, the last good revision is submitted again when the new one was rejected
	// by Storm, or never appeared there, after the previous one had been killed, or when
	// its workers did not come up within progressDeadlineSeconds. Default: true.
	// +optional
	Rollback *bool `json:"rollback,omitempty"`
	// How long the spouts are paused before Storm moves the workers in a rebalance, in
	// seconds. Default: topology.message.timeout.secs of the topology.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=86400
	RebalanceWaitSeconds *int32 `json:"rebalanceWaitSeconds,omitempty"`
	// Changes outside spec.topology that restart the topology. Template: of env, envFrom,
	// volumes or volumeMounts of spec.template. ConfigMaps: of the data of a ConfigMap that
	// these name. Other changes of them take effect at the next submission, which
	// status.notApplied says. Default: none.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=2
	RestartOn []RestartCause `json:"restartOn,omitempty"`
	// How long each worker of a new revision must have been up until the topology is
	// Ready, in seconds. Workers tell Storm their age once a minute, so Ready may come up to
	// a minute later. Default: 0, as soon as Storm shows all workers.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=86400
	MinReadySeconds *int32 `json:"minReadySeconds,omitempty"`
	// How long the workers of a new revision may take until they are all up for
	// minReadySeconds, in seconds since Storm has the revision. If they are not, the last
	// good revision is submitted again (rollback). The time does not count in which Storm
	// assigns fewer workers than the topology needs, or it is suspended or paused. Use it
	// with minReadySeconds, since a worker that crashes is up for a moment. Default: no limit.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=86400
	ProgressDeadlineSeconds *int32 `json:"progressDeadlineSeconds,omitempty"`
	// With strategy BlueGreen: how long the running revision drains, with its spouts
	// stopped, before the new one is activated, in seconds. Default:
	// topology.message.timeout.secs, or killWaitSeconds if that is shorter.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=86400
	DrainSeconds *int32 `json:"drainSeconds,omitempty"`
}

// RestartCause is a part of main's inputs whose change restarts the topology.
//
// +kubebuilder:validation:Enum=Template;ConfigMaps
type RestartCause string

const (
	// RestartOnTemplate: env, envFrom, volumes or volumeMounts of spec.template.
	RestartOnTemplate RestartCause = "Template"
	// RestartOnConfigMaps: the data of the ConfigMaps that these name.
	RestartOnConfigMaps RestartCause = "ConfigMaps"
)

// Topology is the topology: its JAR, its main class and its settings.
//
// +kubebuilder:validation:XValidation:rule="!has(self.components) || !has(self.workers) || self.components.all(c, !has(self.components[c].executorsPerWorker) || !has(self.components[c].tasks) || self.components[c].executorsPerWorker * self.workers <= self.components[c].tasks)",message="spec.topology.workers times executorsPerWorker is more than the tasks of a component in spec.topology.components, and Storm never uses more executors than tasks. Use fewer workers, or raise tasks, which is a restart"
type Topology struct {
	// Name of the topology in Storm; the name that main uses is ignored. It cannot be
	// changed. Default: metadata.name.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=200
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9_-]+$')",message="spec.topology.name must be letters, digits, _ and - only, since Storm uses it in file names"
	Name string `json:"name,omitempty"`

	// Class whose main method builds and submits the topology, for example
	// com.mycompany.MyTopology.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=500
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z_$][A-Za-z0-9_$]*([.][A-Za-z_$][A-Za-z0-9_$]*)*$')",message="spec.topology.mainClass must be a Java class name with its package, for example com.mycompany.MyTopology"
	MainClass string `json:"mainClass"`

	// Arguments of main. $(NAME) is replaced by the variable NAME of template.env or
	// envFrom, in the submitting pod, and $(TOPOLOGY_NAME) by the name of the topology.
	// $$(NAME) is the text $(NAME). An empty list means no arguments. Default: the name
	// as the only argument.
	// +optional
	// +kubebuilder:validation:MaxItems=200
	// +kubebuilder:validation:items:MaxLength=65536
	Args []string `json:"args,omitzero"`

	// How many workers the topology requests from Storm, at least 1. It overrides
	// topology.workers in config. kubectl scale, an HPA with external metrics and KEDA
	// write it. A change is a rebalance. To stop a topology, set spec.suspend.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self >= 1",message="spec.topology.workers must be 1 or more. To stop the topology and keep it: spec.suspend: true"
	// +kubebuilder:validation:Maximum=10000
	Workers *int32 `json:"workers,omitempty"`

	// How spouts and bolts are scaled, by the name that main gives them. Executors are
	// changed by the same rebalance as workers, tasks by a restart. A component that the
	// topology does not have is refused, and so are more executors than tasks.
	// +optional
	// +kubebuilder:validation:MaxProperties=100
	Components map[string]Component `json:"components,omitempty"`

	// How long main may take until it has submitted, in seconds. Default: 300.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=86400
	MainTimeoutSeconds *int32 `json:"mainTimeoutSeconds,omitempty"`

	// Storm settings of the topology, for example topology.workers. A string is read as
	// the storm command reads it after -c key=, so "2" is the number 2. Numbers,
	// booleans, lists and maps are allowed too. $(NAME) in a string is replaced as in
	// args; Storm's UI shows the value.
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	// +kubebuilder:pruning:PreserveUnknownFields
	// +kubebuilder:validation:MaxProperties=500
	Config Settings `json:"config,omitempty"`

	// Where the JAR of the topology comes from.
	// +required
	Jar Jar `json:"jar"`
}

// Component is how a spout or a bolt is scaled. What is absent stays as main has it.
//
// +kubebuilder:validation:MinProperties=1
// +kubebuilder:validation:XValidation:rule="!has(self.executors) || !has(self.executorsPerWorker)",message="a component in spec.topology.components has executors and executorsPerWorker. Remove one of them"
// +kubebuilder:validation:XValidation:rule="!has(self.tasks) || !((has(self.executors) && self.executors > self.tasks) || (has(self.executorsPerWorker) && self.executorsPerWorker > self.tasks))",message="a component in spec.topology.components has more executors than tasks, and Storm never uses more executors than tasks. Reduce executors, or raise tasks"
type Component struct {
	// How many executors (threads) the component has in all workers together. A change is
	// a rebalance.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10000
	Executors *int32 `json:"executors,omitempty"`
	// How many executors the component has for each worker that the topology requests. So
	// kubectl scale and autoscalers, which write workers, change them too.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10000
	ExecutorsPerWorker *int32 `json:"executorsPerWorker,omitempty"`
	// How many tasks the component has, for as long as it runs: the largest number of
	// executors that a rebalance can give it. A change is a restart. Default: what main
	// sets, otherwise the number of executors at the submission.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10000
	Tasks *int32 `json:"tasks,omitempty"`
}

// Jar says where the JAR of the topology comes from.
//
// +kubebuilder:validation:XValidation:rule="!has(self.storage) || !has(self.container.extractionMode) || self.container.extractionMode == 'copy'",message="spec.topology.jar.storage is for extractionMode copy only. Remove it, or use that mode"
type Jar struct {
	// Container image that has the JAR, and how the JAR is extracted.
	// +required
	Container JarContainer `json:"container"`

	// Volume for the JAR in extractionMode copy. Default: 1Gi, ReadWriteOnce, with the
	// default StorageClass of the Kubernetes cluster.
	// +optional
	Storage *JarStorage `json:"storage,omitempty"`
}

// ExtractionMode says how the JAR is extracted from its image.
//
// +kubebuilder:validation:Enum=copy;init-container;image-volume
type ExtractionMode string

const (
	// ExtractionCopy: a Job copies the JAR to a volume, and a second Job submits it.
	ExtractionCopy ExtractionMode = "copy"
	// ExtractionInit: an init container of the Pod that submits extracts the JAR.
	ExtractionInit ExtractionMode = "init-container"
	// ExtractionVolume: the pod that submits mounts the image itself, read-only.
	ExtractionVolume ExtractionMode = "image-volume"
)

// JarContainer is the container image that has the JAR.
//
// +kubebuilder:validation:XValidation:rule="!has(self.args) || size(self.args) == 0 || (has(self.command) && size(self.command) > 0)",message="spec.topology.jar.container.args needs spec.topology.jar.container.command, since the entrypoint of the image is never run. Set command too, or remove args"
// +kubebuilder:validation:XValidation:rule="!has(self.extractionMode) || self.extractionMode != 'image-volume' || !(has(self.command) || has(self.env) || has(self.resources) || has(self.securityContext))",message="spec.topology.jar.container.command, env, resources and securityContext are for a container, and extractionMode image-volume does not run one. Remove them, or use another mode"
type JarContainer struct {
	// Name of the image with its tag or digest, as in a pod.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1000
	// +kubebuilder:validation:XValidation:rule="!self.matches('[[:space:]]')",message="spec.topology.jar.container.image must not contain white space"
	Image string `json:"image"`

	// Absolute path of the JAR in the image, or a glob that matches exactly one file,
	// for example /app/*.jar.
	// +required
	// +kubebuilder:validation:MinLength=2
	// +kubebuilder:validation:MaxLength=4096
	// +kubebuilder:validation:XValidation:rule="self.startsWith('/')",message="spec.topology.jar.container.path must be an absolute path. Begin it with /"
	Path string `json:"path"`

	// More JARs of the image, as absolute paths or globs, for example /app/lib/*.jar:
	// what storm jar --jars is given. Main has them on its class path in this order, and
	// so have the workers, after the topology's JAR. Each is checked like that.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:items:MinLength=2
	// +kubebuilder:validation:items:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="self.all(p, p.startsWith('/') && !p.contains('/../') && !p.endsWith('/..'))",message="each item of spec.topology.jar.container.dependencies must be an absolute path or glob without .. in it. Begin it with /, and write the path without .."
	Dependencies []string `json:"dependencies,omitempty"`

	// Files and folders of the image, as absolute paths or globs, for example
	// /app/conf/*, that main finds in its working folder: /app/crawler.flux is
	// crawler.flux there. Paths stay as they are below the part of a glob without
	// wildcards. Workers do not have these files.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:items:MinLength=2
	// +kubebuilder:validation:items:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="self.all(p, p.startsWith('/') && !p.contains('/../') && !p.endsWith('/..'))",message="each item of spec.topology.jar.container.files must be an absolute path or glob without .. in it. Begin it with /, and write the path without .."
	Files []string `json:"files,omitempty"`

	// How the JAR is extracted from its image. copy: a Job copies it to a volume, and a
	// second Job submits it from there. init-container: one Pod extracts and submits
	// it. image-volume: the Job that submits mounts the image read-only. Default: copy.
	// +optional
	// +kubebuilder:default=copy
	ExtractionMode ExtractionMode `json:"extractionMode,omitempty"`

	// Pull policy of the image. Default: that of Kubernetes (Always for the tag latest,
	// otherwise IfNotPresent).
	// +optional
	// +kubebuilder:validation:Enum=Always;IfNotPresent;Never
	ImagePullPolicy corev1.PullPolicy `json:"imagePullPolicy,omitempty"`

	// Secrets of the namespace with the login of the registry.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	ImagePullSecrets []corev1.LocalObjectReference `json:"imagePullSecrets,omitempty"`

	// Custom command that writes the JAR to /extracted, run without a shell. Then the
	// JAR is read from there: the file with the name that path has, otherwise the only
	// *.jar.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=200
	// +kubebuilder:validation:items:MaxLength=65536
	Command []string `json:"command,omitempty"`

	// Arguments of command, one for each item. They need command, since the entrypoint
	// of the image is never run. $(NAME) is replaced by the variable NAME of env, if env
	// has it.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=200
	// +kubebuilder:validation:items:MaxLength=65536
	Args []string `json:"args,omitempty"`

	// Environment variables of the container that extracts, for a custom command. Main
	// does not see them: use template.env for main.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	Env []corev1.EnvVar `json:"env,omitempty"`

	// Resources of the container that extracts. Default: requests of 50m CPU and 64Mi,
	// a memory limit of 256Mi.
	// +optional
	Resources *corev1.ResourceRequirements `json:"resources,omitempty"`

	// Security context of the container that extracts. It replaces the default (user,
	// group and fsGroup 65532, no privilege, read-only root file system) completely:
	// set every field that you need.
	// +optional
	SecurityContext *corev1.SecurityContext `json:"securityContext,omitempty"`

	// Checksum that the JAR must have; another JAR is not submitted.
	// +optional
	Checksum *Checksum `json:"checksum,omitempty"`

	// How long the extraction may take from the start of its container, in seconds.
	// Default: 300.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=86400
	TimeoutSeconds *int32 `json:"timeoutSeconds,omitempty"`
}
