package nimbus

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// A topology that Nimbus fails at without a type must be refused before anything is stopped:
// the dry run cannot tell that failure from the one that it expects. These are the reads of
// submitTopologyWithOpts that can fail without a type because of the conf or the topology
// (Nimbus.java:3243 to 3420, v2.8.1; lines without a file are there), in their order, and
// what covers each.
//
//	line  reads                                              covered by
//	3256  JSONValue.parse: null if it cannot                 overlayConf writes the JSON
//	3258  validateTopoConf: NullPointerException at a null   RefusedConf: metricReporters
//	      filter of a reporter; all else has a type
//	3262  nimbus.topology.validator, the administrator's     nothing: unknown code
//	3271  components (NormalizedResourceRequest)             RefusedComponent
//	3273  blobs: KeyNotFound has a type                      needs nothing
//	3282  normalizeConf: conf of components, kryo, two       RefusedComponent, RefusedConf
//	      booleans unboxed, two getInt
//	3284  topology.oci.image (OciUtils.java:49)              RefusedConf
//	3289  topology.users: validated as strings               needs nothing
//	3314  the topology's storm_version (SimpleVersion)       RefusedVersion
//	3328  tasks and parallelism of components                RefusedConf, RefusedComponent
//	3332  with the ResourceAwareScheduler: ackers, memory    RefusedConf
//	3357  nimbus.autocredential.plugins.classes              nothing: unknown code
//	3366  systemTopology: validateBasic, addAcker,           RefusedComponent, RefusedConf;
//	      addEventLogger, metricsConsumerBoltSpecs;          not a whitelist that is not a
//	      validateStructure has a type                       pattern of Java
//	3367  topology.workers                                   RefusedConf
//	3368  no payload for ZooKeeper                           RefusedConf; not if Nimbus
//	                                                         logs in by JAAS alone
//	3381  setCredentials: ACLs of the payload                RefusedConf
//	3384  the JAR: here the dry run ends
//	3384  createBlob: the blob store                         nothing: not of the topology
//	3385  waitForDesiredCodeReplication: two getInt,         RefusedConf
//	      storm.cluster.mode
//	3386  ACLs of the payload                                RefusedConf
//	3388  topology.backpressure.enable                       RefusedConf
//	3393  the initial status                                 rewriteOptions sets it
//	3404  startTopology: topology.version, systemTopology    as above
//
// The schedulers, the supervisors and the workers read more: storm.RefusedConf has what they
// read of every topology.

// refused says why Nimbus, or each worker, would fail at a submission; empty if nothing
// shows it. conf is the offer's, own are the settings of the spec, nimbus is Nimbus's conf.
func (r Recorded) refused(conf string, own, nimbus map[string]any) string {
	decoder := json.NewDecoder(strings.NewReader(conf))
	decoder.UseNumber()
	var decoded map[string]any
	if err := decoder.Decode(&decoded); err != nil {
		return "" // overlayConf wrote it
	}
	if why := storm.RefusedConf(decoded, own, nimbus); why != "" {
		return why
	}
	parts, version := partsOf(r.Topology)
	for _, part := range parts {
		if part.conf == "" {
			continue
		}
		if why := storm.RefusedComponent(part.id, part.conf); why != "" {
			return why
		}
	}
	return storm.RefusedVersion(version)
}

// part is a component of a topology, with its own configuration as JSON, and the number of
// executors that main gives it.
type part struct {
	id, conf  string
	executors int
}

// partsOf reads the components of a struct StormTopology, sorted by their names, and the
// version of Storm that it was built with. What is not as Storm declares it is left out.
func partsOf(topology []byte) (parts []part, version string) {
	c := &cursor{frame: topology}
	for _, f := range c.fields(0) {
		switch inner := (&cursor{frame: f.raw}); {
		case f.id >= 1 && f.id <= 3 && f.kind == typeMap: // spouts, bolts, state_spouts
			parts = append(parts, inner.components()...)
		case f.id == 7 && f.kind == typeString:
			version = inner.string()
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.id, b.id) })
	return parts, version
}

// components reads a map from names to structs that have a ComponentCommon as field 2.
func (c *cursor) components() (parts []part) {
	key, value := c.byte(), c.byte()
	if count := c.i32(); key == typeString && value == typeStruct && int(count) <= len(c.frame) {
		for ; count > 0 && c.err == nil; count-- {
			id := c.string()
			p := part{id: id, executors: 1} // as Storm has it (Thrift.getParallelismHint, v2.8.1)
			p.read(c.fields(0))
			parts = append(parts, p)
		}
	}
	return parts
}

// read reads the ComponentCommon of a component: 3 is parallelism_hint, 4 is json_conf.
func (p *part) read(component []field) {
	for _, common := range component {
		if common.id != 2 || common.kind != typeStruct {
			continue
		}
		for _, f := range (&cursor{frame: common.raw}).fields(0) {
			switch inner := (&cursor{frame: f.raw}); {
			case f.id == 3 && f.kind == typeI32:
				p.executors = int(inner.i32())
			case f.id == 4 && f.kind == typeString:
				p.conf = inner.string()
			}
		}
	}
}
