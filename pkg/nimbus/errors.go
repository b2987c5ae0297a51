package nimbus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"

	"github.com/apache/thrift/lib/go/thrift"

	"github.com/stormhooks/stormhooks/pkg/internal/text"
	gen "github.com/stormhooks/stormhooks/pkg/internal/thrift/storm"
)

// NotAliveError: Nimbus does not know the topology. From a Nimbus that does not lead it
// proves nothing: only the list proves absence.
type NotAliveError struct{ Msg string }

// AuthorizationError: Nimbus does not allow Stormhooks to make the call.
type AuthorizationError struct{ Msg string }

// InvalidTopologyError: Nimbus checked the topology or its conf and rejected it.
type InvalidTopologyError struct{ Msg string }

// AlreadyAliveError: the name is in use, perhaps by a killed topology.
type AlreadyAliveError struct{ Msg string }

// UntypedError is a TApplicationException, which proves nothing: it may mean a Nimbus
// that does not lead, a missing JAR, a topology that is rebalancing, or a bug.
type UntypedError struct{ Method, Msg string }

// UnreachableError: no leader answered. Its text is stable: it contains no local port,
// no time and no count.
type UnreachableError struct {
	// At is host:port, Why a few words.
	At, Why string
	// fix is what to do about it; empty if Storm may just be away.
	fix string
	// Unsent: the call certainly did not leave this machine, so it had no effect.
	Unsent bool
	// Refused: the address is never dialled.
	Refused bool
	// Busy: Storm was not asked, because too many calls to it are waiting.
	Busy bool
	// Answered: Storm answers other calls. This one is too large, or takes too long
	// because it grows with the Storm.
	Answered bool
	// Lasting: no Nimbus answers there, which stays so until a person changes it.
	Lasting bool
	// TooLarge: its answer to Method is too large; than says for what.
	TooLarge bool
	Method   string
	than     string
}

// What is said again at each look reads the same each time, or every look would write a
// status. Msg has all that Nimbus said. An InvalidTopologyError ends a submission.

func (e *NotAliveError) Error() string        { return text.Steady(e.Msg, longestSaid) }
func (e *AuthorizationError) Error() string   { return text.Steady(e.Msg, longestSaid) }
func (e *InvalidTopologyError) Error() string { return e.Msg }
func (e *AlreadyAliveError) Error() string    { return text.Steady(e.Msg, longestSaid) }

func (e *UntypedError) Error() string {
	return fmt.Sprintf("Nimbus failed in %s (%s). See Nimbus's log", e.Method, text.Steady(e.Msg, 200))
}

func (e *UnreachableError) Error() string {
	if e.Refused {
		return fmt.Sprintf("Stormhooks refuses to connect to %s: %s. Set spec.nimbus of the StormCluster to an address of Nimbus", e.At, e.Why)
	}
	if e.TooLarge {
		return fmt.Sprintf("Storm at %s answers %s with more than %s. Check spec.nimbus of the StormCluster, and report the limit if that is the right Nimbus",
			e.At, e.Method, e.than)
	}
	return fmt.Sprintf("Storm cannot be reached at %s: %s. %s", e.At, e.Why, cmp.Or(e.fix, "Check that Nimbus is running, and check spec.nimbus of the StormCluster"))
}

// isTooLarge: Nimbus answered, with more than is read.
func isTooLarge(err error) bool {
	var unreachable *UnreachableError
	return errors.As(err, &unreachable) && unreachable.TooLarge
}

// typed turns an error of the generated client into one of this package; nil for an
// error of the connection, which the caller words.
func typed(method string, err error) error {
	var notAlive *gen.NotAliveException
	var authorization *gen.AuthorizationException
	var invalid *gen.InvalidTopologyException
	var alive *gen.AlreadyAliveException
	var known *gen.KeyAlreadyExistsException
	var inUse *gen.IllegalStateException
	var untyped thrift.TApplicationException
	switch {
	case errors.As(err, &known):
		return &UntypedError{Method: method, Msg: saidBy(known.Msg)}
	case errors.As(err, &inUse):
		return &UntypedError{Method: method, Msg: saidBy(inUse.Msg)}
	case errors.As(err, &notAlive):
		return &NotAliveError{saidBy(notAlive.Msg)}
	case errors.As(err, &authorization):
		return &AuthorizationError{saidBy(authorization.Msg)}
	case errors.As(err, &invalid):
		return &InvalidTopologyError{text.Said(invalid.Msg, longestVerdict)}
	case errors.As(err, &alive):
		return &AlreadyAliveError{saidBy(alive.Msg)}
	case unknownMethod(err):
		return &TooOldError{Method: method}
	case errors.As(err, &untyped):
		return &UntypedError{Method: method, Msg: saidBy(untyped.Error())}
	}
	return nil
}

// saidBy is a peer's text as it can be shown: one clean line.
func saidBy(said string) string { return text.Said(said, longestSaid) }

func shortWord(said string) string { return text.Said(said, longestWord) }

// worded is an error whose text can be shown as it is.
type worded interface {
	error
	worded()
}

func (*tooLargeError) worded()  {}
func (*circleError) worded()    {}
func (*leaderError) worded()    {}
func (*refusedAddress) worded() {}

// tooLargeError: an answer is larger than what is read; or, kept, than what is kept of it;
// or, late, than what arrives in the time of the call.
type tooLargeError struct {
	limit      uint32
	kept, late bool
}

func (e *tooLargeError) Error() string {
	if e.late {
		return notInTime
	}
	return fmt.Sprintf("its answer is larger than the limit of %d MiB", e.limit>>20)
}

// than is what the answer is larger than.
func (e *tooLargeError) than() string {
	switch {
	case e.late:
		return "arrives in the time of that call"
	case e.kept:
		return fmt.Sprintf("the %d MiB that Stormhooks keeps of it", e.limit>>20)
	}
	return fmt.Sprintf("the %d MiB that Stormhooks reads", e.limit>>20)
}

// circleError: the Nimbus that a seed names as the leader names another one.
type circleError struct{ leader, other string }

func (e *circleError) Error() string {
	return fmt.Sprintf("it names %s as the leader, but that one names %s. Nimbus may be electing a leader, or the seeds belong to different Storms", e.leader, e.other)
}

// refusedAddress is why an address is never dialled.
type refusedAddress struct{ addr, kind string }

func (e *refusedAddress) Error() string {
	return fmt.Sprintf("it resolves to %s, %s", e.addr, e.kind)
}

const notInTime = "it does not answer in time"

// causes word a connection's errors, the same cause always in the same words. The
// first that fits is used.
var causes = []struct {
	says string
	fits func(error) bool
}{
	{string(errNotThrift), as[thrift.TProtocolException]},
	{errNoRoom.Error(), is(errNoRoom)},
	{"it returned an internal error (see Nimbus's log)", as[thrift.TApplicationException]},
	{"no such host", noSuchHost},
	{"its name cannot be resolved", as[*net.DNSError]},
	{"connection refused", is(syscall.ECONNREFUSED)},
	{"no route to it", is(syscall.EHOSTUNREACH, syscall.ENETUNREACH)},
	{notInTime, isTimeout},
	{"the call was cancelled", is(context.Canceled)},
	{"it closed the connection", is(io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE, net.ErrClosed)},
}

// isForeign: what answers there is no Nimbus.
func isForeign(err error) bool {
	return whyOf(err) == string(errNotThrift) || remedyOf(err) != "" && !as[guessed](err)
}

// whyOf words an error of a connection.
func whyOf(err error) string {
	var own worded
	if errors.As(err, &own) {
		return own.Error()
	}
	var authorization *gen.AuthorizationException
	if errors.As(err, &authorization) {
		return "it does not allow Stormhooks to ask: " + saidBy(authorization.Msg)
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

// leaderError: a seed answered, but the leader that it names cannot be reached.
type leaderError struct {
	leader string
	err    error
}

func (e *leaderError) Error() string {
	if as[peerError](e.err) || as[*tlsError](e.err) {
		return fmt.Sprintf("it names %s as the leader, but %s", e.leader, whyOf(e.err))
	}
	return fmt.Sprintf("it names %s as the leader, which cannot be reached: %s%s", e.leader, whyOf(e.err), e.hint())
}

// hint is for a name that leads nowhere. A leader that refuses connections has just stopped,
// most often, and its name is right.
func (e *leaderError) hint() string {
	switch {
	case noSuchHost(e.err) && !strings.ContainsAny(hostOf(e.leader), ".:"):
		return " (only pods of Nimbus's namespace can resolve that name: Nimbus's storm.local.hostname should be a full one, like NAME.NAMESPACE.svc)"
	case as[*net.DNSError](e.err), as[*refusedAddress](e.err), is(syscall.EHOSTUNREACH, syscall.ENETUNREACH)(e.err):
		return " (Nimbus's storm.local.hostname must be a name or address that pods can reach)"
	}
	return ""
}

func (e *leaderError) Unwrap() error { return e.err }
