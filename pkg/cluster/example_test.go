package cluster_test

import (
	"fmt"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/cluster"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// aStorm answers as a small Storm does.
type aStorm struct{}

func (aStorm) Cluster(seeds []string, port int32, _ *v1beta1.NimbusTLS) (storm.ClusterView, error) {
	return storm.ClusterView{Identity: "storm-1", Version: "2.8.1", Leader: "nimbus-0:6627", Supervisors: 2, SlotsTotal: 8, SlotsUsed: 3, Topologies: 1}, nil
}

func ExampleSync() {
	request, err := metacontroller.Decode([]byte(`{"parent": {
		"metadata": {"name": "test-cluster", "namespace": "storm-system", "generation": 1},
		"spec": {"nimbus": {"seeds": ["nimbus"]}, "image": "apache/storm:2.6.0"}}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := cluster.Sync(request, aStorm{}, time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Status.Message)
	fmt.Println("free slots:", result.Status.Slots.Free)
	// Output:
	// Storm 2.8.1 answers. Image "apache/storm:2.6.0" (spec.image) has another version, and topologies are built with that one. Use an image of Storm 2.8.1.
	// free slots: 5
}
