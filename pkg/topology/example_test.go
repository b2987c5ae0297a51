package topology_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// emptyStorm is a Storm that answers and runs nothing.
type emptyStorm struct{}

func (emptyStorm) Look(topology.Question, bool) (storm.View, error) {
	return storm.View{Identity: "storm-1", Listed: true, Fresh: true}, nil
}

func (emptyStorm) Act(_ topology.Question, call storm.Call) (storm.Outcome, error) {
	return storm.Outcome{Call: call}, nil
}

// A sync call of Metacontroller, answered without a cluster: it requests the
// volume first.
func ExampleSync() {
	request, err := metacontroller.Decode([]byte(`{
		"parent": {
			"metadata": {"name": "wordcount", "namespace": "storm-system", "uid": "uid-1", "generation": 1},
			"spec": {"clusterRef": "test-cluster", "topology": {
				"mainClass": "com.mycompany.MyTopology",
				"jar": {"container": {"image": "mycompany/wordcount:v1", "path": "/app/topology.jar"}}}}},
		"related": {
			"StormCluster.storm.apache.org/v1beta1": {"storm-system/test-cluster": {
				"metadata": {"name": "test-cluster", "namespace": "storm-system"},
				"spec": {"nimbus": {"seeds": ["nimbus"]}, "image": "apache/storm:2.8.1"}}},
			"Namespace.v1": {"kube-system": {"metadata": {"name": "kube-system", "uid": "uid-2"}}}}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	result, err := topology.Sync(request, topology.Config{HelperImage: "stormhooks/stormhooks:v0.1.0"}, emptyStorm{}, now)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("rule:", result.Decision.Rule)
	fmt.Println("status:", result.Status.Phase, result.Status.Message)
	fmt.Println("again in:", result.Response.ResyncAfter)

	// The answer's body, as Metacontroller takes it.
	body, err := metacontroller.Encode(result.Response)
	if err != nil {
		fmt.Println(err)
		return
	}
	var answer struct{ Children []struct{ Kind string } }
	if err := json.Unmarshal(body, &answer); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("children:", answer.Children)
	// Output:
	// rule: jar not ready
	// status: Extracting The volume for the JAR is being created.
	// again in: 10s
	// children: [{PersistentVolumeClaim}]
}

// What Metacontroller is to send along: the StormCluster, the topology's pods, and
// two Namespaces.
func ExampleCustomize() {
	request, err := metacontroller.Decode([]byte(`{"parent": {
		"metadata": {"name": "wordcount", "namespace": "storm-system"}, "spec": {"clusterRef": "test-cluster"}}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	answer, err := topology.Customize(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, rule := range answer.Related {
		fmt.Println(rule.Resource, rule.Namespace, rule.Names)
	}
	// Output:
	// stormclusters storm-system [test-cluster]
	// pods storm-system []
	// namespaces  [storm-system kube-system]
}
