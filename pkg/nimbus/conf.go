package nimbus

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"maps"
	"slices"

	gen "github.com/stormhooks/stormhooks/pkg/internal/thrift/storm"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// settingsRead are the settings of a conf that are used here, besides the fingerprint. All
// others are skipped: a conf contains secrets, and that of a lying Storm could contain
// anything.
var settingsRead = []string{
	"storm.zookeeper.servers", "storm.zookeeper.root", "storm.zookeeper.port",
	"storm.scheduler", "storm.zookeeper.auth.scheme", "nimbus.thrift.max_buffer_size", "topology.max.replication.wait.time.sec",
	"topology.workers", storm.MessageTimeout, keyTasks, keyMaxTasks, classPaths, "nimbus.authorizer", "storm.principal.tolocal",
}

// fingerprintKeys are the settings that are the fingerprint, with those that it may lack.
var fingerprintKeys = slices.Collect(maps.Keys(storm.Fingerprint{Inputs: "any"}.Settings()))

// Conf reads settingsRead of a topology's conf. Call it only with an id that Storm has
// just listed: it returns the conf of a removed topology for minutes.
func (c *Client) Conf(ctx context.Context, id string) (map[string]any, error) {
	return c.ConfAnd(ctx, id)
}

// ConfAnd is Conf with more settings. Only the stories of e2e/cluster call it.
func (c *Client) ConfAnd(ctx context.Context, id string, also ...string) (map[string]any, error) {
	return c.conf(ctx, question{method: "getTopologyConf", args: &gen.NimbusGetTopologyConfArgs{ID: id}, throws: aboutOne}, also...)
}

// nimbusConf reads settingsRead of Nimbus's own conf.
func (c *Client) nimbusConf(ctx context.Context) (map[string]any, error) {
	return c.conf(ctx, question{method: "getNimbusConf", args: gen.NewNimbusGetNimbusConfArgs(), throws: aboutAll})
}

func (c *Client) conf(ctx context.Context, q question, also ...string) (map[string]any, error) {
	var conf map[string]any
	var junk error
	q.kind, q.read = typeString, func(answer *cursor) {
		text := answer.reader()
		conf, junk = decodeConf(q.method, text, also...)
		answer.drop(text.left)
	}
	if err := c.stream(ctx, q); err != nil || junk != nil {
		return nil, cmp.Or(err, junk)
	}
	return conf, nil
}

// decodeConf reads the settings of a conf that are in use, as it arrives. It keeps numbers
// as they are written. Its error contains nothing of the text.
func decodeConf(method string, from io.Reader, also ...string) (map[string]any, error) {
	wanted, found := map[string]bool{}, map[string][]byte{}
	for _, keys := range [][]string{settingsRead, fingerprintKeys, also} {
		for _, key := range keys {
			wanted[key] = true
		}
	}
	err := eachMember(from, func(key string) bool { return wanted[key] }, func(key string, value []byte) {
		found[key] = append(found[key][:0], value...) // of two, the last counts
	})
	conf := make(map[string]any, len(found))
	for key, value := range found {
		var setting any // a value that is too long counts as absent
		if err == nil && len(value) > 0 {
			setting, err = decodeSetting(value)
		}
		conf[key] = setting
	}
	if err != nil {
		return nil, &UntypedError{Method: method, Msg: "its answer is not a JSON object"}
	}
	return conf, nil
}

func decodeSetting(value []byte) (setting any, err error) {
	if !json.Valid(value) {
		return nil, errJSON
	}
	decoder := json.NewDecoder(bytes.NewReader(value))
	decoder.UseNumber()
	err = decoder.Decode(&setting)
	return setting, err
}

// stringReader reads a string of an answer as it arrives.
type stringReader struct {
	from *cursor
	left int
}

func (c *cursor) reader() *stringReader {
	n := int(c.i32())
	if c.has(n); c.err != nil {
		n = 0
	}
	return &stringReader{c, n}
}

// Read implements io.Reader.
func (r *stringReader) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	here := max(1, len(r.from.frame)-r.from.at)
	n := copy(p, r.from.take(min(len(p), r.left, here)))
	r.left -= n
	return n, r.from.err
}
