package diagnose

import (
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// RefusedAfter is how long a child, or a Job's pod, may be absent before that
// is taken for a refusal. Jobs, pods and parents are three unordered watches,
// so a short absence says nothing.
const RefusedAfter = 10 * time.Second

// Absent says what ails a child that was asked for at namedAt and is not
// there. Metacontroller shows a refusal in an event of the StormTopology only,
// and says nothing at all where the name is taken by an object that is not
// ours: its POST's AlreadyExists is swallowed.
func Absent(kind, name string, about Subject, namedAt, now time.Time) *Problem {
	if namedAt.IsZero() || now.Sub(namedAt) < RefusedAfter {
		return nil
	}
	return report(v1beta1.ChildRefused,
		"%s %s was requested but does not exist: Kubernetes rejected it, or the name is taken. "+
			"See the events: kubectl describe stormtopology %s -n %s. If kubectl get %s %s -n %s shows one, rename or delete it.",
		kind, quote(name), about.Topology, about.Namespace, strings.ToLower(kind), name, about.Namespace)
}
