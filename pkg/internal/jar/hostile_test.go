package jar

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// sparse is a file of head, zeros and tail that needs no memory for the zeros.
type sparse struct {
	head, tail []byte
	size       int64
}

func (s sparse) ReadAt(p []byte, at int64) (int, error) {
	n := int(min(int64(len(p)), s.size-at))
	if n <= 0 {
		return 0, io.EOF
	}
	clear(p[:n])
	if at < int64(len(s.head)) {
		copy(p[:n], s.head[at:])
	}
	if from := s.size - int64(len(s.tail)); at+int64(n) > from {
		copy(p[max(0, from-at):n], s.tail[max(0, at-from):])
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// record is one of a zip's records: a signature, 16-bit and 32-bit numbers.
func record(sig uint32, numbers ...any) []byte {
	out := le.AppendUint32(nil, sig)
	for _, n := range numbers {
		switch n := n.(type) {
		case uint16:
			out = le.AppendUint16(out, n)
		case uint32:
			out = le.AppendUint32(out, n)
		case string:
			out = append(out, n...)
		}
	}
	return out
}

const none16 = uint16(0)

func local(name string, method uint16, crc, packed, unpacked uint32) []byte {
	return record(sigLocal, uint16(20), none16, method, none16, none16, crc, packed, unpacked, uint16(len(name)), none16, name)
}

func central(name string, method uint16, crc, packed, unpacked, at uint32) []byte {
	return record(sigEntry, uint16(20), uint16(20), none16, method, none16, none16, crc, packed, unpacked,
		uint16(len(name)), none16, none16, none16, none16, uint32(0), at, name)
}

func ending(entries int, size, at uint32) []byte {
	return record(sigEnd, none16, none16, uint16(entries), uint16(entries), size, at, none16)
}

// A JAR of 2 GiB is checked in a few megabytes.
func TestTwoGigabytes(t *testing.T) {
	const size = 2 << 30
	sum, zeros := uint32(0), make([]byte, 1<<20)
	for range size >> 20 {
		sum = crc32.Update(sum, crc32.IEEETable, zeros)
	}
	name := "com/example/Main.class"
	head := local(name, stored, sum, size, size)
	directory := central(name, stored, sum, size, size, 0)
	tail := append(directory, ending(1, uint32(len(directory)), uint32(len(head)+size))...)
	file := sparse{head: head, tail: tail, size: int64(len(head)) + size + int64(len(tail))}
	found, problem := Check(context.Background(), file, file.size, want)
	if problem != nil || found.Unpacked != size {
		t.Errorf("%+v, %+v", found, problem)
	}
	if _, problem := Check(context.Background(), file, file.size-1, want); problem == nil {
		t.Error("one that is cut off passed")
	}
}

// A zip bomb, small and with entries that share their bytes, is refused by what its
// directory claims, before anything is unpacked.
func TestBombs(t *testing.T) {
	packed := pack(t, file{"0", strings.Repeat("\x00", 10<<20), zip.Deflate})
	reader, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		t.Fatal(err)
	}
	one := reader.File[0]
	at, err := one.DataOffset()
	if err != nil {
		t.Fatal(err)
	}
	body := packed[at : at+int64(one.CompressedSize64)]
	const entries = 1000
	out := append(local("0", deflated, one.CRC32, uint32(len(body)), 10<<20), body...)
	start := len(out)
	for i := range entries {
		out = append(out, central(fmt.Sprintf("%d", i), deflated, one.CRC32, uint32(len(body)), 10<<20, 0)...)
	}
	out = append(out, ending(entries, uint32(len(out)-start), uint32(start))...)
	began := time.Now()
	_, problem := checked(out)
	if problem == nil || problem.Reason != v1beta1.JarInvalid || !strings.Contains(problem.Message, "unpacks to more than 8 GiB") {
		t.Errorf("%d bytes that unpack to %d: %+v", len(out), entries*10<<20, problem)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	liar := append(local("0", deflated, one.CRC32, uint32(len(body)), 5), body...)
	start = len(liar)
	liar = append(liar, central("0", deflated, one.CRC32, uint32(len(body)), 5, 0)...)
	liar = append(liar, ending(1, uint32(len(liar)-start), uint32(start))...)
	if _, problem := checked(liar); problem == nil || !strings.Contains(problem.Message, "unpacks to more than the directory says") {
		t.Errorf("one that promises 5 bytes: %+v", problem)
	}
}

// Names of entries are compared, and never used as paths. They do not break a message.
func TestNamesThatLeadAstray(t *testing.T) {
	names := []string{"../../../../etc/passwd", "/etc/passwd", `C:\Windows\x`, "a/../../b", "resources/../../x", "new\nline", "\x1b[31m", "nul\x00", strings.Repeat("long/", 10_000) + "x"}
	files := []file{main()}
	for _, name := range names {
		files = append(files, file{name, "x", zip.Store})
	}
	if found, problem := checked(pack(t, files...)); problem != nil || found.Entries != len(files) {
		t.Errorf("%+v, %+v", found, problem)
	}
	for _, name := range names {
		found, problem := checked(pack(t, file{"Other" + name + "/Main.class", "x", zip.Store}))
		if problem != nil || found.Lacks == "" {
			t.Errorf("%.40q: %+v, %+v", name, found, problem)
		}
	}
}
