package nimbus

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"

	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// ConnectionKeys are the settings that connect main's JVM to the recorder. They go into
// -Dstorm.options, the only place that overrides main's own Config. Storm's client puts
// everything from there into the topology's conf (StormSubmitter.java submitTopologyAs,
// v2.8.1), so overlay removes them.
func ConnectionKeys() []string {
	return []string{"nimbus.seeds", "nimbus.thrift.port", "storm.thrift.transport", "nimbus.thrift.client.use.tls"}
}

// Recorded is a submission as main made it.
type Recorded struct {
	Name, Location string
	// Conf is JSON with all secrets: never log it.
	Conf string
	// Topology and Options are the unchanged bytes of the structs StormTopology and
	// SubmitOptions, so fields that only a newer Storm knows survive. Options is nil if
	// main used submitTopology, which has none.
	Topology, Options []byte
}

// submissionOffer is the submission that Nimbus gets.
type submissionOffer struct {
	Name, Location, Conf string
	Topology, Options    []byte
}

// parseSubmission cuts a call of submitTopology or submitTopologyWithOpts into
// its arguments; c is after the message's head.
func parseSubmission(c *cursor) (Recorded, error) {
	var r Recorded
	for _, f := range c.fields(0) {
		inner := &cursor{frame: f.raw}
		switch {
		case f.id == 1 && f.kind == typeString:
			r.Name = inner.string()
		case f.id == 2 && f.kind == typeString:
			r.Location = inner.string()
		case f.id == 3 && f.kind == typeString:
			r.Conf = inner.string()
		case f.id == 4 && f.kind == typeStruct:
			r.Topology = bytes.Clone(f.raw)
		case f.id == 5 && f.kind == typeStruct:
			r.Options = bytes.Clone(f.raw)
		}
	}
	if c.err != nil {
		return Recorded{}, c.err
	}
	if r.Topology == nil {
		return Recorded{}, errMessage
	}
	return r, nil
}

// overlay turns main's submission into the offer to Nimbus: with the object's name, the
// settings and the fingerprint, and without the ConnectionKeys. The JAR's location is
// set after the upload.
func (r Recorded) overlay(sub storm.Submission) (submissionOffer, error) {
	conf, err := overlayConf(r.Conf, sub)
	if err != nil {
		return submissionOffer{}, err
	}
	status := int32(1) // TopologyInitialStatus.ACTIVE
	if sub.Inactive {
		status = 2 // INACTIVE
	}
	options, err := rewriteOptions(r.Options, status, true)
	if err != nil {
		return submissionOffer{}, err
	}
	return submissionOffer{Name: sub.Name, Conf: conf, Topology: r.Topology, Options: options}, nil
}

func overlayConf(recorded string, sub storm.Submission) (string, error) {
	decoder := json.NewDecoder(bytes.NewReader([]byte(recorded)))
	decoder.UseNumber() // Storm tells 1 from 1.0
	var conf map[string]any
	if err := decoder.Decode(&conf); err != nil || conf == nil {
		return "", fmt.Errorf("the conf that main submitted is not a JSON object")
	}
	maps.Copy(conf, sub.Settings)
	for _, key := range ConnectionKeys() {
		delete(conf, key)
	}
	maps.Copy(conf, sub.Fingerprint.Settings())
	written, err := text.JSON(conf)
	if err != nil {
		return "", fmt.Errorf("the settings cannot be written as JSON: %w", err)
	}
	return written, nil
}

// rewriteOptions sets initial_status (field 1) of a SubmitOptions and keeps the rest,
// the credentials (field 2) only if creds.
func rewriteOptions(raw []byte, status int32, creds bool) ([]byte, error) {
	w := &writer{}
	w.field(typeI32, 1).i32(status)
	if raw != nil {
		c := &cursor{frame: raw}
		for _, f := range c.fields(0) {
			if f.id == 1 || f.id == 2 && !creds {
				continue
			}
			w.raw(f.all)
		}
		if c.err != nil {
			return nil, fmt.Errorf("the options that main submitted cannot be read: %w", c.err)
		}
	}
	w.stop()
	return w.bytes, nil
}

// frame is the call submitTopologyWithOpts.
func (o submissionOffer) frame(seq int32) []byte {
	w := newMessage(messageCall, "submitTopologyWithOpts", seq)
	w.field(typeString, 1).string(o.Name)
	w.field(typeString, 2).string(o.Location)
	w.field(typeString, 3).string(o.Conf)
	w.field(typeStruct, 4).raw(o.Topology)
	w.field(typeStruct, 5).raw(o.Options)
	return w.frame()
}

// Size is the size of the call, which Nimbus compares with
// nimbus.thrift.max_buffer_size.
func (o submissionOffer) Size() int { return len(o.frame(0)) - 4 }
