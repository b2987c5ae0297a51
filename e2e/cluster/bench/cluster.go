package main

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/e2e/cluster/images"
	"github.com/stormhooks/stormhooks/e2e/cluster/kube"
	"github.com/stormhooks/stormhooks/e2e/cluster/node"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

const (
	namespace = "bench"
	prefix    = "bench-"
	nimbusAt  = "nimbus-0.nimbus.storm-system.svc"
	// patience is how long anything may take.
	patience = 5 * time.Minute
	// glance is how often Nimbus is looked at: what is measured is right to this.
	glance = 50 * time.Millisecond
)

const stormCluster = `apiVersion: storm.apache.org/v1beta1
kind: StormCluster
metadata: {name: test-cluster, namespace: bench}
spec: {image: "apache/storm:2.8.1", nimbus: {seeds: ["` + nimbusAt + `"]}}
`

// cluster is the real one, and its Nimbus.
type cluster struct {
	kubectl kube.Kubectl
	nimbus  *nimbus.Client
	began   time.Time
	number  int // of names given so far
}

func newCluster(ctx context.Context) (*cluster, error) {
	if err := images.PushOfStories(ctx, node.Registry); err != nil {
		return nil, err
	}
	c := &cluster{began: time.Now(), kubectl: kube.Kubectl{Program: place.Bin("kubectl"), Kubeconfig: place.Kubeconfig()}}
	if _, err := c.kubectl.Run(ctx, "delete", "namespace", namespace, "--ignore-not-found", "--timeout="+patience.String()); err != nil {
		return nil, err
	}
	if _, err := c.kubectl.Run(ctx, "create", "namespace", namespace); err != nil {
		return nil, err
	}
	if err := c.apply(ctx, stormCluster); err != nil {
		return nil, err
	}
	// Names of the cluster are resolved by its own DNS.
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, node.DNS)
	}}
	c.nimbus = nimbus.New([]string{nimbusAt}, 6627, nimbus.WithLimit(15*time.Second))
	_, err := c.kubectl.Run(ctx, "wait", "--for=condition=Ready", "stormcluster/test-cluster", "-n", namespace, "--timeout=60s")
	if err == nil {
		err = c.clear(ctx)
	}
	return c, err
}

func (c *cluster) close() { c.nimbus.Close() }

func (c *cluster) apply(ctx context.Context, text string) error {
	_, err := c.kubectl.With(ctx, text, "apply", "-f", "-")
	return err
}

// name is one that no topology has had: a run that was broken off leaves its own
// in Storm, and the next run kills them.
func (c *cluster) name(of string) string {
	c.number++
	return fmt.Sprintf("%s%s-%d-%d", prefix, of, c.began.Unix()%1e6, c.number)
}

// clear removes what earlier runs left in Storm.
func (c *cluster) clear(ctx context.Context) error {
	list, err := c.nimbus.List(ctx)
	if err != nil {
		return err
	}
	for _, t := range list {
		if strings.HasPrefix(t.Name, prefix) {
			if err := c.gone(ctx, t.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// until waits until Nimbus lists a topology that is as wanted, and gives how long
// that took.
func (c *cluster) until(ctx context.Context, began time.Time, name string, wanted func(nimbus.Summary) bool) (nimbus.Summary, time.Duration, error) {
	for time.Since(began) < patience {
		list, err := c.nimbus.List(ctx)
		if err != nil {
			return nimbus.Summary{}, 0, err
		}
		for _, t := range list {
			if t.Name == name && t.Status != storm.Killed && wanted(t) {
				return t, time.Since(began), nil
			}
		}
		time.Sleep(glance)
	}
	return nimbus.Summary{}, 0, fmt.Errorf("topology %s is not as it should be after %s", name, patience)
}

// untilUp waits until each worker of a topology has reported.
func (c *cluster) untilUp(ctx context.Context, began time.Time, id string, workers int) (time.Duration, error) {
	for time.Since(began) < patience {
		info, err := c.nimbus.Info(ctx, id)
		if err != nil {
			return 0, err
		}
		up := map[string]bool{}
		for _, e := range info.Executors {
			if e.Uptime > 0 {
				up[fmt.Sprint(e.Host, ":", e.Port)] = true
			}
		}
		if info.Status == storm.Active && len(up) >= workers {
			return time.Since(began), nil
		}
		time.Sleep(glance)
	}
	return 0, fmt.Errorf("the workers of %s are not up after %s", id, patience)
}

// gone kills a topology and waits until its name is free.
func (c *cluster) gone(ctx context.Context, name string) error {
	at := time.Now()
	for time.Since(at) < patience {
		list, err := c.nimbus.List(ctx)
		if err != nil {
			return err
		}
		there := false
		for _, t := range list {
			if t.Name == name {
				there = true
				if t.Status != storm.Killed {
					none := int32(0)
					_ = c.nimbus.Kill(ctx, name, &none) // looked at again
				}
			}
		}
		if !there {
			return nil
		}
		time.Sleep(10 * glance)
	}
	return fmt.Errorf("topology %s is still in Storm after %s", name, patience)
}
