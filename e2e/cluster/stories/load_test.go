package stories

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/e2e/cluster/images"
	"github.com/stormhooks/stormhooks/e2e/cluster/kube"
	"github.com/stormhooks/stormhooks/e2e/cluster/node"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
)

// TestLoad: make load TOPOLOGIES=300 REST=10m. Many topologies at once against
// one Storm without supervisors: each is submitted, none gets workers. Then they
// are left alone, and nothing may be written.
func TestLoad(t *testing.T) {
	number, err := strconv.Atoi(os.Getenv("STORMHOOKS_LOAD"))
	if err != nil {
		t.Skip("STORMHOOKS_LOAD gives no number. It needs the real cluster for itself: make load TOPOLOGIES=300")
	}
	rest, err := time.ParseDuration(os.Getenv("REST"))
	if err != nil {
		rest = 10 * time.Minute
	}
	l := newLoad(t, number)
	ctx, cancel := context.WithTimeout(t.Context(), 75*time.Minute)
	defer cancel()
	before := l.measure()
	began := time.Now()
	l.apply(ctx)
	l.settle(ctx, began)
	t.Logf("%d topologies, all submitted after %.0fs\n%s", number, time.Since(began).Seconds(), l.measure().each(before, number))

	l.quiet(ctx) // what Storm still schedules and reports
	before, versions := l.measure(), l.versions(ctx)
	time.Sleep(rest)
	t.Logf("at rest for %s\n%s", rest, l.measure().each(before, number))
	for object, version := range l.versions(ctx) {
		if versions[object] != version {
			t.Errorf("at rest, %s was written: version %s became %s", object, versions[object], version)
		}
	}
}

type load struct {
	t         *testing.T
	w         *world
	k         kube.Kubectl
	namespace string
	number    int
}

func newLoad(t *testing.T, number int) *load {
	if !node.Running(t.Context()) {
		t.Fatal("no cluster is up. Start one: make cluster-up")
	}
	w, err := newWorld()
	if err != nil {
		t.Fatal(err)
	}
	l := &load{t: t, w: w, number: number, namespace: fmt.Sprintf("load-%06x", time.Now().UnixNano()&0xffffff)}
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	if err := ownKubeconfig(kubeconfig, l.namespace); err != nil {
		t.Fatal(err)
	}
	l.k = kube.Kubectl{Program: place.Bin("kubectl"), Kubeconfig: kubeconfig}
	if err := images.PushOfStories(t.Context(), node.Registry); err != nil {
		t.Fatal(err)
	}
	if _, err := l.k.Run(t.Context(), "create", "namespace", l.namespace); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute)
		defer cancel()
		began := time.Now()
		if _, err := l.k.Run(ctx, "delete", "namespace", l.namespace, "--timeout=14m"); err != nil {
			t.Errorf("namespace %s does not go: %v", l.namespace, err)
		}
		t.Logf("deleted, with its Storm, after %.0fs", time.Since(began).Seconds())
	})
	if err := w.applyStorm(t.Context(), l.k, l.namespace, 0); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *load) apply(ctx context.Context) {
	var manifest strings.Builder
	for i := range l.number {
		fmt.Fprintf(&manifest, loadManifest, i, l.namespace, i)
	}
	if _, err := l.k.With(ctx, manifest.String(), "create", "-f", "-"); err != nil {
		l.t.Fatal(err)
	}
}

const loadManifest = `---
apiVersion: storm.apache.org/v1beta1
kind: StormTopology
metadata: {name: t%d}
spec:
  clusterRef: own
  killWaitSeconds: 0
  topology:
    name: %s-t%d
    mainClass: com.mycompany.MyTopology
    config: {topology.workers: "1"}
    jar: {container: {image: "stories/scratch:1", path: /topology.jar, extractionMode: image-volume}}
`

// settle waits until Storm has each, and says how it went on the way.
func (l *load) settle(ctx context.Context, began time.Time) {
	for told := time.Now(); ; time.Sleep(2 * time.Second) {
		list, err := l.w.objects.client.Resource(kinds["stormtopology"]).Namespace(l.namespace).List(ctx, metav1.ListOptions{ResourceVersion: "0"})
		if err != nil {
			if ctx.Err() != nil {
				l.t.Fatal(err)
			}
			continue
		}
		submitted := 0
		phases := map[string]int{}
		for i := range list.Items {
			if ok, _, _ := holds(&list.Items[i], []string{"Submitted=True", "{.status.stormStatus}=ACTIVE"}); ok {
				submitted++
			} else {
				_, is, _ := holds(&list.Items[i], []string{"Ready=True"})
				phases[firstWords(is)]++
			}
		}
		if submitted == l.number {
			return
		}
		if time.Since(told) > 30*time.Second {
			told = time.Now()
			fmt.Printf("%6.0fs %d of %d submitted; %v; %s\n", time.Since(began).Seconds(), submitted, l.number, phases, l.queue())
		}
	}
}

func firstWords(text string) string {
	words := strings.Fields(text)
	return strings.Join(words[:min(len(words), 4)], " ")
}

// quiet waits until nothing of the namespace has been written for a minute.
func (l *load) quiet(ctx context.Context) {
	for last, since := l.versions(ctx), time.Now(); time.Since(since) < time.Minute && ctx.Err() == nil; time.Sleep(5 * time.Second) {
		if now := l.versions(ctx); !maps.Equal(now, last) {
			last, since = now, time.Now()
		}
	}
}

// versions are the resourceVersions of all that we or our hooks write.
func (l *load) versions(ctx context.Context) map[string]string {
	versions := map[string]string{}
	for _, kind := range []string{"stormtopology", "stormcluster", "job", "pvc"} {
		list, err := l.w.objects.client.Resource(kinds[kind]).Namespace(l.namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			l.t.Fatal(err)
		}
		for i := range list.Items {
			versions[kind+"/"+list.Items[i].GetName()] = list.Items[i].GetResourceVersion()
		}
	}
	return versions
}

// measure adds what the hook server uses to the calls and writes.
func (l *load) measure() figures {
	f, err := measure(l.k.Kubeconfig)
	if err != nil {
		l.t.Fatal(err)
	}
	for _, line := range strings.Split(l.metrics("stormhooks-system", "app.kubernetes.io/name=stormhooks", "8080"), "\n") {
		if m := hookUses.FindStringSubmatch(line); m != nil {
			f.add("hook server: "+m[1], m[2])
		}
	}
	return f
}

var (
	hookUses = regexp.MustCompile(`^(process_resident_memory_bytes|process_cpu_seconds_total|go_memstats_heap_inuse_bytes) (\S+)$`)
	depth    = regexp.MustCompile(`^workqueue_depth\{(.*)\} (\S+)$`)
)

// queue is how many objects wait for Metacontroller.
func (l *load) queue() string {
	var waiting []string
	for _, line := range strings.Split(l.metrics("metacontroller", "app.kubernetes.io/name=metacontroller", "9999"), "\n") {
		if m := depth.FindStringSubmatch(line); m != nil && m[2] != "0" {
			waiting = append(waiting, m[1]+": "+m[2])
		}
	}
	return "queue " + strings.Join(waiting, ", ")
}

func (l *load) metrics(namespace, selector, port string) string {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	address, err := l.k.Run(ctx, "get", "pods", "-n", namespace, "-l", selector, "-o", "jsonpath={.items[0].status.podIP}")
	if err != nil {
		l.t.Fatal(err)
	}
	text, err := fetch(ctx, "http://"+address+":"+port+"/metrics")
	if err != nil {
		l.t.Fatal(err)
	}
	return text
}

// each prints what was counted since before, whole and for one topology; of
// memory, what it is now.
func (f figures) each(before figures, topologies int) string {
	var lines []string
	for name, count := range f.Counts {
		more := count - before.Counts[name]
		switch {
		case strings.HasSuffix(name, "_bytes"):
			lines = append(lines, fmt.Sprintf("  %s: %.1f MiB", name, count/(1<<20)))
		case more > 0:
			lines = append(lines, fmt.Sprintf("  %s: %.1f, for each %.2f", name, more, more/float64(topologies)))
		}
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}
