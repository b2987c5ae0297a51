package nimbus

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"

	gen "github.com/stormhooks/stormhooks/pkg/internal/thrift/storm"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// settingsRead are the settings of a conf that are used here. All others are skipped:
// a conf contains secrets, and that of a lying Storm could contain anything.
var settingsRead = map[string]bool{
	"storm.zookeeper.servers": true, "storm.zookeeper.root": true, "storm.zookeeper.port": true,
	"storm.scheduler": true, "storm.zookeeper.auth.scheme": true, "nimbus.thrift.max_buffer_size": true, "topology.max.replication.wait.time.sec": true,
	"topology.workers": true, storm.MessageTimeout: true, classPaths: true,
}

// longestSetting is the longest setting that is read.
const longestSetting = 16 << 10

// Conf reads settingsRead of a topology's conf. Call it only with an id that Storm has
// just listed: it returns the conf of a removed topology for minutes.
func (c *Client) Conf(ctx context.Context, id string) (map[string]any, error) {
	return c.ConfAnd(ctx, id)
}

// ConfAnd is Conf with more settings. Only the stories of e2e/cluster call it.
func (c *Client) ConfAnd(ctx context.Context, id string, also ...string) (map[string]any, error) {
	text, err := ask(ctx, c.read("getTopologyConf"), func(ctx context.Context, n *gen.NimbusClient) (string, error) {
		return n.GetTopologyConf(ctx, id)
	})
	if err != nil {
		return nil, err
	}
	return decodeConf("getTopologyConf", text, also...)
}

// nimbusConf reads settingsRead of Nimbus's own conf.
func (c *Client) nimbusConf(ctx context.Context) (map[string]any, error) {
	text, err := ask(ctx, c.read("getNimbusConf"), func(ctx context.Context, n *gen.NimbusClient) (string, error) {
		return n.GetNimbusConf(ctx)
	})
	if err != nil {
		return nil, err
	}
	return decodeConf("getNimbusConf", text)
}

// decodeConf keeps numbers as they are written. Its error contains nothing of the
// text.
func decodeConf(method, text string, also ...string) (map[string]any, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	conf := map[string]any{}
	err := eachMember(decoder, func(key string) error {
		if !settingsRead[key] && !strings.HasPrefix(key, "stormhooks.") && !slices.Contains(also, key) {
			return decoder.Decode(&skipped{})
		}
		var value setting
		if err := decoder.Decode(&value); err != nil {
			return err
		}
		conf[key] = value.is
		return nil
	})
	if err != nil {
		return nil, &UntypedError{Method: method, Msg: "its answer is not a JSON object"}
	}
	return conf, nil
}

// eachMember calls member at each value of a JSON object.
func eachMember(decoder *json.Decoder, member func(key string) error) error {
	if open, err := decoder.Token(); err != nil || open != json.Delim('{') {
		return io.ErrUnexpectedEOF
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return err
		}
		name, _ := key.(string)
		if err := member(name); err != nil {
			return err
		}
	}
	_, err := decoder.Token()
	return err
}

// skipped is a value that is read and discarded.
type skipped struct{}

func (skipped) UnmarshalJSON([]byte) error { return nil }

// setting is a value of moderate size; a longer one counts as absent.
type setting struct{ is any }

func (s *setting) UnmarshalJSON(text []byte) error {
	if len(text) > longestSetting {
		return nil
	}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	return decoder.Decode(&s.is)
}
