package topology

import (
	"fmt"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// unsetNames claims a topology that can only be submitted, and whose args or settings have
// a $(NAME) that the submitting pod would not have. With an envFrom only the pod knows.
func unsetNames(seen Observed) (Decision, bool) {
	set, known := children.Variables(children.Template(seen.Aim.Parent, seen.Cluster))
	if !known {
		return pass()
	}
	problems := storm.UnsetNames(seen.Aim.Parent.Spec.Topology.Args, seen.Aim.Settings, func(name string) bool {
		return name == storm.TopologyName || set(name)
	})
	if len(problems) == 0 {
		return pass()
	}
	if seen.Aim.Because != nil {
		return seen.refuse(seen.cannotGoBack(problems[0])), true
	}
	return seen.refuse(strings.Join(problems, " ")), true
}

// cannotGoBack says why the last good revision cannot be submitted. The name is in its own
// spec, and the template of then is not known: the advice of the problem is for a spec that
// a person has before them.
func (seen Observed) cannotGoBack(problem string) string {
	names, _, _ := strings.Cut(problem, ", which is not set")
	runs := "Nothing runs: revision"
	if still := seen.stillRuns(); still != "" {
		runs = still + "Revision"
	}
	return seen.whyRolledBack() + runs + fmt.Sprintf(" %s cannot be submitted again, since its %s, which is not set any more. "+
		"To run it again, set the spec back, with that name in spec.template.env. Or correct the spec.", seen.Aim.Fingerprint.Revision, names)
}
