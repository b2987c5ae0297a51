package v1beta1

// Condition types of a StormTopology.
const (
	// ConditionReady: the target revision is running and its workers are up.
	ConditionReady = "Ready"
	// ConditionAvailable: Storm has a revision that is not killed.
	ConditionAvailable = "Available"
	// ConditionJarReady: the target revision's JAR has been extracted and checked.
	ConditionJarReady = "JarReady"
	// ConditionSubmitted: Storm has the target revision.
	ConditionSubmitted = "Submitted"
	// ConditionTopologyErrors: components have reported errors to Storm.
	ConditionTopologyErrors = "TopologyErrors"
	// ConditionReconciling and ConditionStalled are those of kstatus, present only
	// while they are true.
	ConditionReconciling = "Reconciling"
	ConditionStalled     = "Stalled"
)

// Reasons. A constant equals its string.
const (
	// Active: the topology is running as its spec says.
	Active = "Active"
	// NotSubmitted: nothing has been submitted yet, or not any more.
	NotSubmitted = "NotSubmitted"
	// Starting: Storm has the topology, its workers are starting.
	Starting = "Starting"
	// Extracting: the JAR is being copied out of its image.
	Extracting = "Extracting"
	// Extracted: the JAR has been found and checked.
	Extracted = "Extracted"
	// NotNeeded: Storm has the target revision, or the object is being deleted, so the JAR
	// is not needed.
	NotNeeded = "NotNeeded"
	// Submitting: main is being run and its topology handed over to Storm.
	Submitting = "Submitting"
	// NoErrors: no component has reported an error to Storm.
	NoErrors = "NoErrors"
	// ErrorsReported: a component has reported an error to Storm.
	ErrorsReported = "ErrorsReported"
	// ErrorsUnknown: Storm's description of the topology could not be read.
	ErrorsUnknown = "ErrorsUnknown"

	// InvalidSpec: the spec cannot be carried out as it is written.
	InvalidSpec = "InvalidSpec"
	// ClusterNotFound: the namespace has no StormCluster of that name.
	ClusterNotFound = "ClusterNotFound"
	// ClusterDeleting: the StormCluster is being deleted, so nothing new is submitted.
	ClusterDeleting = "ClusterDeleting"
	// ClusterUnreachable: Storm does not answer.
	ClusterUnreachable = "ClusterUnreachable"
	// StormTooOld: Storm lacks what Stormhooks needs.
	StormTooOld = "StormTooOld"
	// ClusterChanged: the seeds now lead to a different Storm.
	ClusterChanged = "ClusterChanged"
	// NameConflict: a topology that this object did not submit has the name.
	NameConflict = "NameConflict"
	// Paused: the annotation storm.apache.org/paused is set.
	Paused = "Paused"

	// ImagePullFailed: the image could not be pulled.
	ImagePullFailed = "ImagePullFailed"
	// ImageNotFound: the registry does not have the image or the tag.
	ImageNotFound = "ImageNotFound"
	// Unschedulable: no node can run the pod.
	Unschedulable = "Unschedulable"
	// PodSecurityViolation: the namespace's Pod Security Standard forbids the pod.
	PodSecurityViolation = "PodSecurityViolation"
	// PodRefused: the API server rejects the Job's pod. Only an event says why.
	PodRefused = "PodRefused"
	// ChildRefused: the API server rejects the child itself, or its name is taken.
	ChildRefused = "ChildRefused"
	// ContainerFailed: a container could not be started.
	ContainerFailed = "ContainerFailed"
	// VolumePending: the volume for the JAR does not exist yet.
	VolumePending = "VolumePending"
	// VolumeNotWritable: the user of the pod cannot write to the volume.
	VolumeNotWritable = "VolumeNotWritable"
	// VolumeFull: the volume has no space for the JAR.
	VolumeFull = "VolumeFull"
	// ImageVolumeUnsupported: this Kubernetes cannot mount images, or not the helper so that
	// it can run.
	ImageVolumeUnsupported = "ImageVolumeUnsupported"
	// PodLost: the pod was evicted or deleted before it finished.
	PodLost = "PodLost"

	// JarNotFound: the image has no file at the path.
	JarNotFound = "JarNotFound"
	// JarAmbiguous: several files match the path.
	JarAmbiguous = "JarAmbiguous"
	// JarUnreadable: the user of the pod may not read the file.
	JarUnreadable = "JarUnreadable"
	// JarInvalid: the file is not a valid JAR, bundles what it must not, or has its classes
	// where workers cannot load them.
	JarInvalid = "JarInvalid"
	// ChecksumMismatch: the JAR does not have the checksum of the spec.
	ChecksumMismatch = "ChecksumMismatch"
	// MainClassNotFound: neither the JAR nor Storm's image has the main class, or it has no
	// main method.
	MainClassNotFound = "MainClassNotFound"
	// ExtractionFailed: the extraction ended with an error of another kind.
	ExtractionFailed = "ExtractionFailed"
	// ExtractionTimedOut: the extraction took too long.
	ExtractionTimedOut = "ExtractionTimedOut"
	// OutOfMemory: a container used more memory than its limit.
	OutOfMemory = "OutOfMemory"

	// JavaNotStarted: Java did not start, so main did not run.
	JavaNotStarted = "JavaNotStarted"
	// MainFailed: main ended with an error before it had submitted.
	MainFailed = "MainFailed"
	// MainTimedOut: main took too long to submit.
	MainTimedOut = "MainTimedOut"
	// NothingSubmitted: main exited successfully without submitting a topology.
	NothingSubmitted = "NothingSubmitted"
	// SubmittedTwice: main submitted more than one topology.
	SubmittedTwice = "SubmittedTwice"
	// SubmissionRejected: Storm rejected the topology.
	SubmissionRejected = "SubmissionRejected"
	// SubmissionFailed: the submission ended with an error of another kind.
	SubmissionFailed = "SubmissionFailed"
	// Superseded: a newer revision is running already, so this one was not submitted.
	Superseded = "Superseded"

	// NotEnoughSlots: Storm does not have a slot for every worker.
	NotEnoughSlots = "NotEnoughSlots"
	// ProgressDeadlineExceeded: the workers of a new revision did not come up in time.
	ProgressDeadlineExceeded = "ProgressDeadlineExceeded"
	// Switching: the new revision takes over from the running one (strategy BlueGreen), or
	// the previous one takes over again.
	Switching = "Switching"
	// Killing: Storm is draining and killing a topology.
	Killing = "Killing"
	// Missing: a topology that was running is no longer in Storm.
	Missing = "Missing"
	// Deactivated: the topology was deactivated by hand, and is being activated.
	Deactivated = "Deactivated"
	// RolledBack: a new revision failed after the previous one had been killed, or its
	// workers did not come up in time, and the last good revision is running again.
	RolledBack = "RolledBack"
	// Suspended: the topology is deactivated, or not submitted, as spec.suspend says.
	Suspended = "Suspended"
	// Adopted: a topology that Stormhooks did not submit keeps running until the next
	// change.
	Adopted = "Adopted"
	// Rebalancing: Storm is moving the topology's workers.
	Rebalancing = "Rebalancing"
	// Deleting: the object is being deleted.
	Deleting = "Deleting"
)
