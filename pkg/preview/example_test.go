package preview_test

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/preview"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

func wordcountV1() *v1beta1.StormTopology {
	return &v1beta1.StormTopology{
		ObjectMeta: metav1.ObjectMeta{Name: "wordcount", Namespace: "storm-system"},
		Spec: v1beta1.StormTopologySpec{
			ClusterRef: "test-cluster",
			Topology: v1beta1.Topology{
				MainClass: "com.mycompany.MyTopology",
				Jar:       v1beta1.Jar{Container: v1beta1.JarContainer{Image: "mycompany/wordcount:v1", Path: "/app/topology.jar"}},
			},
		},
	}
}

// The children of a topology at each stage, without a cluster.
func ExampleRender() {
	rendering, err := preview.Render(wordcountV1(), nil, topology.Config{HelperImage: "stormhooks/stormhooks:v0.1.0"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, stage := range rendering.Stages {
		fmt.Print(stage.Phase)
		for _, child := range stage.Created {
			fmt.Print(" creates a ", child["kind"])
		}
		fmt.Println()
	}
	// Output:
	// Extracting creates a PersistentVolumeClaim
	// Extracting creates a Job
	// Submitting creates a Job
	// Running
}

// What applying another image would do to a running topology.
func ExampleCompare() {
	plan, err := preview.Compare(nil, wordcountV1(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(plan.Kind, plan.To)

	live := wordcountV1()
	live.Status = v1beta1.StormTopologyStatus{StormID: "wordcount-1-1767268800", StormStatus: "ACTIVE", Revision: plan.To}
	wanted := wordcountV1()
	wanted.Spec.Topology.Jar.Container.Image = "mycompany/wordcount:v2"
	plan, err = preview.Compare(live, wanted, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: %s; drains for %d s\n", plan.Kind, plan.Why, *plan.WaitSeconds)
	// Output:
	// Create 7be8bbe09520
	// Restart: image changed; drains for 30 s
}
