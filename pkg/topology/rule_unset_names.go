package topology

import (
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
	return seen.refuse(strings.Join(problems, " ")), true
}
