package children

import (
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Plan is all that children are made from.
type Plan struct {
	Topology *v1beta1.StormTopology
	// Cluster gives the Storm image and defaults; nil where it is not there, and
	// then nothing is made.
	Cluster *v1beta1.StormCluster
	// HelperImage holds our binary.
	HelperImage string
	// Serves is what the child is made for.
	Serves Serves
	// KeepJars are the JAR revisions on the volume that must not be removed,
	// besides the one that is extracted.
	KeepJars []string
	// Submission is what is handed over to Storm.
	Submission storm.Submission
}

// Times within which a container of ours must have ended. The deadline of its
// pod is a backstop behind them, since it counts from the pod's start, pulls
// included, and leaves nothing but DeadlineExceeded to be read. It stands on the
// pod and not on the Job: a Job's own deadline deletes the pod with its message
// and its log.
const (
	pullTime    = 15 * time.Minute
	storageTime = 5 * time.Minute
	// handoverTime: upload, dry run, Storm's replication wait, looks.
	handoverTime = 10 * time.Minute
)

// killWait is how long the replaced topology may drain, for deadlines only.
func (p Plan) killWait() time.Duration {
	if wait := p.Submission.KillWaitSeconds; wait != nil {
		return time.Duration(*wait) * time.Second
	}
	return 5 * time.Minute
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
