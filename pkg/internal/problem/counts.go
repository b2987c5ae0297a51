package problem

import "github.com/stormhooks/stormhooks/pkg/api/v1beta1"

// A verdict says whether a reason counts against the limit of attempts, and why.
type verdict struct {
	reason string
	counts bool
	why    string
}

// reported are the reasons that the helper gives in a termination message.
var reported = []verdict{
	{v1beta1.VolumeFull, false, "Space can become free on the volume."},
	{v1beta1.VolumePending, false, "The volume can still be bound."},
	{v1beta1.VolumeNotWritable, true, "The StorageClass, or the user of the pod, must change."},
	{v1beta1.JarNotFound, true, "The same image has the same files."},
	{v1beta1.JarAmbiguous, true, "The same image has the same files."},
	{v1beta1.JarUnreadable, true, "The same image has the same file modes."},
	{v1beta1.JarInvalid, true, "The same image has the same JAR."},
	{v1beta1.ChecksumMismatch, true, "The image, or the checksum in the spec, must change."},
	{v1beta1.MainClassNotFound, true, "The same JAR and the same image have the same classes."},
	{v1beta1.ExtractionFailed, true, "The user's command fails again; a broken disk may not, which is what the first retries are for."},
	{v1beta1.ExtractionTimedOut, true, "The time limit must change; a slow disk may recover, which is what the first retries are for."},
	{v1beta1.OutOfMemory, true, "The memory limit must change."},
	{v1beta1.JavaNotStarted, true, "The image, its options for Java, or the memory limit must change."},
	{v1beta1.MainFailed, true, "The same main fails again; a service that it needs may return, which is what the first retries are for."},
	{v1beta1.MainTimedOut, true, "The same main waits again; a service that it needs may return, which is what the first retries are for."},
	{v1beta1.NothingSubmitted, true, "The same main with the same arguments submits nothing again."},
	{v1beta1.SubmittedTwice, true, "The same main submits the same topologies again."},
	{v1beta1.InvalidSpec, true, "The spec must change."},
	{v1beta1.SubmissionRejected, true, "Nimbus judges the same topology in the same way."},
	{v1beta1.SubmissionFailed, true, "The handover has repeated the failed step before it reports this."},
	{v1beta1.ClusterUnreachable, false, "Storm can answer again."},
	{v1beta1.StormTooOld, false, "Storm can be upgraded."},
	{v1beta1.ClusterChanged, false, "The seeds can lead to the right Storm again."},
	{v1beta1.NameConflict, false, "The other topology can end."},
	{v1beta1.Superseded, false, "Nothing failed: a newer revision runs."},
	{v1beta1.Killing, false, "Storm can finish the kill of the previous topology."},
	{v1beta1.PodLost, false, "Another pod can run to its end."},
}

// observed are the reasons that the objects of Kubernetes show.
var observed = []verdict{
	{v1beta1.ImagePullFailed, false, "The registry can answer again, or get other credentials."},
	{v1beta1.ImageNotFound, false, "The image can still be pushed."},
	{v1beta1.ImageVolumeUnsupported, true, "The extraction mode, or the version of Kubernetes, must change."},
	{v1beta1.Unschedulable, false, "A node can become free."},
	{v1beta1.PodSecurityViolation, false, "The namespace's label can change."},
	{v1beta1.PodRefused, false, "The quota can become free."},
	{v1beta1.ChildRefused, false, "The quota can become free, or the other object of that name deleted."},
	{v1beta1.ContainerFailed, false, "The missing Secret, or the image for the node, can still be created."},
}

// Counts says whether an attempt that failed for a reason counts against the limit
// of attempts. A reason that no table has does not.
func Counts(reason string) bool {
	for _, verdicts := range [][]verdict{reported, observed} {
		for _, v := range verdicts {
			if v.reason == reason {
				return v.counts
			}
		}
	}
	return false
}

// Reported says whether the helper gives a reason in a termination message. The
// user's command can write that file, so any other reason there is not believed.
func Reported(reason string) bool {
	for _, v := range reported {
		if v.reason == reason {
			return true
		}
	}
	return false
}
