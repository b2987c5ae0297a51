package storm

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	textutil "github.com/stormhooks/stormhooks/pkg/internal/text" // text is a rule here
)

// RefusedConf says why a topology cannot run with a conf: Nimbus would fail without a type,
// some of it only after it has taken the JAR, or each worker would die. conf is what Nimbus
// will get, decoded with json.Number; own are the settings in it that are from
// spec.topology.config, and not from main; nimbus is Nimbus's own conf. What Nimbus rejects
// with a type is not checked: a dry run shows it. Empty if nothing is wrong.
func RefusedConf(conf, own, nimbus map[string]any) string {
	for _, key := range slices.Sorted(maps.Keys(conf)) {
		if _, checked := own[key]; checked {
			continue // by Settings
		}
		if who := readerOf(key, conf[key], nimbus); who != notAlways && !readable(key, conf[key]) {
			return fmt.Sprintf("Main sets %s to %s. %s needs %s there. Fix it in main, or set it in spec.topology.config.",
				textutil.Cut(key, 131), valueShown(key, conf[key]), who, declared[key].must)
		}
	}
	if why := halves(conf); why != "" {
		return why
	}
	return zooKeeperPayload(conf, nimbus)
}

// readerOf is who reads a setting of every topology in a Storm with this Nimbus.
func readerOf(key string, value any, nimbus map[string]any) reader {
	by := reads[key].by
	if null := reads[key].nullBy; value == nil && null != "" {
		by = null
	}
	if by == byRAS && nimbus["storm.scheduler"] != "org.apache.storm.scheduler.resource.ResourceAwareScheduler" {
		return notAlways
	}
	return by
}

func readable(key string, value any) bool {
	return value == nil && reads[key].null || declared[key].has(value)
}

// has says whether a decoded value is what Storm's readers need, as it is: "2" is not a number,
// and 2.0 is not a whole number (ObjectReader.getInt).
func (r rule) has(value any) bool {
	value, ok := plain(value, depth)
	if _, is := value.(string); !ok || value == nil || is && !r.ofText {
		return false
	}
	taken, ok := r.take(value)
	_, fraction := value.(json.Number)
	_, whole := taken.(int64)
	return ok && !(fraction && whole)
}

// halves: a batch is at most half of its buffer, or each worker dies (WorkerState.java:729,
// WorkerTransfer.java:64, v2.8.1).
func halves(conf map[string]any) string {
	for _, of := range [][2]string{
		{"topology.producer.batch.size", "topology.executor.receive.buffer.size"},
		{"topology.transfer.batch.size", "topology.transfer.buffer.size"},
	} {
		batch, _ := plain(conf[of[0]], depth)
		buffer, _ := plain(conf[of[1]], depth)
		size, ok := batch.(int64)
		if room, is := buffer.(int64); ok && is && size > room/2 {
			return fmt.Sprintf("The batch of %s (%d) is more than half of %s (%d), and each worker would fail. Set a smaller batch or a larger buffer.", of[0], size, of[1], room)
		}
	}
	return ""
}

// zooKeeperPayload: Nimbus fails without a type if it logs in at ZooKeeper and a topology
// cannot (Nimbus.java:3368; ClusterUtils.java:118 behind the JAR, v2.8.1). A Nimbus that logs
// in by JAAS alone does not show it in its conf. Storm 3.1 returns asterisks for a setting
// whose name looks like that of a secret, so that its value is unknown.
func zooKeeperPayload(conf, nimbus map[string]any) string {
	if scheme, _ := nimbus["storm.zookeeper.auth.scheme"].(string); strings.Trim(scheme, "*") == "" {
		return ""
	}
	for _, key := range []string{"storm.zookeeper.topology.auth.scheme", "storm.zookeeper.topology.auth.payload"} {
		if given, _ := conf[key].(string); given == "" {
			return fmt.Sprintf("Nimbus logs in at ZooKeeper (storm.zookeeper.auth.scheme), and the topology has no %s. "+
				"Submit with StormSubmitter, which sets it, or set it in spec.topology.config.", key)
		}
	}
	return ""
}

// ofComponent are the settings of a component's own conf that Storm reads. No one validates
// them.
var ofComponent = []struct {
	key, must string
	who       reader
	// null: it may be null. fits says whether Storm can read any other value.
	null bool
	fits func(value any) bool
	// at is the reader, as in reads.
	at string
}{
	{"topology.tasks", "a whole number", byNimbus, true, isJavaInt, "StormCommon.java:177, ServerUtils.java:744 getInt"},
	{"topology.max.task.parallelism", "a whole number", byNimbus, true, isJavaInt, "ServerUtils.java:745 getInt"},
	{"topology.kryo.decorators", "a list", byNimbus, true, isList, "Nimbus.java:1168 casts it"},
	{"topology.kryo.register", "a list of texts and maps", byNimbus, true, isKryoList, "Nimbus.java:1169 casts it, Nimbus.java:1138 what is in it"},
	{"topology.component.resources.onheap.memory.mb", "a number", byNimbus, false, isNumber, "NormalizedResourceRequest.java:135 getDouble; ResourceNameNormalizer.java unboxes null"},
	{"topology.component.resources.offheap.memory.mb", "a number", byNimbus, false, isNumber, "NormalizedResourceRequest.java:140 getDouble"},
	{"topology.component.cpu.pcore.percent", "a number", byNimbus, false, isNumber, "NormalizedResourceRequest.java:144 getDouble"},
	{"topology.component.resources.map", "a map from strings to numbers", byNimbus, true, isNumbers, "NormalizedResourceRequest.java:152 casts it"},
	{"topology.debug", "true or false", byWorkers, false, isTruth, "Task.java:89 unboxes it"},
	{"topology.max.spout.pending", "a whole number", byWorkers, true, isJavaInt, "SpoutExecutor.java:108 getInt"},
	{"topology.tick.tuple.freq.secs", "a whole number", byWorkers, true, isJavaInt, "Executor.java:507 getInt"},
}

// RefusedComponent is RefusedConf for the configuration of one component of a topology, as
// JSON. Text that is not JSON is Storm's to judge: its parser accepts more.
func RefusedComponent(id, conf string) string {
	name := textutil.Cut(id, 63)
	decoder := json.NewDecoder(strings.NewReader(conf))
	decoder.UseNumber()
	var decoded any
	if decoder.Decode(&decoded) != nil {
		return ""
	}
	settings, is := decoded.(map[string]any)
	if !is { // StormCommon.java:124 casts it to a map
		return fmt.Sprintf("The configuration of component %s is not a JSON object, and Nimbus cannot read it. Fix main.", name)
	}
	for _, of := range ofComponent {
		value, set := settings[of.key]
		if !set || value == nil && of.null || value != nil && of.fits(value) {
			continue
		}
		return fmt.Sprintf("Main sets %s of component %s to %s. %s needs %s there. Fix it in main.", of.key, name, valueShown(of.key, value), of.who, of.must)
	}
	return ""
}

// isJavaInt is what ObjectReader.getInt reads: text too, but no fraction.
func isJavaInt(value any) bool {
	_, err := strconv.ParseInt(fmt.Sprint(value), 10, 32)
	switch value.(type) {
	case string, json.Number:
		return err == nil
	}
	return false
}

func isNumber(value any) bool {
	_, is := value.(json.Number)
	return is
}

func isTruth(value any) bool {
	_, is := value.(bool)
	return is
}

func isList(value any) bool {
	_, is := value.([]any)
	return is
}

func isKryoList(value any) bool {
	list, is := value.([]any)
	return is && !slices.ContainsFunc(list, func(item any) bool {
		switch item.(type) {
		case nil, string, map[string]any:
			return false
		}
		return true
	})
}

func isNumbers(value any) bool {
	object, is := value.(map[string]any)
	for _, item := range object {
		is = is && isNumber(item)
	}
	return is
}

// versionOfStorm is what Nimbus can parse as the version that a topology was built with
// (SimpleVersion.java, v2.8.1).
var versionOfStorm = regexp.MustCompile(`^[0-9]+[.\-_]+[0-9]+.*$`)

// RefusedVersion is RefusedConf for the version of Storm that is written in a topology;
// empty if it has none.
func RefusedVersion(version string) string {
	if version == "" || version == "Unknown" || versionOfStorm.MatchString(version) {
		return ""
	}
	return fmt.Sprintf("The topology says that it was built with Storm %q, which Nimbus cannot read as a version. Build main with a released Storm.", textutil.Cut(version, 63))
}

// valueShown is a value that main set, for a person. Secrets are hidden.
func valueShown(key string, value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case []any:
		return "a list"
	case map[string]any:
		return "a map"
	}
	if said := shown(key, value); said != hidden {
		return said
	}
	return "a value " + hidden
}
