package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/e2e/bench/figures"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
)

// way is a way to bring a topology into Storm.
type way struct {
	name     string
	goal     float64 // most that it may take of by hand, to ready; 0 for by hand
	manifest func(name string) string

	submitted, ready []time.Duration
}

// example is the guide's first: storm-starter's WordCountTopology, which has two
// workers.
const example = `apiVersion: storm.apache.org/v1beta1
kind: StormTopology
metadata: {name: NAME, namespace: bench}
spec:
  clusterRef: test-cluster
  killWaitSeconds: 0
  topology:
    jar:
      container: {image: "IMAGE", path: PATH, extractionMode: MODE}
    mainClass: CLASS
    config: {topology.workers: "2"}
`

// byHand is what an expert would write: one Job of Storm's image, which copies
// the JAR, as the guide's mode does, and runs the same JVM.
const byHand = `apiVersion: batch/v1
kind: Job
metadata: {name: NAME, namespace: bench}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: submit
        image: "apache/storm:2.8.1"
        command: [sh, -ec]
        args:
        - |
          cp SOURCE /jar/topology.jar
          exec java -XX:MaxRAMPercentage=60 -XX:TieredStopAtLevel=1 -XX:+UseSerialGC \
            '-Dstorm.options=nimbus.seeds=["` + nimbusAt + `"],topology.workers=2' \
            -Dstorm.home=/apache-storm -Dstorm.log.dir=/tmp -Dstorm.conf.file= \
            -cp '/apache-storm/*:/apache-storm/lib-worker/*:/apache-storm/extlib/*:/jar/topology.jar:/conf' \
            -Dstorm.jar=/jar/topology.jar -Dstorm.dependency.jars= -Dstorm.dependency.artifacts={} CLASS NAME
        volumeMounts:
        - {name: jar, mountPath: /jar}
        - {name: image, mountPath: /image, readOnly: true}
        resources: {requests: {cpu: 250m, memory: 512Mi}, limits: {memory: 1Gi}}
      volumes:
      - {name: jar, emptyDir: {}}
      - {name: image, image: {reference: "IMAGE"}}
`

// subject is a JAR in an image.
type subject struct{ image, path, class string }

var (
	starter = subject{"apache/storm:2.8.1", "/apache-storm/examples/storm-starter/storm-starter-topologies-2.8.1.jar", "org.apache.storm.starter.WordCountTopology"}
	tiny    = subject{"stories/scratch:1", "/topology.jar", "com.mycompany.MyTopology"}
)

func (s subject) ways() []*way {
	fill := func(text, mode string) func(string) string {
		return func(name string) string {
			return strings.NewReplacer("NAME", name, "IMAGE", s.image, "PATH", s.path, "CLASS", s.class, "MODE", mode, "SOURCE", "/image"+s.path).Replace(text)
		}
	}
	return []*way{
		{name: "by hand", manifest: fill(byHand, "")},
		{name: "image-volume", goal: 1.15, manifest: fill(example, "image-volume")},
		{name: "init-container", goal: 1.15, manifest: fill(example, "init-container")},
		{name: "copy", goal: 1.3, manifest: fill(example, "copy")},
	}
}

// readyFigure brings topologies into Storm each way in turn.
func readyFigure(ctx context.Context, c *cluster, rounds int) (tables []figures.Table, err error) {
	ready := figures.Table{
		Name: "ready", Title: "Apply → ACTIVE with workers",
		About: "storm-starter's WordCountTopology, two workers, images on the node. By hand is one Job of Storm's image, which copies the JAR and runs the same java line. From kubectl apply until Nimbus says ACTIVE and both workers have reported, looked at each 50 ms. Nimbus schedules each second (nimbus.monitor.freq.secs 1).",
		Head:  []string{"way", "median", "least", "most", "× by hand", "goal"},
		After: "The largest share is Storm's and the same for all: from its word that it has the topology until the workers have reported, 6 to 12 s here. Its supervisors fetch the JAR, start the JVMs one after the other and tell of them each few seconds (executor.metrics.frequency.secs is 5 here, 60 as Storm comes), which is also why rounds differ by seconds. " +
			"Ours is what comes before, 3 s more than by hand with a JAR of 102 MiB, as the log of a submission tells it: the check of the JAR (1.2 s: each of 60,228 entries is inflated), main's upload to the recorder (0.4 s), and the question to Nimbus and the look that the topology is there (0.4 s). By hand nothing is checked, and what Storm does not take is found out afterwards. " +
			"Copy mode adds a pod and a volume: 1 s until the claim is bound, 1 s for the helper's container, the copy, and a pod that ends.",
	}
	submitted := figures.Table{
		Name: "submitted", Title: "Apply → submitted, a tiny JAR",
		About: "A topology of the project's own, whose JAR has a few classes. From kubectl apply until Nimbus lists its id, looked at each 50 ms.",
		Head:  ready.Head,
		After: "By hand it is one container. init-container mode has two before main's, each of which takes the kubelet half a second and more from one's end to the next one's start. Copy mode has a claim, a Job and a pod with an init container before the submission begins: 3 to 4 s of Kubernetes, whatever the JAR's size. What could be done: main could run while the JAR is checked, but its side effects would come before a JAR that is broken is refused.",
	}
	stock := ready
	stock.Name, stock.Title = "ready-stock", "Apply → ACTIVE with workers, as Storm comes"
	stock.After = ""
	stock.About = fmt.Sprintf("The same with Storm's own nimbus.monitor.freq.secs of %d: how long a topology waits for the next round of the scheduler drowns the rest, so it has no goal.", stockRounds)
	defer func() { err = errors.Join(err, c.schedule(ctx, 0)) }()
	for _, of := range []struct {
		subject subject
		table   *figures.Table
		workers int
		each    int // seconds between two rounds of the scheduler
		rounds  int
	}{{starter, &ready, 2, 1, rounds}, {tiny, &submitted, 0, 1, rounds}, {starter, &stock, 2, stockRounds, max(2, rounds/2)}} {
		if err := c.schedule(ctx, of.each); err != nil {
			return nil, err
		}
		ways := of.subject.ways()
		for range of.rounds {
			for _, w := range ways {
				if err := w.round(ctx, c, of.workers); err != nil {
					return nil, fmt.Errorf("%s: %w", w.name, err)
				}
			}
		}
		for _, w := range ways {
			took, hand, goal := w.ready, ways[0].ready, w.goal
			if of.workers == 0 {
				took, hand, goal = w.submitted, ways[0].submitted, min(w.goal*1.3, 1.3)
			}
			ratio, told := figures.Ratio(took, hand), ""
			if goal > 0 && of.each != stockRounds {
				told = figures.Goal(fmt.Sprintf("≤ %.2f", goal), ratio <= goal)
			}
			of.table.Row(w.name, figures.Median(took), figures.Percentile(sorted(took), 0), figures.Percentile(sorted(took), 100), ratio, told)
		}
	}
	return []figures.Table{ready, submitted, stock}, nil
}

// stockRounds is Storm's nimbus.monitor.freq.secs where nobody sets it.
const stockRounds = 10

// round brings one topology in, and takes it away again.
func (w *way) round(ctx context.Context, c *cluster, workers int) error {
	name := c.name("way")
	manifest := w.manifest(name)
	began := time.Now()
	if err := c.apply(ctx, manifest); err != nil {
		return err
	}
	summary, took, err := c.until(ctx, began, name, func(nimbus.Summary) bool { return true })
	if err != nil {
		return err
	}
	w.submitted = append(w.submitted, took)
	if workers > 0 {
		if took, err = c.untilUp(ctx, began, summary.ID, workers); err != nil {
			return err
		}
		w.ready = append(w.ready, took)
	}
	fmt.Printf("%s %s: submitted %s, ready %v\n", w.name, name, figures.Short(w.submitted[len(w.submitted)-1]), took)
	if _, err := c.kubectl.With(ctx, manifest, "delete", "-f", "-", "--timeout="+patience.String()); err != nil {
		return err
	}
	return c.gone(ctx, name)
}
