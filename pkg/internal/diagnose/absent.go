package diagnose

import (
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
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
			"See the events: kubectl describe stormtopology %s -n %s. If kubectl get %s %s -n %s shows one, rename or delete it.",
		kind, quote(name), about.Topology, about.Namespace, strings.ToLower(kind), name, about.Namespace)
}
