package v1beta1

// Condition types of a StormTopology.
const (
	// ConditionReady: the target revision runs and its workers are up.
	ConditionReady = "Ready"
	// ConditionAvailable: some revision runs.
	ConditionAvailable = "Available"
	// ConditionJarReady: the target revision's JAR has been extracted and checked.
	ConditionJarReady = "JarReady"
	// ConditionSubmitted: Storm has the target revision.
	ConditionSubmitted = "Submitted"
	// ConditionTopologyErrors: components have reported errors to Storm.
	ConditionTopologyErrors = "TopologyErrors"
	// ConditionReconciling and ConditionStalled are kstatus's, present only when true.
	ConditionReconciling = "Reconciling"
	ConditionStalled     = "Stalled"
)

// Reasons. A constant equals its string.
const (
	// Active: the topology runs as its spec says.
	Active = "Active"
	// NotSubmitted: nothing has been submitted yet.
	NotSubmitted = "NotSubmitted"
	// Starting: Storm has the topology, its workers are starting.
	Starting = "Starting"
	// Extracting: the JAR is being copied out of its image.
	Extracting = "Extracting"
	// Extracted: the JAR has been copied and checked.
	Extracted = "Extracted"
	// NotNeeded: the target revision runs, so its JAR is asked for no more.
	NotNeeded = "NotNeeded"
	// Submitting: main is run and its topology is handed to Storm.
	Submitting = "Submitting"
	// NoErrors: no component has reported an error to Storm.
	NoErrors = "NoErrors"
	// ErrorsReported: a component has reported an error to Storm.
	ErrorsReported = "ErrorsReported"

	// InvalidSpec: the spec cannot be carried out as it stands.
	InvalidSpec = "InvalidSpec"
	// ClusterNotFound: no StormCluster of that name is in the namespace.
	ClusterNotFound = "ClusterNotFound"
	// ClusterDeleting: the StormCluster is being deleted and takes no new topology.
	ClusterDeleting = "ClusterDeleting"
	// ClusterUnreachable: Storm does not answer.
	ClusterUnreachable = "ClusterUnreachable"
	// ClusterChanged: the seeds lead to another Storm than before.
	ClusterChanged = "ClusterChanged"
	// NameConflict: a topology that is not ours has the name.
	NameConflict = "NameConflict"
	// Paused: the annotation storm.apache.org/paused is set.
	Paused = "Paused"

	// ImagePullFailed: the registry did not give the image.
	ImagePullFailed = "ImagePullFailed"
	// ImageNotFound: the registry has no such image or tag.
	ImageNotFound = "ImageNotFound"
	// Unschedulable: no node takes the pod.
	Unschedulable = "Unschedulable"
	// PodSecurityViolation: the namespace's Pod Security Standard forbids the pod.
	PodSecurityViolation = "PodSecurityViolation"
	// PodRefused: the API server refuses the Job's pod, most often for a quota.
	PodRefused = "PodRefused"
	// ChildRefused: the API server refuses the child itself, or its name is taken.
	ChildRefused = "ChildRefused"
	// ContainerFailed: a container could not be started.
	ContainerFailed = "ContainerFailed"
	// VolumePending: the volume for the JAR is not there yet.
	VolumePending = "VolumePending"
	// VolumeNotWritable: the volume does not let our user write.
	VolumeNotWritable = "VolumeNotWritable"
	// VolumeFull: the volume has no room for the JAR.
	VolumeFull = "VolumeFull"
	// ImageVolumeUnsupported: this Kubernetes does not mount images.
	ImageVolumeUnsupported = "ImageVolumeUnsupported"
	// PodLost: the pod was evicted or deleted before it had ended.
	PodLost = "PodLost"

	// JarNotFound: the image has no file at the path.
	JarNotFound = "JarNotFound"
	// JarAmbiguous: several files match the path.
	JarAmbiguous = "JarAmbiguous"
	// JarUnreadable: our user may not read the file.
	JarUnreadable = "JarUnreadable"
	// JarInvalid: the file is no whole JAR, or bundles what it must not.
	JarInvalid = "JarInvalid"
	// ChecksumMismatch: the JAR is not the one whose checksum is given.
	ChecksumMismatch = "ChecksumMismatch"
	// MainClassNotFound: the JAR has no such class.
	MainClassNotFound = "MainClassNotFound"
	// ExtractionFailed: the extraction ended with an error of another kind.
	ExtractionFailed = "ExtractionFailed"
	// ExtractionTimedOut: the extraction took too long.
	ExtractionTimedOut = "ExtractionTimedOut"
	// OutOfMemory: a container used more memory than its limit.
	OutOfMemory = "OutOfMemory"

	// MainFailed: main ended with an error before it had submitted.
	MainFailed = "MainFailed"
	// MainTimedOut: main took too long to submit.
	MainTimedOut = "MainTimedOut"
	// NothingSubmitted: main ended well and had submitted nothing.
	NothingSubmitted = "NothingSubmitted"
	// SubmittedTwice: main submitted more than one topology.
	SubmittedTwice = "SubmittedTwice"
	// SubmissionRejected: Storm refuses the topology.
	SubmissionRejected = "SubmissionRejected"
	// SubmissionFailed: the submission ended with an error of another kind.
	SubmissionFailed = "SubmissionFailed"
	// Superseded: a newer revision runs already, so this one stepped back.
	Superseded = "Superseded"

	// NotEnoughSlots: Storm has no slot for some workers.
	NotEnoughSlots = "NotEnoughSlots"
	// Killing: Storm drains and kills a topology.
	Killing = "Killing"
	// Missing: a topology that ran is not in Storm any more.
	Missing = "Missing"
	// Deactivated: the topology was deactivated by hand, and is being activated.
	Deactivated = "Deactivated"
	// RolledBack: a new revision failed after the old one had been killed, and the
	// last one that ran is there again.
	RolledBack = "RolledBack"
	// Suspended: the topology is stopped, or held, as spec.suspend says.
	Suspended = "Suspended"
	// Adopted: a topology that somebody else submitted runs on until the next change.
	Adopted = "Adopted"
	// Rebalancing: Storm is moving the topology's workers.
	Rebalancing = "Rebalancing"
	// Deleting: the object is being deleted.
	Deleting = "Deleting"
)
