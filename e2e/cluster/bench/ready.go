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
	name string
	goal float64 // most that it may take of by hand, until its workers are up; 0 for ways by hand
	// most that it may take, until it is submitted, of a way by hand with as many containers.
	goalAlike float64
	alike     *way
	// manifest is applied, and then, where there is one, when Job NAME-extract is complete.
	manifest, then func(name string) string

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

// byHand is what an expert would write: a Job of Storm's image, which copies the
// JAR, as the guide's mode does, and runs the same JVM.
const byHand = `apiVersion: batch/v1
kind: Job
metadata: {name: NAME, namespace: bench}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      initContainers: INIT
      containers:
      - name: submit
        image: "apache/storm:2.8.1"
        command: [sh, -ec]
        args:
        - |
          COPY
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
      - {name: jar, JAR}
      - {name: image, image: {reference: "IMAGE"}}
`

// claimByHand is a claim, and a Job that copies the JAR to it.
const claimByHand = `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: NAME, namespace: bench}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: NAME-extract, namespace: bench}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      initContainers: INIT
      containers:
      - name: extract
        image: "apache/storm:2.8.1"
        command: [cp, SOURCE, /jar/topology.jar]
        volumeMounts:
        - {name: jar, mountPath: /jar}
        - {name: image, mountPath: /image, readOnly: true}
      volumes:
      - {name: jar, JAR}
      - {name: image, image: {reference: "IMAGE"}}
`

// subject is a JAR in an image.
type subject struct{ image, path, class string }

var (
	starter = subject{"apache/storm:2.8.1", "/apache-storm/examples/storm-starter/storm-starter-topologies-2.8.1.jar", "org.apache.storm.starter.WordCountTopology"}
	tiny    = subject{"stories/scratch:1", "/topology.jar", "com.mycompany.MyTopology"}
)

// fill makes a manifest for each name. Words are more pairs of a word and what
// stands in its place.
func (s subject) fill(text string, words ...string) func(name string) string {
	return func(name string) string {
		words := append(words, "IMAGE", s.image, "PATH", s.path, "CLASS", s.class, "SOURCE", "/image"+s.path)
		return strings.NewReplacer(append(words, "NAME", name)...).Replace(strings.NewReplacer(words...).Replace(text))
	}
}

// ways are by hand, the first, and the modes.
func (s subject) ways() []*way {
	ways := []*way{{name: "by hand", manifest: s.fill(byHand, "COPY", "cp SOURCE /jar/topology.jar", "INIT", idle(0), "JAR", "emptyDir: {}")}}
	for _, mode := range []struct {
		name        string
		goal, alike float64
	}{{"image-volume", 1.05, 1.1}, {"init-container", 1.12, 1.05}, {"copy", 1.25, 0.6}} {
		ways = append(ways, &way{name: mode.name, goal: mode.goal, goalAlike: mode.alike, manifest: s.fill(example, "MODE", mode.name)})
	}
	return ways
}

// withAlike are the ways, and by hand in as many pods and containers as the modes
// init-container and copy have. Mode image-volume has one container, as by hand.
func (s subject) withAlike() []*way {
	claim := "persistentVolumeClaim: {claimName: NAME}"
	two := &way{name: "by hand, two containers before it, as in init-container",
		manifest: s.fill(byHand, "COPY", "cp SOURCE /jar/topology.jar", "JAR", "emptyDir: {}", "INIT", idle(2))}
	jobs := &way{name: "by hand, a claim and two Jobs, as in copy", manifest: s.fill(claimByHand, "INIT", idle(1), "JAR", claim),
		then: s.fill(byHand, "COPY", "true", "INIT", idle(1), "JAR", claim)}
	ways := s.ways()
	for i, alike := range []*way{ways[0], two, jobs} {
		ways[i+1].alike = alike
	}
	return append(ways, two, jobs)
}

// idle are init containers that do nothing.
func idle(number int) string {
	var list []string
	for i := range number {
		list = append(list, fmt.Sprintf(`{name: idle-%d, image: "apache/storm:2.8.1", command: ["true"]}`, i))
	}
	return "[" + strings.Join(list, ", ") + "]"
}

// readyFigure brings topologies into Storm each way in turn.
func readyFigure(ctx context.Context, c *cluster, rounds int) (tables []figures.Table, err error) {
	ready := figures.Table{
		Name: "ready", Title: "Apply → ACTIVE with workers",
		About: "storm-starter's WordCountTopology, two workers, images on the node. By hand is one Job of Storm's image, which copies the JAR and runs the same java line. From kubectl apply until Nimbus says ACTIVE and both workers have reported, looked at each 50 ms. Nimbus schedules each second (nimbus.monitor.freq.secs 1).",
		Head:  []string{"way", "median", "least", "most", "× by hand", "goal"},
		After: "The largest share is Storm's and the same for all: from its word that it has the topology until the workers have reported, some 10 to 15 s here. Its supervisors fetch the JAR, start the JVMs one after the other and report them every few seconds (executor.metrics.frequency.secs is 5 here, 60 by default), which is also why rounds differ by seconds. What settings give is in the figure `workers`. " +
			"Stormhooks' part comes before that. It is the check of the JAR of 102 MiB, which is skipped when submitting by hand (each of its 60,228 entries is unpacked, on all processors: 1.5 to 2 s here; done by hand, with sha256sum and unzip -t, it takes twice as long), and the time that the kubelet needs from the end of one container to the start of the next, see the next table. The recorder gets no JAR (main's client sends an empty JAR), and Nimbus gets a dry run only where a topology runs.",
	}
	submitted := figures.Table{
		Name: "submitted", Title: "Apply → submitted, a tiny JAR",
		About: "A topology of the project's own, whose JAR has a few classes. From kubectl apply until Nimbus lists its id, looked at each 50 ms.",
		Head:  ready.Head,
		After: "By hand in as many containers is the floor of each mode: what Kubernetes takes for two containers before main's, and for a claim and a pod before that, with nothing done in them. Mode image-volume mounts the helper too, so its pod has one container, as by hand. Stormhooks' own part, from the start of main's container, is some 15 ms and 0.1 s beside the JVM's second. Between two containers the kubelet takes 0.5 to 1.2 s (it looks each second at what has ended), and a claim that waits for its first pod one more. Copy mode beats the same by hand, since the hook continues when the container has ended, and kubectl wait when the Job is Complete, 2 s later. In the other modes the helper is mounted with serve --helper-mount=image-volume, which needs a Kubernetes and a runtime that mount images so that programs run; each pod has one container less. The extraction could go from copy mode's way if its pod were started beside main's, but what a person reads of a broken JAR would come from two pods at once.",
	}
	stock := ready
	stock.Name, stock.Title = "ready-stock", "Apply → ACTIVE with workers, with Storm's own rounds of the scheduler"
	stock.After = ""
	stock.About = fmt.Sprintf("The same with Storm's own nimbus.monitor.freq.secs of %d; executor.metrics.frequency.secs stays 5. How long a topology waits for the next round of the scheduler drowns the rest, so it has no goal.", stockRounds)
	defer func() { err = errors.Join(err, c.schedule(ctx, 0)) }()
	for _, of := range []struct {
		ways    []*way
		table   *figures.Table
		workers int
		each    int // seconds between two rounds of the scheduler
		rounds  int
	}{
		{starter.ways(), &ready, 2, 1, rounds},
		{tiny.withAlike(), &submitted, 0, 1, 2 * rounds},
		{starter.ways(), &stock, 2, stockRounds, max(2, rounds/2)},
	} {
		if err := c.schedule(ctx, of.each); err != nil {
			return nil, err
		}
		ways := of.ways
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
				took, hand = w.submitted, ways[0].submitted
			}
			ratio, told := figures.Ratio(took, hand), ""
			switch {
			case w.alike != nil:
				alike := figures.Ratio(took, w.alike.submitted)
				told = figures.Goal(fmt.Sprintf("%.2f × by hand in as many containers, ≤ %.2f", alike, w.goalAlike), alike <= w.goalAlike)
			case goal > 0 && of.each != stockRounds:
				told = figures.Goal(fmt.Sprintf("≤ %.2f", goal), ratio <= goal)
			}
			of.table.Row(w.name, figures.Median(took), figures.Percentile(sorted(took), 0), figures.Percentile(sorted(took), 100), ratio, told)
		}
	}
	return []figures.Table{ready, submitted, stock}, nil
}

// stockRounds is Storm's default of nimbus.monitor.freq.secs.
const stockRounds = 10

// round submits one topology, and kills it.
func (w *way) round(ctx context.Context, c *cluster, workers int) error {
	name := c.name("way")
	began := time.Now()
	if err := c.apply(ctx, w.manifest(name)); err != nil {
		return err
	}
	if w.then != nil {
		if _, err := c.kubectl.Run(ctx, "wait", "--for=condition=Complete", "job/"+name+"-extract", "-n", namespace, "--timeout="+patience.String()); err != nil {
			return err
		}
		if err := c.apply(ctx, w.then(name)); err != nil {
			return err
		}
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
	for _, manifest := range []func(string) string{w.then, w.manifest} {
		if manifest == nil {
			continue
		}
		if _, err := c.kubectl.With(ctx, manifest(name), "delete", "-f", "-", "--timeout="+patience.String()); err != nil {
			return err
		}
	}
	return c.gone(ctx, name)
}
