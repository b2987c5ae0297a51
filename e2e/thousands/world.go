package thousands

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/stormhooks/stormhooks/e2e/standin"
	"github.com/stormhooks/stormhooks/hooks"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

const (
	loopback = "127.0.0.1"
	// Quiet is the namespace of most topologies, Leaving that of those that are deleted
	// with it. Each has a StormCluster of this name, for the one Nimbus.
	Quiet, Leaving, cluster = "quiet", "leaving", "storm"
	// workers are Metacontroller's for each controller.
	workers = 5
)

// Options are those of a World.
type Options struct {
	// Topologies are all, Leaving those in the namespace that is deleted.
	Topologies, Leaving int
	// PollSeconds of the StormClusters.
	PollSeconds int64
	// KillWait of the topologies, in seconds.
	KillWait int64
	// QPS and Burst limit the live calls of Metacontroller (--client-go-qps,
	// --client-go-burst), once the cluster is quiet. With QPS 0 they are unlimited.
	QPS, Burst float64
	Costs      CallCosts
	Times      Times
	// Storm is a Nimbus without supervisors: pods submit the topologies, which are suspended
	// then. nil is a double whose Storm has run all topologies for an hour.
	Storm Storm
	// Manifests is the folder of the shipped CompositeControllers.
	Manifests string
}

// World is a cluster, from New until its context ends.
type World struct {
	ctx     context.Context
	options Options
	store   *store
	double  *double // nil with Options.Storm
	// hookPort and podsPort are those of the one Nimbus, for each caller.
	hookPort, podsPort int32
	jar                string
	controllers        []*standin.Controller
	limit              *bucket

	counting sync.Mutex
	costs    Costs
	growing  map[Caller][]Call
	failure  error
}

// New starts a cluster. Without Options.Storm its topologies run in Storm already,
// submitted for these objects. folder is for a file of the submitting pods.
func New(ctx context.Context, options Options, folder string) (*World, error) {
	w := &World{ctx: ctx, options: options, limit: newBucket(options.QPS, options.Burst), growing: map[Caller][]Call{}}
	w.costs.Nimbus = map[Caller]map[string]int{HookServer: {}, Pods: {}}
	w.costs.FailedHandovers = map[string]int{}
	w.store = &store{moved: make(chan struct{}, 1), memory: standin.NewMemory(time.Now, standin.Topologies, standin.Clusters, standin.Jobs, standin.Pods, standin.Claims, standin.Namespaces)}
	w.jar = filepath.Join(folder, "topology.jar")
	if err := os.WriteFile(w.jar, []byte("a JAR"), 0o600); err != nil {
		return nil, err
	}
	called := options.Storm
	if called == nil {
		w.double = newNimbus(options.Costs, options.Times)
		called = w.double
	}
	var err error
	if w.hookPort, err = called.Listen(ctx, func(made Call) { w.called(HookServer, made) }); err != nil {
		return nil, err
	}
	if w.podsPort, err = called.Listen(ctx, func(made Call) { w.called(Pods, made) }); err != nil {
		return nil, err
	}
	if err := w.fill(w.hookPort); err != nil {
		return nil, err
	}
	client, err := w.startServer()
	if err != nil {
		return nil, err
	}
	return w, w.startControllers(client)
}

// fill creates the objects, and has their topologies run in a double.
func (w *World) fill(port int32) error {
	w.create(standin.Namespaces, "", "kube-system", nil, nil)
	for _, namespace := range []string{Quiet, Leaving} {
		w.create(standin.Namespaces, "", namespace, nil, []string{"kubernetes"})
		w.create(standin.Clusters, namespace, cluster, map[string]any{
			"image": "storm:1", "pollSeconds": w.options.PollSeconds,
			"nimbus": map[string]any{"seeds": []any{loopback}, "port": int64(port)},
		}, nil)
	}
	for i := range w.options.Topologies {
		object := w.apply(i)
		if w.failure != nil {
			return w.failure
		}
		if w.double == nil {
			continue
		}
		if err := w.submitted(object); err != nil {
			return err
		}
	}
	return w.failure
}

// apply creates the object of a topology.
func (w *World) apply(i int) *unstructured.Unstructured {
	return w.create(standin.Topologies, w.namespaceOf(i), Name(i), map[string]any{
		"clusterRef": cluster, "killWaitSeconds": w.options.KillWait, "deletionPolicy": "Kill",
		"topology": map[string]any{
			"mainClass": "main.A", "jar": map[string]any{"container": map[string]any{"image": "jar:1", "path": "/a.jar"}},
			"config": map[string]any{"topology.workers": int64(2)},
		},
	}, nil)
}

// namespaceOf is where a topology is: the last of those that were there from the
// beginning are those that leave.
func (w *World) namespaceOf(i int) string {
	if all := w.options.Topologies; i >= all-w.options.Leaving && i < all {
		return Leaving
	}
	return Quiet
}

// Name is that of a topology.
func Name(i int) string { return fmt.Sprintf("topology-%04d", i) }

func (w *World) create(kind standin.Kind, namespace, name string, spec map[string]any, finalizers []string) *unstructured.Unstructured {
	object := &unstructured.Unstructured{Object: map[string]any{}}
	object.SetAPIVersion(kind.GroupVersion().String())
	object.SetKind(kind.Kind)
	object.SetNamespace(namespace)
	object.SetName(name)
	object.SetFinalizers(finalizers)
	if spec != nil {
		object.Object["spec"] = spec
	}
	created, err := w.store.Create(w.ctx, kind.Resource, object)
	w.fail(err)
	return created
}

// submitted has the topology of an object in Storm, as it is now.
func (w *World) submitted(parent *unstructured.Unstructured) error {
	related := map[string]any{}
	for kind, of := range map[string]struct {
		kind      standin.Kind
		namespace string
		names     []string
	}{
		"StormCluster.storm.apache.org/v1beta1": {standin.Clusters, parent.GetNamespace(), []string{cluster}},
		"Namespace.v1":                          {standin.Namespaces, "", []string{parent.GetNamespace(), "kube-system"}},
	} {
		group := map[string]any{}
		for _, name := range of.names {
			object, err := w.store.Get(w.ctx, of.kind.Resource, of.namespace, name)
			if err != nil {
				return err
			}
			key := name
			if of.namespace != "" {
				key = of.namespace + "/" + name
			}
			group[key] = object.Object
		}
		related[kind] = group
	}
	request, err := metacontroller.Decode([]byte(jsonOf(map[string]any{"parent": parent.Object, "children": map[string]any{}, "related": related})))
	if err != nil {
		return err
	}
	objects, err := topology.Decode(request)
	if err != nil {
		return err
	}
	seen := topology.Observe(objects, topology.Config{HelperImage: helperImage}, time.Now())
	conf := seen.Target.Fingerprint.Settings()
	conf["topology.workers"] = 2
	name := parent.GetName()
	w.double.mu.Lock()
	defer w.double.mu.Unlock()
	w.double.serial++
	w.double.run(name, fmt.Sprintf("%s-%d-%d", name, w.double.serial, time.Now().Add(-time.Hour).Unix()), conf, true)
	return nil
}

const helperImage = "stormhooks/stormhooks:thousands"

// startServer starts the hook server, and returns the client that reaches it under any
// host name.
func (w *World) startServer() (*http.Client, error) {
	listener, err := new(net.ListenConfig).Listen(w.ctx, "tcp", net.JoinHostPort(loopback, "0"))
	if err != nil {
		return nil, err
	}
	log, metrics := slog.New(slog.DiscardHandler), hooks.NewMetrics()
	calls := &hooks.Hooks{Storms: hooks.NewStorms(nimbus.AllowLoopback()), Now: time.Now, HelperImage: helperImage, Log: log, Metrics: metrics}
	go func() {
		if err := hooks.NewServer(calls, metrics, log).Serve(w.ctx, listener); err != nil && w.ctx.Err() == nil {
			w.fail(err)
		}
	}()
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", listener.Addr().String())
	}
	return &http.Client{Transport: &http.Transport{DialContext: dial, MaxIdleConnsPerHost: 2 * workers}}, nil
}

// startControllers starts Metacontroller: five workers for each controller, one
// goroutine that moves the caches, and Kubernetes' own controllers.
func (w *World) startControllers(client *http.Client) error {
	tap := &standin.Tap{Store: w.store, Before: w.live, After: w.wrote}
	for _, file := range []string{"stormtopology-controller.yaml", "stormcluster-controller.yaml"} {
		text, err := os.ReadFile(filepath.Join(w.options.Manifests, file))
		if err != nil {
			return err
		}
		loaded, err := standin.Load(text)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if err := w.startController(loaded[0], tap, w.counted(standin.ClientHooks(client))); err != nil {
			return err
		}
	}
	go w.moveCaches()
	go w.collect()
	return nil
}

func (w *World) startController(manifest *standin.CompositeController, tap *standin.Tap, calls standin.Hooks) error {
	wake := make(chan struct{}, workers)
	controller, err := standin.New(manifest, tap, calls, standin.Options{
		Now: time.Now, Sleep: time.Sleep, Order: rand.Perm, Done: w.synced,
		Changed: func() {
			select {
			case wake <- struct{}{}:
			default: // as many calls as workers are under way
			}
		},
	})
	if err != nil {
		return err
	}
	w.controllers = append(w.controllers, controller)
	for range workers {
		go w.work(controller, wake)
	}
	return nil
}

// work syncs parents until the world ends.
func (w *World) work(controller *standin.Controller, wake <-chan struct{}) {
	for w.ctx.Err() == nil {
		if controller.Step(w.ctx) {
			continue
		}
		select {
		case <-w.ctx.Done():
		case <-wake:
		case <-time.After(20 * time.Millisecond): // a timer of the queue may have rung
		}
	}
}

// moveCaches tells the controllers what was written, in its order.
func (w *World) moveCaches() {
	for w.ctx.Err() == nil {
		events := w.store.advance()
		for _, event := range events {
			for _, controller := range w.controllers {
				controller.Handle(w.ctx, event)
			}
		}
		if len(events) > 0 {
			continue
		}
		select {
		case <-w.ctx.Done():
		case <-w.store.moved:
		}
	}
}

// live waits for the limit of live calls, and counts.
func (w *World) live(op standin.Op) error {
	w.limit.take(w.ctx)
	w.counting.Lock()
	defer w.counting.Unlock()
	if op.Verb == "get" {
		w.costs.Reads++
	} else {
		w.costs.Writes++
	}
	return nil
}

// wrote sets a new Job to work.
func (w *World) wrote(op standin.Op, err error) error {
	if op.Verb == "create" && op.Resource.Kind == standin.Jobs.Kind && err == nil {
		w.after(50*time.Millisecond, func() { w.runJob(op.Namespace, op.Name) })
	}
	return err
}

// counted counts the calls of hooks.
func (w *World) counted(calls standin.Hooks) standin.Hooks {
	return standin.HookFunc(func(ctx context.Context, request standin.HookRequest) (standin.HookResponse, error) {
		response, err := calls.Call(ctx, request)
		w.counting.Lock()
		defer w.counting.Unlock()
		switch {
		case strings.HasSuffix(request.URL, "/customize"):
			w.costs.Customizes++
		default:
			w.costs.Syncs++
		}
		if response.Code == http.StatusTooManyRequests {
			w.costs.TurnedAway++
		}
		return response, err
	})
}

// synced counts the syncs that failed. A conflict is usual: a cache was behind.
func (w *World) synced(_ string, err error) {
	if err != nil && w.ctx.Err() == nil {
		w.counting.Lock()
		defer w.counting.Unlock()
		w.costs.Failed++
	}
}

// fail remembers the first error.
func (w *World) fail(err error) {
	w.counting.Lock()
	defer w.counting.Unlock()
	if err != nil && w.failure == nil && !errors.Is(err, context.Canceled) {
		w.failure = err
	}
}

func (w *World) failed() error {
	w.counting.Lock()
	defer w.counting.Unlock()
	return w.failure
}
