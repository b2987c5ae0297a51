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

// Definitions applies the CustomResourceDefinitions: those that
// Metacontroller needs, and those of Stormhooks.
func Definitions(ctx context.Context, k kube.Kubectl, checkout string) error {
	if _, err := k.Run(ctx, "apply", "-k", filepath.Join(checkout, "e2e", "standin", "crd")); err != nil {
		return err
	}
	if err := OwnDefinitions(ctx, k, checkout); err != nil {
		return err
	}
	return established(ctx, k, "compositecontrollers.metacontroller.k8s.io")
}

// OwnDefinitions applies those of Stormhooks.
func OwnDefinitions(ctx context.Context, k kube.Kubectl, checkout string) error {
	if _, err := k.Run(ctx, "apply", "-k", filepath.Join(checkout, "manifests", "crds")); err != nil {
		return err
	}
	return established(ctx, k, "stormclusters.storm.apache.org", "stormtopologies.storm.apache.org")
}

func established(ctx context.Context, k kube.Kubectl, names ...string) error {
	for _, name := range names {
		if _, err := k.Run(ctx, "wait", "--for=condition=Established", "--timeout=60s", "crd/"+name); err != nil {
			return err
		}
	}
	return nil
}

// Drive starts a driver in place of the one before: both are the Deployment
// metacontroller.
func Drive(ctx context.Context, k kube.Kubectl, checkout string, driver Driver) error {
	if driver.real {
		return driveReal(ctx, k, driver.Image)
	}
	// The stand-in has to do with its own permissions.
	if _, err := k.Run(ctx, "delete", "clusterrolebinding", "metacontroller", "--ignore-not-found"); err != nil {
		return err
	}
	file := filepath.Join(checkout, "e2e", "cluster", "cmd", "standin", "deploy.yaml")
	return k.Apply(ctx, kube.Overlay{Resources: []string{file}, Images: map[string]string{images.Standin: driver.Image}})
}

func driveReal(ctx context.Context, k kube.Kubectl, image string) error {
	file, err := os.CreateTemp("", "metacontroller-*.yaml")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	if _, err := file.Write(metacontroller); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return k.Apply(ctx, kube.Overlay{Resources: []string{file.Name()}, Images: map[string]string{images.Metacontroller: image}})
}

// DriverReady waits for the driver.
func DriverReady(ctx context.Context, k kube.Kubectl) error {
	return rollout(ctx, k, "metacontroller", "deployment/metacontroller")
}
