package stories

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/stormhooks/stormhooks/e2e/cluster/node"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
)

// chaosPort is how long the threads of a killed program may hold its port.
const chaosPort = 2 * time.Second

// faults are what fails. Each is over when it returns; what it broke comes back
// by itself from then on.
var faults = []struct {
	name string
	do   func(*chaos, context.Context) error
}{
	{"hook server killed", func(c *chaos, ctx context.Context) error { return c.killPods(ctx, "stormhooks-system") }},
	{"Metacontroller killed", func(c *chaos, ctx context.Context) error { return c.killPods(ctx, "metacontroller") }},
	{"Nimbus away", func(c *chaos, ctx context.Context) error { return c.scaledAway(ctx, "nimbus") }},
	{"ZooKeeper away", func(c *chaos, ctx context.Context) error { return c.scaledAway(ctx, "zookeeper") }},
	{"API server restarted", func(c *chaos, ctx context.Context) error { return c.programAway(ctx, "kube-apiserver", 0) }},
	{"kubelet away", func(c *chaos, ctx context.Context) error { return c.programAway(ctx, "kubelet", c.outage()) }},
	{"a pod deleted", (*chaos).deletePod},
	{"a pod killed", (*chaos).killPod},
	{"registry away", (*chaos).registryAway},
	{"disk full", (*chaos).diskFull},
}

// fault draws one of a pack without putting it back: each comes before any comes
// again.
func (c *chaos) fault(ctx context.Context) {
	if len(c.pack) == 0 {
		c.pack = c.random.Perm(len(faults))
	}
	chosen := faults[c.pack[0]]
	c.pack = c.pack[1:]
	c.say("fault: %s", chosen.name)
	if err := chosen.do(c, ctx); err != nil {
		c.t.Fatalf("fault %s: %v", chosen.name, err)
	}
	c.count("fault: " + chosen.name)
	c.say("      over: %s", chosen.name)
}

// outage is how long a part is away.
func (c *chaos) outage() time.Duration {
	return time.Second + time.Duration(c.random.Int64N(int64(chaosOutage)))
}

func (c *chaos) killPods(ctx context.Context, namespace string) error {
	_, err := c.kubectl(ctx, "delete", "pods", "--all", "-n", namespace, "--grace-period=0", "--force", "--wait=false")
	return err
}

// scaledAway removes a part of Storm for a while. Its volume stays. Acts
// continue.
func (c *chaos) scaledAway(ctx context.Context, part string) error {
	if part == "nimbus" {
		c.records.keepLog(c.nimbusLog(ctx))
	}
	if _, err := c.kubectl(ctx, "scale", "statefulset", part, "--replicas=0"); err != nil {
		return err
	}
	c.actFor(ctx, c.outage())
	_, err := c.kubectl(ctx, "scale", "statefulset", part, "--replicas=1")
	return err
}

func (c *chaos) programAway(ctx context.Context, program string, away time.Duration) error {
	lock, err := os.OpenFile(place.In(".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	if err := node.Stop(program); err != nil {
		return err
	}
	c.actFor(ctx, away)
	time.Sleep(chaosPort)
	return node.Revive()
}

// deletePod deletes one of our pods, as a drain does.
func (c *chaos) deletePod(ctx context.Context) error { return c.onePod(ctx) }

// killPod deletes one of our pods without telling its processes.
func (c *chaos) killPod(ctx context.Context) error {
	return c.onePod(ctx, "--grace-period=0", "--force")
}

func (c *chaos) onePod(ctx context.Context, args ...string) error {
	text, err := c.kubectl(ctx, "get", "pods", "-l", "storm.apache.org/topology", "-o", "name")
	if err != nil {
		return err
	}
	pods := strings.Fields(text)
	if len(pods) == 0 {
		return nil
	}
	pod := pods[c.random.IntN(len(pods))]
	c.say("      %s", pod)
	_, err = c.kubectl(ctx, append([]string{"delete", pod, "--ignore-not-found", "--wait=false"}, args...)...)
	return err
}

func (c *chaos) registryAway(ctx context.Context) error {
	c.registry.down()
	c.actFor(ctx, c.outage())
	return c.registry.up()
}

func (c *chaos) diskFull(ctx context.Context) error {
	filler := filepath.Join(c.disk, ".filler")
	file, err := os.Create(filler)
	if err != nil {
		return err
	}
	defer file.Close()
	block := make([]byte, 1<<16)
	for err == nil {
		_, err = file.Write(block)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		return err
	}
	c.actFor(ctx, c.outage())
	return os.Remove(filler)
}

// actFor acts while something is down.
func (c *chaos) actFor(ctx context.Context, away time.Duration) {
	for end := time.Now().Add(away); time.Now().Before(end) && ctx.Err() == nil; {
		c.rest(ctx, min(chaosEach, time.Until(end)+time.Millisecond))
		c.act(ctx)
	}
}

// restore undoes all faults.
func (c *chaos) restore(ctx context.Context) {
	if err := node.Revive(); err != nil {
		c.t.Error(err)
	}
	_ = os.Remove(filepath.Join(c.disk, ".filler"))
	_, _ = c.kubectl(ctx, "scale", "statefulset", "nimbus", "zookeeper", "--replicas=1")
}

// kubectl is run again while the API server is away.
func (c *chaos) kubectl(ctx context.Context, args ...string) (string, error) {
	for began := time.Now(); ; {
		text, err := c.k.Run(ctx, args...)
		if err == nil || time.Since(began) > time.Minute || ctx.Err() != nil {
			return text, err
		}
		time.Sleep(500 * time.Millisecond)
	}
}

// fillable makes a volume that has no more room than 8 MiB, and the claim to it.
func (c *chaos) fillable(ctx context.Context) {
	name := "narrow-" + c.namespace
	c.disk = place.State("volumes", name)
	if err := os.MkdirAll(c.disk, 0o777); err != nil {
		c.t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", c.disk, "tmpfs", 0, "size=8M,mode=0777"); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() {
		_, _ = c.k.Run(context.Background(), "delete", "pv", name, "--wait=false")
		_ = syscall.Unmount(c.disk, syscall.MNT_DETACH)
		_ = os.Remove(c.disk)
	})
	manifest := fmt.Sprintf(volumeManifest, name, "8Mi", c.namespace, filepath.Clean(c.disk), node.IP) + fmt.Sprintf(narrowClaim, c.namespace)
	if _, err := c.k.With(ctx, manifest, "apply", "-f", "-"); err != nil {
		c.t.Fatal(err)
	}
}

const narrowClaim = `---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: narrow}
spec:
  storageClassName: %s
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 8Mi}}
`
