package main

import (
	"context"
	"encoding/json"
	"net"
	"strings"

	"github.com/apache/thrift/lib/go/thrift"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// nimbusDouble speaks as much of Nimbus' Thrift as looking at a steady topology
// takes: as many topologies as one likes, all of one revision. A real Nimbus
// would be measured in place of the hooks.
type nimbusDouble struct {
	fingerprint storm.Fingerprint
	conf        map[string]any
	port        int32
}

// serve answers until the listener is closed.
func (n *nimbusDouble) serve(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go n.talk(conn)
	}
}

func (n *nimbusDouble) talk(conn net.Conn) {
	config := &thrift.TConfiguration{}
	framed := thrift.NewTFramedTransportConf(thrift.NewTSocketFromConnConf(conn, config), config)
	defer framed.Close()
	protocol := thrift.NewTBinaryProtocolConf(framed, config)
	for n.answer(context.Background(), protocol) == nil {
	}
}

// answer reads one call and answers it. Errors of writing show at the flush.
func (n *nimbusDouble) answer(ctx context.Context, p *thrift.TBinaryProtocol) error {
	method, _, seq, err := p.ReadMessageBegin(ctx)
	if err != nil {
		return err
	}
	id, err := firstText(ctx, p)
	if err != nil {
		return err
	}
	_ = p.WriteMessageBegin(ctx, method, thrift.REPLY, seq)
	switch method {
	case "getLeader":
		_ = p.WriteFieldBegin(ctx, "success", thrift.STRUCT, 0)
		n.leader(ctx, p)
	case "getNimbusConf":
		n.text(ctx, p, n.conf)
	case "getTopologyConf":
		n.text(ctx, p, n.confOf(id))
	case "getTopologyInfoWithOpts":
		_ = p.WriteFieldBegin(ctx, "success", thrift.STRUCT, 0)
		n.info(ctx, p, id)
	}
	_ = p.WriteFieldStop(ctx)
	return p.Flush(ctx)
}

// firstText reads the arguments and gives the first string among them.
func firstText(ctx context.Context, p *thrift.TBinaryProtocol) (text string, err error) {
	for {
		_, kind, number, err := p.ReadFieldBegin(ctx)
		switch {
		case err != nil || kind == thrift.STOP:
			return text, err
		case kind == thrift.STRING && number == 1:
			text, err = p.ReadString(ctx)
		default:
			err = p.Skip(ctx, kind)
		}
		if err != nil {
			return "", err
		}
	}
}

func (n *nimbusDouble) text(ctx context.Context, p *thrift.TBinaryProtocol, value map[string]any) {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	_ = p.WriteFieldBegin(ctx, "success", thrift.STRING, 0)
	_ = p.WriteString(ctx, string(raw))
}

func (n *nimbusDouble) leader(ctx context.Context, p *thrift.TBinaryProtocol) {
	writeText(ctx, p, 1, loopback)
	writeNumber(ctx, p, 2, n.port)
	writeNumber(ctx, p, 3, 1000)
	_ = p.WriteFieldBegin(ctx, "isLeader", thrift.BOOL, 4)
	_ = p.WriteBool(ctx, true)
	writeText(ctx, p, 5, "2.8.1")
	_ = p.WriteFieldStop(ctx)
}

// confOf is the conf of the topology of an id: bench-NAME-24-EPOCH.
func (n *nimbusDouble) confOf(id string) map[string]any {
	own := n.fingerprint
	own.Owner = "bench/" + nameOf(id)
	conf := own.Settings()
	conf["topology.workers"] = 2
	return conf
}

func nameOf(id string) string {
	name := strings.TrimPrefix(id, "bench-")
	return name[:min(len(name), len(placeholder))]
}

func (n *nimbusDouble) info(ctx context.Context, p *thrift.TBinaryProtocol, id string) {
	writeText(ctx, p, 1, id)
	writeText(ctx, p, 2, "bench-"+nameOf(id))
	writeNumber(ctx, p, 3, 3600)
	_ = p.WriteFieldBegin(ctx, "executors", thrift.LIST, 4)
	_ = p.WriteListBegin(ctx, thrift.STRUCT, 2)
	for i := range int32(2) {
		_ = p.WriteFieldBegin(ctx, "executor_info", thrift.STRUCT, 1)
		writeNumber(ctx, p, 1, i+1)
		writeNumber(ctx, p, 2, i+1)
		_ = p.WriteFieldStop(ctx)
		writeText(ctx, p, 2, "spout")
		writeText(ctx, p, 3, "supervisor-0")
		writeNumber(ctx, p, 4, 6700+i)
		writeNumber(ctx, p, 5, 3600)
		_ = p.WriteFieldStop(ctx)
	}
	writeText(ctx, p, 5, storm.Active)
	_ = p.WriteFieldBegin(ctx, "errors", thrift.MAP, 6)
	_ = p.WriteMapBegin(ctx, thrift.STRING, thrift.LIST, 0)
	_ = p.WriteFieldStop(ctx)
}

func writeText(ctx context.Context, p *thrift.TBinaryProtocol, field int16, text string) {
	_ = p.WriteFieldBegin(ctx, "", thrift.STRING, field)
	_ = p.WriteString(ctx, text)
}

func writeNumber(ctx context.Context, p *thrift.TBinaryProtocol, field int16, number int32) {
	_ = p.WriteFieldBegin(ctx, "", thrift.I32, field)
	_ = p.WriteI32(ctx, number)
}
