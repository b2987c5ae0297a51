package install

import (
	"context"
	"path/filepath"

	"github.com/stormhooks/stormhooks/e2e/cluster/images"
	"github.com/stormhooks/stormhooks/e2e/cluster/kube"
)

// Stormhooks applies manifests/install with our image; an empty name is the one
// that the manifests name.
func Stormhooks(ctx context.Context, k kube.Kubectl, checkout, image string) error {
	if image == "" {
		_, err := k.Run(ctx, "apply", "-k", filepath.Join(checkout, "manifests", "install"))
		return err
	}
	return k.Apply(ctx, ofImage(filepath.Join(checkout, "manifests", "install"), image))
}

// StormhooksBehindTLS applies manifests/overlays/tls, patched, in its place.
func StormhooksBehindTLS(ctx context.Context, k kube.Kubectl, checkout, image string, patches []kube.Patch) error {
	overlay := ofImage(filepath.Join(checkout, "manifests", "overlays", "tls"), image)
	overlay.Patches = patches
	return k.Apply(ctx, overlay)
}

// StormhooksWithIdentity adds the component for a client certificate, in place of the
// plain install.
func StormhooksWithIdentity(ctx context.Context, k kube.Kubectl, checkout, image string) error {
	overlay := ofImage(filepath.Join(checkout, "manifests", "install"), image)
	overlay.Components = []string{filepath.Join(checkout, "manifests", "install", "nimbus-tls")}
	return k.Apply(ctx, overlay)
}

func ofImage(folder, image string) kube.Overlay {
	return kube.Overlay{
		Resources: []string{folder},
		Images:    map[string]string{images.OwnRepository: image},
		// The helper that goes into topologies' pods is the same image: the
		// replacement that docs/install.md asks of an overlay.
		Extra: map[string]any{"replacements": []any{map[string]any{
			"source": map[string]string{
				"kind": "Deployment", "name": "stormhooks",
				"fieldPath": "spec.template.spec.containers.[name=stormhooks].image",
			},
			"targets": []any{map[string]any{
				"select":     map[string]string{"kind": "Deployment", "name": "stormhooks"},
				"fieldPaths": []string{"spec.template.spec.containers.[name=stormhooks].env.[name=STORMHOOKS_IMAGE].value"},
			}},
		}}},
	}
}

// StormhooksReady waits for the hook server.
func StormhooksReady(ctx context.Context, k kube.Kubectl) error {
	return rollout(ctx, k, "stormhooks-system", "deployment/stormhooks")
}

// Storm applies manifests/storm-dev.
func Storm(ctx context.Context, k kube.Kubectl, checkout, image string) error {
	return k.Apply(ctx, kube.Overlay{
		Resources: []string{filepath.Join(checkout, "manifests", "storm-dev")},
		Images:    map[string]string{"apache/storm": image},
	})
}

// StormReady waits for the Storm in a namespace.
func StormReady(ctx context.Context, k kube.Kubectl, namespace string) error {
	return rollout(ctx, k, namespace, "statefulset/zookeeper", "statefulset/nimbus", "statefulset/supervisor")
}

func rollout(ctx context.Context, k kube.Kubectl, namespace string, objects ...string) error {
	for _, object := range objects {
		if _, err := k.Run(ctx, "rollout", "status", "-n", namespace, object, "--timeout=300s"); err != nil {
			return err
		}
	}
	return nil
}
