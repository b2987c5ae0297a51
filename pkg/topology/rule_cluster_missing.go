package topology

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
)

// clusterMissing claims a topology whose Storm is not known.
func clusterMissing(seen Observed) (Decision, bool) {
	d := seen.keep(seen.phaseBefore())
	switch {
	case seen.Cluster == nil:
		do := "Apply it, or delete this StormTopology and apply it with another spec.clusterRef"
		if seen.Parent.Status.StormID != "" {
			do = "The topology keeps running in Storm, unmanaged. Apply the StormCluster again; the deletion of this StormTopology needs it too"
		}
		return d.waiting(v1beta1.ClusterNotFound, "StormCluster %q does not exist in namespace %q. %s. See: %s",
			seen.Parent.Spec.ClusterRef, seen.Parent.Namespace, do, text.Command("kubectl", "get", "stormclusters", "-n", seen.Parent.Namespace)), true
	case seen.Kubernetes == "":
		return d.waiting(v1beta1.NotSubmitted,
			"Waiting for namespace %s, whose uid identifies this Kubernetes cluster. This resolves by itself.",
			metav1.NamespaceSystem).again(whileUnseen), true
	}
	return pass()
}
