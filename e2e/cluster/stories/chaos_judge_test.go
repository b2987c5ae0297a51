package stories

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// records are what Storm had all the while: each topology that its list ever
// showed, whose it was when it was first seen, and when it was killed.
type records struct {
	client *nimbus.Client
	cancel context.CancelFunc
	ended  chan struct{}

	mutex sync.Mutex
	seen  map[string]*record // by id
	order []string
	both  []string // looks that showed two active topologies of one object
	logs  strings.Builder
}

type record struct {
	id, name    string
	fingerprint storm.Fingerprint
	known       bool
	killed      bool
	first, last time.Time
}

func keepRecords(host string) *records {
	ctx, cancel := context.WithCancel(context.Background())
	r := &records{client: nimbusAt(host), cancel: cancel, ended: make(chan struct{}), seen: map[string]*record{}}
	go func() {
		defer close(r.ended)
		for ctx.Err() == nil {
			if list, err := r.client.List(ctx); err == nil {
				r.note(ctx, list)
			}
			select {
			case <-ctx.Done():
			case <-time.After(sampleEvery):
			}
		}
	}()
	return r
}

func (r *records) note(ctx context.Context, list []nimbus.Summary) {
	r.noteBoth(list)
	for _, topology := range list {
		r.mutex.Lock()
		is := r.seen[topology.ID]
		if is == nil {
			is = &record{id: topology.ID, name: topology.Name, first: time.Now()}
			r.seen[topology.ID] = is
			r.order = append(r.order, topology.ID)
		}
		is.last, is.killed = time.Now(), is.killed || topology.Status == storm.Killed
		known := is.known
		r.mutex.Unlock()
		if known {
			continue
		}
		if conf, err := r.client.Conf(ctx, topology.ID); err == nil {
			r.mutex.Lock()
			is.fingerprint, is.known = storm.FingerprintOf(conf), true
			r.mutex.Unlock()
		}
	}
}

// noteBoth keeps a look that shows both names of an object active.
func (r *records) noteBoth(list []nimbus.Summary) {
	active := map[string]string{}
	for _, topology := range list {
		if topology.Status == storm.Active {
			active[topology.Name] = topology.ID
		}
	}
	for name, id := range active {
		if green := active[name+"-green"]; green != "" {
			r.mutex.Lock()
			r.both = append(r.both, id+" and "+green)
			r.mutex.Unlock()
		}
	}
}

func (r *records) end() {
	r.cancel()
	<-r.ended
	r.client.Close()
}

// keepLog keeps what Nimbus wrote before it goes away.
func (r *records) keepLog(text string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.logs.WriteString(text)
}

func (c *chaos) nimbusLog(ctx context.Context) string {
	text, _ := c.kubectl(ctx, "logs", "nimbus-0")
	return text
}

// fix undoes what is wrong on purpose, so that all can settle.
func (c *chaos) fix(ctx context.Context) {
	c.restore(ctx)
	for _, topology := range c.topologies {
		if topology.live && topology.broken {
			topology.broken = false
			c.patch(ctx, topology, "fixed", map[string]any{"topology": map[string]any{"mainClass": "com.mycompany.MyTopology"}}, true)
		}
	}
}

// settle waits until each object says that it is as its spec says, and each that
// was deleted is gone.
func (c *chaos) settle(ctx context.Context) {
	began := time.Now()
	for {
		open := c.unsettled(ctx)
		if len(open) == 0 {
			c.say("settled after %.0fs", time.Since(began).Seconds())
			return
		}
		if time.Since(began) > chaosSettling {
			c.t.Errorf("not settled after %s:\n%s", chaosSettling, strings.Join(open, "\n"))
			return
		}
		time.Sleep(time.Second)
	}
}

func (c *chaos) unsettled(ctx context.Context) []string {
	list, err := c.client().List(ctx, metav1.ListOptions{})
	if err != nil {
		return []string{err.Error()}
	}
	objects := map[string]*unstructured.Unstructured{}
	for i := range list.Items {
		objects[list.Items[i].GetName()] = &list.Items[i]
	}
	var open []string
	for _, topology := range c.topologies {
		want := []string{"gone"}
		if topology.live {
			want = []string{"current", "Ready=True", "{.status.phase}=Running", "{.status.stormStatus}=ACTIVE"}
			if topology.suspended {
				want = []string{"current", "Ready=True/Suspended", "{.status.phase}=Suspended"}
			}
			want = append(want, "{.status.beside}=")
		}
		if ok, lacks, err := holds(objects[topology.name], want); err != nil || !ok {
			open = append(open, fmt.Sprintf("%s: %s %v\n%s", topology.name, lacks, err, statusOf(objects[topology.name])))
		}
	}
	return open
}

// judge holds Storm's list, all that it ever showed, and Nimbus's own log
// against what was done.
func (c *chaos) judge(ctx context.Context) {
	now := map[string]nimbus.Summary{}
	client := nimbusAt(ownNimbus(c.namespace))
	defer client.Close()
	list, err := client.List(ctx)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, topology := range list {
		now[topology.Name] = topology
	}
	for _, topology := range c.topologies {
		name := c.namespace + "-" + topology.name
		is, there := now[name]
		if green, both := now[name+"-green"]; both {
			if there {
				c.t.Errorf("%s: Storm has %s and %s", topology.name, is.ID, green.ID)
			}
			is, there = green, true
			delete(now, name+"-green")
		}
		switch {
		case there && !topology.live:
			c.t.Errorf("%s was deleted, and Storm still runs %s", topology.name, is.ID)
		case !there && topology.live && !topology.suspended:
			c.t.Errorf("%s is not in Storm", topology.name)
		case there && topology.suspended != (is.Status == storm.Inactive):
			c.t.Errorf("%s: suspend is %v, and Storm has it %s", topology.name, topology.suspended, is.Status)
		}
		delete(now, name)
	}
	for name := range now {
		c.t.Errorf("Storm has %s, which no StormTopology wants", name)
	}
	for _, both := range c.records.both {
		c.t.Errorf("%s were active at once", both)
	}
	c.judgeKills()
	c.judgeLog(ctx)
}

// judgeKills: a topology is killed for a change of a later generation or a
// deletion, and no generation is submitted twice.
func (c *chaos) judgeKills() {
	submitted := map[string]string{}
	for _, id := range c.records.order {
		is := c.records.seen[id]
		if !is.known {
			c.say("whose %s was could not be read", id)
			continue
		}
		of := fmt.Sprintf("%s generation %d", is.fingerprint.UID, is.fingerprint.Generation)
		if before := submitted[of]; before != "" {
			c.t.Errorf("%s was submitted twice: as %s and as %s", of, before, id)
		}
		submitted[of] = id
		if is.killed && !c.allowed(is) {
			c.t.Errorf("%s (%s) was killed without cause", id, of)
		}
	}
}

func (c *chaos) allowed(is *record) bool {
	for _, topology := range c.topologies {
		for _, cause := range topology.ends {
			if cause.allows(is.fingerprint.UID, is.fingerprint.Generation) {
				return true
			}
		}
	}
	return false
}

var (
	// org.apache.storm.daemon.nimbus.Nimbus, submitTopologyWithOpts and transition, v2.8.1.
	activated = regexp.MustCompile(`(?m)Activating (\S+): (\S+)`)
	killing   = regexp.MustCompile(`(?m)TRANSITION: (\S+) KILL `)
)

// judgeLog: Nimbus's own log speaks of no topology that its list never showed,
// and kills none without cause.
func (c *chaos) judgeLog(ctx context.Context) {
	c.records.keepLog(c.nimbusLog(ctx))
	text := c.records.logs.String()
	ids := map[string]bool{}
	for _, match := range activated.FindAllStringSubmatch(text, -1) {
		ids[match[2]] = true
	}
	if len(ids) == 0 {
		c.t.Error("Nimbus's log tells of no submission: its words have changed")
	}
	for id := range ids {
		if c.records.seen[id] == nil {
			c.t.Errorf("Nimbus's log tells of %s, which its list never showed", id)
		}
	}
	kills := map[string]bool{}
	for _, match := range killing.FindAllStringSubmatch(text, -1) {
		kills[match[1]] = true
		if is := c.records.seen[match[1]]; is != nil && is.known && !c.allowed(is) {
			c.t.Errorf("Nimbus's log: %s was killed without cause", match[1])
		}
	}
	c.counts["Nimbus's log: submissions"], c.counts["Nimbus's log: kills"] = len(ids), len(kills)
}

func (c *chaos) count(what string) { c.counts[what]++ }

func (c *chaos) summary() string {
	text := fmt.Sprintf("%d topologies, %d ids seen in Storm's list\n", len(c.topologies), len(c.records.order))
	for _, what := range slices.Sorted(maps.Keys(c.counts)) {
		text += fmt.Sprintf("%5d %s\n", c.counts[what], what)
	}
	return text
}
