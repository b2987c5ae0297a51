package node

import (
	"context"
	"net"
	"os"
	"os/exec"
	"time"

	"github.com/stormhooks/stormhooks/e2e/cluster/images"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
)

// fill pushes images into the registry once it answers, and lets containerd
// begin with the large ones while the API server still starts. That only saves
// time: the kubelet pulls, and reports, what is not there.
func fill(ctx context.Context, all []images.Image) error {
	answers := func() error {
		connection, err := net.DialTimeout("tcp", Registry, time.Second)
		if err == nil {
			connection.Close()
		}
		return err
	}
	if err := until(ctx, "the registry", answers); err != nil {
		return err
	}
	if err := Push(ctx, all); err != nil {
		return err
	}
	socket := place.State("run", "containerd.sock")
	if err := until(ctx, "containerd", func() error { _, err := os.Stat(socket); return err }); err != nil {
		return err
	}
	for _, image := range all {
		if !image.Large() {
			continue
		}
		pull := exec.Command(place.Bin("ctr"), "--address", socket, "--namespace", "k8s.io",
			"images", "pull", "--hosts-dir", place.State("certs.d"), "docker.io/"+image.Name)
		if err := pull.Start(); err != nil {
			return err
		}
		go pull.Wait()
	}
	return nil
}

// Push puts images into the cluster's registry.
func Push(ctx context.Context, all []images.Image) error {
	for _, image := range all {
		if err := image.Push(ctx, Registry); err != nil {
			return err
		}
	}
	return nil
}
