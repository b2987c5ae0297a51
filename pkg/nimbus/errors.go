package nimbus

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"
	"unicode"

	"github.com/apache/thrift/lib/go/thrift"

	"github.com/stormhooks/stormhooks/pkg/internal/text"
	gen "github.com/stormhooks/stormhooks/pkg/internal/thrift/storm"
)

// NotAliveError: Nimbus knows no such topology. From a Nimbus that does not lead
// it proves nothing: absence is believed from the list only.
type NotAliveError struct{ Msg string }

// AuthorizationError: Nimbus does not allow the call to us.
type AuthorizationError struct{ Msg string }

// InvalidTopologyError: Nimbus looked at the topology or its conf and refuses it.
type InvalidTopologyError struct{ Msg string }

// AlreadyAliveError: the name is in use, be it by a killed topology.
type AlreadyAliveError struct{ Msg string }

// UntypedError is a TApplicationException: no verdict, it may mean a Nimbus that
// does not lead, a missing JAR, a topology that is rebalancing, or a bug.
type UntypedError struct{ Method, Msg string }

// UnreachableError: no leader answered. Its text is stable: no port of ours, no
// time, no count.
type UnreachableError struct {
	// At is host:port, Why a few plain words.
	At, Why string
	// Unsent: the call surely did not leave this machine, so nothing can have
	// come of it.
	Unsent bool
	// Refused: the address is one that is never dialled.
	Refused bool
	// Busy: it was not asked, since too many calls to it are waiting.
	Busy bool
	// Answered: it did answer, and with more than is read.
	Answered bool
}

func (e *NotAliveError) Error() string        { return e.Msg }
func (e *AuthorizationError) Error() string   { return e.Msg }
func (e *InvalidTopologyError) Error() string { return e.Msg }
func (e *AlreadyAliveError) Error() string    { return e.Msg }

func (e *UntypedError) Error() string {
	return fmt.Sprintf("Nimbus failed at %s without saying why (%s). Look at Nimbus's log", e.Method, e.Msg)
}

func (e *UnreachableError) Error() string {
	if e.Refused {
		return fmt.Sprintf("Storm is not asked at %s: %s. Set spec.nimbus of the StormCluster to an address of Nimbus", e.At, e.Why)
	}
	return fmt.Sprintf("Storm cannot be reached at %s: %s. Check that Nimbus runs, and spec.nimbus of the StormCluster", e.At, e.Why)
}

// tooLarge says whether an error is that of an answer that is not read.
func tooLarge(err error) bool {
	return as[*tooLargeError](err)
}

// typed turns what the generated client returns into an error of ours; nil for
// what is a matter of the connection, which the caller words.
func typed(method string, err error) error {
	var notAlive *gen.NotAliveException
	var authorization *gen.AuthorizationException
	var invalid *gen.InvalidTopologyException
	var alive *gen.AlreadyAliveException
	var untyped thrift.TApplicationException
	switch {
	case errors.As(err, &notAlive):
		return &NotAliveError{saidBy(notAlive.Msg)}
	case errors.As(err, &authorization):
		return &AuthorizationError{saidBy(authorization.Msg)}
	case errors.As(err, &invalid):
		return &InvalidTopologyError{saidBy(invalid.Msg)}
	case errors.As(err, &alive):
		return &AlreadyAliveError{saidBy(alive.Msg)}
	case errors.As(err, &untyped):
		return &UntypedError{Method: method, Msg: saidBy(untyped.Error())}
	}
	return nil
}

// longestSaid is what is shown of a peer's words.
const longestSaid = 1 << 10

// saidBy is a peer's text as it can be shown: no more than longestSaid, no letter
// that a terminal takes for a command.
func saidBy(said string) string {
	said = strings.ToValidUTF8(text.Head(said, longestSaid), "")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, said)
}

// worded is an error whose text is ready to be shown.
type worded interface {
	error
	worded()
}

// peerError is what is wrong with a peer's answer.
type peerError string

const (
	errNotThrift = peerError("what answers there does not speak Nimbus's Thrift protocol")
	errLeader    = peerError("it names as the leader what is no host's name or address")
	errNoLeader  = peerError("it names no leader: Nimbus is starting, or has no ZooKeeper")
)

func (e peerError) Error() string { return string(e) }

func (peerError) worded()       {}
func (*tooLargeError) worded()  {}
func (*circleError) worded()    {}
func (*leaderError) worded()    {}
func (*refusedAddress) worded() {}

// tooLargeError: a peer announced more than is read.
type tooLargeError struct{ limit uint32 }

func (e *tooLargeError) Error() string {
	return fmt.Sprintf("its answer is larger than the %d MiB that are read", e.limit>>20)
}

// circleError: the Nimbus that is named as the leader names another one.
type circleError struct{ leader, other string }

func (e *circleError) Error() string {
	return fmt.Sprintf("it names %s as the leader, which names %s: they disagree. Nimbus may be changing its leader, or these are Nimbuses of several Storms", e.leader, e.other)
}

// refusedAddress is why an address is never dialled.
type refusedAddress struct{ addr, kind string }

func (e *refusedAddress) Error() string {
	return fmt.Sprintf("it leads to %s, %s", e.addr, e.kind)
}

// causes of a connection's errors, so that the same trouble has the same words. The
// first that fits is it.
var causes = []struct {
	says string
	fits func(error) bool
}{
	{string(errNotThrift), as[thrift.TProtocolException]},
	{"it fails at its own work (look at Nimbus's log)", as[thrift.TApplicationException]},
	{"no such host", noSuchHost},
	{"its name cannot be looked up", as[*net.DNSError]},
	{"connection refused", is(syscall.ECONNREFUSED)},
	{"no route to it", is(syscall.EHOSTUNREACH, syscall.ENETUNREACH)},
	{"it does not answer in time", isTimeout},
	{"the call was given up", is(context.Canceled)},
	{"it closed the connection", is(io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE, net.ErrClosed)},
}

// whyOf words an error of a connection.
func whyOf(err error) string {
	var own worded
	if errors.As(err, &own) {
		return own.Error()
	}
	var authorization *gen.AuthorizationException
	if errors.As(err, &authorization) {
		return "it does not allow us to ask: " + saidBy(authorization.Msg)
	}
	for _, cause := range causes {
		if cause.fits(err) {
			return cause.says
		}
	}
	return "the connection failed"
}

// as says whether an error is of a type, or wraps one.
func as[T error](err error) bool {
	var target T
	return errors.As(err, &target)
}

func is(targets ...error) func(error) bool {
	return func(err error) bool {
		return slices.ContainsFunc(targets, func(target error) bool { return errors.Is(err, target) })
	}
}

func noSuchHost(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// leaderError: a seed answered, but the leader that it names is not to be had.
type leaderError struct {
	leader string
	err    error
}

func (e *leaderError) Error() string {
	return fmt.Sprintf("it names %s as the leader, and %s (Nimbus's storm.local.hostname has to be a name or address that pods reach)",
		e.leader, strings.Replace(whyOf(e.err), "it ", "that one ", 1))
}

func (e *leaderError) Unwrap() error { return e.err }
