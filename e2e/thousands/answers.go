package thousands

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/apache/thrift/lib/go/thrift"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// answer answers a call. Field numbers and types: storm-client/src/storm.thrift, v2.8.1.
func (n *double) answer(w wire, c call, port int32) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch c.method {
	case "getLeader":
		return w.reply(c, func() { w.inner(0, func() { n.self(w, port) }) })
	case "getNimbusConf":
		return w.reply(c, func() { w.text(0, jsonOf(ownConf)) })
	case "getTopologySummaries":
		return w.reply(c, func() { n.list(w, 0) })
	case "getClusterInfo":
		return w.reply(c, func() {
			w.inner(0, func() {
				w.structs(1, 0, nil)
				n.list(w, 3)
				w.structs(4, 1, func(int) { n.self(w, port) })
			})
		})
	case "getTopologyInfoWithOpts", "getTopologyConf":
		return n.one(w, c, n.byID)
	case "getTopologyInfoByNameWithOpts":
		return n.one(w, c, n.byName)
	case "beginFileUpload":
		n.serial++
		location := fmt.Sprintf("/inbox/stormjar-%d.jar", n.serial)
		n.inbox[location] = true
		return w.reply(c, func() { w.text(0, location) })
	case "uploadChunk", "finishFileUpload":
		return w.reply(c, func() {})
	case "submitTopologyWithOpts":
		return n.submit(w, c)
	}
	return n.change(w, c)
}

func (n *double) self(w wire, port int32) {
	w.text(1, loopback)
	w.number(2, int(port))
	w.number(3, 1000+int(time.Since(n.began).Seconds()))
	w.truth(4, true)
	w.text(5, "2.8.1")
}

func (n *double) list(w wire, field int16) {
	all := slices.Collect(maps.Values(n.byID))
	w.structs(field, len(all), func(i int) {
		w.text(1, all[i].id)
		w.text(2, all[i].name)
		for number := range int16(4) {
			w.number(number+3, 1)
		}
		w.text(7, all[i].status)
	})
}

func notAlive(w wire, what string) { w.inner(1, func() { w.text(1, what+" is not alive") }) }

// one is a call about one topology, by its id or its name.
func (n *double) one(w wire, c call, known map[string]*running) error {
	t := known[c.args.text(1)]
	return w.reply(c, func() {
		switch {
		case t == nil:
			notAlive(w, c.args.text(1))
		case c.method == "getTopologyConf":
			w.text(0, jsonOf(t.conf))
		default:
			w.inner(0, func() { t.info(w) })
		}
	})
}

// info has an executor for each worker that is assigned, with the uptime of one that
// reports.
func (t *running) info(w wire) {
	now, assigned, uptime := time.Now(), t.workers, 0
	if now.Before(t.assigned) {
		assigned = 0
	}
	if !now.Before(t.up) {
		uptime = max(1, int(now.Sub(t.up).Seconds()))
	}
	w.text(1, t.id)
	w.text(2, t.name)
	w.number(3, 3600)
	w.structs(4, assigned, func(i int) {
		w.inner(1, func() {
			w.number(1, i+1)
			w.number(2, i+1)
		})
		w.text(2, "spout")
		w.text(3, "supervisor-0")
		w.number(4, 6700+i)
		w.number(5, uptime)
	})
	w.text(5, t.status)
	_ = w.WriteFieldBegin(w.ctx, "", thrift.MAP, 6)
	_ = w.WriteMapBegin(w.ctx, thrift.STRING, thrift.LIST, 0)
}

// change is a call by name that changes a topology.
func (n *double) change(w wire, c call) error {
	t := n.byName[c.args.text(1)]
	if t == nil {
		return w.reply(c, func() { notAlive(w, c.args.text(1)) })
	}
	options := c.args.inner(2)
	switch c.method {
	case "killTopologyWithOpts":
		t.status = storm.Killed
		time.AfterFunc(waitOf(options, 1), func() { n.remove(t) })
	case "activate":
		t.status = storm.Active
	case "deactivate":
		t.status = storm.Inactive
	case "rebalance":
		t.status = storm.Rebalancing
		time.AfterFunc(waitOf(options, 1), func() { n.rebalanced(t, options) })
	default:
		return w.fail(c)
	}
	return w.reply(c, func() {})
}

// waitOf is a wait in seconds; Storm's own is topology.message.timeout.secs (30).
func waitOf(options args, field int16) time.Duration {
	if wait := options.number(field); wait != nil {
		return time.Duration(*wait) * time.Second
	}
	return 30 * time.Second
}

func (n *double) rebalanced(t *running, options args) {
	n.mu.Lock()
	defer n.mu.Unlock()
	t.conf = maps.Clone(t.conf)
	overrides := map[string]any{}
	if text := options.text(5); text != "" {
		_ = json.Unmarshal([]byte(text), &overrides) // the product's own JSON
	}
	maps.Copy(t.conf, overrides)
	if workers := options.number(2); workers != nil {
		t.conf["topology.workers"], t.workers = int(*workers), int(*workers)
	}
	t.status, t.assigned = storm.Active, time.Now()
	t.up = t.assigned.Add(n.times.WorkerStart)
}

// submit checks in Nimbus's order: the name, the conf, the JAR (Nimbus.java
// submitTopologyWithOpts, v2.8.1).
func (n *double) submit(w wire, c call) error {
	name, conf := c.args.text(1), map[string]any{}
	switch err := json.Unmarshal([]byte(c.args.text(3)), &conf); {
	case n.byName[name] != nil:
		return w.reply(c, func() { w.inner(1, func() { w.text(1, name+" is already alive") }) })
	case err != nil:
		return w.reply(c, func() { w.inner(2, func() { w.text(1, "the conf is not JSON") }) })
	case conf["topology.workers"] == "x": // the control of a dry run
		return w.reply(c, func() { w.inner(2, func() { w.text(1, "Field topology.workers must be an Integer") }) })
	case !n.inbox[c.args.text(2)]:
		return w.fail(c)
	}
	n.serial++
	n.run(name, fmt.Sprintf("%s-%d-%d", name, n.serial, time.Now().Unix()), conf, false)
	return w.reply(c, func() {})
}
