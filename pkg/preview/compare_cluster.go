package preview

import (
	"encoding/json"
	"fmt"
	"strings"

	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// clusterEffects are those of the spec of a StormCluster. A test checks that every field of the CRD has one.
var clusterEffects = []effect{
	{field: "spec.nimbus", says: elsewhere},
	{field: "spec.image", says: "is used at the next submission"},
	{field: "spec.imagePullSecrets", says: "is used in the next pod"},
	{field: "spec.config", says: "is used at the next submission"},
	{field: "spec.submission", says: "is used in the pod of the next submission"},
	{field: "spec.retry", says: "is used at the next attempt that fails"},
	{field: "spec.storage", says: "is used for the next volume that is created"},
	{field: "spec.pollSeconds", says: "is used from the next check on"},
	{field: "spec.ui", says: "is shown to people only"},
	{field: "annotation " + v1beta1.AnnotationAcceptStorm, says: "lets its topologies use the Storm that the seeds now lead to, if it is the one of the annotation"},
}

// elsewhere stands for a sentence with the addresses.
const elsewhere = ""

// CompareCluster says what happens if a StormCluster is changed from live to wanted; live
// is nil if it does not exist. The topologies are those of the Kubernetes cluster; known
// is false if they could not be read.
func CompareCluster(live, wanted *v1beta1.StormCluster, topologies []v1beta1.StormTopology, known bool) Plan {
	if live == nil {
		return Plan{Kind: Create, Why: "this StormCluster does not exist yet"}
	}
	live, wanted = live.DeepCopy(), wanted.DeepCopy()
	DefaultCluster(live)
	DefaultCluster(wanted)
	plan := Plan{Kind: None, Why: "nothing changes", Fields: differing("spec", decodedSpec(live.Spec), decodedSpec(wanted.Spec))}
	if name := v1beta1.AnnotationAcceptStorm; live.Annotations[name] != wanted.Annotations[name] {
		plan.Fields = append(plan.Fields, "annotation "+name)
	}
	if len(plan.Fields) == 0 {
		return plan
	}
	plan.Kind, plan.Why = Change, concerned(wanted, topologies, known)
	for _, path := range plan.Fields {
		e := effectOf(clusterEffects, path)
		switch {
		case e == nil:
		case e.says == elsewhere:
			plan.Effects = append(plan.Effects, Effect{path, fmt.Sprintf(
				"leads to Nimbus at %s port %d from then on. If that is another Storm, its topologies stop with ClusterChanged, and what they run keeps running", strings.Join(wanted.Spec.Nimbus.Seeds, ", "), wanted.Port())})
		default:
			plan.Effects = append(plan.Effects, Effect{path, e.says})
		}
	}
	return plan
}

// concerned says how many topologies a StormCluster has.
func concerned(cluster *v1beta1.StormCluster, topologies []v1beta1.StormTopology, known bool) string {
	n := 0
	for _, t := range topologies {
		if t.Namespace == cluster.Namespace && t.Spec.ClusterRef == cluster.Name {
			n++
		}
	}
	switch {
	case !known:
		return "it is not known how many StormTopologies name it"
	case n == 1:
		return "1 StormTopology names it"
	}
	return fmt.Sprintf("%d StormTopologies name it", n)
}

// decodedSpec is a spec as JSON represents it.
func decodedSpec(spec any) any {
	text, err := json.Marshal(spec)
	if err != nil {
		panic(fmt.Sprintf("encoding a spec that was decoded from JSON: %v", err))
	}
	var value any
	if err := utiljson.Unmarshal(text, &value); err != nil {
		panic(fmt.Sprintf("decoding a spec that was just encoded: %v", err))
	}
	return value
}
