package nimbus

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
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
	var large *tooLargeError
	return errors.As(err, &large)
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

// errNotThrift and its like word what a peer that is no Nimbus sends.
var (
	errNotThrift = errors.New("what answers there does not speak Nimbus's Thrift protocol")
	errLeader    = errors.New("it names as the leader what is no host's name or address")
	errNoLeader  = errors.New("it names no leader: Nimbus is starting, or has no ZooKeeper")
)

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

// why words an error of a connection so that the same trouble has the same words.
func why(err error) string {
	var refused *refusedAddress
	var dns *net.DNSError
	var leader *leaderError
	var large *tooLargeError
	var circle *circleError
	var exception thrift.TProtocolException
	var application thrift.TApplicationException
	var authorization *gen.AuthorizationException
	switch {
	case errors.As(err, &leader):
		return leader.Error()
	case errors.As(err, &refused):
		return refused.Error()
	case errors.Is(err, errNotThrift), errors.As(err, &exception):
		return errNotThrift.Error()
	case errors.As(err, &large):
		return large.Error()
	case errors.As(err, &circle):
		return circle.Error()
	case errors.Is(err, errNoLeader):
		return errNoLeader.Error()
	case errors.Is(err, errLeader):
		return errLeader.Error()
	case errors.As(err, &application):
		return "it fails at its own work (look at Nimbus's log)"
	case errors.As(err, &authorization):
		return "it does not allow us to ask: " + saidBy(authorization.Msg)
	case errors.As(err, &dns) && dns.IsNotFound:
		return "no such host"
	case errors.As(err, &dns):
		return "its name cannot be looked up"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "no route to it"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), isTimeout(err):
		return "it does not answer in time"
	case errors.Is(err, context.Canceled):
		return "the call was given up"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, net.ErrClosed):
		return "it closed the connection"
	}
	return "the connection failed"
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
		e.leader, strings.Replace(why(e.err), "it ", "that one ", 1))
}

func (e *leaderError) Unwrap() error { return e.err }
