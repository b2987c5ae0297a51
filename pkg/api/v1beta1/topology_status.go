package v1beta1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Phase is where in its life a topology is, in one word.
//
// +kubebuilder:validation:Enum=Pending;Extracting;Submitting;Running;Suspended;Updating;UpdateFailed;Failed;Deleting
type Phase string

// The phases. Conditions say more, and are what programs should read.
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

// StormTopologyStatus is what runs, and what is in the way.
type StormTopologyStatus struct {
	// observedGeneration is the metadata.generation that this status speaks of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// phase is where in its life the topology is.
	// +optional
	Phase Phase `json:"phase,omitempty"`

	// message says what happened and what to do.
	// +optional
	Message string `json:"message,omitempty"`

	// conditions: Ready, Available, JarReady, Submitted, TopologyErrors;
	// Reconciling and Stalled while they are true.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// stormId is the id that Storm gave the topology.
	// +optional
	StormID string `json:"stormId,omitempty"`

	// stormName is the topology's name in Storm.
	// +optional
	StormName string `json:"stormName,omitempty"`

	// stormStatus is what Storm says of the topology: ACTIVE, INACTIVE, KILLED,
	// REBALANCING; Unknown while Storm does not answer.
	// +optional
	StormStatus string `json:"stormStatus,omitempty"`

	// workers is how many workers are up.
	// +optional
	Workers int32 `json:"workers,omitempty"`

	// workersWanted is how many workers the topology asks Storm for.
	// +optional
	WorkersWanted int32 `json:"workersWanted,omitempty"`

	// workersUp is "up/wanted", for kubectl get.
	// +optional
	WorkersUp string `json:"workersUp,omitempty"`

	// executors is how many executors the running topology has.
	// +optional
	Executors int32 `json:"executors,omitempty"`

	// tasks is how many tasks the running topology has.
	// +optional
	Tasks int32 `json:"tasks,omitempty"`

	// startTime is when Storm took the topology.
	// +optional
	StartTime *metav1.Time `json:"startTime,omitempty"`

	// revision that runs in Storm: a hash of all that needs a submission.
	// +optional
	Revision string `json:"revision,omitempty"`

	// remark is what main did after it had submitted what runs, where that is
	// worth knowing: it failed, or went on and was ended.
	// +optional
	Remark string `json:"remark,omitempty"`

	// targetRevision is the revision that the spec asks for.
	// +optional
	TargetRevision string `json:"targetRevision,omitempty"`

	// change is how the target revision is reached from the one that runs, and why.
	// +optional
	Change *Change `json:"change,omitempty"`

	// selector matches no pod: the workers are Storm's. The scale subresource
	// must have one.
	// +optional
	Selector string `json:"selector,omitempty"`

	// adoptedRevision is the revision that stands for a topology that was adopted:
	// it runs on until the spec asks for another one.
	// +optional
	AdoptedRevision string `json:"adoptedRevision,omitempty"`

	// lastSpec is the part of the spec that the running revision was made of.
	// +optional
	LastSpec *LastSpec `json:"lastSpec,omitempty"`

	// rollback says which revision failed, and that the last one that ran is
	// submitted again, until the spec changes.
	// +optional
	Rollback *Rollback `json:"rollback,omitempty"`

	// history of the revisions, the newest first, at most 10.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	History []HistoryEntry `json:"history,omitempty"`

	// jar is the JAR that was last extracted.
	// +optional
	Jar *JarStatus `json:"jar,omitempty"`

	// attempts at the target revision: how many there were, at which step, and why
	// the last one failed.
	// +optional
	Attempts *Attempts `json:"attempts,omitempty"`

	// missingSince is when a topology that ran was first not in Storm's list.
	// +optional
	MissingSince *metav1.Time `json:"missingSince,omitempty"`

	// silentSince is when Storm was first found not to answer.
	// +optional
	SilentSince *metav1.Time `json:"silentSince,omitempty"`

	// deletion is what has been seen and done since this object was deleted.
	// +optional
	Deletion *DeletionStatus `json:"deletion,omitempty"`

	// lastError is the newest error that a component reported to Storm.
	// +optional
	LastError *ComponentError `json:"lastError,omitempty"`
}

// JarStatus is a JAR that was extracted.
type JarStatus struct {
	// sha256 of the JAR's file, in hexadecimal, as sha256sum prints it.
	// +optional
	SHA256 string `json:"sha256,omitempty"`
	// size of the JAR's file in bytes.
	// +optional
	Size int64 `json:"size,omitempty"`
	// image that it came from, as the spec named it.
	// +optional
	Image string `json:"image,omitempty"`
	// revision of the JAR: the name of its file on the volume.
	// +optional
	Revision string `json:"revision,omitempty"`
}

// Attempts at one step of the target revision.
type Attempts struct {
	// revision that is extracted or submitted by these attempts.
	// +optional
	Revision string `json:"revision,omitempty"`
	// step of the attempts: Volume, Extract or Submit.
	// +optional
	Step string `json:"step,omitempty"`
	// number of the current attempt. It only grows.
	// +optional
	Number int64 `json:"number,omitempty"`
	// failures that count against the limit, of this revision and step.
	// +optional
	Failures int32 `json:"failures,omitempty"`
	// namedAt is when the attempt's Job was first asked for.
	// +optional
	NamedAt *metav1.Time `json:"namedAt,omitempty"`
	// lastReason is why the last attempt failed.
	// +optional
	LastReason string `json:"lastReason,omitempty"`
}

// DeletionStatus is how far a deletion is.
type DeletionStatus struct {
	// quietSince is since when neither a submitting Job nor a live pod of it
	// has been seen.
	// +optional
	QuietSince *metav1.Time `json:"quietSince,omitempty"`
	// stillQuietSince is when that had lasted long enough to begin to count: a
	// status that lags may tell of a quiet that has been broken meanwhile.
	// +optional
	StillQuietSince *metav1.Time `json:"stillQuietSince,omitempty"`
	// killedAt is when Storm was told to kill the topology.
	// +optional
	KilledAt *metav1.Time `json:"killedAt,omitempty"`
}

// ComponentError is an error that a component of the topology reported.
type ComponentError struct {
	// component that reported the error: a spout or a bolt.
	// +optional
	Component string `json:"component,omitempty"`
	// message is the error's first line.
	// +optional
	Message string `json:"message,omitempty"`
	// host of the worker in which the component failed.
	// +optional
	Host string `json:"host,omitempty"`
	// time when the component reported it to Storm.
	// +optional
	Time *metav1.Time `json:"time,omitempty"`
}

// ChangeKind is how a target revision is reached.
//
// +kubebuilder:validation:Enum=Rebalance;Restart
type ChangeKind string

const (
	// ChangeRebalance: Storm moves workers and changes settings; the id stays.
	ChangeRebalance ChangeKind = "Rebalance"
	// ChangeRestart: the topology is killed and submitted anew.
	ChangeRestart ChangeKind = "Restart"
)

// Change is how the target revision is reached from the one that runs.
type Change struct {
	// kind of the change: Rebalance (the id stays) or Restart (killed and submitted
	// anew).
	// +optional
	Kind ChangeKind `json:"kind,omitempty"`
	// why it is of that kind: the fields and settings that changed.
	// +optional
	Why string `json:"why,omitempty"`
}

// LastSpec is the part of a spec that a revision was made of.
type LastSpec struct {
	// revision that was made of this part of the spec.
	// +optional
	Revision string `json:"revision,omitempty"`
	// topology is spec.topology as it was then: what a rollback submits.
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	// +kubebuilder:pruning:PreserveUnknownFields
	Topology *Topology `json:"topology,omitempty"`
}

// Rollback says which revision failed.
type Rollback struct {
	// revision that failed and is not tried again until the spec changes.
	// +optional
	Revision string `json:"revision,omitempty"`
	// reason of the failure, one of the reasons of the condition Ready.
	// +optional
	Reason string `json:"reason,omitempty"`
	// message of the failure: what happened and what to do.
	// +optional
	Message string `json:"message,omitempty"`
	// specs is a hash of all that a change could mend, StormCluster included; when
	// it differs, the revision is tried again.
	// +optional
	Specs string `json:"specs,omitempty"`
}

// HistoryEntry is a revision that ran, or that failed.
type HistoryEntry struct {
	// revision that ran, or that was tried and failed.
	// +optional
	Revision string `json:"revision,omitempty"`
	// stormId that Storm gave it; none if Storm never had it.
	// +optional
	StormID string `json:"stormId,omitempty"`
	// image that its JAR came from, as the spec named it.
	// +optional
	Image string `json:"image,omitempty"`
	// sha256 of the JAR that was submitted, in hexadecimal.
	// +optional
	SHA256 string `json:"sha256,omitempty"`
	// time when Storm took it, or when it failed.
	// +optional
	Time *metav1.Time `json:"time,omitempty"`
	// cause of the change: what differed from the revision before.
	// +optional
	Cause string `json:"cause,omitempty"`
	// result is Running, or the reason of a failure.
	// +optional
	Result string `json:"result,omitempty"`
}
