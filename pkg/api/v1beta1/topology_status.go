package v1beta1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Phase is the state of a topology in one word.
//
// +kubebuilder:validation:Enum=Pending;Extracting;Submitting;Running;Suspended;Updating;UpdateFailed;Failed;Deleting
type Phase string

// The phases. Conditions say more; programs should read those.
const (
	PhasePending      Phase = "Pending"
	PhaseExtracting   Phase = "Extracting"
	PhaseSubmitting   Phase = "Submitting"
	PhaseRunning      Phase = "Running"
	PhaseSuspended    Phase = "Suspended"
	PhaseUpdating     Phase = "Updating"
	PhaseUpdateFailed Phase = "UpdateFailed"
	PhaseFailed       Phase = "Failed"
	PhaseDeleting     Phase = "Deleting"
)

// StormTopologyStatus says what is running, and what prevents the spec from running.
type StormTopologyStatus struct {
	// The metadata.generation that this status belongs to.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// State of the topology in one word, for people. Programs should read conditions.
	// +optional
	Phase Phase `json:"phase,omitempty"`

	// What happened, and what to do about it.
	// +optional
	Message string `json:"message,omitempty"`

	// The conditions Ready, Available, JarReady, Submitted and TopologyErrors, and
	// Reconciling and Stalled while they are true.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// Id that Storm gave the running topology.
	// +optional
	StormID string `json:"stormId,omitempty"`

	// Name of the topology in Storm.
	// +optional
	StormName string `json:"stormName,omitempty"`

	// Status of the topology in Storm: ACTIVE, INACTIVE, KILLED or REBALANCING; Unknown
	// while Storm does not answer.
	// +optional
	StormStatus string `json:"stormStatus,omitempty"`

	// How many workers of the topology are up.
	// +optional
	Workers int32 `json:"workers,omitempty"`

	// How many workers the running topology requests from Storm.
	// +optional
	WorkersWanted int32 `json:"workersWanted,omitempty"`

	// Workers as "up/wanted", a column of kubectl get.
	// +optional
	WorkersUp string `json:"workersUp,omitempty"`

	// How many executors the running topology has.
	// +optional
	Executors int32 `json:"executors,omitempty"`

	// How many tasks the running topology has.
	// +optional
	Tasks int32 `json:"tasks,omitempty"`

	// The spouts and bolts of the running topology, sorted by name, and then Storm's own
	// components, whose names begin with __. At most 100.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	Components []ComponentStatus `json:"components,omitempty"`

	// How many components of the running topology are not shown in components.
	// +optional
	ComponentsNotShown int32 `json:"componentsNotShown,omitempty"`

	// When the running topology was submitted to Storm.
	// +optional
	StartTime *metav1.Time `json:"startTime,omitempty"`

	// Revision that is running in Storm: a hash of the fields whose change needs a new
	// submission.
	// +optional
	Revision string `json:"revision,omitempty"`

	// Note about main: a non-zero exit code after it had submitted, for example, or blobs
	// in Storm that it changed.
	// +optional
	Remark string `json:"remark,omitempty"`

	// Inputs of main (env, envFrom, volumes and volumeMounts of spec.template, and the data
	// of ConfigMaps) that changed since the submission and take effect at the next one, with
	// the command to restart now.
	// +optional
	NotApplied string `json:"notApplied,omitempty"`

	// Internal: the inputs of main at the submission of what runs or ran last, each with a
	// hash.
	// +optional
	Inputs string `json:"inputs,omitempty"`

	// Revision that the spec describes and that should run in Storm.
	// +optional
	TargetRevision string `json:"targetRevision,omitempty"`

	// How the running revision becomes the target revision, and why.
	// +optional
	Change *Change `json:"change,omitempty"`

	// Selector for the scale subresource, which requires one. It matches no pod, since
	// workers run in Storm.
	// +optional
	Selector string `json:"selector,omitempty"`

	// Revision that stands for an adopted topology: it keeps running until the spec has
	// another revision.
	// +optional
	AdoptedRevision string `json:"adoptedRevision,omitempty"`

	// Part of the spec that the running revision was submitted from.
	// +optional
	LastSpec *LastSpec `json:"lastSpec,omitempty"`

	// Whether the workers of the running submission have come up.
	// +optional
	Progress *Progress `json:"progress,omitempty"`

	// Part of the spec that the last good revision was submitted from, while the workers of
	// the running one have not come up.
	// +optional
	LastGood *LastSpec `json:"lastGood,omitempty"`

	// The topology beside the running one, during a BlueGreen update.
	// +optional
	Beside *Beside `json:"beside,omitempty"`

	// Internal: both names in Storm are checked.
	// +optional
	SecondName bool `json:"secondName,omitempty"`

	// Revision that failed and why. Until the spec changes, the last good revision runs
	// in its place.
	// +optional
	Rollback *Rollback `json:"rollback,omitempty"`

	// Revisions that ran or failed, the newest first, at most 10.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	History []HistoryEntry `json:"history,omitempty"`

	// The JAR that was extracted last.
	// +optional
	Jar *JarStatus `json:"jar,omitempty"`

	// True once a submission with dependencies was requested. What it may have left in
	// Storm's blob store is deleted when this object is deleted.
	// +optional
	HadDependencies bool `json:"hadDependencies,omitempty"`

	// Attempts at the current step of the target revision: how many there were, and why
	// the last one failed.
	// +optional
	Attempts *Attempts `json:"attempts,omitempty"`

	// The workers that Storm assigns, while they are fewer than requested although Storm
	// has free slots.
	// +optional
	FewerWorkers *FewerWorkers `json:"fewerWorkers,omitempty"`

	// Since when a topology that was running is missing in Storm's list.
	// +optional
	MissingSince *metav1.Time `json:"missingSince,omitempty"`

	// Since when Storm does not answer.
	// +optional
	SilentSince *metav1.Time `json:"silentSince,omitempty"`

	// The topology of another owner that has the name in Storm, or had it until a
	// moment ago.
	// +optional
	NameConflict *NameConflictStatus `json:"nameConflict,omitempty"`

	// Progress of the deletion: what Stormhooks has seen and done so far.
	// +optional
	Deletion *DeletionStatus `json:"deletion,omitempty"`

	// The newest error that a component of the topology reported to Storm.
	// +optional
	LastError *ComponentError `json:"lastError,omitempty"`
}

// ComponentStatus is a component of the running topology.
type ComponentStatus struct {
	// Name that main gave the component.
	// +optional
	Name string `json:"name,omitempty"`
	// How many executors the component has.
	// +optional
	Executors int32 `json:"executors,omitempty"`
	// How many tasks the component has.
	// +optional
	Tasks int32 `json:"tasks,omitempty"`
}

// JarStatus is a JAR that was extracted.
type JarStatus struct {
	// SHA-256 of the JAR file, in hexadecimal, as sha256sum prints it.
	// +optional
	SHA256 string `json:"sha256,omitempty"`
	// Size of the JAR file in bytes.
	// +optional
	Size int64 `json:"size,omitempty"`
	// How many dependencies (spec.topology.jar.container.dependencies) came with it.
	// +optional
	Dependencies int32 `json:"dependencies,omitempty"`
	// Size of all dependencies in bytes.
	// +optional
	DependenciesSize int64 `json:"dependenciesSize,omitempty"`
	// Image that the JAR came from, as the spec had it.
	// +optional
	Image string `json:"image,omitempty"`
	// Revision of the JAR, which is also the name of its file on the volume.
	// +optional
	Revision string `json:"revision,omitempty"`
	// UID of the PersistentVolumeClaim that has it, where the Job that copied it cannot
	// tell: its pod did not end, or failed, for a container of another component.
	// +optional
	Claim string `json:"claim,omitempty"`
	// When the Job that copied it to that claim was created, by the clock of the API server.
	// +optional
	CopiedAt *metav1.Time `json:"copiedAt,omitempty"`
}

// Attempts are the attempts at one step of the target revision.
type Attempts struct {
	// Revision that these attempts extract or submit.
	// +optional
	Revision string `json:"revision,omitempty"`
	// Step of the attempts: Volume, Extract or Submit.
	// +optional
	Step string `json:"step,omitempty"`
	// Number of the current attempt. It only grows.
	// +optional
	Number int64 `json:"number,omitempty"`
	// Failures of this revision and step that count towards spec.retry.limit.
	// +optional
	Failures int32 `json:"failures,omitempty"`
	// When the child of this attempt was first requested, while it has not been seen.
	// +optional
	RequestedAt *metav1.Time `json:"requestedAt,omitempty"`
	// When the failure of the current attempt was first seen. The next attempt waits from
	// then on.
	// +optional
	FailedAt *metav1.Time `json:"failedAt,omitempty"`
	// When the next attempt follows, once spec.retry.limit attempts have failed.
	// +optional
	NextAt *metav1.Time `json:"nextAt,omitempty"`
	// Old name of requestedAt; read, no longer written.
	// +optional
	NamedAt *metav1.Time `json:"namedAt,omitempty"`
	// Reason of the last failed attempt.
	// +optional
	LastReason string `json:"lastReason,omitempty"`
	// What the last submission that failed has left on Nimbus's disk, for as long as the
	// next attempt needs to know.
	// +optional
	Upload *JarUpload `json:"upload,omitempty"`
}

// JarUpload is a JAR on the disk of a Nimbus, or the parts of one that it failed at.
type JarUpload struct {
	// Nimbus that has it, as host:port.
	// +optional
	Leader string `json:"leader,omitempty"`
	// When that Nimbus started. After a restart, the JAR is sent again.
	// +optional
	LeaderStarted *metav1.Time `json:"leaderStarted,omitempty"`
	// When the JAR was sent to that Nimbus.
	// +optional
	Time *metav1.Time `json:"time,omitempty"`
	// Path of the JAR in Nimbus's inbox.
	// +optional
	Location string `json:"location,omitempty"`
	// SHA-256 of the JAR, in hexadecimal.
	// +optional
	SHA256 string `json:"sha256,omitempty"`
	// True if the JAR was sent to that Nimbus a second time. It is not sent a third time.
	// +optional
	Repeated bool `json:"repeated,omitempty"`
	// True if Nimbus failed at the JAR: only parts of it are on the disk.
	// +optional
	Refused bool `json:"refused,omitempty"`
}

// NameConflictStatus is a topology that has, or had, the name of this one in Storm.
type NameConflictStatus struct {
	// Id that Storm gave the other topology.
	// +optional
	StormID string `json:"stormId,omitempty"`
	// Namespace and name of the StormTopology that it was submitted for; "unknown"
	// where Storm does not say, and empty if it was not submitted by Stormhooks.
	// +optional
	Owner string `json:"owner,omitempty"`
	// Since when Storm does not have it any more. The name is used a while later, since
	// its owner may need the name again.
	// +optional
	FreeSince *metav1.Time `json:"freeSince,omitempty"`
}

// DeletionStatus is the progress of a deletion.
type DeletionStatus struct {
	// Since when no submitting Job and no live pod of it has been seen.
	// +optional
	QuietSince *metav1.Time `json:"quietSince,omitempty"`
	// Internal: start of the second quiet period. Only that one is proof, since a stale
	// status may report a first one that has been interrupted.
	// +optional
	StillQuietSince *metav1.Time `json:"stillQuietSince,omitempty"`
	// When a submitting pod was first seen that had ended without reporting.
	// +optional
	UnreportedSince *metav1.Time `json:"unreportedSince,omitempty"`
	// When Stormhooks killed the topology in Storm.
	// +optional
	KilledAt *metav1.Time `json:"killedAt,omitempty"`
}

// ComponentError is an error that a component of the topology reported.
type ComponentError struct {
	// Spout or bolt that reported the error.
	// +optional
	Component string `json:"component,omitempty"`
	// First line of the error that the component reported.
	// +optional
	Message string `json:"message,omitempty"`
	// Host of the worker in which the component failed.
	// +optional
	Host string `json:"host,omitempty"`
	// When the component reported the error to Storm.
	// +optional
	Time *metav1.Time `json:"time,omitempty"`
}

// ChangeKind is how the running revision becomes the target revision.
//
// +kubebuilder:validation:Enum=Rebalance;Restart
type ChangeKind string

const (
	// ChangeRebalance: Storm moves workers and changes settings; the id stays.
	ChangeRebalance ChangeKind = "Rebalance"
	// ChangeRestart: the topology is killed and submitted again.
	ChangeRestart ChangeKind = "Restart"
)

// Change is how the running revision becomes the target revision.
type Change struct {
	// Kind of the change: Rebalance (the id stays) or Restart (the topology is killed
	// and submitted again).
	// +optional
	Kind ChangeKind `json:"kind,omitempty"`
	// Why it is of that kind: the fields and settings that changed.
	// +optional
	Why string `json:"why,omitempty"`
}

// FewerWorkers are the workers that Storm assigns to a topology, while they are fewer than
// it requests although Storm has free slots.
type FewerWorkers struct {
	// How many workers Storm assigns to the topology, of those that it requests.
	// +optional
	Assigned int32 `json:"assigned,omitempty"`
	// Since when Storm has assigned that many.
	// +optional
	Since *metav1.Time `json:"since,omitempty"`
}

// LastSpec is the part of a spec that a revision was submitted from.
type LastSpec struct {
	// Revision that was submitted from this part of the spec.
	// +optional
	Revision string `json:"revision,omitempty"`
	// The spec.restartNonce of that revision, which a rollback uses.
	// +optional
	RestartNonce int64 `json:"restartNonce,omitempty"`
	// The annotation storm.apache.org/restartedAt of that revision.
	// +optional
	RestartedAt string `json:"restartedAt,omitempty"`
	// The spec.topology of that revision, which a rollback submits.
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	// +kubebuilder:pruning:PreserveUnknownFields
	Topology *Topology `json:"topology,omitempty"`
	// The part of spec.template that a rollback submits the revision with: the env and
	// envFrom that its references $(NAME) need, or what wholeTemplate says.
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	// +kubebuilder:pruning:PreserveUnknownFields
	Template *PodTemplate `json:"template,omitempty"`
	// True if template has the whole env, envFrom, volumes and volumeMounts of that
	// revision, since spec.update.restartOn had Template.
	// +optional
	WholeTemplate bool `json:"wholeTemplate,omitempty"`
	// Internal: the inputs of main at the submission of that revision, each with a hash.
	// +optional
	Inputs string `json:"inputs,omitempty"`
	// Topology and template as JSON, compressed with gzip, if they are larger than 64 KiB.
	// +optional
	Compressed []byte `json:"compressed,omitempty"`
}

// Progress says whether the workers of a submission have come up.
type Progress struct {
	// Id that Storm gave the submission.
	// +optional
	StormID string `json:"stormId,omitempty"`
	// Revision that Storm runs under that id, and that is judged.
	// +optional
	Revision string `json:"revision,omitempty"`
	// Since when the time of progressDeadlineSeconds counts: Storm shows the submission, it
	// is active, and Storm assigns as many workers as it needs. Empty while it does not count.
	// +optional
	Since *metav1.Time `json:"since,omitempty"`
	// How many seconds had counted before that.
	// +optional
	CountedSeconds int64 `json:"countedSeconds,omitempty"`
	// When all workers had been up for minReadySeconds. The revision is not judged again.
	// +optional
	ProgressedAt *metav1.Time `json:"progressedAt,omitempty"`
}

// Beside is the topology beside the running one: the next revision, or the previous one.
type Beside struct {
	// Name of this topology in Storm.
	// +optional
	StormName string `json:"stormName,omitempty"`
	// Id that Storm gave this topology.
	// +optional
	StormID string `json:"stormId,omitempty"`
	// Status of this topology in Storm.
	// +optional
	StormStatus string `json:"stormStatus,omitempty"`
	// Revision of this topology in Storm now.
	// +optional
	Revision string `json:"revision,omitempty"`
	// Workers of this topology as "up/wanted".
	// +optional
	WorkersUp string `json:"workersUp,omitempty"`
	// Internal: since when its deadline counts.
	// +optional
	Since *metav1.Time `json:"since,omitempty"`
	// Internal: seconds that counted before that.
	// +optional
	CountedSeconds int64 `json:"countedSeconds,omitempty"`
	// Internal: since when the running one drains.
	// +optional
	DrainingSince *metav1.Time `json:"drainingSince,omitempty"`
}

// Rollback is a revision that failed, so that the last good one runs in its place.
type Rollback struct {
	// Revision that failed. It is retried when the spec changes in what can make it work.
	// +optional
	Revision string `json:"revision,omitempty"`
	// Reason of the failure, one of the reasons of the condition Ready.
	// +optional
	Reason string `json:"reason,omitempty"`
	// What happened at the failure, and what to do about it.
	// +optional
	Message string `json:"message,omitempty"`
	// Internal: hash of the specs of the StormTopology and its StormCluster.
	// +optional
	Specs string `json:"specs,omitempty"`
	// Internal: hash of what can make it work.
	// +optional
	Unscaled string `json:"unscaled,omitempty"`
	// Internal: the workers have changed since. The revision that runs gets them.
	// +optional
	Scaled bool `json:"scaled,omitempty"`
}

// HistoryEntry is a revision that ran, or that failed.
type HistoryEntry struct {
	// Revision that ran in Storm, or that failed before.
	// +optional
	Revision string `json:"revision,omitempty"`
	// Id that Storm gave this revision; empty if Storm never had it.
	// +optional
	StormID string `json:"stormId,omitempty"`
	// Image that its JAR came from, as the spec had it.
	// +optional
	Image string `json:"image,omitempty"`
	// SHA-256 of the JAR that was submitted, in hexadecimal.
	// +optional
	SHA256 string `json:"sha256,omitempty"`
	// When the revision was submitted to Storm, or when it failed.
	// +optional
	Time *metav1.Time `json:"time,omitempty"`
	// Cause of the change: the difference from the previous revision.
	// +optional
	Cause string `json:"cause,omitempty"`
	// Running, or the reason of the failure.
	// +optional
	Result string `json:"result,omitempty"`
}
