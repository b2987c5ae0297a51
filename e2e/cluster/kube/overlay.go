package kube

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"
)

// Overlay is manifests of the checkout with what this run changes in them: the
// namespace, the images.
type Overlay struct {
	Namespace  string
	Resources  []string          // files, or folders with a kustomization
	Components []string          // folders with a component
	Images     map[string]string // name: new name with tag
	Patches    []Patch
	Extra      map[string]any // further fields of the kustomization
}

// Patch changes what a target selects.
type Patch struct {
	Target map[string]string `json:"target"`
	Patch  string            `json:"patch"`
}

// Apply applies an overlay, by kustomize as a person would.
func (k Kubectl) Apply(ctx context.Context, overlay Overlay) error {
	manifests, err := k.Render(ctx, overlay)
	if err != nil {
		return err
	}
	_, err = k.With(ctx, manifests, "apply", "-f", "-")
	return err
}

// Delete removes what Apply created. Objects that are gone already are not a
// failure.
func (k Kubectl) Delete(ctx context.Context, overlay Overlay, args ...string) error {
	manifests, err := k.Render(ctx, overlay)
	if err != nil {
		return err
	}
	_, err = k.With(ctx, manifests, append([]string{"delete", "--ignore-not-found", "-f", "-"}, args...)...)
	return err
}

// Render is the manifests as they are applied.
func (k Kubectl) Render(ctx context.Context, overlay Overlay) (string, error) {
	dir, err := os.MkdirTemp("", "stormhooks-overlay-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	// Kustomize wants relative paths, of the folder as it really lies.
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return "", err
	}
	text, err := overlay.kustomization(dir)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "kustomization.yaml"), text, 0o644); err != nil {
		return "", err
	}
	// The files of the checkout lie outside of the overlay's folder.
	return k.Run(ctx, "kustomize", "--load-restrictor", "LoadRestrictionsNone", dir)
}

func (o Overlay) kustomization(dir string) ([]byte, error) {
	file := map[string]any{"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}
	for key, value := range o.Extra {
		file[key] = value
	}
	for field, paths := range map[string][]string{"resources": o.Resources, "components": o.Components} {
		seen, err := from(dir, paths)
		if err != nil {
			return nil, err
		}
		if len(seen) > 0 {
			file[field] = seen
		}
	}
	if o.Namespace != "" {
		file["namespace"] = o.Namespace
	}
	var images []map[string]string
	for name, to := range o.Images {
		colon := strings.LastIndex(to, ":")
		if colon < strings.LastIndex(to, "/") || colon < 0 {
			return nil, fmt.Errorf("image %q has no tag. Give one, such as %s:v1", to, to)
		}
		images = append(images, map[string]string{"name": name, "newName": to[:colon], "newTag": to[colon+1:]})
	}
	if len(images) > 0 {
		file["images"] = images
	}
	if len(o.Patches) > 0 {
		file["patches"] = o.Patches
	}
	return yaml.Marshal(file)
}

// from are paths as they are seen from a folder.
func from(dir string, paths []string) (seen []string, err error) {
	for _, path := range paths {
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return nil, err
		}
		if path, err = filepath.Rel(dir, path); err != nil {
			return nil, err
		}
		seen = append(seen, path)
	}
	return seen, nil
}
