package nimbus

import "github.com/stormhooks/stormhooks/pkg/internal/text"

// Kinds of TApplicationException (Apache Thrift, lib/java TApplicationException).
const (
	unknownMethod = 1
	internalError = 6
)

// fakeLocation is what main is told that its JAR was uploaded to.
const fakeLocation = "stormhooks/recorder/stormjar.jar"

// made is the answer of a Nimbus without topologies, nil where a recorder has
// none. Structs and exceptions: storm-client/src/storm.thrift, v2.8.1.
func (r *Recorder) made(method string, seq int32) *writer {
	w := newMessage(messageReply, method, seq)
	switch method {
	case "getLeader":
		w.field(typeStruct, 0)
		r.summary(w)
	case "getTopologySummaries":
		w.field(typeList, 0)
		emptyList(w)
	case "getClusterInfo":
		w.field(typeStruct, 0)
		w.field(typeList, 1)
		emptyList(w)
		w.field(typeList, 3)
		emptyList(w)
		w.field(typeList, 4).raw([]byte{typeStruct, 0, 0, 0, 1})
		r.summary(w)
		w.stop()
	case "isTopologyNameAllowed":
		w.field(typeBool, 0).raw([]byte{1})
	case "beginFileUpload":
		w.field(typeString, 0).string(fakeLocation)
	case "uploadChunk", "finishFileUpload":
	case "getTopologySummaryByName", "getTopologySummary",
		"getTopologyInfo", "getTopologyInfoWithOpts", "getTopologyInfoByName", "getTopologyInfoByNameWithOpts",
		"getTopologyPageInfo", "getComponentPageInfo", "getTopologyConf", "getTopology", "getUserTopology",
		"killTopology", "killTopologyWithOpts", "activate", "deactivate", "rebalance", "debug", "uploadNewCredentials":
		// NotAliveException is field 1 of each. A main that kills the old one
		// before it submits takes this for "there was none".
		w.field(typeStruct, 1)
		w.field(typeString, 1).string("no topology is alive while this one is recorded")
		w.stop()
	default:
		return nil
	}
	return w
}

// summary writes the recorder itself as the Nimbus that leads.
func (r *Recorder) summary(w *writer) {
	host, port := r.Addr()
	w.field(typeString, 1).string(host)
	w.field(typeI32, 2).i32(int32(port))
	w.field(typeI32, 3).i32(1)
	w.field(typeBool, 4).raw([]byte{1})
	w.field(typeString, 5).string(r.leader.Version)
	w.stop()
}

func emptyList(w *writer) { w.raw([]byte{typeStruct, 0, 0, 0, 0}) }

// exception is a frame that says why a call is not answered.
func exception(method string, seq int32, kind int32, message string) []byte {
	w := newMessage(messageException, method, seq)
	w.field(typeString, 1).string(text.Head(message, 1<<10))
	w.field(typeI32, 2).i32(kind)
	return w.frame()
}
