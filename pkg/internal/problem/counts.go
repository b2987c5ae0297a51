package problem

import "github.com/stormhooks/stormhooks/pkg/api/v1beta1"

// prospect is what a retry can do about a failure.
type prospect int

const (
	// passes: the cause goes away without a change. It is retried without end, and does
	// not count.
	passes prospect = iota
	// mayPass: the cause may lie outside the spec. It counts, and one attempt follows
	// now and then after the limit of attempts.
	mayPass
	// certain: the same spec fails again. It counts, and ends the attempts.
	certain
)

// A verdict says what a retry can do about a reason, and why.
type verdict struct {
	reason string
	prospect
	why string
}

// reported are the reasons that the helper gives in a termination message.
var reported = []verdict{
	{v1beta1.VolumeFull, passes, "Space can become free on the volume."},
	{v1beta1.VolumePending, passes, "The volume can still be bound."},
	{v1beta1.VolumeNotWritable, mayPass, "The owner of the storage can allow it, without a change of the spec."},
	{v1beta1.ImageVolumeUnsupported, mayPass, "Another node may mount images, or Kubernetes may be upgraded."},
	{v1beta1.JarNotFound, certain, "The same image has the same files."},
	{v1beta1.JarAmbiguous, certain, "The same image has the same files."},
	{v1beta1.JarUnreadable, certain, "The same image has the same file modes."},
	{v1beta1.JarInvalid, certain, "The same image has the same JAR."},
	{v1beta1.ChecksumMismatch, certain, "The image, or the checksum in the spec, must change."},
	{v1beta1.MainClassNotFound, certain, "The same JAR and the same image have the same classes."},
	{v1beta1.ExtractionFailed, mayPass, "The command may need a service that was away, and a disk may recover."},
	{v1beta1.ExtractionTimedOut, mayPass, "A slow disk may recover."},
	{v1beta1.OutOfMemory, mayPass, "A node that is short of memory ends containers in the same way, and main may get less data next time."},
	{v1beta1.JavaNotStarted, mayPass, "Its options may come from a ConfigMap or a Secret, and its memory from a node that has none left."},
	{v1beta1.MainFailed, mayPass, "Main may need a service that was away."},
	{v1beta1.MainTimedOut, mayPass, "Main may wait for a service that was away."},
	{v1beta1.NothingSubmitted, mayPass, "Main may end early, since a service that it needs was away."},
	{v1beta1.SubmittedTwice, certain, "The same main submits the same topologies again."},
	{v1beta1.InvalidSpec, mayPass, "A variable of a ConfigMap or a Secret can still get another value."},
	{v1beta1.SubmissionRejected, certain, "Nimbus judges the same topology in the same way."},
	{v1beta1.SubmissionFailed, mayPass, "The handover has repeated the failed step, and Nimbus may recover later."},
	{v1beta1.ClusterUnreachable, passes, "Storm can answer again."},
	{v1beta1.StormTooOld, passes, "Storm can be upgraded."},
	{v1beta1.ClusterChanged, passes, "The seeds can lead to the right Storm again."},
	{v1beta1.NameConflict, passes, "The other topology can end."},
	{v1beta1.Superseded, passes, "Nothing failed: a newer revision runs."},
	{v1beta1.Killing, passes, "Storm can finish the kill of the previous topology."},
	{v1beta1.PodLost, passes, "Another pod can run to its end."},
}

// observed are the reasons that the objects of Kubernetes show.
var observed = []verdict{
	{v1beta1.ImagePullFailed, passes, "The registry can answer again, or get other credentials."},
	{v1beta1.ImageNotFound, passes, "The image can still be pushed."},
	{v1beta1.Unschedulable, passes, "A node can become free."},
	{v1beta1.PodSecurityViolation, passes, "The namespace's label can change."},
	{v1beta1.PodRefused, passes, "The quota can become free, or a policy change."},
	{v1beta1.ChildRefused, passes, "The quota can become free, or the other object of that name deleted."},
	{v1beta1.ContainerFailed, passes, "The missing Secret, or the image for the node, can still be created."},
}

func prospectOf(reason string) prospect {
	for _, verdicts := range [][]verdict{reported, observed} {
		for _, v := range verdicts {
			if v.reason == reason {
				return v.prospect
			}
		}
	}
	return passes
}

// Counts says whether an attempt that failed for a reason counts against the limit
// of attempts. A reason that no table has does not.
func Counts(reason string) bool { return prospectOf(reason) != passes }

// Certain says whether only a change of the spec can help, so that no attempt follows
// after the limit of attempts.
func Certain(reason string) bool { return prospectOf(reason) == certain }

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
