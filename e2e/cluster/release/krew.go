package release

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"
)

const downloads = "https://github.com/stormhooks/stormhooks/releases/download/"

// krew writes the manifest of the plug-in for krew's index.
func (r *release) krew(context.Context, string) error {
	var platforms []map[string]any
	for _, platform := range clientPlatforms {
		sum, err := sumOf(filepath.Join(r.Out, r.archives[platform]))
		if err != nil {
			return err
		}
		system, processor, _ := strings.Cut(platform, "/")
		program := "kubectl-storm"
		if system == "windows" {
			program += ".exe"
		}
		platforms = append(platforms, map[string]any{
			"selector": map[string]any{"matchLabels": map[string]any{"os": system, "arch": processor}},
			"uri":      downloads + r.Version + "/" + r.archives[platform],
			"sha256":   sum,
			"bin":      program,
		})
	}
	text, err := yaml.Marshal(map[string]any{
		"apiVersion": "krew.googlecontainertools.github.com/v1alpha2",
		"kind":       "Plugin",
		"metadata":   map[string]any{"name": "storm"},
		"spec": map[string]any{
			"version":          r.Version,
			"homepage":         "https://github.com/stormhooks/stormhooks",
			"shortDescription": "Check and preview Apache Storm topologies",
			"description":      "Validates StormTopologies and StormClusters offline, shows what would be created, and says\nwhether an apply is nothing, a rebalance or a restart. It writes nothing.\n",
			"platforms":        platforms,
		},
	})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.Out, "storm.yaml"), text, 0o644)
}
