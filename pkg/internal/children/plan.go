package children

import (
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Plan is all that a child is made from.
type Plan struct {
	Topology *v1beta1.StormTopology
	// Cluster has the image of Storm and defaults. It is nil where the StormCluster does
	// not exist, and then no child is created.
	Cluster *v1beta1.StormCluster
	// Helper is how the pod gets the helper.
	Helper Helper
	// Serves is what the child is created for.
	Serves Serves
	// KeepJars are the JAR revisions on the volume that must stay, besides the one that
	// is extracted.
	KeepJars []string
	// Drain is how long Storm drains what runs, at the longest.
	Drain time.Duration
	// Submission is what the pod hands over to Storm.
	Submission storm.Submission
}

// Times that the deadline of a pod allows for. The helper ends earlier, by its own
// limits, and reports why. The deadline is only a backstop: it counts from the start of
// the pod, with all pulls, and reports nothing but DeadlineExceeded. It is a field of the
// pod and not of the Job: a Job that reaches its own deadline deletes the pod, with its
// message and its log.
const (
	pullTime    = 15 * time.Minute
	storageTime = 5 * time.Minute
	// handoverTime is for the upload, the dry run, Storm's replication and the checks. A
	// topology's own wait for replicas comes on top.
	handoverTime = 10 * time.Minute
)

// replicationWait is how long the submission may wait for replicas by its own setting.
func (p Plan) replicationWait() time.Duration {
	return storm.OwnReplicationWait(p.Submission.Settings)
}

// killWait is how long the replaced topology may drain. Only deadlines use it.
func (p Plan) killWait() time.Duration {
	wait := 5 * time.Minute
	if seconds := p.Submission.KillWaitSeconds; seconds != nil {
		wait = time.Duration(*seconds) * time.Second
	}
	return max(wait, p.Drain)
}

func (p Plan) template() v1beta1.PodTemplate { return Template(p.Topology, p.Cluster) }

func (p Plan) stormImage() string {
	if p.Cluster == nil {
		return ""
	}
	return p.Cluster.Spec.Image
}

func (p Plan) claimName() string {
	if name := Storage(p.Topology, p.Cluster).ClaimName; name != "" {
		return name
	}
	return ClaimName(p.Topology.Name)
}
