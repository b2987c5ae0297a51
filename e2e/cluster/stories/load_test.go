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
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	results "github.com/stormhooks/stormhooks/e2e/bench/figures"
	"github.com/stormhooks/stormhooks/e2e/cluster/images"
	"github.com/stormhooks/stormhooks/e2e/cluster/kube"
	"github.com/stormhooks/stormhooks/e2e/cluster/node"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
)

// TestLoad: make load TOPOLOGIES=300 REST=10m. Many topologies at once against
// one Storm without supervisors: each is submitted, none gets workers. Then they
// are left alone, and nothing may be written. Of several numbers (1,10,100) each
// has its turn, and RESULTS names the file that is told of them.
func TestLoad(t *testing.T) {
	numbers := strings.FieldsFunc(os.Getenv("STORMHOOKS_LOAD"), func(r rune) bool { return r == ',' || r == ' ' })
	if len(numbers) == 0 {
		t.Skip("STORMHOOKS_LOAD gives no number. It needs the real cluster for itself: make load TOPOLOGIES=300")
	}
	rest, err := time.ParseDuration(os.Getenv("REST"))
	if err != nil {
		rest = 10 * time.Minute
	}
	grown := growth{rest: rest}
	for _, text := range numbers {
		number, err := strconv.Atoi(text)
		if err != nil || number < 1 {
			t.Fatalf("%q is not a number of topologies. Write TOPOLOGIES=300, or TOPOLOGIES=1,10,100.", text)
		}
		t.Run(text, func(t *testing.T) { grown.add(newLoad(t, number).run(rest)) })
	}
	table := grown.table()
	t.Logf("\n%s", table.Markdown())
	if file := os.Getenv("RESULTS"); file != "" && !t.Failed() {
		if err := results.Write(file, results.Order, []results.Table{table}, time.Now()); err != nil {
			t.Error(err)
		}
	}
}

// grown is what so many topologies cost.
type grown struct {
	number   int
	took     time.Duration
	up, rest figures // since before
}

// run applies the topologies, waits until Storm has them, and leaves them alone.
func (l *load) run(rest time.Duration) grown {
	ctx, cancel := context.WithTimeout(l.t.Context(), 75*time.Minute)
	defer cancel()
	g := grown{number: l.number}
	before, began := l.measure(), time.Now()
	l.apply(ctx)
	l.settle(ctx, began)
	g.took = time.Since(began)
	l.quiet(ctx) // what Storm still schedules and reports
	l.counted(ctx)
	g.up = l.measure().more(before)
	l.t.Logf("%d topologies, all submitted after %.0fs\n%s", l.number, g.took.Seconds(), g.up.each(l.number))

	before, versions := l.measure(), l.versions(ctx)
	time.Sleep(rest)
	g.rest = l.measure().more(before)
	l.t.Logf("at rest for %s\n%s", rest, g.rest.each(l.number))
	for object, version := range l.versions(ctx) {
		if versions[object] != version {
			l.t.Errorf("at rest, %s was written: version %s became %s", object, versions[object], version)
		}
	}
	return g
}

// counted waits until the StormCluster has the number of topologies: it is written again
// ten minutes after the last time.
func (l *load) counted(ctx context.Context) {
	for ctx.Err() == nil {
		own, err := l.w.objects.client.Resource(kinds["stormcluster"]).Namespace(l.namespace).Get(ctx, "own", metav1.GetOptions{})
		if err != nil {
			l.t.Fatal(err)
		}
		if known, _, _ := unstructured.NestedInt64(own.Object, "status", "topologies"); known == int64(l.number) {
			return
		}
		time.Sleep(5 * time.Second)
	}
	l.t.Fatal("the StormCluster does not have the number of topologies")
}

// growth is one such run after the other.
type growth struct {
	rest time.Duration
	runs []grown
}

func (g *growth) add(run grown) { g.runs = append(g.runs, run) }

// table sets them side by side.
func (g *growth) table() results.Table {
	table := results.Table{
		Name: "growth-cluster", Title: "Growth on the real cluster",
		About: fmt.Sprintf("So many topologies, image-volume mode and a tiny JAR, applied at once to one Storm without supervisors, until Storm has them all and a quiet minute after it; then %s at rest. Writes are Metacontroller's; CPU and memory are the hook server's. How long it takes is the JVMs' share: one for each topology, on the processors noted; whatever is submitted early is looked at while the rest is waited for, so syncs until then have no goal. Goal: no more writes for each topology than for one, and one at most beyond; at rest no more syncs for each, and no write; at most 64 MB.", g.rest),
		Head:  []string{"topologies", "apply → all submitted", "syncs each", "writes each", "CPU of a sync", "memory", "at rest: syncs each", "writes", "goal"},
	}
	each := func(of grown, n float64) float64 { return n / float64(of.number) }
	for _, of := range g.runs {
		syncs, memory := of.up.Counts[topologySyncs], of.up.Counts["hook server: process_resident_memory_bytes"]
		one := g.runs[0]
		same := each(of, of.up.own()) <= each(one, one.up.own())+1 && each(of, of.rest.Counts[topologySyncs]) <= each(one, one.rest.Counts[topologySyncs])+1
		cpu := time.Duration(of.up.Counts["hook server: process_cpu_seconds_total"] / max(1, syncs) * float64(time.Second))
		table.Row(of.number, of.took, each(of, syncs), each(of, of.up.own()), cpu,
			results.Size(int64(memory)),
			each(of, of.rest.Counts[topologySyncs]), of.rest.own(), results.Goal("≤ one's", same && of.rest.own() == 0 && memory <= 64e6))
	}
	return table
}

const topologySyncs = "hook calls: stormtopology sync"

// own are the writes of Metacontroller: not those of the test, nor of
// Kubernetes' own controllers.
func (f figures) own() float64 {
	writes := 0.0
	for name, count := range f.Counts {
		if ourWrites.MatchString(name) {
			writes += count
		}
	}
	return writes
}

var ourWrites = regexp.MustCompile(`^writes: (((PUT|PATCH) stormtopologies(/status)?)|((POST|DELETE) (jobs|persistentvolumeclaims)))$`)

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
	if err := w.applyStorm(t.Context(), l.k, l.namespace, stormSize{nimbuses: 1}); err != nil {
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

// settle waits until Storm has each, and reports its progress.
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

// more is what was counted since before; of memory, what it is now.
func (f figures) more(before figures) figures {
	more := figures{At: f.At, Counts: map[string]float64{}}
	for name, count := range f.Counts {
		if !strings.HasSuffix(name, "_bytes") {
			count -= before.Counts[name]
		}
		more.Counts[name] = count
	}
	return more
}

// each prints counts, whole and for one topology.
func (f figures) each(topologies int) string {
	var lines []string
	for name, count := range f.Counts {
		switch {
		case strings.HasSuffix(name, "_bytes"):
			lines = append(lines, fmt.Sprintf("  %s: %.1f MiB", name, count/(1<<20)))
		case count > 0:
			lines = append(lines, fmt.Sprintf("  %s: %.1f, for each %.2f", name, count, count/float64(topologies)))
		}
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}
