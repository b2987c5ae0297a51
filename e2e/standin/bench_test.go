package standin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const basketController = `
apiVersion: metacontroller.k8s.io/v1alpha1
kind: CompositeController
metadata:
  name: basket
spec:
  generateSelector: true
  parentResource: {apiVersion: example.test/v1, resource: baskets}
  childResources:
  - {apiVersion: batch/v1, resource: jobs, updateStrategy: {method: OnDelete}}
  - {apiVersion: v1, resource: configmaps}
  hooks:
    sync: {version: v2, webhook: {url: http://hooks/sync}}
    finalize: {version: v2, webhook: {url: http://hooks/finalize}}
    customize: {version: v2, webhook: {url: http://hooks/customize}}
`

const ourFinalizer = "metacontroller.io/compositecontroller-basket"

var (
	baskets    = NewKind("example.test/v1", "baskets", "Basket", true)
	jobs       = NewKind("batch/v1", "jobs", "Job", true)
	configMaps = NewKind("v1", "configmaps", "ConfigMap", true)
	pods       = Kind{Resource: NewKind("v1", "pods", "Pod", true).Resource, Status: true, Graceful: true}
	namespaces = NewKind("v1", "namespaces", "Namespace", false)
)

// bench is one controller over an API server in memory, with a hook written in the
// test and a transcript of all that was called.
type bench struct {
	t          *testing.T
	clock      time.Time
	memory     *Memory
	tap        *Tap
	controller *Controller
	log        []string
	bodies     map[HookKind]hookBody // the last request of each hook
	// answer is the hooks' answer: a value to encode, or a HookResponse, or an error.
	answer func(hook HookKind, body hookBody) any
}

type hookBody struct {
	Controller map[string]any
	Parent     *unstructured.Unstructured
	Children   map[string]map[string]*unstructured.Unstructured
	Related    map[string]map[string]*unstructured.Unstructured
	Finalizing bool
}

func newBench(t *testing.T) *bench {
	t.Helper()
	return newBenchOf(t, basketController)
}

func newBenchOf(t *testing.T, manifest string) *bench {
	t.Helper()
	b := &bench{t: t, clock: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), bodies: map[HookKind]hookBody{}}
	b.memory = NewMemory(b.now, baskets, jobs, configMaps, pods, namespaces)
	b.answer = func(HookKind, hookBody) any { return answer{} }
	controllers, err := Load([]byte(manifest))
	if err != nil {
		t.Fatal(err)
	}
	b.tap = &Tap{Store: b.memory, Before: func(op Op) error {
		line := fmt.Sprintf("%s %s %s", op.Verb, op.Resource.GroupVersionResource.Resource, op.Name)
		b.log = append(b.log, line)
		return nil
	}}
	b.controller, err = New(controllers[0], b.tap, HookFunc(b.call), Options{Now: b.now})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) now() time.Time { return b.clock }

type answer = map[string]any

func (b *bench) call(_ context.Context, request HookRequest) (HookResponse, error) {
	var body hookBody
	if err := json.Unmarshal(request.Body, &body); err != nil {
		b.t.Errorf("the request is not JSON that a hook can read: %v", err)
	}
	b.bodies[request.Hook] = body
	b.log = append(b.log, "hook "+string(request.Hook))
	switch answer := b.answer(request.Hook, body).(type) {
	case HookResponse:
		return answer, nil
	case error:
		return HookResponse{}, answer
	default:
		raw, err := json.Marshal(answer)
		return HookResponse{Code: http.StatusOK, Body: raw}, err
	}
}

// always answers sync and finalize with one value, customize with no rules.
func (b *bench) always(value any) {
	b.answer = func(hook HookKind, _ hookBody) any {
		if hook == Customize {
			return answer{}
		}
		return value
	}
}

func object(apiVersion, kind, name string, more ...func(map[string]any)) *unstructured.Unstructured {
	o := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": apiVersion, "kind": kind,
		"metadata": map[string]any{"name": name, "namespace": "ns"},
	}}
	for _, f := range more {
		f(o.Object)
	}
	return o
}

func job(name string) *unstructured.Unstructured { return object("batch/v1", "Job", name) }

func (b *bench) create(k Kind, o *unstructured.Unstructured) *unstructured.Unstructured {
	b.t.Helper()
	created, err := b.memory.Create(context.Background(), k.Resource, o)
	if err != nil {
		b.t.Fatal(err)
	}
	return created
}

func (b *bench) basket(name string) *unstructured.Unstructured {
	b.t.Helper()
	return b.create(baskets, object("example.test/v1", "Basket", name, func(o map[string]any) { o["spec"] = map[string]any{"size": int64(3)} }))
}

func (b *bench) get(k Kind, name string) *unstructured.Unstructured {
	b.t.Helper()
	o, err := b.memory.Get(context.Background(), k.Resource, "ns", name)
	if err != nil {
		return nil
	}
	return o.DeepCopy()
}

func (b *bench) edit(k Kind, name string, change func(*unstructured.Unstructured)) {
	b.t.Helper()
	if err := b.memory.Edit(k.Resource, "ns", name, change); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) delete(k Kind, name string, options metav1.DeleteOptions) {
	b.t.Helper()
	if err := b.memory.Delete(context.Background(), k.Resource, "ns", name, options); err != nil {
		b.t.Fatal(err)
	}
}

// catchUp moves the caches of the given kinds, or all, and tells the controller.
func (b *bench) catchUp(kinds ...Kind) {
	if len(kinds) == 0 {
		CatchUp(context.Background(), b.memory, []*Controller{b.controller})
	}
	for _, k := range kinds {
		for b.memory.Pending(k.Resource) > 0 {
			event, _ := b.memory.Advance(k.Resource)
			b.controller.Handle(context.Background(), event)
		}
	}
}

// step syncs one parent and fails the test when none is ready.
func (b *bench) step() {
	b.t.Helper()
	if !b.controller.Step(context.Background()) {
		b.t.Fatal("nothing is ready to be synced")
	}
}

func (b *bench) settle() int {
	b.t.Helper()
	syncs, err := Settle(context.Background(), b.memory, []*Controller{b.controller}, 50)
	if err != nil {
		b.t.Fatal(err)
	}
	return syncs
}

func (b *bench) ready() bool { return len(b.controller.Queue().Ready()) > 0 }

// waits is how long until the next timer; -1 for none.
func (b *bench) waits() time.Duration {
	due, ok := b.controller.Queue().Due()
	if !ok {
		return -1
	}
	return due.Sub(b.clock)
}

// want compares the transcript since the last want.
func (b *bench) want(reason string, lines ...string) {
	b.t.Helper()
	if diff := cmp.Diff(lines, b.log); diff != "" {
		b.t.Errorf("%s: calls (-want +got):\n%s", reason, diff)
	}
	b.log = nil
}

func (b *bench) wantEvents(reason string, parts ...string) {
	b.t.Helper()
	var got []string
	for _, e := range b.memory.Events {
		got = append(got, e.Reason+" on "+e.About+": "+e.Message)
	}
	ok := len(got) == len(parts)
	for i := range parts {
		ok = ok && strings.Contains(got[i], parts[i])
	}
	if !ok {
		b.t.Errorf("%s: events %q, want each to hold %q", reason, got, parts)
	}
	b.memory.Events = nil
}

// running is a bench whose basket "a" has been through its first syncs.
func running(t *testing.T, value any) *bench {
	t.Helper()
	b := newBench(t)
	b.always(value)
	b.basket("a")
	b.settle()
	b.log, b.memory.Events = nil, nil
	return b
}

func keys(group map[string]*unstructured.Unstructured) []string {
	var all []string
	for key := range group {
		all = append(all, key)
	}
	slices.Sort(all)
	return all
}
