package stories

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stormhooks/stormhooks/e2e/cluster/images"
	"github.com/stormhooks/stormhooks/e2e/cluster/kube"
	"github.com/stormhooks/stormhooks/e2e/cluster/node"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
)

// chaos is topologies that are changed, suspended and deleted while one part
// after another of what carries them fails. A seed says in which order; times
// are the machine's own.
type chaos struct {
	t         *testing.T
	w         *world
	k         kube.Kubectl
	namespace string
	random    *rand.Rand
	registry  *ownRegistry
	disk      string // the folder of the volume that is filled up
	began     time.Time
	pack      []int // the faults that are still to be drawn

	topologies []*chaotic
	records    *records
	counts     map[string]int

	mutex sync.Mutex
	lines []string
}

const (
	chaosEach     = 4 * time.Second  // between an act, or a fault, and the next
	chaosOutage   = 30 * time.Second // the longest that a part is away
	chaosSettling = 9 * time.Minute  // the longest backoff is five minutes
	chaosFaults   = 2                // one in so many moves is a fault
)

// TestChaos: make chaos CHAOS=15m TOPOLOGIES=8 SEED=1
func TestChaos(t *testing.T) {
	lasts, err := time.ParseDuration(os.Getenv("STORMHOOKS_CHAOS"))
	if err != nil {
		t.Skip("STORMHOOKS_CHAOS gives no time. It needs the real cluster for itself: make chaos CHAOS=15m")
	}
	c := newChaos(t)
	ctx, cancel := context.WithTimeout(t.Context(), lasts+chaosSettling+10*time.Minute)
	defer cancel()
	c.setUp(ctx)
	for time.Since(c.began) < lasts && ctx.Err() == nil {
		if c.random.IntN(chaosFaults) == 0 {
			c.fault(ctx)
		} else {
			c.act(ctx)
		}
		c.rest(ctx, chaosEach)
	}
	c.fix(ctx)
	c.settle(ctx)
	c.records.end()
	c.judge(ctx)
	t.Log(c.summary())
}

func newChaos(t *testing.T) *chaos {
	if !node.Running(t.Context()) {
		t.Fatal("no cluster is up. Start one: make cluster-up")
	}
	seed := uint64(time.Now().UnixNano())
	if given, err := strconv.ParseUint(os.Getenv("SEED"), 10, 64); err == nil {
		seed = given
	}
	w, err := newWorld()
	if err != nil {
		t.Fatal(err)
	}
	c := &chaos{
		t: t, w: w, random: rand.New(rand.NewPCG(seed, 0)), counts: map[string]int{},
		namespace: fmt.Sprintf("chaos-%06x", seed&0xffffff), began: time.Now(),
	}
	c.say("seed %d (SEED=%d repeats the choices)", seed, seed)
	return c
}

func (c *chaos) setUp(ctx context.Context) {
	must := func(err error) {
		c.t.Helper()
		if err != nil {
			c.t.Fatal(err)
		}
	}
	must(images.PushOfStories(ctx, node.Registry))
	kubeconfig := filepath.Join(c.t.TempDir(), "kubeconfig")
	must(ownKubeconfig(kubeconfig, c.namespace))
	c.k = kube.Kubectl{Program: place.Bin("kubectl"), Kubeconfig: kubeconfig}
	_, err := c.k.Run(ctx, "create", "namespace", c.namespace)
	must(err)
	c.t.Cleanup(c.leave)
	own, undo, err := newRegistry(c.namespace)
	must(err)
	c.t.Cleanup(func() { _ = undo() })
	c.registry = own
	must(c.registry.up())
	c.fillable(ctx)
	must(c.w.applyStorm(ctx, c.k, c.namespace, stormSize{nimbuses: 1, supervisors: 3}))
	number := 8
	if given, err := strconv.Atoi(os.Getenv("TOPOLOGIES")); err == nil {
		number = given
	}
	c.records = keepRecords(ownNimbus(c.namespace))
	for i := range number {
		topology := &chaotic{name: fmt.Sprintf("t%d", i), kind: i % len(chaoticJars), green: i/len(chaoticJars)%2 == 1}
		c.topologies = append(c.topologies, topology)
		c.apply(ctx, topology)
	}
	c.began = time.Now()
}

// leave keeps the logs of a failure, and deletes the namespace with its Storm.
func (c *chaos) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	c.restore(ctx)
	if c.t.Failed() {
		folder := place.Logs("chaos", c.namespace)
		_ = os.MkdirAll(folder, 0o755)
		for name, args := range map[string][]string{
			"objects.yaml": {"get", "stormtopologies,stormclusters,jobs,pods,persistentvolumeclaims", "-o", "yaml"},
			"events.txt":   {"get", "events", "--sort-by=.lastTimestamp"},
			"nimbus.log":   {"logs", "nimbus-0"},
			"hooks.log":    {"logs", "-n", "stormhooks-system", "deployment/stormhooks", "--tail=2000"},
		} {
			text, _ := c.k.Run(ctx, args...)
			_ = os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644)
		}
		c.t.Logf("objects, events and logs: %s", folder)
	}
	if _, err := c.k.Run(ctx, "delete", "namespace", c.namespace, "--ignore-not-found", "--timeout=240s"); err != nil {
		c.t.Logf("namespace %s does not go: %v", c.namespace, err)
	}
}

// say keeps a line of the course of events, and prints it.
func (c *chaos) say(format string, args ...any) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	line := fmt.Sprintf("%6.1fs ", time.Since(c.began).Seconds()) + fmt.Sprintf(format, args...)
	c.lines = append(c.lines, line)
	fmt.Println(line)
}

func (c *chaos) rest(ctx context.Context, most time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(most/4 + time.Duration(c.random.Int64N(int64(most)))):
	}
}
