package inpod

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/thrift/lib/go/thrift"

	gen "github.com/stormhooks/stormhooks/pkg/internal/thrift/storm"
)

// fakeNimbus is a Nimbus as far as main and the helper need one before the handover. What
// it does not know is an internal error.
type fakeNimbus struct {
	gen.Nimbus
	port  int32
	began time.Time

	mu    sync.Mutex
	there []*gen.TopologySummary
	confs map[string]string
	next  int
	// conf is its own; without one it fails in getNimbusConf.
	conf string
	// uploads, if it accepts JARs, are those that it got. Then it rejects each submission.
	uploads *int
	// reads counts the confs of topologies that were read, each after pause.
	reads int
	pause time.Duration
}

func startNimbus(t *testing.T) *fakeNimbus {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	f := &fakeNimbus{began: time.Now(), port: int32(listener.Addr().(*net.TCPAddr).Port), confs: map[string]string{}}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go f.serve(conn)
		}
	}()
	return f
}

func (f *fakeNimbus) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	for {
		var length uint32
		if binary.Read(conn, binary.BigEndian, &length) != nil {
			return
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(conn, body); err != nil {
			return
		}
		answer := f.answer(body)
		if answer == nil {
			return
		}
		if binary.Write(conn, binary.BigEndian, uint32(len(answer))) != nil {
			return
		}
		if _, err := conn.Write(answer); err != nil {
			return
		}
	}
}

func (f *fakeNimbus) answer(body []byte) []byte {
	ctx, memory := context.Background(), thrift.NewTMemoryBuffer()
	in := thrift.NewTBinaryProtocolConf(thrift.NewStreamTransportR(bytes.NewReader(body)), nil)
	out := thrift.NewTBinaryProtocolConf(memory, nil)
	method, _, seq, _ := in.ReadMessageBegin(ctx)
	if method == "uploadBlobChunk" {
		return nil // it closes the connection
	}
	if method == "deleteBlob" {
		_ = out.WriteMessageBegin(ctx, method, thrift.REPLY, seq)
		_ = (&gen.NimbusFinishFileUploadResult{}).Write(ctx, out)
		return memory.Bytes()
	}
	f.mu.Lock()
	known := method == "getNimbusConf" && f.conf != "" || f.uploads != nil && strings.HasSuffix(method, "FileUpload") || f.uploads != nil && method == "uploadChunk"
	f.mu.Unlock()
	processor, _ := gen.NewNimbusProcessor(f).GetProcessorFunction(method)
	if !known && !slices.Contains([]string{"getLeader", "getTopologySummaries", "getTopologyConf", "killTopologyWithOpts", "submitTopologyWithOpts"}, method) {
		_ = out.WriteMessageBegin(ctx, method, thrift.EXCEPTION, seq)
		_ = thrift.NewTApplicationException(thrift.INTERNAL_ERROR, "Internal error").Write(ctx, out)
		return memory.Bytes()
	}
	_, _ = processor.Process(ctx, seq, in, out)
	return memory.Bytes()
}

// runs adds a topology with a conf, and returns its id.
func (f *fakeNimbus) runs(name, conf string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next++
	id := fmt.Sprintf("%s-%d-1795507197", name, f.next)
	f.there = append(f.there, &gen.TopologySummary{ID: id, Name: name, Status: "ACTIVE"})
	f.confs[id] = conf
	return id
}

func (f *fakeNimbus) GetLeader(context.Context) (*gen.NimbusSummary, error) {
	return &gen.NimbusSummary{Host: "127.0.0.1", Port: f.port, UptimeSecs: 9 + int32(time.Since(f.began)/time.Second), IsLeader: true, Version: "2.8.1"}, nil
}

func (f *fakeNimbus) GetTopologySummaries(context.Context) ([]*gen.TopologySummary, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]*gen.TopologySummary{}, f.there...), nil // an empty list, and not none
}

// isStorm gives it a conf of its own, which says where in ZooKeeper its Storm is.
func (f *fakeNimbus) isStorm(zookeeper string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.conf = `{"storm.zookeeper.servers":["` + zookeeper + `"]}`
}

func (f *fakeNimbus) GetNimbusConf(context.Context) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.conf, nil
}

func (f *fakeNimbus) GetTopologyConf(_ context.Context, id string) (string, error) {
	f.mu.Lock()
	f.reads++
	pause := f.pause
	f.mu.Unlock()
	time.Sleep(pause)
	f.mu.Lock()
	defer f.mu.Unlock()
	if conf, known := f.confs[id]; known {
		return conf, nil
	}
	return "", &gen.NotAliveException{Msg: id}
}

func (f *fakeNimbus) KillTopologyWithOpts(_ context.Context, name string, _ *gen.KillOptions) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, topology := range f.there {
		if topology.Name == name {
			killed := *topology
			killed.Status = "KILLED"
			f.there[i] = &killed
			return nil
		}
	}
	return &gen.NotAliveException{Msg: name}
}

func (f *fakeNimbus) SubmitTopologyWithOpts(_ context.Context, name, _, conf string, _ *gen.StormTopology, _ *gen.SubmitOptions) error {
	if f.uploads != nil {
		return &gen.InvalidTopologyException{Msg: "no topologies left"}
	}
	f.runs(name, conf)
	return nil
}

func (f *fakeNimbus) BeginFileUpload(context.Context) (string, error) {
	*f.uploads++
	return "/data/nimbus/inbox/stormjar-1.jar", nil
}

func (f *fakeNimbus) UploadChunk(context.Context, string, []byte) error { return nil }

func (f *fakeNimbus) FinishFileUpload(context.Context, string) error { return nil }

// clientOf is a client of a Nimbus, as main has one.
func clientOf(at string) (*gen.NimbusClient, error) {
	conn, err := net.Dial("tcp", at)
	if err != nil {
		return nil, err
	}
	framed := thrift.NewTFramedTransportConf(thrift.NewTSocketFromConnConf(conn, nil), nil)
	protocol := thrift.NewTBinaryProtocolConf(framed, nil)
	return gen.NewNimbusClientProtocol(framed, protocol, protocol), nil
}
