package lyingstorm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// object is a StormTopology or a StormCluster that waits for its syncs.
type object struct {
	of      string // whose Storm: a lie, or honest
	name    string
	hook    string
	parent  map[string]any
	related map[string]any
	due     time.Time
	since   time.Time // when it was due first, if it was sent away since
	busy    bool
	every   time.Duration // 0: as the answers say, and each second at least
}

// controller calls the hooks as Metacontroller does: a queue and five workers
// for each of the two kinds, a 429 comes again after Retry-After.
type controller struct {
	t   *testing.T
	url string

	mu      sync.Mutex
	objects []*object
	took    map[string][]time.Duration // from due to answered
	away    map[string]int
	status  map[string]map[string]any
}

const workers = 5

// run syncs the objects for a while, and longer until each has a status. It gives
// up after patience: an object that is sent away each time has none.
func (c *controller) run(atLeast time.Duration) {
	start := time.Now()
	more := func() bool {
		took := time.Since(start)
		return took < atLeast || took < patience && !c.allHaveStatus()
	}
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for more() {
				if o := c.next(); o != nil {
					c.sync(o)
				} else {
					time.Sleep(time.Millisecond)
				}
			}
		})
	}
	all.Wait()
}

func (c *controller) allHaveStatus() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !slices.ContainsFunc(c.objects, func(o *object) bool { return c.status[o.name] == nil })
}

// next is the object that has been due longest.
func (c *controller) next() (first *object) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	for _, o := range c.objects {
		if !o.busy && !o.due.After(now) && (first == nil || o.due.Before(first.due)) {
			first = o
		}
	}
	if first != nil {
		first.busy = true
	}
	return first
}

func (c *controller) sync(o *object) {
	body, err := json.Marshal(map[string]any{"parent": o.parent, "children": map[string]any{}, "related": o.related})
	if err != nil {
		c.t.Error(err)
	}
	response, err := http.Post(c.url+o.hook, "application/json", bytes.NewReader(body))
	if err != nil {
		c.t.Error(err)
		return
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Error(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	o.busy = false
	if o.since.IsZero() {
		o.since = o.due
	}
	again := o.every
	switch response.StatusCode {
	case http.StatusOK:
		var answer struct {
			Status             map[string]any
			ResyncAfterSeconds float64
		}
		if err := json.Unmarshal(text, &answer); err != nil {
			c.t.Error(err)
		}
		c.took[o.of] = append(c.took[o.of], time.Since(o.since))
		o.since = time.Time{}
		o.parent["status"] = answer.Status
		c.status[o.name] = answer.Status
		if again == 0 {
			again = min(time.Duration(answer.ResyncAfterSeconds*float64(time.Second)), time.Second)
		}
	case http.StatusTooManyRequests:
		c.away[o.of]++
		seconds, err := strconv.Atoi(response.Header.Get("Retry-After"))
		if err != nil {
			c.t.Error(err)
		}
		again = time.Duration(seconds) * time.Second
	default:
		c.t.Errorf("%s: %d %s", o.name, response.StatusCode, text)
	}
	o.due = time.Now().Add(max(again, 10*time.Millisecond))
}

func meta(name, uid string) map[string]any {
	return map[string]any{"name": name, "namespace": "n", "uid": uid, "generation": 1}
}

// clusterOf is a StormCluster, and topologyOf a StormTopology that names it.
func clusterOf(name string, at Address) map[string]any {
	return map[string]any{
		"apiVersion": "storm.apache.org/v1beta1", "kind": "StormCluster", "metadata": meta(name, "c-"+name),
		"spec": map[string]any{"nimbus": map[string]any{"seeds": []string{at.Host}, "port": at.Port}, "image": "apache/storm:2.8.1"},
	}
}

func topologyOf(of string, number int, at Address) *object {
	name := fmt.Sprintf("%s-%d", of, number)
	status := map[string]any{}
	if number == 0 {
		status = map[string]any{"stormId": name + "-1-1767268830", "stormName": name, "revision": "old"}
	}
	namespace := func(name string) map[string]any {
		return map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name, "uid": "uid-" + name}}
	}
	return &object{
		of: of, name: name, hook: "/topology/sync",
		parent: map[string]any{
			"apiVersion": "storm.apache.org/v1beta1", "kind": "StormTopology", "metadata": meta(name, "t-"+name),
			"spec": map[string]any{"clusterRef": of, "topology": map[string]any{
				"mainClass": "a.B", "jar": map[string]any{"container": map[string]any{"image": "i:1", "path": "/a.jar"}},
			}},
			"status": status,
		},
		related: map[string]any{
			"StormCluster.storm.apache.org/v1beta1": map[string]any{"n/" + of: clusterOf(of, at)},
			"Namespace.v1":                          map[string]any{"n": namespace("n"), "kube-system": namespace("kube-system")},
		},
	}
}
