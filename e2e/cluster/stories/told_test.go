package stories

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/stormhooks/stormhooks/e2e/cluster/place"
)

// diary writes down what every StormTopology of the cluster says, and when, so
// that one story can time many objects at once.
type diary struct {
	mutex sync.Mutex
	pages map[string]*page // by namespace/name
	turn  chan struct{}    // closed and replaced with each entry
}

type page struct {
	began   time.Time // applied, or fixed
	what    string
	entries []entry
}

type entry struct {
	at              time.Time
	reason, message string
}

func newDiary() *diary { return &diary{pages: map[string]*page{}, turn: make(chan struct{})} }

// keep writes until the process ends.
func (d *diary) keep(o *objects) {
	client := o.client.Resource(kinds["stormtopology"])
	for {
		list, err := client.List(context.Background(), metav1.ListOptions{})
		if err != nil {
			time.Sleep(time.Second)
			continue
		}
		for i := range list.Items {
			d.write(&list.Items[i])
		}
		watching, err := client.Watch(context.Background(), metav1.ListOptions{ResourceVersion: list.GetResourceVersion()})
		if err != nil {
			continue
		}
		for event := range watching.ResultChan() {
			object, ok := event.Object.(*unstructured.Unstructured)
			if !ok || event.Type == "ERROR" {
				break
			}
			if event.Type == "DELETED" {
				d.tear(object)
			} else {
				d.write(object)
			}
		}
		watching.Stop()
	}
}

func (d *diary) write(object *unstructured.Unstructured) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	p := d.page(object.GetNamespace() + "/" + object.GetName())
	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	for _, item := range conditions {
		if c, _ := item.(map[string]any); c["type"] == "Ready" {
			now := entry{time.Now(), fmt.Sprint(c["reason"]), fmt.Sprint(c["message"])}
			if n := len(p.entries); n == 0 || p.entries[n-1].reason != now.reason || p.entries[n-1].message != now.message {
				p.entries = append(p.entries, now)
			}
		}
	}
	close(d.turn)
	d.turn = make(chan struct{})
}

func (d *diary) page(key string) *page {
	if d.pages[key] == nil {
		d.pages[key] = &page{began: time.Now(), what: "apply"}
	}
	return d.pages[key]
}

func (d *diary) tear(object *unstructured.Unstructured) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	delete(d.pages, object.GetNamespace()+"/"+object.GetName())
}

// fixed NAME…: told's seconds are counted from here on.
func (d *diary) fixed(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: fixed NAME…")
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	for _, name := range args {
		p := d.page(ts.Getenv("NS") + "/" + name)
		*p = page{began: time.Now(), what: "fix"}
	}
}

// told NAME REASON [MESSAGE-REGEXP] TIME, where $NS in REGEXP is the namespace.
func (d *diary) told(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 || len(args) > 4 {
		ts.Fatalf("usage: told NAME REASON [REGEXP] TIME")
	}
	limit, err := time.ParseDuration(args[len(args)-1])
	ts.Check(err)
	reason, err := regexp.Compile("^(?:" + args[1] + ")$")
	ts.Check(err)
	message, err := regexp.Compile(strings.ReplaceAll(strings.Join(args[2:len(args)-1], ""), "$NS", ts.Getenv("NS")))
	ts.Check(err)
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	key := ts.Getenv("NS") + "/" + args[0]
	for {
		found, from, turn := d.look(key, reason, message)
		if found != nil {
			figure(ts, "%s: %.1f s from %s to %s: %s", args[0], found.at.Sub(from.began).Seconds(), from.what, found.reason, found.message)
			return
		}
		select {
		case <-turn:
		case <-ctx.Done():
			ts.Fatalf("%s did not say %s %s within %s. It said:\n%s", args[0], args[1], message, limit, from)
		}
	}
}

// figure goes to the log and to a file of all stories' figures.
func figure(ts *testscript.TestScript, format string, args ...any) {
	line := ts.Getenv("STORY") + ": " + fmt.Sprintf(format, args...)
	ts.Logf("figure: %s", line)
	file, err := os.OpenFile(place.Logs("figures.txt"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err == nil {
		fmt.Fprintln(file, line)
		file.Close()
	}
}

func (d *diary) look(key string, reason, message *regexp.Regexp) (*entry, page, chan struct{}) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	p := page{what: "apply", began: time.Now()}
	if d.pages[key] != nil {
		p = *d.pages[key]
	}
	for _, e := range p.entries {
		if reason.MatchString(e.reason) && message.MatchString(e.message) {
			return &e, p, d.turn
		}
	}
	return nil, p, d.turn
}

func (p page) String() string {
	var lines []string
	for _, e := range p.entries {
		lines = append(lines, fmt.Sprintf("  %5.1fs %s: %s", e.at.Sub(p.began).Seconds(), e.reason, e.message))
	}
	return strings.Join(lines, "\n")
}
