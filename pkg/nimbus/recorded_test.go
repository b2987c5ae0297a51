package nimbus

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"maps"
	"math/rand"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// recordedFrame is a call of Storm's client: its message, without the length.
func recordedFrame(t testing.TB, name string) []byte {
	t.Helper()
	file, err := os.Open("testdata/" + name + ".frame.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	frame, err := io.ReadAll(unzipped)
	if err != nil {
		t.Fatal(err)
	}
	return frame[4:]
}

func recordedCall(t testing.TB, name string) Recorded {
	t.Helper()
	c := &cursor{frame: recordedFrame(t, name)}
	if method, _ := c.message(); method != "submitTopology" {
		t.Fatalf("method %q, %v", method, c.err)
	}
	recorded, err := parseSubmission(c)
	if err != nil {
		t.Fatal(err)
	}
	return recorded
}

func TestRealSubmissionsAreCut(t *testing.T) {
	for name, size := range map[string]int{"exclamation": 1158, "wordcount": 4095} {
		r := recordedCall(t, name)
		if r.Name != "mains-own-name" || r.Location != fakeLocation || r.Options != nil || len(r.Topology) != size {
			t.Errorf("%s: name %q, location %q, options %v, topology of %d bytes, want %d", name, r.Name, r.Location, r.Options, len(r.Topology), size)
		}
		if !bytes.Contains(recordedFrame(t, name), r.Topology) {
			t.Errorf("%s: the topology's bytes are not those of the frame", name)
		}
		c := &cursor{frame: r.Topology}
		if c.skip(typeStruct, 0); c.err != nil || c.at != len(r.Topology) {
			t.Errorf("%s: the topology is not one complete struct: %v", name, c.err)
		}
	}
}

func submission() storm.Submission {
	return storm.Submission{
		Name:           "wordcount",
		Settings:       map[string]any{"topology.workers": 2, "topology.x": json.Number("1.0"), "topology.html": "<a&b>", "nimbus.seeds": []string{"users"}},
		ClientSettings: map[string]any{"topology.debug": true},
		Fingerprint:    storm.Fingerprint{Cluster: "k8s", Owner: "ns/x", UID: "u", Generation: 3, Revision: "r", Jar: "j"},
	}
}

func TestOverlay(t *testing.T) {
	recorded := recordedCall(t, "exclamation")
	recorded.Conf = `{"nimbus.seeds":["127.0.0.1"],"nimbus.thrift.port":1,"storm.thrift.transport":"x","nimbus.thrift.client.use.tls":false,` +
		`"topology.workers":1,"topology.debug":false,"mains.double":1.0,"mains.long":12345678901234567890,"stormhooks.revision":"mains"}`
	got, err := recorded.overlay(submission())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"mains.double":1.0,"mains.long":12345678901234567890,"stormhooks.cheap":"","stormhooks.cluster":"k8s","stormhooks.generation":3,` +
		`"stormhooks.jar":"j","stormhooks.owner":"ns/x","stormhooks.restart":"","stormhooks.revision":"r","stormhooks.uid":"u",` +
		`"topology.debug":false,"topology.html":"<a&b>","topology.workers":2,"topology.x":1.0}`
	if diff := cmp.Diff(want, got.Conf); diff != "" {
		t.Errorf("the spec's settings over main's, numbers as they were written, no connection keys (-want +got):\n%s", diff)
	}
	if got.Name != "wordcount" || !bytes.Equal(got.Topology, recorded.Topology) {
		t.Error("the name must be the spec's, the topology main's, byte for byte")
	}
	for _, bad := range []string{"", "[]", "null", "{"} {
		recorded.Conf = bad
		if _, err := recorded.overlay(submission()); err == nil {
			t.Errorf("conf %q was accepted", bad)
		}
	}
}

func TestOptions(t *testing.T) {
	creds := &writer{}
	creds.field(typeStruct, 2).field(typeMap, 1).raw([]byte{typeString, typeString, 0, 0, 0, 0})
	creds.stop()
	later := &writer{}
	later.field(typeI64, 99).raw([]byte{1, 2, 3, 4, 5, 6, 7, 8})
	given := func(status byte, parts ...[]byte) []byte {
		all := []byte{typeI32, 0, 1, 0, 0, 0, status}
		for _, part := range parts {
			all = append(all, part...)
		}
		return append(all, typeStop)
	}
	cases := map[string]struct {
		raw    []byte
		status int32
		creds  bool
		want   []byte
		reason string
	}{
		"none given":             {nil, 1, true, given(1), "submitTopology has none"},
		"inactive as requested":  {given(1), 2, true, given(2), ""},
		"active against main's":  {given(2), 1, true, given(1), "spec.suspend decides"},
		"credentials stay":       {given(1, creds.bytes), 2, true, given(2, creds.bytes), ""},
		"none for a dry run":     {given(1, creds.bytes), 2, false, given(2), "Nimbus would store them"},
		"a newer Storm's fields": {given(1, later.bytes, creds.bytes), 2, false, given(2, later.bytes), "they survive"},
	}
	for name, c := range cases {
		got, err := rewriteOptions(c.raw, c.status, c.creds)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s (-want +got):\n%s", name, c.reason, diff)
		}
	}
}

// Nimbus reads what is offered: the frame, cut again.
func TestOfferIsReadBack(t *testing.T) {
	made, err := recordedCall(t, "wordcount").overlay(submission())
	if err != nil {
		t.Fatal(err)
	}
	made.Location = "inbox/1"
	c := &cursor{frame: made.frame(7)[4:]}
	if method, seq := c.message(); method != "submitTopologyWithOpts" || seq != 7 {
		t.Errorf("method %q, number %d", method, seq)
	}
	got, err := parseSubmission(c)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Recorded(made), got); diff != "" {
		t.Errorf("(-made +read):\n%s", diff)
	}
	if made.Size() != len(c.frame) {
		t.Errorf("size %d, the frame has %d", made.Size(), len(c.frame))
	}
}

func TestSizeIsChecked(t *testing.T) {
	made := offer()
	if err := made.checkSize(submissionLimits{Frame: 1 << 20}); err != nil {
		t.Error(err)
	}
	made.Conf = strings.Repeat("x", 1<<20)
	err := made.checkSize(submissionLimits{Frame: 1 << 20})
	if err == nil || !strings.Contains(err.Error(), "at most 1048576 (nimbus.thrift.max_buffer_size)") {
		t.Errorf("%v: want the size, the limit and the setting", err)
	}
	made.Conf = strings.Repeat("x", longestConf+1)
	if err := made.checkSize(submissionLimits{Frame: 64 << 20}); err == nil || !strings.Contains(err.Error(), "at most 3145728") {
		t.Errorf("%v: a conf that could not be read back would belong to no one", err)
	}
}

func TestLimits(t *testing.T) {
	cases := map[string]struct {
		conf, own string
		frame     int
		seconds   float64
	}{
		"nothing set":         {`{}`, `{}`, 1 << 20, 120},
		"both set":            {`{"nimbus.thrift.max_buffer_size":2048,"topology.max.replication.wait.time.sec":5}`, `{}`, 2048, 65},
		"no limit":            {`{"topology.max.replication.wait.time.sec":-1}`, `{}`, 1 << 20, 3660},
		"a long limit":        {`{"topology.max.replication.wait.time.sec":999999}`, `{}`, 1 << 20, 3660},
		"the topology's":      {`{}`, `{"topology.max.replication.wait.time.sec":300}`, 1 << 20, 360},
		"Nimbus's is longer":  {`{"topology.max.replication.wait.time.sec":600}`, `{"topology.max.replication.wait.time.sec":300}`, 1 << 20, 660},
		"the topology's ends": {`{"topology.max.replication.wait.time.sec":5}`, `{"topology.max.replication.wait.time.sec":-1}`, 1 << 20, 3660},
	}
	for name, c := range cases {
		conf, err := decodeConf("x", strings.NewReader(c.conf))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := limitsOf(conf, submissionOffer{Conf: c.own}); err != nil || got.Frame != c.frame || got.Submission.Seconds() != c.seconds {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
}

// Junk never panics, always ends, and never becomes a submission by accident.
func TestJunkFrames(t *testing.T) {
	whole := recordedFrame(t, "exclamation")
	random := rand.New(rand.NewSource(1))
	for range 20000 {
		junk := bytes.Clone(whole[:random.Intn(len(whole)+1)])
		for range random.Intn(4) {
			if len(junk) > 0 {
				junk[random.Intn(len(junk))] = byte(random.Intn(256))
			}
		}
		parseJunk(junk)
	}
	deep := append(bytes.Clone(whole[:26]), bytes.Repeat([]byte{typeStruct, 0, 4}, 1<<20)...)
	if err := parseJunk(deep); err != errDeep {
		t.Errorf("a million nested structs: %v, want %v", err, errDeep)
	}
	for cut := range len(whole) {
		if err := parseJunk(whole[:cut]); err == nil {
			t.Fatalf("a call cut off at %d of %d bytes was accepted", cut, len(whole))
		}
	}
}

func parseJunk(frame []byte) error {
	c := &cursor{frame: frame}
	c.message()
	_, err := parseSubmission(c)
	return err
}

func FuzzSubmission(f *testing.F) {
	f.Add(recordedFrame(f, "exclamation"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, frame []byte) {
		c := &cursor{frame: frame}
		c.message()
		recorded, err := parseSubmission(c)
		if err == nil && !bytes.Contains(frame, recorded.Topology) {
			t.Error("bytes that were not in the frame")
		}
	})
}

// topologyBytes is a struct StormTopology with these bolts, each with its configuration.
func topologyBytes(bolts map[string]string, version string) []byte {
	w := &writer{}
	w.field(typeMap, 1).raw([]byte{typeString, typeStruct, 0, 0, 0, 0})
	w.field(typeMap, 2).raw([]byte{typeString, typeStruct})
	w.i32(int32(len(bolts)))
	for id, conf := range bolts {
		w.string(id)
		w.field(typeStruct, 1).stop() // bolt_object
		w.field(typeStruct, 2)        // common
		w.field(typeI32, 3).i32(1)
		w.field(typeString, 4).string(conf)
		w.stop()
		w.stop()
	}
	w.field(typeMap, 3).raw([]byte{typeString, typeStruct, 0, 0, 0, 0})
	w.field(typeString, 7).string(version)
	w.stop()
	return w.bytes
}

func TestPartsOfATopology(t *testing.T) {
	parts, version := partsOf(topologyBytes(map[string]string{"b": `{"x":1}`, "a": ""}, "2.8.1"))
	if diff := cmp.Diff([]part{{"a", "", 1}, {"b", `{"x":1}`, 1}}, parts, cmp.AllowUnexported(part{})); diff != "" || version != "2.8.1" {
		t.Errorf("version %q, (-want +got):\n%s", version, diff)
	}
	for name, want := range map[string]string{"exclamation": "exclaim1 exclaim2 word", "wordcount": "count split spout"} {
		real := recordedCall(t, name)
		parts, version := partsOf(real.Topology)
		var ids []string
		for _, part := range parts {
			ids = append(ids, part.id)
		}
		if got := strings.Join(ids, " "); got != want || version != "2.8.1" {
			t.Errorf("%s: %q of Storm %q", name, got, version)
		}
		if why := real.refused(real.Conf, nil, map[string]any{"storm.zookeeper.auth.scheme": "digest"}); why != "" {
			t.Errorf("%s, as Storm's client made it: %s", name, why)
		}
	}
	whole := topologyBytes(map[string]string{"a": "{}"}, "2.8.1")
	for cut := range whole {
		partsOf(whole[:cut]) // never panics, always ends
	}
}

// Whatever main set and spec.topology.config does not set arrives unchanged, for any
// spec.config of the StormCluster.
func TestMainsSettingsArrive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SampledFrom([]string{"topology.message.timeout.secs", "storm.zookeeper.topology.auth.payload", "storm.nimbus.retry.times", "my.own", "worker.childopts"})
		value := rapid.SampledFrom([]any{json.Number("60"), json.Number("1.0"), "a:b", nil, true, []any{"x"}})
		main, sub := rapid.MapOf(key, value).Draw(t, "main"), submission()
		sub.Settings, sub.ClientSettings = rapid.MapOf(key, value).Draw(t, "spec.topology.config"), rapid.MapOf(key, value).Draw(t, "spec.config")
		want := maps.Clone(main)
		maps.Copy(want, sub.Settings)
		maps.Copy(want, sub.Fingerprint.Settings())
		written, _ := json.Marshal(main)
		got, err := overlayConf(string(written), sub)
		if err != nil {
			t.Fatal(err)
		}
		wanted, _ := json.Marshal(want)
		if diff := cmp.Diff(string(wanted), got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}
