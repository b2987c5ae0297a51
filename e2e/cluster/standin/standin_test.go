package standin

import (
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	loop "github.com/stormhooks/stormhooks/e2e/standin"
)

func TestMetricsText(t *testing.T) {
	count := newCounters()
	request := loop.HookRequest{Controller: "stormtopology", Hook: loop.Sync, URL: "http://x/topology/sync"}
	count.hookCall(request, 200)
	count.hookCall(request, 200)
	op := loop.Op{Verb: "create", Resource: loop.Resource{GroupVersionResource: schema.GroupVersionResource{Group: "batch", Version: "v1", Resource: "jobs"}}}
	count.apiCall("stormtopology", op, nil)
	count.apiCall("stormtopology", op, errors.New("reset"))
	answer := httptest.NewRecorder()
	count.ServeHTTP(answer, nil)
	want := `# TYPE metacontroller_sync_requests_total counter
metacontroller_sync_requests_total{code="200",controller_name="stormtopology",controller_type="CompositeController",method="post",url="http://x/topology/sync"} 2
# TYPE standin_api_requests_total counter
standin_api_requests_total{controller_name="stormtopology",outcome="error",resource="jobs",verb="create"} 1
standin_api_requests_total{controller_name="stormtopology",outcome="ok",resource="jobs",verb="create"} 1
`
	if diff := cmp.Diff(want, answer.Body.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestBodiesAreKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made")
	err := saveBodies(dir, 17, loop.HookRequest{Controller: "c", Hook: loop.Sync, Parent: "ns/a", Body: []byte(`{"a":1}`)}, loop.HookResponse{Body: []byte("not JSON")})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"000017-sync-c-ns-a-request.json": "{\n  \"a\": 1\n}\n", "000017-sync-c-ns-a-response.json": "not JSON"} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v; want %q", name, got, err, want)
		}
	}
}

// batch is discovery that learns of Jobs at the second question.
type batch struct{ asked int }

func (b *batch) ServerResourcesForGroupVersion(apiVersion string) (*metav1.APIResourceList, error) {
	b.asked++
	if b.asked == 1 {
		return &metav1.APIResourceList{}, nil
	}
	return &metav1.APIResourceList{APIResources: []metav1.APIResource{
		{Name: "jobs/status", Kind: "Job", Namespaced: true},
		{Name: "jobs", Kind: "Job", Namespaced: true},
	}}, nil
}

func (b *batch) ServerGroupsAndResources() ([]*metav1.APIGroup, []*metav1.APIResourceList, error) {
	return nil, nil, nil
}
func (b *batch) ServerPreferredResources() ([]*metav1.APIResourceList, error) { return nil, nil }
func (b *batch) ServerPreferredNamespacedResources() ([]*metav1.APIResourceList, error) {
	return nil, nil
}

func TestDiscoveryAsksAgainForTheUnknown(t *testing.T) {
	server := &batch{}
	known := newResources(server, time.Millisecond)
	if _, err := known.Resource("batch/v1", "jobs"); err == nil {
		t.Fatal("found what discovery did not list")
	}
	time.Sleep(2 * time.Millisecond)
	job, err := known.Resource("batch/v1", "jobs")
	if err != nil || job.Kind != "Job" || !job.Namespaced {
		t.Fatalf("%v, %v", job, err)
	}
	if byKind, err := known.Kind("batch/v1", "Job"); err != nil || byKind != job {
		t.Errorf("by kind: %v, %v; a subresource is not a kind", byKind, err)
	}
	if !known.hasStatus(job) {
		t.Error("the status subresource was not seen")
	}
	if server.asked != 2 {
		t.Errorf("asked %d times; what is known is not requested again", server.asked)
	}
}

func TestCacheEndsWithItsLastSubscriber(t *testing.T) {
	s := &store{caches: newCaches()}
	stopped := 0
	r := schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	s.caches[r] = &cached{stop: func() { stopped++ }, subscribers: map[string]bool{"a": true, "b": true}}
	s.unsubscribe("a")
	if stopped != 0 {
		t.Error("a cache that b uses ended with a")
	}
	s.unsubscribe("b")
	if stopped != 1 || slices.Contains(keysOf(s.caches), r) {
		t.Error("a cache without a user keeps running")
	}
}

func keysOf(caches map[schema.GroupVersionResource]*cached) []schema.GroupVersionResource {
	var all []schema.GroupVersionResource
	for r := range caches {
		all = append(all, r)
	}
	return all
}
