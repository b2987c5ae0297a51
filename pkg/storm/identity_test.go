package storm

import (
	"encoding/json"
	"testing"
)

func TestIdentityOf(t *testing.T) {
	conf := func(root string, port any, servers ...any) map[string]any {
		return map[string]any{"storm.zookeeper.servers": servers, "storm.zookeeper.root": root, "storm.zookeeper.port": port}
	}
	one := IdentityOf(conf("/storm", json.Number("2181"), "zk-0", "zk-1"))
	cases := map[string]struct {
		conf   map[string]any
		same   bool
		reason string
	}{
		"another order of servers": {conf("/storm", json.Number("2181"), "zk-1", "zk-0"), true, "the ensemble is the same"},
		"a number decoded plainly": {conf("/storm", float64(2181), "zk-0", "zk-1"), true, "the way JSON was decoded does not matter"},
		"another root":             {conf("/storm2", json.Number("2181"), "zk-0", "zk-1"), false, "two Storms share a ZooKeeper by their roots"},
		"another port":             {conf("/storm", json.Number("2182"), "zk-0", "zk-1"), false, "another ZooKeeper on the same hosts"},
		"another server":           {conf("/storm", json.Number("2181"), "zk-0", "zk-2"), false, "another ensemble"},
		"no servers":               {map[string]any{}, false, "unknown is not the same"},
	}
	for name, c := range cases {
		if got := IdentityOf(c.conf); (got == one) != c.same {
			t.Errorf("%s: identity %q, the first has %q: %s", name, got, one, c.reason)
		}
	}
	if len(one) != 12 {
		t.Errorf("identity %q: a person should be able to type it", one)
	}
	if got := IdentityOf(map[string]any{}); got != "" {
		t.Errorf("identity of an empty conf: %q, want none", got)
	}
}

func TestStartTime(t *testing.T) {
	cases := map[string]struct {
		want   int64
		known  bool
		reason string
	}{
		"wordcount-3-1795505854":           {1795505854, true, "NAME-COUNTER-EPOCHSECS"},
		"my-topology-2-x-12-1795505854":    {1795505854, true, "dashes and numbers in the name do not count"},
		"wordcount":                        {0, false, "not an id of Storm"},
		"wordcount-":                       {0, false, "no number"},
		"wordcount-3-later":                {0, false, "no number"},
		"":                                 {0, false, "nothing"},
		"wordcount-3-99999999999999999999": {0, false, "no time"},
	}
	for id, c := range cases {
		if got, known := StartTime(id); got != c.want || known != c.known {
			t.Errorf("StartTime(%q) = %d, %t, want %d, %t: %s", id, got, known, c.want, c.known, c.reason)
		}
	}
}

func TestLeaderSame(t *testing.T) {
	leader := Leader{Host: "nimbus-0", Port: 6627, Start: 1000}
	cases := map[string]struct {
		other  Leader
		want   bool
		reason string
	}{
		"itself":            {leader, true, ""},
		"a second off":      {Leader{Host: "nimbus-0", Port: 6627, Start: 1001}, true, "uptimes are whole seconds"},
		"started again":     {Leader{Host: "nimbus-0", Port: 6627, Start: 1030}, false, "its inbox may have been emptied"},
		"another host":      {Leader{Host: "nimbus-1", Port: 6627, Start: 1000}, false, "the JAR is on the first one's disk"},
		"another port":      {Leader{Host: "nimbus-0", Port: 6628, Start: 1000}, false, "two Nimbuses on a host"},
		"another's version": {Leader{Host: "nimbus-0", Port: 6627, Start: 1000, Version: "2.8.2"}, true, "a run has one version"},
	}
	for name, c := range cases {
		if got := leader.Same(c.other); got != c.want {
			t.Errorf("%s: %t, want %t: %s", name, got, c.want, c.reason)
		}
	}
}
