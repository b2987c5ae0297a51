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

// maxVerifiers is how many entries are unpacked in parallel at most. A person waits for
// the check, and each costs 200 KB.
const maxVerifiers = 4

// verifiers unpack entries in parallel, one for each processor.
type verifiers struct {
	given int // number of entries so far
	queue chan queued
	done  sync.WaitGroup

	mu    sync.Mutex
	err   error // of the first broken entry, in the order of the directory
	entry int   // its number
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

// verify queues an entry, and returns the error of a broken one before it.
func (v *verifiers) verify(dir directory, e entry) error {
	if err := v.failed(); err != nil {
		return err
	}
	v.queue <- queued{v.given, dir, e}
	v.given++
	return nil
}

// end waits until all entries have been checked.
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

// unpacker has the buffers to check an entry, which the next one uses again.
type unpacker struct {
	near    []byte        // a small entry, complete
	packed  *bufio.Reader // of a large entry
	deflate io.ReadCloser
	part    []byte
}

func newUnpacker() *unpacker {
	packed := bufio.NewReaderSize(nil, 32<<10)
	return &unpacker{near: make([]byte, 64<<10), packed: packed, deflate: flate.NewReader(packed), part: make([]byte, 64<<10)}
}

// verify unpacks an entry, and compares its size and checksum with the directory.
func (u *unpacker) verify(ctx context.Context, r io.ReaderAt, dir directory, e entry) error {
	from, err := u.open(r, dir, e)
	if err != nil {
		return err
	}
	return compare(ctx, e, from, u.part)
}

// read unpacks an entry of at most limit bytes; a longer one is cut off.
func (u *unpacker) read(r io.ReaderAt, dir directory, e entry, limit int64) ([]byte, error) {
	from, err := u.open(r, dir, e)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(from, limit))
}

// open unpacks an entry.
func (u *unpacker) open(r io.ReaderAt, dir directory, e entry) (io.Reader, error) {
	if e.encrypted {
		return nil, invalid("entry %q is encrypted", e.name)
	}
	from, err := findBody(r, dir, e, u.near)
	if err != nil {
		return nil, err
	}
	if _, whole := from.(*bytes.Reader); !whole {
		u.packed.Reset(from)
		from = u.packed
	}
	switch e.method {
	case stored:
	case deflated:
		if err := u.deflate.(flate.Resetter).Reset(from, nil); err != nil {
			return nil, err
		}
		from = u.deflate
	default:
		return nil, invalid("entry %q is compressed with method %d, which Java does not know", e.name, e.method)
	}
	return from, nil
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
