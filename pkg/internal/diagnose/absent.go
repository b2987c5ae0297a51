package diagnose

import (
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// RefusedAfter is how long a child, or a Job's pod, may be absent before it counts as
// rejected. Jobs, pods and parents are three watches without a common order, so a
// short absence proves nothing.
const RefusedAfter = 10 * time.Second

// Absent is the problem of a child that was requested and does not exist.
// Metacontroller reports a rejection only in an event of the StormTopology. It reports
// nothing where another object has the name: it ignores the AlreadyExists of its POST.
func Absent(kind, name string, about Subject, requestedAt, now time.Time) *Problem {
	if requestedAt.IsZero() || now.Sub(requestedAt) < RefusedAfter {
		return nil
	}
	return report(v1beta1.ChildRefused,
		"%s %s was requested but does not exist: Kubernetes rejected it, or the name is taken. "+
			"See the events: %s. %s If %s shows one, rename or delete it.",
		kind, quote(name), text.Command("kubectl", "describe", "stormtopology", about.Topology, "-n", about.Namespace),
		required(kind), text.Command("kubectl", "get", strings.ToLower(kind), name, "-n", about.Namespace))
}

// required says which fields give a child what a rule of the namespace may require.
func required(kind string) string {
	if kind == "Pod" { // of both main containers
		return "If they require resources, set " + resourcesField(children.ExtractContainer) + " and " + resourcesField(children.SubmitContainer) + "; if they require labels, " + fieldLabels + "."
	}
	return "If they require labels, set " + fieldLabels + "."
}
