package children

import (
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// Plan is all that children are made from.
type Plan struct {
	Topology *v1beta1.StormTopology
	// HelperImage holds our binary, StormImage the Storm that submits.
	HelperImage, StormImage string
	// Serves is what the Job is made for.
	Serves Serves
	// KeepJars are the JAR revisions on the volume that must not be removed,
	// besides the one that is extracted.
	KeepJars []string
	// Submission is what the submit Job hands over to Storm.
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

func (p Plan) extractDeadline() time.Duration {
	return v1beta1.DefaultExtractionTimeout + pullTime + storageTime
}

func (p Plan) submitDeadline() time.Duration {
	return v1beta1.DefaultMainTimeout + pullTime + handoverTime + p.killWait()
}
