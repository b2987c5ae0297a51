package nimbus

import (
	"context"
	"errors"

	"github.com/apache/thrift/lib/go/thrift"

	gen "github.com/stormhooks/stormhooks/pkg/internal/thrift/storm"
)

// question is a call whose answer may be large. The answer is read as it arrives.
type question struct {
	method string
	args   thrift.TStruct
	// kind is the type of what it answers, and read reads that.
	kind byte
	read func(*cursor)
	// throws are its exceptions: the first one is field 1 of the result.
	throws []func(msg string) error
}

var (
	notAuthorized = func(msg string) error { return &gen.AuthorizationException{Msg: msg} }
	// aboutOne are the exceptions of a read of one topology.
	aboutOne = []func(string) error{
		func(msg string) error { return &gen.NotAliveException{Msg: msg} }, notAuthorized,
	}
	aboutAll = []func(string) error{notAuthorized}
)

// stream makes a call that only reads.
func (c *Client) stream(ctx context.Context, q question) error {
	return c.read(q.method).do(ctx, func(ctx context.Context, conn *conn) (bool, error) { return conn.stream(ctx, q) })
}

func (c *conn) stream(ctx context.Context, q question) (sent bool, err error) {
	c.seq++
	frame, err := encode(q.method, thrift.CALL, c.seq, q.args)
	if err != nil {
		return false, err
	}
	ctx, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	taken, kept := 0, 0
	sent, err = c.exchange(ctx, frame, func() error {
		answer, err := c.open(ctx, answerLimit(q.method))
		if err != nil {
			return err
		}
		answer.arrives.giveUp = giveUp
		defer answer.arrives.end()
		err = answer.readAnswer(q, c.seq)
		taken, kept = answer.arrives.taken, answer.arrives.kept
		return err
	})
	switch {
	case isTimeout(err) && taken > largeAnswer && !growing(q.method):
		err = &tooLargeError{late: true} // it would be late each time, and Storm answers
	case err != nil && kept > 0:
		err = &partError{err}
	}
	return sent, err
}

// partError: a part of the answer has been used, so that the call must not be repeated.
type partError struct{ error }

func (e *partError) Unwrap() error { return e.error }

// readAnswer reads an answer to its end. The error is an exception of Nimbus, or says why
// the answer cannot be read.
func (c *cursor) readAnswer(q question, seq int32) error {
	kind := uint32(c.i32())
	if c.err == nil && kind != strictVersion|messageReply && kind != strictVersion|messageException {
		return errNotThrift
	}
	ours := string(c.head(longestWord)) == q.method
	if ours = c.i32() == seq && ours; c.err == nil && !ours {
		return errNotThrift
	}
	var failed error
	if kind == strictVersion|messageException {
		failed = c.exception()
	} else {
		failed = c.result(q)
	}
	if c.end(); c.err != nil {
		return notThrift(c.err)
	}
	return failed
}

// result reads the struct that a method answers.
func (c *cursor) result(q question) (thrown error) {
	answered := false
	c.structure(0, func(id int16, kind byte) bool {
		switch {
		case id == 0 && kind == q.kind:
			c.requires(!answered)
			answered = true
			q.read(c)
			return true
		case 1 <= id && int(id) <= len(q.throws) && kind == typeStruct:
			thrown = q.throws[id-1](c.reason())
			return true
		}
		return false
	})
	if thrown == nil && !answered {
		return thrift.NewTApplicationException(thrift.MISSING_RESULT, q.method+" failed: unknown result")
	}
	return thrown
}

// exception reads a TApplicationException.
func (c *cursor) exception() error {
	said, code := "", int32(thrift.UNKNOWN_APPLICATION_EXCEPTION)
	c.structure(0, func(id int16, kind byte) bool {
		switch {
		case id == 1 && kind == typeString:
			said = c.text(longestVerdict)
		case id == 2 && kind == typeI32:
			code = c.i32()
		default:
			return false
		}
		return true
	})
	return protocolError(thrift.NewTApplicationException(code, said))
}

// reason reads one of Storm's exceptions, whose field 1 is its message.
func (c *cursor) reason() (said string) {
	c.structure(1, func(id int16, kind byte) bool {
		if id != 1 || kind != typeString {
			return false
		}
		said = c.text(longestVerdict)
		return true
	})
	return said
}

// text is as much of a string as text.Said needs to make limit bytes of it.
func (c *cursor) text(limit int) string { return string(c.head(4*limit + 1)) }

// end skips the rest of a frame. A message without a frame has none: the next byte would be
// that of another answer.
func (c *cursor) end() {
	switch here := len(c.frame) - c.at; {
	case c.err != nil:
	case errors.Is(c.arrives.short, errShort):
		c.drop(here + c.arrives.left)
	case here > 0:
		c.err = errMessage
	}
}

// notThrift names what is wrong with an answer that is not one.
func notThrift(err error) error {
	if is(errShort, errType, errDeep, errMessage)(err) {
		return errNotThrift
	}
	return err
}
