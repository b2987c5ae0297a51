package inpod

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

func TestClientConf(t *testing.T) {
	settings := map[string]any{"storm.thrift.socket.timeout.ms": json.Number("5000"), "a.name": "Zürich \U0001F600\x7f"}
	const added = `"a.name":"Z\u00fcrich \ud83d\ude00\u007f",`
	for _, tc := range []struct {
		reason   string
		settings map[string]any
		image    string
		want     string
	}{
		{"no settings: the image's own file is read", nil, "storm.log.dir: /logs", ""},
		{"an image without the file", settings, "none", `{` + added + `"storm.thrift.socket.timeout.ms":5000}`},
		{"a file of comments", settings, "# nimbus.seeds:\n", `{` + added + `"storm.thrift.socket.timeout.ms":5000}`},
		{"the StormCluster's come first, the image's others stay", settings,
			"storm.thrift.socket.timeout.ms: 1\nstorm.log.dir: /logs\ntopology.stats.sample.rate: 0.05\nnimbus.seeds:\n  - nimbus\n",
			`{` + added + `"nimbus.seeds":["nimbus"],"storm.log.dir":"/logs","storm.thrift.socket.timeout.ms":5000,"topology.stats.sample.rate":0.05}`},
		{"a comment in Latin-1", settings, "# caf\xe9\nb: 1\n", `{` + added + `"b":1,"storm.thrift.socket.timeout.ms":5000}`},
		{"a value in Latin-1", settings, "b: caf\xe9\n", `{` + added + `"b":"caf\ufffd","storm.thrift.socket.timeout.ms":5000}`},
		{"a file in one line", settings, "{b: [1, 2.5, true, null]}", `{` + added + `"b":[1,2.5,true,null],"storm.thrift.socket.timeout.ms":5000}`},
	} {
		conf, folder := t.TempDir(), t.TempDir()
		if tc.image != "none" {
			write(t, []byte(tc.image), conf, "storm.yaml")
		}
		path, err := clientConf(tc.settings, conf, folder)
		if err != nil {
			t.Fatalf("%s: %v", tc.reason, err)
		}
		var got []byte
		if path != "" {
			if got, err = os.ReadFile(path); err != nil || filepath.Dir(path) != folder {
				t.Fatalf("%s: %s, %v", tc.reason, path, err)
			}
		}
		if diff := cmp.Diff(tc.want, string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
		}
	}
}

// A storm.yaml of the image that only a JVM reads, or none, does not end the submission:
// the JVM gets the file as it is, and the settings as options.
func TestAClientConfThatCannotBeRead(t *testing.T) {
	for _, image := range []string{"a: [b\n", "a: .inf\n", "a: .nan\n", "? [a]\n: b\n", "- a\n", "a:\n\tb: c\n"} {
		s, sub, log := newSubmit(t, "x")
		conf := t.TempDir()
		t.Setenv("HOME", "")
		t.Setenv("STORM_CONF_DIR", conf)
		write(t, []byte(image), conf, "storm.yaml")
		sub.Settings = map[string]any{"topology.workers": json.Number("2")}
		sub.ClientSettings = map[string]any{"my.own": "x", "topology.workers": json.Number("9"), "nimbus.thrift.port": json.Number("1")}
		client := nimbus.New(sub.Seeds, sub.Port, s.ClientOptions...)
		defer client.Close()
		recorder, err := nimbus.StartRecorder(t.Context(), client)
		if err != nil {
			t.Fatal(err)
		}
		defer recorder.Close()
		make, err := s.mainCommand(t.Context(), sub, recorder, t.TempDir())
		if err != nil {
			t.Fatalf("%q: %v", image, err)
		}
		command, err := make(java.fast)
		if err != nil {
			t.Fatalf("%q: %v", image, err)
		}
		line, _ := url.QueryUnescape(strings.Join(command.Args, " "))
		for _, want := range []string{"my.own=\"x\"", "topology.workers=2", "-Dstorm.conf.file= ", conf} {
			if !strings.Contains(line, want) {
				t.Errorf("%q: no %s in %s", image, want, line)
			}
		}
		if strings.Contains(line, "nimbus.thrift.port=1,") || !strings.Contains(log.String(), "storm.yaml of the StormCluster's image cannot be read: ") {
			t.Errorf("%q: %s\n%s", image, line, log)
		}
	}
}

// Storm's client writes everything from -Dstorm.options over what main set, so nothing but
// the topology's own settings and the connection may be there.
func TestOptionsHaveNoClientSetting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SampledFrom([]string{"topology.message.timeout.secs", "storm.zookeeper.topology.auth.payload", "storm.nimbus.retry.times", "my.own"})
		value := rapid.SampledFrom([]any{int64(60), "a:b", nil, true})
		sub := storm.Submission{
			Settings:       rapid.MapOf(key, value).Draw(t, "settings"),
			ClientSettings: rapid.MapOf(key, value).Draw(t, "client settings"),
		}
		options, err := optionsFor(sub, "127.0.0.1", 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, option := range strings.Split(options, ",") {
			option, _ = url.QueryUnescape(option)
			key, _, _ := strings.Cut(option, "=")
			if _, own := sub.Settings[key]; !own && !slices.Contains(nimbus.ConnectionKeys(), key) {
				t.Fatalf("%s would overwrite what main set", key)
			}
		}
	})
}
