package stories

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stormhooks/stormhooks/e2e/cluster/install"
	"github.com/stormhooks/stormhooks/e2e/cluster/kube"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// storm asks the real Nimbus, past our hooks.
func (w *world) storm(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: storm list|wait|hold|kill|deactivate|activate|rebalance|id|conf|blob|blobs|model|own|pair|tls|leader|backup|restore …")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	client := w.nimbusOf(ts.Getenv("NIMBUS"))
	defer client.Close()
	verb, args := args[0], args[1:]
	switch {
	case verb == "list":
		list, err := client.List(ctx)
		ts.Check(err)
		for _, topology := range list {
			fmt.Fprintf(ts.Stdout(), "%s %s %d %s\n", topology.Name, topology.Status, topology.Workers, topology.ID)
		}
	case verb == "wait" && len(args) > 2:
		limit, err := time.ParseDuration(args[len(args)-1])
		ts.Check(err)
		stormWait(ts, client, args[0], args[1:len(args)-1], limit)
	case verb == "hold" && len(args) > 2:
		limit, err := time.ParseDuration(args[0])
		ts.Check(err)
		stormHold(ts, client, args[1], args[2:], limit)
	case verb == "kill" && len(args) > 0:
		ts.Check(kill(ctx, client, args[0], args[1:]))
	case verb == "deactivate" && len(args) == 1:
		ts.Check(client.Deactivate(ctx, args[0]))
	case verb == "activate" && len(args) == 1:
		ts.Check(client.Activate(ctx, args[0]))
	case verb == "rebalance" && len(args) >= 2:
		ts.Check(rebalance(ctx, client, args[0], args[1], args[2:]))
	case verb == "id" && len(args) == 2:
		ts.Setenv(args[1], mustFind(ctx, ts, client, args[0]).ID)
	case verb == "conf" && len(args) == 2:
		conf, err := client.ConfAnd(ctx, mustFind(ctx, ts, client, args[0]).ID, args[1])
		ts.Check(err)
		fmt.Fprintln(ts.Stdout(), conf[args[1]])
	case (verb == "backup" || verb == "restore") && len(args) == 0:
		ts.Check(w.storage(ctx, ts, verb))
	case verb == "model" && len(args) == 3:
		w.stormModel(ts, args)
	case verb == "blob" && len(args) == 1:
		ts.Check(stormBlob(ctx, client, args[0]))
	case verb == "blobs" && len(args) == 3:
		stormBlobs(ts, client, args)
	case verb == "own":
		w.ownStorm(ctx, ts, stormSize{nimbuses: 1, supervisors: 1}, args)
	case verb == "pair":
		w.ownStorm(ctx, ts, stormSize{nimbuses: 2, supervisors: 1}, args)
	case verb == "tls" && len(args) == 0:
		w.tlsStorm(ctx, ts)
	case verb == "leader" && len(args) == 1:
		leader, err := client.Leader(ctx)
		ts.Check(err)
		pod, _, _ := strings.Cut(leader.Host, ".")
		ts.Setenv(args[0], pod)
	default:
		ts.Fatalf("storm %s %q: not understood, see doc.go", verb, args)
	}
}

// nimbusAt gives a busy Nimbus more time than our hooks do. Several hosts have a comma
// between them.
func nimbusAt(host string) *nimbus.Client {
	return nimbus.New(strings.Split(host, ","), 6627, patient)
}

var patient = nimbus.WithLimit(15 * time.Second)

// nimbusOf is nimbusAt, with TLS if the Storm was made by storm tls.
func (w *world) nimbusOf(host string) *nimbus.Client {
	if secure, is := w.secured.Load(host); is {
		return secure.(*secured).client(host)
	}
	return nimbusAt(host)
}

func kill(ctx context.Context, client *nimbus.Client, name string, rest []string) error {
	var wait *int32
	if len(rest) > 0 {
		seconds, err := strconv.ParseInt(rest[0], 10, 32)
		if err != nil {
			return err
		}
		short := int32(seconds)
		wait = &short
	}
	return client.Kill(ctx, name, wait)
}

// rebalance gives a topology another number of workers, at once.
func rebalance(ctx context.Context, client *nimbus.Client, name, workers string, components []string) error {
	number, err := strconv.ParseInt(workers, 10, 32)
	if err != nil {
		return err
	}
	none := int32(0)
	call := storm.Call{Name: name, Workers: int32(number), WaitSeconds: &none, Executors: map[string]int32{}}
	for _, component := range components {
		id, executors, _ := strings.Cut(component, "=")
		if number, err = strconv.ParseInt(executors, 10, 32); err != nil {
			return err
		}
		call.Executors[id] = int32(number)
	}
	return client.Rebalance(ctx, call)
}

// killAll kills what a story left in Storm.
func (w *world) killAll(ctx context.Context, host, prefix string) error {
	client := w.nimbusOf(host)
	defer client.Close()
	list, err := client.List(ctx)
	if err != nil {
		return err
	}
	for _, topology := range list {
		if strings.HasPrefix(topology.Name, prefix) {
			if err := kill(ctx, client, topology.Name, []string{"0"}); err != nil {
				return err
			}
		}
	}
	return nil
}

func find(ctx context.Context, client *nimbus.Client, name string) (*nimbus.Summary, error) {
	list, err := client.List(ctx)
	if err != nil {
		return nil, err
	}
	for _, topology := range list {
		if topology.Name == name {
			return &topology, nil
		}
	}
	return nil, nil
}

func mustFind(ctx context.Context, ts *testscript.TestScript, client *nimbus.Client, name string) *nimbus.Summary {
	topology, err := find(ctx, client, name)
	ts.Check(err)
	if topology == nil {
		ts.Fatalf("Storm has no topology %q", name)
	}
	return topology
}

// stormWait and stormHold look again and again: Nimbus has nothing to watch.
const (
	stormLookWaiting = 100 * time.Millisecond
	stormLookHolding = 500 * time.Millisecond
)

func stormWait(ts *testscript.TestScript, client *nimbus.Client, name string, conditions []string, limit time.Duration) {
	began := time.Now()
	look := &stormLooker{client: client, name: name}
	for {
		ok, lacking, err := look.holds(conditions)
		if err != nil {
			lacking = err.Error()
		}
		if ok {
			ts.Logf("  %5.1fs %s: %s", time.Since(began).Seconds(), name, strings.Join(conditions, " "))
			return
		}
		if time.Since(began) > limit {
			ts.Fatalf("topology %s in Storm after %s: not %s", name, limit, lacking)
		}
		time.Sleep(stormLookWaiting)
	}
}

func stormHold(ts *testscript.TestScript, client *nimbus.Client, name string, conditions []string, limit time.Duration) {
	began := time.Now()
	look := &stormLooker{client: client, name: name}
	looks := 0
	for time.Since(began) < limit {
		ok, lacking, err := look.holds(conditions)
		switch {
		case err != nil: // no answer says nothing of the topology
			ts.Logf("  %s", err)
		case !ok:
			ts.Fatalf("topology %s in Storm did not hold; after %s: %s", name, time.Since(began).Round(time.Millisecond), lacking)
		default:
			looks++
		}
		time.Sleep(stormLookHolding)
	}
	if looks == 0 {
		ts.Fatalf("Storm did not answer once in %s", limit)
	}
}

// stormLooker looks at one topology again and again.
type stormLooker struct {
	client  *nimbus.Client
	name    string
	emitted int64 // at the first look that saw any
}

func (l *stormLooker) holds(conditions []string) (ok bool, lacking string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	topology, err := find(ctx, l.client, l.name)
	if err != nil {
		return false, "", err
	}
	for _, condition := range conditions {
		if ok, is := l.holdsOne(ctx, topology, condition); !ok {
			return false, condition + ": it is " + is, nil
		}
	}
	return true, "", nil
}

func (l *stormLooker) holdsOne(ctx context.Context, topology *nimbus.Summary, condition string) (bool, string) {
	if condition == "gone" {
		return topology == nil, "there"
	}
	if id, is := strings.CutPrefix(condition, "left="); is {
		return topology == nil || topology.ID != id, "there"
	}
	if topology == nil {
		return false, "gone"
	}
	key, value, _ := strings.Cut(condition, "=")
	if kind, component, is := strings.Cut(key, ":"); is {
		return l.component(ctx, topology.ID, kind, component, value)
	}
	switch key {
	case "id":
		return topology.ID == value, topology.ID
	case "id!":
		return topology.ID != value, topology.ID
	case "workers":
		return strconv.Itoa(int(topology.Workers)) == value, strconv.Itoa(int(topology.Workers))
	case "up", "flows":
		info, err := l.client.Info(ctx, topology.ID)
		if err != nil {
			return false, err.Error()
		}
		if key == "up" {
			return up(info)
		}
		return l.flows(info)
	}
	return topology.Status == condition, topology.Status
}

// component: how many executors or tasks of a component Storm has assigned.
func (l *stormLooker) component(ctx context.Context, id, kind, component, value string) (bool, string) {
	info, err := l.client.Info(ctx, id)
	if err != nil {
		return false, err.Error()
	}
	for _, c := range info.Components {
		if found := map[string]int{"executors": c.Executors, "tasks": c.Tasks}[kind]; c.Name == component {
			return strconv.Itoa(found) == value, strconv.Itoa(found)
		}
	}
	return false, fmt.Sprintf("not among %v", info.Components)
}

// up: each worker has an executor that has sent a heartbeat.
func up(info nimbus.Info) (bool, string) {
	reporting := map[string]bool{}
	for _, executor := range info.Executors {
		worker := fmt.Sprintf("%s:%d", executor.Host, executor.Port)
		reporting[worker] = reporting[worker] || executor.Uptime > 0
	}
	for worker, reports := range reporting {
		if !reports {
			return false, "no executor of " + worker + " reports"
		}
	}
	return len(reporting) > 0, "without executors"
}

// flows: the sum of what was emitted grows from one look to another.
func (l *stormLooker) flows(info nimbus.Info) (bool, string) {
	var sum int64
	for _, executor := range info.Executors {
		sum += executor.Emitted
	}
	if l.emitted == 0 {
		l.emitted = sum
	}
	return sum > l.emitted, fmt.Sprintf("at %d tuples", sum)
}

// stormSize is how many pods of each kind a Storm has.
type stormSize struct{ nimbuses, supervisors int }

// ownStorm puts a Storm into the story's namespace, and leads to it.
func (w *world) ownStorm(ctx context.Context, ts *testscript.TestScript, size stormSize, settings []string) {
	namespace := ts.Getenv("NS")
	k := kube.Kubectl{Program: place.Bin("kubectl"), Kubeconfig: ts.Getenv("KUBECONFIG")}
	ts.Check(w.applyStorm(ctx, k, namespace, size, settings...))
	ts.Setenv("NIMBUS", strings.Join(nimbusHosts(namespace, size.nimbuses), ","))
}

func ownNimbus(namespace string) string { return nimbusHosts(namespace, 1)[0] }

// nimbusHosts are the first n Nimbuses of a namespace.
func nimbusHosts(namespace string, n int) (hosts []string) {
	for i := range n {
		hosts = append(hosts, fmt.Sprintf("nimbus-%d.nimbus.%s.svc", i, namespace))
	}
	return hosts
}

// replicas sets how many pods a StatefulSet has.
func replicas(name string, n int) kube.Patch {
	return kube.Patch{
		Target: daemon(name),
		Patch:  fmt.Sprintf(`[{"op": "replace", "path": "/spec/replicas", "value": %d}]`, n),
	}
}

// applyStorm brings up a Storm in a namespace, and a StormCluster `own` that
// leads to it. A setting KEY=VALUE is its daemons'; one without = is the class of the
// stories' JAR that Nimbus asks at each submission.
func (w *world) applyStorm(ctx context.Context, k kube.Kubectl, namespace string, size stormSize, settings ...string) error {
	patches := []kube.Patch{replicas("nimbus", size.nimbuses), replicas("supervisor", size.supervisors)}
	hosts := nimbusHosts(namespace, size.nimbuses)
	if len(hosts) > 1 {
		// Each setting ends at a comma. One that is encoded belongs to the value
		// (Utils.readCommandLineOpts, v2.8.1).
		settings = append(settings, fmt.Sprintf("nimbus.seeds=[%s]", `"`+strings.Join(hosts, `"%2C"`)+`"`))
	}
	for i, setting := range settings {
		if !strings.Contains(setting, "=") {
			settings[i] = fmt.Sprintf("nimbus.topology.validator=%q", setting)
			patches = append(patches, kube.Patch{Target: daemon("nimbus"), Patch: extlibPatch("stories/validator:1")})
		}
	}
	if len(settings) > 0 {
		patches = append(patches, told("nimbus", settings), told("supervisor", settings))
	}
	if err := w.applyDaemons(ctx, k, namespace, patches); err != nil {
		return err
	}
	if _, err := k.With(ctx, w.clusterManifest("own", strings.Join(hosts, ",")), "apply", "-f", "-"); err != nil {
		return err
	}
	return install.StormReady(ctx, k, namespace)
}

func (w *world) applyDaemons(ctx context.Context, k kube.Kubectl, namespace string, patches []kube.Patch) error {
	return k.Apply(ctx, kube.Overlay{
		Namespace: namespace,
		Resources: []string{filepath.Join(w.checkout, "manifests", "storm-dev", "storm")},
		Images:    map[string]string{"apache/storm": w.shared.image},
		Patches:   patches,
	})
}

func daemon(name string) map[string]string {
	return map[string]string{"kind": "StatefulSet", "name": name}
}

// told adds settings KEY=VALUE to what a daemon is told.
func told(name string, settings []string) kube.Patch {
	return kube.Patch{Target: daemon(name), Patch: fmt.Sprintf(`[
  {"op": "add", "path": "/spec/template/spec/containers/0/env/-", "value": {"name": "WITH_SETTINGS", "value": %q}},
  {"op": "replace", "path": "/spec/template/spec/containers/0/command/5", "value": "-Dstorm.options=$(WITH_SETTINGS)"}
]`, "$(STORM_OPTIONS),"+strings.Join(settings, ","))}
}

// extlibPatch mounts the JAR of an image onto the class path of a daemon.
func extlibPatch(image string) string {
	return fmt.Sprintf(`[
  {"op": "add", "path": "/spec/template/spec/volumes/-", "value": {"name": "extlib", "image": {"reference": %q}}},
  {"op": "add", "path": "/spec/template/spec/containers/0/volumeMounts/-", "value": {"name": "extlib", "mountPath": "/apache-storm/extlib"}}
]`, image)
}
