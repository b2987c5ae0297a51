package stories

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stormhooks/stormhooks/e2e/cluster/images"
	"github.com/stormhooks/stormhooks/e2e/cluster/install"
	"github.com/stormhooks/stormhooks/e2e/cluster/kube"
	"github.com/stormhooks/stormhooks/e2e/cluster/node"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
)

// sharedStorm is the Storm that stories share: its namespace, and its image.
type sharedStorm struct{ namespace, image string }

// ofTheCluster is the Storm of make cluster-up.
var ofTheCluster = sharedStorm{"storm-system", "apache/storm:2.8.1"}

func (s sharedStorm) nimbus() string { return ownNimbus(s.namespace) }

// givenStorm runs a Storm of this machine (STORM_HOME_3, with the Java of STORM_JAVA)
// beside that of the cluster, in a namespace of its own, and stories share it.
func (w *world) givenStorm(ctx context.Context, t *testing.T) error {
	home := os.Getenv("STORM_HOME_3")
	if home == "" {
		return nil
	}
	image, err := images.GivenStorm(ctx, home, os.Getenv("STORM_JAVA"))
	if err != nil {
		return err
	}
	if err := image.Push(ctx, node.Registry); err != nil {
		return err
	}
	given := sharedStorm{"storm-given", image.Name}
	w.shared = given
	k := kube.Kubectl{Program: place.Bin("kubectl"), Kubeconfig: filepath.Join(t.TempDir(), "kubeconfig")}
	if err := ownKubeconfig(k.Kubeconfig, given.namespace); err != nil {
		return err
	}
	const namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: storm-given}\n"
	if _, err := k.With(ctx, namespace, "apply", "-f", "-"); err != nil {
		return err
	}
	if err := w.applyDaemons(ctx, k, given.namespace, nil); err != nil {
		return err
	}
	if _, err := k.With(ctx, w.clusterManifest("test-cluster", given.nimbus()), "apply", "-f", "-"); err != nil {
		return err
	}
	t.Logf("stories share the Storm of %s in namespace %s, with image %s", home, given.namespace, given.image)
	return install.StormReady(ctx, k, given.namespace)
}
