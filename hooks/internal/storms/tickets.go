package storms

import (
	"hash/maphash"
	"io"
	"sync"
	"time"
)

// tickets are the requests that were turned away, and when they asked first. A request
// that comes back unchanged is the same call, which has waited elsewhere: what it
// decides on is as it was, so what was read since is fresh for it.
type tickets struct {
	mu    sync.Mutex
	asked map[ticket]time.Time
}

// ticket is a hash of a request. A call makes one look that need not be fresh, and then
// perhaps one that must. Each of them may need a list that is read again.
type ticket struct {
	request Request
	fresh   bool
	// again is why the list is read again: an id that has no description, or the call that
	// is to be made for it.
	again string
}

func ticketOf(request Request, fresh bool) ticket { return ticket{request: request, fresh: fresh} }

// Request stands for a call of Metacontroller: it is a hash of the body.
type Request uint64

var seed = maphash.MakeSeed()

// RequestOf is that of a body.
func RequestOf(body []byte) Request { return Request(maphash.Bytes(seed, body)) }

// Hashed is a body that is read as it arrives.
type Hashed struct {
	from io.Reader
	hash maphash.Hash
}

// HashOf hashes what is read through it.
func HashOf(body io.Reader) *Hashed {
	h := &Hashed{from: body}
	h.hash.SetSeed(seed)
	return h
}

// Read implements io.Reader.
func (h *Hashed) Read(into []byte) (int, error) {
	n, err := h.from.Read(into)
	_, _ = h.hash.Write(into[:n]) // it never fails
	return n, err
}

// Request is that of what has been read.
func (h *Hashed) Request() Request { return Request(h.hash.Sum64()) }

// lasts is how long the request may take to come back.
func (t ticket) lasts() time.Duration {
	if t.again != "" {
		return againFor
	}
	return ticketFor
}

// since is when a request asked first: now, unless it was turned away.
func (t *tickets) since(of ticket) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	if asked, known := t.asked[of]; known && time.Since(asked) < of.lasts() {
		return asked
	}
	return time.Now()
}

// done gives the ticket of a request back, or keeps it for one that is turned away.
func (t *tickets) done(of ticket, asked time.Time, turnedAway bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !turnedAway {
		delete(t.asked, of)
		return
	}
	if t.asked == nil {
		t.asked = map[ticket]time.Time{}
	}
	for other, asked := range t.asked {
		if time.Since(asked) >= other.lasts() {
			delete(t.asked, other)
		}
	}
	t.asked[of] = asked
}
