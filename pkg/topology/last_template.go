package topology

import (
	"slices"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/internal/revision"
)

// lastTemplate is the part of the template that the references of the revision that runs
// need; nil where it has none. The template may change while that revision runs: what the
// status remembers of this submission stays. Where a change of the template restarts, what
// runs has the whole template of now.
func lastTemplate(seen Observed) *v1beta1.PodTemplate {
	if wholeTemplate(seen) {
		return children.Whole(seen.Parent.Spec.Template)
	}
	names := children.VariablesNamed(seen.Target.Settings, seen.Parent.Spec.Topology.Args)
	if len(names) == 0 {
		return nil
	}
	now, before := children.Template(seen.Parent, seen.Cluster), seen.Parent.Status
	if last := before.LastSpec; last != nil && last.Revision == before.Revision && before.StormID == seen.Storm.Topology.ID {
		then := revision.TemplateOf(last)
		if then != nil && children.SetsAll(*then, names) {
			return then
		}
		now = children.WithPart(now, then)
	}
	return children.PartFor(now, names)
}

// wholeTemplate says whether a change of the template restarts.
func wholeTemplate(seen Observed) bool {
	return slices.Contains(restartOn(seen.Parent), v1beta1.RestartOnTemplate)
}
