package jar

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"hash/crc32"
	"io"
	"runtime"
	"sync"

	"github.com/klauspost/compress/flate"
)

// maxVerifiers bounds how many entries are unpacked side by side: the check stands
// between a person and a running topology, and each costs 200 KB.
const maxVerifiers = 4

// verifiers unpack entries side by side, as many at once as there are processors.
type verifiers struct {
	given int // entries so far
	queue chan queued
	done  sync.WaitGroup

	mu    sync.Mutex
	err   error // of the first entry that is broken, in the directory's order
	entry int   // which that is
}

type queued struct {
	number int
	dir    directory
	entry  entry
}

func startVerifiers(ctx context.Context, from io.ReaderAt) *verifiers {
	many := min(runtime.GOMAXPROCS(0), maxVerifiers)
	v := &verifiers{queue: make(chan queued, 64)}
	for range many {
		v.done.Go(func() {
			unpacker := newUnpacker()
			for q := range v.queue {
				v.found(q.number, unpacker.verify(ctx, from, q.dir, q.entry))
			}
		})
	}
	return v
}

// verify has an entry verified, and says when one before it was found broken.
func (v *verifiers) verify(dir directory, e entry) error {
	if err := v.failed(); err != nil {
		return err
	}
	v.queue <- queued{v.given, dir, e}
	v.given++
	return nil
}

// end waits until all have been verified.
func (v *verifiers) end() error {
	close(v.queue)
	v.done.Wait()
	return v.err
}

func (v *verifiers) failed() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.err
}

func (v *verifiers) found(number int, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err != nil && (v.err == nil || number < v.entry) {
		v.err, v.entry = err, number
	}
}

// unpacker is what verifying an entry needs, kept from one to the next.
type unpacker struct {
	near    []byte        // a small entry, whole
	packed  *bufio.Reader // of a large one
	deflate io.ReadCloser
	part    []byte
}

func newUnpacker() *unpacker {
	packed := bufio.NewReaderSize(nil, 32<<10)
	return &unpacker{near: make([]byte, 64<<10), packed: packed, deflate: flate.NewReader(packed), part: make([]byte, 64<<10)}
}

// verify unpacks an entry and compares size and checksum with the directory's.
func (u *unpacker) verify(ctx context.Context, r io.ReaderAt, dir directory, e entry) error {
	if e.encrypted {
		return invalid("entry %q is encrypted", e.name)
	}
	from, err := findBody(r, dir, e, u.near)
	if err != nil {
		return err
	}
	if _, whole := from.(*bytes.Reader); !whole {
		u.packed.Reset(from)
		from = u.packed
	}
	switch e.method {
	case stored:
	case deflated:
		if err := u.deflate.(flate.Resetter).Reset(from, nil); err != nil {
			return err
		}
		from = u.deflate
	default:
		return invalid("entry %q is compressed with method %d, which Java does not know", e.name, e.method)
	}
	return compare(ctx, e, from, u.part)
}

func compare(ctx context.Context, e entry, from io.Reader, part []byte) error {
	var sum uint32
	var size int64
	for {
		n, err := from.Read(part)
		sum, size = crc32.Update(sum, crc32.IEEETable, part[:n]), size+int64(n)
		var corrupt flate.CorruptInputError
		switch {
		case size > e.unpacked:
			return invalid("entry %q unpacks to more than the directory says", e.name)
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &corrupt), errors.Is(err, io.ErrUnexpectedEOF):
			return invalid("entry %q is damaged", e.name)
		case errors.Is(err, io.EOF) && size < e.unpacked:
			return invalid("entry %q is cut off", e.name)
		case errors.Is(err, io.EOF) && sum != e.crc:
			return invalid("entry %q has a wrong checksum", e.name)
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}
