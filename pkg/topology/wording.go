package topology

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// sentence ends a text with a full stop, unless it ends with a command: the stop
// would be copied with it.
func sentence(said string) string {
	if strings.Contains(said[strings.LastIndex(said, ". ")+1:], ": kubectl") {
		return said
	}
	return followed(said)
}

// followed ends a text so that another sentence can follow.
func followed(said string) string {
	if said == "" || strings.HasSuffix(said, ".") {
		return said
	}
	return said + "."
}

// annotate is the command that annotates the object.
func (seen Observed) annotate(words ...string) string {
	return text.Command(append([]string{"kubectl", "annotate", "stormtopology", seen.Parent.Name, "-n", seen.Parent.Namespace}, words...)...)
}

// ignored begins a message with the annotations that stop Stormhooks and have a value that
// says neither yes nor no.
func ignored(parent *v1beta1.StormTopology) (said string) {
	for _, name := range []string{v1beta1.AnnotationPaused, v1beta1.AnnotationAbandon} {
		value, set := parent.Annotations[name]
		if _, err := strconv.ParseBool(value); set && err != nil {
			said += fmt.Sprintf("Annotation %s is %q, which has no effect: set it to \"true\", or remove it. ", name, text.Cut(text.Clean(value), 40))
		}
	}
	return said
}

// How the aim stands while another revision keeps running.
const (
	notSubmitted = "is not submitted yet"
	hasFailed    = "failed"
	notActive    = "is not active yet"
	wasKilled    = "was killed in Storm"
)

// context begins the message of a step towards the aim: with what keeps running until
// the aim is reached and how the aim stands, or with why the topology is rolled back.
func (seen Observed) context(stands string) string {
	if seen.Aim.Because != nil {
		return seen.rollingBack() + seen.stillRuns()
	}
	if seen.Storm.Running() != nil {
		return fmt.Sprintf("Revision %s %s; revision %s %s. ", seen.Storm.revisionName(), seen.goesOn(), seen.Aim.Fingerprint.Revision, stands)
	}
	return ""
}

// rollingBack begins a message on the way back.
func (seen Observed) rollingBack() string {
	return seen.whyRolledBack() + fmt.Sprintf("Rolling back to revision %s. ", seen.Aim.Fingerprint.Revision)
}

// whyRolledBack begins a message with the revision that is rolled back; empty where none is.
func (seen Observed) whyRolledBack() string {
	switch failed := seen.Aim.Because; {
	case failed == nil:
		return ""
	case strings.Contains(failed.Message, "revision "+failed.Revision):
		return followed(failed.Message) + " "
	default:
		return fmt.Sprintf("Revision %s failed: %s ", failed.Revision, followed(failed.Message))
	}
}

// stillRuns says what runs while the last good revision does not; empty where nothing
// does.
func (seen Observed) stillRuns() string {
	if seen.Storm.Running() == nil {
		return ""
	}
	return fmt.Sprintf("Revision %s %s. ", seen.Storm.revisionName(), seen.goesOn())
}

// goesOn is what the revision does that counts as running.
func (seen Observed) goesOn() string {
	switch seen.Storm.Topology.Status {
	case storm.Inactive:
		return "stays INACTIVE in Storm"
	case storm.Rebalancing:
		return "is being rebalanced"
	}
	return "keeps running"
}
