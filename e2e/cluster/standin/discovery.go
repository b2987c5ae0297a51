package standin

import (
	"fmt"
	"strings"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"

	loop "github.com/stormhooks/stormhooks/e2e/standin"
)

// resources remembers what discovery said of a group and version, and asks again
// when a caller wants something unknown, at most once in each interval.
type resources struct {
	client   discovery.ServerResourcesInterface
	interval time.Duration
	mu       sync.Mutex
	known    map[string]answer // by apiVersion
}

type answer struct {
	list []metav1.APIResource
	at   time.Time
}

func newResources(client discovery.ServerResourcesInterface, interval time.Duration) *resources {
	return &resources{client: client, interval: interval, known: map[string]answer{}}
}

// Resource finds a resource by its plural name.
func (d *resources) Resource(apiVersion, resource string) (loop.Resource, error) {
	return d.find(apiVersion, "resource "+resource, func(r metav1.APIResource) bool { return r.Name == resource })
}

// Kind finds a resource by its kind.
func (d *resources) Kind(apiVersion, kind string) (loop.Resource, error) {
	return d.find(apiVersion, "kind "+kind, func(r metav1.APIResource) bool { return r.Kind == kind && !strings.Contains(r.Name, "/") })
}

// hasStatus tells whether a resource has the status subresource.
func (d *resources) hasStatus(r loop.Resource) bool {
	_, err := d.find(r.GroupVersion().String(), "status", func(a metav1.APIResource) bool { return a.Name == r.Resource+"/status" })
	return err == nil
}

func (d *resources) find(apiVersion, what string, match func(metav1.APIResource) bool) (loop.Resource, error) {
	group, err := schema.ParseGroupVersion(apiVersion)
	if err != nil {
		return loop.Resource{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for {
		known, asked := d.known[apiVersion]
		for _, r := range known.list {
			if match(r) {
				return loop.Resource{GroupVersionResource: group.WithResource(r.Name), Kind: r.Kind, Namespaced: r.Namespaced}, nil
			}
		}
		if asked && time.Since(known.at) < d.interval {
			return loop.Resource{}, fmt.Errorf("discovery knows no %s in %s", what, apiVersion)
		}
		list, err := d.client.ServerResourcesForGroupVersion(apiVersion)
		if err != nil {
			return loop.Resource{}, fmt.Errorf("discovery of %s: %w", apiVersion, err)
		}
		d.known[apiVersion] = answer{list: list.APIResources, at: time.Now()}
	}
}
