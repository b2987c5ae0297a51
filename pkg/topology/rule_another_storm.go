package topology

import (
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// anotherStorm claims a topology whose seeds lead to a Storm that is not the one
// that it was submitted to: a topology of that name there proves nothing.
func anotherStorm(seen Observed) (Decision, bool) {
	if seen.Storm.Heard != AnotherStorm {
		return pass()
	}
	now, cluster := seen.Storm.View.Identity, seen.Cluster
	d := seen.keep(seen.phaseBefore()).stalled(v1beta1.ClusterChanged,
		"The seeds of StormCluster %q now lead to a different Storm (%s, was %s). Nothing is submitted or killed there. "+
			"Point them back, or confirm the new one: %s",
		cluster.Name, now, cluster.Status.Identity,
		text.Command("kubectl", "annotate", "stormcluster", cluster.Name, "-n", cluster.Namespace, "--overwrite", v1beta1.AnnotationAcceptStorm+"="+now))
	d.Children.Submit = seen.Aim.Submit.keepEnded()
	return d.again(seen.poll()), true
}
