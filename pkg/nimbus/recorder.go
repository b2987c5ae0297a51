package nimbus

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/apache/thrift/lib/go/thrift"

	"github.com/stormhooks/stormhooks/pkg/internal/text"
	gen "github.com/stormhooks/stormhooks/pkg/internal/thrift/storm"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// maxCall limits one frame of main. It is more than Nimbus accepts: a topology that is
// too large must be refused with its size, not cut off.
const maxCall = 64 << 20

// maxSubmissions limits the submissions that are kept: a second one is already a
// mistake of main.
const maxSubmissions = 8

// Recorder stands in for Nimbus while main runs, as one without topologies: lists are
// empty, no topology is alive, every name is allowed, uploads are discarded, and
// submissions are kept. Calls about blobs and for Nimbus's conf are passed on to the
// real Nimbus, frame by frame (passedOn), and so is the list of supervisors.
type Recorder struct {
	upstream *Client
	listener net.Listener
	leader   storm.Leader
	ctx      context.Context
	cancel   context.CancelFunc
	serving  sync.WaitGroup
	recorded chan struct{}

	mu          sync.Mutex
	submissions []Recorded
	refused     []string
	unanswered  string
	tooLarge    bool
	blobs       blobs
}

// StartRecorder listens on loopback. It asks the real Nimbus first, so that main does
// not run if Storm does not answer.
func StartRecorder(ctx context.Context, upstream *Client) (*Recorder, error) {
	leader, err := upstream.Leader(ctx)
	if err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening for main: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	r := &Recorder{
		upstream: upstream, listener: listener, leader: leader,
		ctx: ctx, cancel: cancel, recorded: make(chan struct{}),
		blobs: blobs{created: map[string]bool{}, updating: map[string]string{}},
	}
	r.serving.Add(1)
	go r.accept()
	return r, nil
}

// Addr is where main must connect.
func (r *Recorder) Addr() (host string, port int) {
	at := r.listener.Addr().(*net.TCPAddr)
	return at.IP.String(), at.Port
}

// Submissions are the submissions so far.
func (r *Recorder) Submissions() []Recorded {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.submissions)
}

// Recorded is closed once main has submitted a topology.
func (r *Recorder) Recorded() <-chan struct{} { return r.recorded }

// Refused are the methods that main called and the recorder does not answer, each once.
func (r *Recorder) Refused() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.refused)
}

// TooLarge says whether main sent a call that is larger than Nimbus could accept, and than
// is read here.
func (r *Recorder) TooLarge() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tooLarge
}

// Unanswered says which call of main the real Nimbus did not answer, and why; empty if it
// answered all of them.
func (r *Recorder) Unanswered() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.unanswered
}

// Close ends all connections and waits for them.
func (r *Recorder) Close() {
	r.cancel()
	_ = r.listener.Close()
	r.serving.Wait()
}

func (r *Recorder) accept() {
	defer r.serving.Done()
	for {
		c, err := r.listener.Accept()
		if err != nil {
			return
		}
		r.serving.Add(1)
		go func() {
			defer r.serving.Done()
			stop := context.AfterFunc(r.ctx, func() { _ = c.Close() })
			defer stop()
			defer func() { _ = c.Close() }()
			r.serve(c)
		}()
	}
}

// serve answers one connection until it ends or sends anything but a call.
func (r *Recorder) serve(c net.Conn) {
	for {
		body, err := readFrame(c, maxCall)
		if err != nil {
			r.mu.Lock()
			r.tooLarge = r.tooLarge || as[*tooLargeError](err)
			r.mu.Unlock()
			return
		}
		answer, err := r.answer(body)
		if err != nil {
			return
		}
		if _, err := c.Write(answer); err != nil {
			return
		}
	}
}

// answer makes the frame that answers a frame. An error ends the connection.
func (r *Recorder) answer(body []byte) ([]byte, error) {
	c := &cursor{frame: body}
	method, seq := c.message()
	if c.err != nil {
		return nil, c.err
	}
	switch {
	case submits(method):
		return r.record(c, method, seq)
	case passedOn[method] != 0:
		return r.pass(c, method, seq), nil
	case method == "getClusterInfo":
		return r.clusterInfo(body, seq)
	}
	if answer := r.answerTo(method); answer != nil {
		return encode(method, thrift.REPLY, seq, answer)
	}
	r.refuse(method)
	return exception(method, seq, thrift.UNKNOWN_METHOD, fmt.Sprintf(
		"%s is not answered while the topology is being recorded: main may only build and submit it", method)), nil
}

func submits(method string) bool {
	return method == "submitTopology" || method == "submitTopologyWithOpts"
}

func (r *Recorder) record(c *cursor, method string, seq int32) ([]byte, error) {
	recorded, err := parseSubmission(c)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.submissions) == maxSubmissions {
		return exception(method, seq, thrift.INTERNAL_ERROR, "too many topologies were submitted"), nil
	}
	if r.submissions = append(r.submissions, recorded); len(r.submissions) == 1 {
		close(r.recorded)
	}
	return encode(method, thrift.REPLY, seq, &gen.NimbusSubmitTopologyWithOptsResult{})
}

// pass passes a call on, and keeps what it did. c is after the message's head.
func (r *Recorder) pass(c *cursor, method string, seq int32) []byte {
	answer, err := r.ask(method, c.frame)
	if err != nil {
		return exception(method, seq, thrift.INTERNAL_ERROR, err.Error())
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.blobs.note(passedOn[method], c, answer)
	return answer
}

// ask makes a call of main to the real Nimbus.
func (r *Recorder) ask(method string, body []byte) ([]byte, error) {
	started := time.Now()
	answer, err := r.upstream.forward(r.ctx, method, body)
	if err != nil {
		r.failed(method, err, time.Since(started))
	}
	return answer, err
}

// slowCall is how long a call must have waited for its answer to be the reason why main
// was stopped. Main may be in the middle of a long upload, whose calls are short.
const slowCall = 30 * time.Second

// failed keeps the first call that failed for its connection or its time. One that was
// cancelled, since main was stopped, failed for its time if it had waited for long.
func (r *Recorder) failed(method string, err error, took time.Duration) {
	var unreachable *UnreachableError
	if !errors.As(err, &unreachable) || unreachable.Answered {
		return
	}
	if r.ctx.Err() != nil {
		if took < slowCall {
			return
		}
		err = &UnreachableError{At: unreachable.At, Why: "it does not answer in time"}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.unanswered == "" {
		r.unanswered = "Main's call " + text.Head(method, 100) + " was not answered. " + Message(err)
	}
}

func (r *Recorder) refuse(method string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	method = text.Head(method, 100)
	if len(r.refused) < 16 && !slices.Contains(r.refused, method) {
		r.refused = append(r.refused, method)
	}
}
