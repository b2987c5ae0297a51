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
		"%s %s was not created: Kubernetes rejected it, or another one has this name. "+
			"If rejected, see: %s. %s If %s shows one that you do not need, delete it%s.",
		kind, quote(name), text.Command("kubectl", "describe", "stormtopology", about.Topology, "-n", about.Namespace),
		required(kind), text.Command("kubectl", "describe", strings.ToLower(kind), name, "-n", about.Namespace), holders(kind))
}

// holders are what keeps a deleted object of this kind: a volume stays while a pod mounts
// it, also one that has completed, as what a former topology left behind.
func holders(kind string) string {
	if kind == "PersistentVolumeClaim" {
		return " and the pods under Used By"
	}
	return ""
}

// required says which fields give a child what a rule of the namespace may require.
func required(kind string) string {
	if kind == "Pod" { // of both main containers
		return "If they require resources, set " + resourcesField(children.ExtractContainer) + " and " + resourcesField(children.SubmitContainer) + "; if they require labels, " + fieldLabels + "."
	}
	return "If they require labels, set " + fieldLabels + "."
}
