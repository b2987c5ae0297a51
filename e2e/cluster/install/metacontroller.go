package install

import (
	"context"
	_ "embed"
	"os"
	"path/filepath"

	"github.com/stormhooks/stormhooks/e2e/cluster/images"
	"github.com/stormhooks/stormhooks/e2e/cluster/kube"
)

//go:embed metacontroller.yaml
var metacontroller []byte

const driverNamespace = "metacontroller"

// Driver is what calls our hooks.
type Driver struct {
	What  string // in a person's words
	Image string
	real  bool
}

// RealMetacontroller drives with the binary that METACONTROLLER named.
func RealMetacontroller(path, image string) Driver {
	return Driver{What: "Metacontroller (" + path + ")", Image: image, real: true}
}

// StandIn drives with e2e/standin's copy of Metacontroller's loop.
func StandIn(image string) Driver {
	return Driver{What: "the stand-in of Metacontroller's loop (e2e/standin)", Image: image}
}

// Definitions applies the CustomResourceDefinitions that a Metacontroller wants.
func Definitions(ctx context.Context, k kube.Kubectl, checkout string) error {
	dir := filepath.Join(checkout, "e2e", "standin", "crd")
	how := "-f"
	if exists(filepath.Join(dir, "kustomization.yaml")) {
		how = "-k"
	}
	if _, err := k.Run(ctx, "apply", how, dir); err != nil {
		return err
	}
	_, err := k.Run(ctx, "wait", "--for=condition=Established", "crd/compositecontrollers.metacontroller.k8s.io", "--timeout=60s")
	return err
}

// Drive starts a driver, and takes the other one away first.
func Drive(ctx context.Context, k kube.Kubectl, checkout string, driver Driver) error {
	file := filepath.Join(checkout, "e2e", "cluster", "cmd", "standin", "deploy.yaml")
	name, other, repository := "standin", "metacontroller", images.Standin
	if driver.real {
		name, other, repository = other, name, images.Metacontroller
		draft, err := os.CreateTemp("", "metacontroller-*.yaml")
		if err != nil {
			return err
		}
		defer os.Remove(draft.Name())
		if _, err := draft.Write(metacontroller); err != nil {
			return err
		}
		if err := draft.Close(); err != nil {
			return err
		}
		file = draft.Name()
	}
	if _, err := k.Run(ctx, "delete", "deployment", other, "-n", driverNamespace, "--ignore-not-found", "--cascade=foreground"); err != nil {
		return err
	}
	if err := k.Apply(ctx, kube.Overlay{Resources: []string{file}, Images: map[string]string{repository: driver.Image}}); err != nil {
		return err
	}
	return rollout(ctx, k, driverNamespace, "deployment/"+name)
}
