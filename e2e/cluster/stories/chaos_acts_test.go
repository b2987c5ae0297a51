package stories

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
)

// chaotic is one topology of the chaos, and what was done to it.
type chaotic struct {
	name string
	kind int // of chaoticJars
	// green: its strategy is BlueGreen, so that it has two names in Storm.
	green bool
	live  bool
	uid   string

	suspended, broken bool
	nonce, spouts     int
	// ends are the changes after which a topology in Storm may be killed.
	ends []cause
}

// cause allows that topologies of an object are killed: those of an earlier
// generation, or all of them where the object was deleted (generation 0).
type cause struct {
	uid        string
	generation int64
	why        string
}

// allows says whether a topology in Storm with this fingerprint may be killed.
func (c cause) allows(uid string, generation int64) bool {
	return c.uid == uid && (c.generation == 0 || generation < c.generation)
}

// chaoticJars are the ways in which their JARs come: each mode, a registry that
// goes away, a volume that fills up.
var chaoticJars = []map[string]any{
	{"container": map[string]any{"image": "stories/scratch:1", "path": "/topology.jar", "extractionMode": "image-volume"}},
	{"container": map[string]any{"image": "mycompany/topology:v1.0.0", "path": "/app/topology.jar", "extractionMode": "copy"},
		"storage": map[string]any{"size": "64Mi"}},
	{"container": map[string]any{"image": "mycompany/topology:v1.0.0", "path": "/app/topology.jar", "extractionMode": "init-container"}},
	{"container": map[string]any{"image": "registry.NS.example/mycompany/topology:v1.0.0", "path": "/app/topology.jar",
		"extractionMode": "copy", "imagePullPolicy": "Always"}, "storage": map[string]any{"claimName": "narrow"}},
}

func (c *chaos) client() dynamic.ResourceInterface {
	return c.w.objects.client.Resource(kinds["stormtopology"]).Namespace(c.namespace)
}

// act does what a person does to one of the topologies.
func (c *chaos) act(ctx context.Context) {
	topology := c.topologies[c.random.IntN(len(c.topologies))]
	if !topology.live {
		c.apply(ctx, topology)
		return
	}
	switch c.random.IntN(8) {
	case 0:
		c.delete(ctx, topology)
	case 1, 2:
		topology.suspended = !topology.suspended
		c.patch(ctx, topology, fmt.Sprintf("suspend=%v", topology.suspended), map[string]any{"suspend": topology.suspended}, false)
	case 3, 4:
		topology.spouts++
		setting := map[string]any{"topology.max.spout.pending": 100 + topology.spouts}
		// Of two names, the one that is not the target any more is submitted again.
		c.patch(ctx, topology, "a cheap setting", map[string]any{"topology": map[string]any{"config": setting}}, topology.green)
	case 5:
		topology.broken = !topology.broken
		class := "com.mycompany.MyTopology"
		if topology.broken {
			class = "com.mycompany.Nowhere"
		}
		c.patch(ctx, topology, "mainClass="+class, map[string]any{"topology": map[string]any{"mainClass": class}}, true)
	default:
		topology.nonce++
		c.patch(ctx, topology, "restartNonce", map[string]any{"restartNonce": topology.nonce}, true)
	}
}

func (c *chaos) apply(ctx context.Context, topology *chaotic) {
	*topology = chaotic{name: topology.name, kind: topology.kind, green: topology.green, ends: topology.ends}
	jar := (&unstructured.Unstructured{Object: chaoticJars[topology.kind]}).DeepCopy().Object
	container := jar["container"].(map[string]any)
	if image, ok := container["image"].(string); ok {
		container["image"] = strings.ReplaceAll(image, "NS", c.namespace)
	}
	update := map[string]any{"rebalanceWaitSeconds": int64(1)}
	if topology.green {
		update["strategy"] = "BlueGreen"
	}
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "storm.apache.org/v1beta1", "kind": "StormTopology",
		"metadata": map[string]any{"name": topology.name, "namespace": c.namespace},
		"spec": map[string]any{
			"clusterRef": "own", "killWaitSeconds": int64(1),
			"update": update,
			"topology": map[string]any{
				"name": c.namespace + "-" + topology.name, "mainClass": "com.mycompany.MyTopology", "jar": jar,
				"config": map[string]any{"topology.workers": "1", "topology.acker.executors": "0"},
			},
		},
	}}
	made, err := c.persist(ctx, func() (*unstructured.Unstructured, error) {
		return c.client().Create(ctx, object, metav1.CreateOptions{})
	})
	if apierrors.IsAlreadyExists(err) { // it is still going, or the answer was lost
		made, err = c.persist(ctx, func() (*unstructured.Unstructured, error) {
			return c.client().Get(ctx, topology.name, metav1.GetOptions{})
		})
		if apierrors.IsNotFound(err) || err == nil && made.GetDeletionTimestamp() != nil {
			c.say("%s is still being deleted", topology.name)
			return
		}
	}
	if err != nil {
		c.t.Fatalf("%s: %v", topology.name, err)
	}
	topology.live, topology.uid = true, string(made.GetUID())
	c.count("act: apply")
	c.say("%s is applied (%s)", topology.name, topology.uid[:8])
}

func (c *chaos) delete(ctx context.Context, topology *chaotic) {
	topology.ends = append(topology.ends, cause{uid: topology.uid, why: "deleted"})
	topology.live = false
	_, err := c.persist(ctx, func() (*unstructured.Unstructured, error) {
		return nil, c.client().Delete(ctx, topology.name, metav1.DeleteOptions{})
	})
	if err != nil && !apierrors.IsNotFound(err) {
		c.t.Fatalf("%s: %v", topology.name, err)
	}
	c.count("act: delete")
	c.say("%s is deleted", topology.name)
}

// patch changes the spec. ends says whether what runs may be killed for it.
func (c *chaos) patch(ctx context.Context, topology *chaotic, what string, spec map[string]any, ends bool) {
	body, err := json.Marshal(map[string]any{"spec": spec})
	if err != nil {
		c.t.Fatal(err)
	}
	made, err := c.persist(ctx, func() (*unstructured.Unstructured, error) {
		return c.client().Patch(ctx, topology.name, types.MergePatchType, body, metav1.PatchOptions{})
	})
	if err != nil {
		c.t.Fatalf("%s: %v", topology.name, err)
	}
	if ends {
		topology.ends = append(topology.ends, cause{topology.uid, made.GetGeneration(), what})
	}
	c.count("act: " + what)
	c.say("%s: %s (generation %d)", topology.name, what, made.GetGeneration())
}

// persist does it again while the API server is away; a person would, too. What
// an answer that was lost had done is done a second time without harm.
func (c *chaos) persist(ctx context.Context, do func() (*unstructured.Unstructured, error)) (*unstructured.Unstructured, error) {
	for began := time.Now(); ; {
		made, err := do()
		var status apierrors.APIStatus
		if err == nil || errors.As(err, &status) && status.Status().Code/100 == 4 && status.Status().Code != 429 || time.Since(began) > 2*time.Minute {
			return made, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}
