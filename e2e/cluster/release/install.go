package release

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// install writes manifests/install as one file, with the image by its digest in both
// places: the server, and the helper of topologies' pods.
func (r *release) install(context.Context, string) error {
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), filepath.Join(r.Checkout, "manifests/install"))
	if err != nil {
		return err
	}
	text, err := built.AsYaml()
	if err != nil {
		return err
	}
	tagged := "stormhooks/stormhooks:" + r.Version
	if count := strings.Count(string(text), tagged); count != 2 {
		return fmt.Errorf("the image %s is named %d times, want 2", tagged, count)
	}
	pinned := strings.ReplaceAll(string(text), tagged, r.Image+":"+r.Version+"@"+r.digest)
	head := "# Stormhooks " + r.Version + ". Metacontroller 4.17 must be in the cluster: docs/install.md.\n"
	return os.WriteFile(filepath.Join(r.Out, "install.yaml"), []byte(head+pinned), 0o644)
}

// chart packs the Helm chart with the image of the release as its default, and the
// annotations that Artifact Hub shows.
func (r *release) chart(_ context.Context, work string) error {
	folder, bare := filepath.Join(r.Checkout, "manifests/charts/stormhooks"), strings.TrimPrefix(r.Version, "v")
	entries, err := filesOf(folder, "stormhooks")
	if err != nil {
		return err
	}
	for i, e := range entries {
		switch e.name {
		case "stormhooks/Chart.yaml":
			entries[i].file, err = r.chartFile(e.file, filepath.Join(work, "Chart.yaml"))
		case "stormhooks/values.yaml":
			entries[i].file, err = r.valuesFile(e.file, filepath.Join(work, "values.yaml"))
		}
		if err != nil {
			return err
		}
	}
	kept := entries[:0]
	for _, e := range entries {
		// .helmignore: kustomize's lists, and tests.
		if name := filepath.Base(e.name); name != "kustomization.yaml" && !strings.HasSuffix(name, "_test.yaml") && !strings.HasSuffix(name, ".go") {
			kept = append(kept, e)
		}
	}
	out := filepath.Join(r.Out, "stormhooks-"+bare+".tgz")
	return writeFile(out, func(file io.Writer) error { return gzipped(file, kept) })
}

func (r *release) chartFile(from, to string) (string, error) {
	text, err := os.ReadFile(from)
	if err != nil {
		return "", err
	}
	var chart map[string]any
	if err := yaml.Unmarshal(text, &chart); err != nil {
		return "", err
	}
	images, err := yaml.Marshal([]map[string]any{{"name": "stormhooks", "image": r.Image + ":" + r.Version + "@" + r.digest, "platforms": imagePlatforms}})
	if err != nil {
		return "", err
	}
	chart["annotations"] = map[string]any{
		"artifacthub.io/license":    "Apache-2.0",
		"artifacthub.io/images":     string(images),
		"artifacthub.io/crds":       crds,
		"artifacthub.io/prerelease": fmt.Sprint(strings.Contains(r.Version, "-")),
	}
	if text, err = yaml.Marshal(chart); err != nil {
		return "", err
	}
	return to, os.WriteFile(to, text, 0o644)
}

const crds = `- kind: StormTopology
  version: v1beta1
  name: stormtopologies.storm.apache.org
  displayName: Storm topology
  description: A Storm topology whose JAR is in a container image
- kind: StormCluster
  version: v1beta1
  name: stormclusters.storm.apache.org
  displayName: Storm cluster
  description: Where a Storm is, and how its topologies are submitted
`

// valuesFile names the image of the release.
func (r *release) valuesFile(from, to string) (string, error) {
	text, err := os.ReadFile(from)
	if err != nil {
		return "", err
	}
	const before = "  repository: stormhooks/stormhooks\n"
	if !strings.Contains(string(text), before) {
		return "", fmt.Errorf("%s does not have the line %q", from, before)
	}
	named := strings.Replace(string(text), before, "  repository: "+r.Image+"\n", 1)
	named = strings.Replace(named, "  digest: \"\"\n", "  digest: "+r.digest+"\n", 1)
	if !strings.Contains(named, r.digest) {
		return "", fmt.Errorf("%s has no empty image.digest", from)
	}
	return to, os.WriteFile(to, []byte(named), 0o644)
}
