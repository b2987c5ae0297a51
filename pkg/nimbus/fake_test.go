package nimbus

import (
	"cmp"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/apache/thrift/lib/go/thrift"
)

// fakeNimbus speaks Nimbus's Thrift on its own loopback address, and does what a test
// cannot make a real Nimbus do.
type fakeNimbus struct {
	host string
	port int32
	// tlsPort is field 6 of its summary; 0 leaves it out.
	tlsPort int32
	leader  *fakeNimbus // the leader that it names; itself at first, nil for none
	began   time.Time

	version string // empty is 2.8.1

	mu    sync.Mutex
	up    int64 // its uptime when it began
	calls []string
	on    map[string]answerer
	// closes is a method after whose answer the connection is closed.
	closes string
}

// answerer makes the whole answer to a call, with its length; nil closes the
// connection.
type answerer func(args *cursor, method string, seq int32) []byte

// startFakes starts Nimbuses that share a port, as a StormCluster's do, on
// 127.0.0.1, 127.0.0.2 and so on.
func startFakes(t *testing.T, count int) []*fakeNimbus {
	t.Helper()
	first, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := first.Addr().(*net.TCPAddr).Port
	var fakes []*fakeNimbus
	for i := range count {
		host := "127.0.0." + strconv.Itoa(i+1)
		listener := first
		if i > 0 {
			if listener, err = net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port))); err != nil {
				t.Fatal(err)
			}
		}
		fake := &fakeNimbus{host: host, port: int32(port), up: 100, began: time.Now(), on: map[string]answerer{}}
		fake.leader = fake
		fakes = append(fakes, fake)
		t.Cleanup(func() { _ = listener.Close() })
		go fake.accept(listener)
	}
	return fakes
}

func startFake(t *testing.T) *fakeNimbus { return startFakes(t, 1)[0] }

// client is a Client of the fakes with a short limit.
func client(t *testing.T, fakes ...*fakeNimbus) *Client {
	t.Helper()
	var seeds []string
	for _, fake := range fakes {
		seeds = append(seeds, fake.host)
	}
	c := New(seeds, fakes[0].port, AllowLoopback(), WithLimit(500*time.Millisecond))
	t.Cleanup(c.Close)
	return c
}

func (f *fakeNimbus) accept(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go f.serve(conn)
	}
}

func (f *fakeNimbus) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	for {
		body, err := readFrame(conn, maxCall)
		if err != nil {
			return
		}
		args := &cursor{frame: body}
		method, seq := args.message()
		answer := f.answer(args, method, seq)
		if answer == nil {
			return
		}
		_, err = conn.Write(answer)
		f.mu.Lock()
		closes := f.closes == method
		f.mu.Unlock()
		if err != nil || closes {
			return
		}
	}
}

func (f *fakeNimbus) answer(args *cursor, method string, seq int32) []byte {
	f.mu.Lock()
	f.calls = append(f.calls, method)
	made := f.on[method]
	leader := f.leader
	f.mu.Unlock()
	switch {
	case made != nil:
		return made(args, method, seq)
	case method == "getLeader" && leader == nil:
		return reply(method, seq, func(*writer) {})
	case method == "getLeader":
		return reply(method, seq, func(w *writer) {
			w.field(typeStruct, 0)
			leader.summary(w)
		})
	case method == "getNimbusConf":
		return textAnswer(`{"storm.zookeeper.servers":["zk"],"storm.zookeeper.root":"/storm","storm.zookeeper.port":2181}`)(args, method, seq)
	}
	return internalError(method, seq)
}

func (f *fakeNimbus) summary(w *writer) {
	w.field(typeString, 1).string(f.host)
	w.field(typeI32, 2).i32(f.port)
	w.field(typeI32, 3).i32(int32(f.up + int64(time.Since(f.began).Seconds())))
	w.field(typeBool, 4).raw([]byte{1})
	w.field(typeString, 5).string(cmp.Or(f.version, "2.8.1"))
	if f.tlsPort != 0 {
		w.field(typeI32, 6).i32(f.tlsPort)
	}
	w.stop()
}

// does sets the answer to a method.
func (f *fakeNimbus) does(method string, answer answerer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.on[method] = answer
}

func (f *fakeNimbus) leads(leader *fakeNimbus) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.leader = leader
}

// called counts the calls of a method.
func (f *fakeNimbus) called(method string) (count int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, call := range f.calls {
		if call == method {
			count++
		}
	}
	return count
}

func reply(method string, seq int32, write func(*writer)) []byte {
	w := newMessage(messageReply, method, seq)
	write(w)
	return w.frame()
}

// internalError is Nimbus's answer after an undeclared exception in Java.
func internalError(method string, seq int32) []byte {
	return exception(method, seq, thrift.INTERNAL_ERROR, "Internal error processing "+method)
}

// unknown is Nimbus's answer to a method that its version does not have.
func unknown(_ *cursor, method string, seq int32) []byte {
	return exception(method, seq, thrift.UNKNOWN_METHOD, "Invalid method name: '"+method+"'")
}

func emptyList(w *writer) { w.raw([]byte{typeStruct, 0, 0, 0, 0}) }

// textAnswer answers with a string, void with nothing, noTopologies with an empty list.
func textAnswer(s string) answerer {
	return func(_ *cursor, method string, seq int32) []byte {
		return reply(method, seq, func(w *writer) { w.field(typeString, 0).string(s) })
	}
}

func void(_ *cursor, method string, seq int32) []byte {
	return reply(method, seq, func(*writer) {})
}

func noTopologies(_ *cursor, method string, seq int32) []byte {
	return reply(method, seq, func(w *writer) { w.field(typeList, 0); emptyList(w) })
}

// throws answers with one of Storm's exceptions, which is field id.
func throws(id int16, message string) answerer {
	return func(_ *cursor, method string, seq int32) []byte {
		return reply(method, seq, func(w *writer) {
			w.field(typeStruct, id)
			w.field(typeString, 1).string(message)
			w.stop()
		})
	}
}
