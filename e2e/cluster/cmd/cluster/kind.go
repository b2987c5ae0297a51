package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stormhooks/stormhooks/e2e/cluster/kube"
	"github.com/stormhooks/stormhooks/e2e/cluster/parts"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
	"github.com/stormhooks/stormhooks/e2e/cluster/run"
)

const (
	kindCluster    = "stormhooks-demo"
	kindImage      = "stormhooks/stormhooks:demo"
	kindStormImage = "stormhooks-demo/storm:2.8.1"
	starter        = "storm-starter-1.2.2.jar"
	// starterFile adds storm-starter at the guide's path, as docs/images.md does.
	starterFile = "FROM apache/storm:2.8.1\nCOPY --chmod=0644 " + starter + " /apache-storm/examples/storm-starter/storm-starter-topologies-2.8.1.jar\n"
)

// demoKind does what docs/quickstart.md does by hand: a cluster in Docker, Metacontroller,
// two images that are built and loaded, and then the demo.
func demoKind(ctx context.Context, p *run.Progress) error {
	checkout, err := place.Checkout()
	if err != nil {
		return err
	}
	k, err := kindUp(ctx, p, checkout, place.In("kind"))
	if err != nil {
		return err
	}
	return demoIn(ctx, p, k, checkout, where{cluster: "kind", image: kindImage, stormImage: kindStormImage})
}

// kindUp starts the cluster unless it runs, with Metacontroller and the images in it.
// work keeps the kubeconfig and what the images are built from.
func kindUp(ctx context.Context, p *run.Progress, checkout, work string) (kube.Kubectl, error) {
	if err := parts.NeedTools("docker", "kind", "kubectl", "helm", "mvn"); err != nil {
		return kube.Kubectl{}, err
	}
	config := filepath.Join(work, "kubeconfig")
	k := kube.Kubectl{Program: "kubectl", Kubeconfig: config}
	if err := os.MkdirAll(filepath.Join(work, "starter"), 0o755); err != nil {
		return k, err
	}
	if err := os.WriteFile(filepath.Join(work, "starter", "Dockerfile"), []byte(starterFile), 0o600); err != nil {
		return k, err
	}
	do := func(argv ...string) error {
		return run.Command{Dir: checkout, Env: append(os.Environ(), "KUBECONFIG="+config), Argv: argv}.Run(ctx)
	}
	steps := []struct {
		what string
		argv [][]string
	}{
		{"the cluster " + kindCluster + " is created", [][]string{{"kind", "create", "cluster", "--name", kindCluster, "--kubeconfig", config, "--wait", "5m"}}},
		{"Metacontroller is installed", [][]string{{
			"helm", "upgrade", "--install", "metacontroller", "oci://ghcr.io/metacontroller/metacontroller-helm", "--version", "4.17.2",
			"--namespace", "metacontroller", "--create-namespace", "--set", "commandArgs={--client-go-qps=50,--client-go-burst=100}", "--wait",
		}}},
		{"the image of Stormhooks is built and loaded", [][]string{
			{"docker", "build", "-t", kindImage, "."},
			{"kind", "load", "docker-image", kindImage, "--name", kindCluster},
		}},
		{"a Storm image with storm-starter is built and loaded", [][]string{
			{"mvn", "-q", "dependency:copy", "-Dartifact=org.apache.storm:storm-starter:1.2.2", "-DoutputDirectory=" + filepath.Join(work, "starter")},
			{"docker", "build", "-t", kindStormImage, filepath.Join(work, "starter")},
			{"kind", "load", "docker-image", kindStormImage, "--name", kindCluster},
		}},
	}
	clusters, err := run.Command{Argv: []string{"kind", "get", "clusters"}}.Output(ctx)
	if err != nil {
		return k, fmt.Errorf("kind does not answer. Does Docker run? %w", err)
	}
	if slices.Contains(strings.Fields(clusters), kindCluster) {
		steps[0].what, steps[0].argv = "the cluster "+kindCluster+" is used", [][]string{{"kind", "export", "kubeconfig", "--name", kindCluster, "--kubeconfig", config}}
	}
	for _, step := range steps {
		err := p.Do(step.what, func() error {
			for _, argv := range step.argv {
				if err := do(argv...); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return k, err
		}
	}
	return k, nil
}

func kindDown(ctx context.Context) error {
	return run.Command{Argv: []string{"kind", "delete", "cluster", "--name", kindCluster}}.Run(ctx)
}
