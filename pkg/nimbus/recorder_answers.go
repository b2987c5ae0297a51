package nimbus

import (
	"context"
	"errors"

	"github.com/apache/thrift/lib/go/thrift"

	"github.com/stormhooks/stormhooks/pkg/internal/text"
	gen "github.com/stormhooks/stormhooks/pkg/internal/thrift/storm"
)

// fakeLocation is where main is told that its JAR was uploaded.
const fakeLocation = "stormhooks/recorder/stormjar.jar"

// notAlive is the answer about every topology. A main that kills the previous topology
// before it submits understands that there was none.
var notAlive = &gen.NimbusActivateResult{E: &gen.NotAliveException{Msg: "no topology is alive while this one is being recorded"}}

// answerTo is the answer of a Nimbus without topologies, and nil if the recorder has no
// answer. In the result of every method about one topology the NotAliveException is
// field 1, so one result serves all of them (storm-client/src/storm.thrift, v2.8.1).
func (r *Recorder) answerTo(method string) body {
	switch method {
	case "getLeader":
		return &gen.NimbusGetLeaderResult{Success: r.summary()}
	case "getTopologySummaries":
		return &gen.NimbusGetTopologySummariesResult{Success: []*gen.TopologySummary{}}
	case "isTopologyNameAllowed":
		return allowed{}
	case "beginFileUpload":
		location := fakeLocation
		return &gen.NimbusBeginFileUploadResult{Success: &location}
	case "uploadChunk", "finishFileUpload":
		return &gen.NimbusFinishFileUploadResult{}
	case "getTopologySummaryByName", "getTopologySummary",
		"getTopologyInfo", "getTopologyInfoWithOpts", "getTopologyInfoByName", "getTopologyInfoByNameWithOpts",
		"getTopologyPageInfo", "getComponentPageInfo", "getTopologyConf", "getTopology", "getUserTopology",
		"killTopology", "killTopologyWithOpts", "activate", "deactivate", "rebalance", "debug", "uploadNewCredentials":
		return notAlive
	}
	return nil
}

// clusterInfo is Nimbus's own answer to getClusterInfo, in which main may count supervisors
// and slots, without topologies and with the recorder as the only Nimbus.
func (r *Recorder) clusterInfo(body []byte, seq int32) ([]byte, error) {
	const method = "getClusterInfo"
	none := &gen.NimbusGetClusterInfoResult{Success: &gen.ClusterSummary{Nimbuses: []*gen.NimbusSummary{r.summary()}}}
	empty, err := encode(method, thrift.REPLY, seq, none)
	if err != nil {
		return nil, err
	}
	answer, err := r.ask(method, body)
	var unreachable *UnreachableError
	switch {
	case errors.As(err, &unreachable) && unreachable.Answered: // with more than is read
		return empty, nil
	case err != nil:
		return exception(method, seq, thrift.INTERNAL_ERROR, err.Error()), nil
	}
	theirs, _ := replyFields(answer)
	if len(theirs) != 1 || theirs[0].id != 0 || theirs[0].kind != typeStruct {
		return answer, nil // an exception
	}
	own, _ := replyFields(empty)
	return infoFrame(seq, theirs[0], own[0]), nil
}

// infoFrame is an answer to getClusterInfo with the supervisors of one and everything else
// of the other ClusterSummary, whose field 1 is the supervisors.
func infoFrame(seq int32, theirs, own field) []byte {
	w := newMessage(uint32(thrift.REPLY), "getClusterInfo", seq)
	w.field(typeStruct, 0)
	for _, part := range []struct {
		of          field
		supervisors bool
	}{{theirs, true}, {own, false}} {
		for _, f := range (&cursor{frame: part.of.raw}).fields(0) {
			if (f.id == 1) == part.supervisors {
				w.raw(f.all)
			}
		}
	}
	w.stop()
	return w.frame()
}

// allowed is the answer to isTopologyNameAllowed, which the generated code lacks.
type allowed struct{}

func (allowed) Write(ctx context.Context, out thrift.TProtocol) error {
	return errors.Join(out.WriteFieldBegin(ctx, "success", thrift.BOOL, 0), out.WriteBool(ctx, true), out.WriteFieldStop(ctx))
}

// summary is the recorder itself, as the leader.
func (r *Recorder) summary() *gen.NimbusSummary {
	host, port := r.Addr()
	return &gen.NimbusSummary{Host: host, Port: int32(port), UptimeSecs: 1, IsLeader: true, Version: r.leader.Version}
}

// exception is a frame with the reason why a call is not answered.
func exception(method string, seq, kind int32, message string) []byte {
	// Writing to memory does not fail.
	frame, _ := encode(method, thrift.EXCEPTION, seq, thrift.NewTApplicationException(kind, text.Head(message, 1<<10)))
	return frame
}
