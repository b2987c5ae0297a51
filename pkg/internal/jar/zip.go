package jar

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
)

// The records of a zip file (PKWARE's APPNOTE.TXT 6.3, sections 4.3.7, 4.3.12,
// 4.3.14 to 4.3.16). archive/zip holds the whole directory in memory, six times
// its size in the file; this code holds one entry at a time. It accepts what Java's own
// reader accepts (java.util.zip.ZipFile of OpenJDK 17).
const (
	sigEntry   = 0x02014b50
	sigLocal   = 0x04034b50
	sigEnd     = 0x06054b50
	sigEnd64   = 0x06064b50
	sigLocator = 0x07064b50

	lenEntry   = 46
	lenLocal   = 30
	lenEnd     = 22
	lenEnd64   = 56
	lenLocator = 20

	max16 = 1<<16 - 1
	max32 = 1<<32 - 1

	stored, deflated = 0, 8
)

// entry is one entry of the directory.
type entry struct {
	name             string
	encrypted        bool
	method           uint16
	crc              uint32
	packed, unpacked int64
	header           int64 // the offset of its local header
}

// directory says where the entries are. base is the length of what is before the zip (a
// launcher script): offsets count from there.
type directory struct{ start, size, base int64 }

var le = binary.LittleEndian

// walk calls visit for each entry of the directory.
func walk(jar jarFile, visit func(directory, entry) error) error {
	dir, err := findDirectory(jar, jar.size)
	if err != nil {
		return err
	}
	list := bufio.NewReaderSize(io.NewSectionReader(jar, dir.start, dir.size), 64<<10)
	// By size and not by count, as in Java: old tools wrote the count modulo 65536.
	for left := dir.size; left > 0; {
		e, length, err := readEntry(list)
		if err != nil {
			return cutOff(err, "its directory is cut off")
		}
		left -= length
		if err := visit(dir, e); err != nil {
			return err
		}
	}
	return nil
}

// cutOff turns an early end of the file into an error of the zip.
func cutOff(err error, format string, args ...any) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return invalid(format, args...)
	}
	return err
}

func findDirectory(r io.ReaderAt, size int64) (directory, error) {
	tail := make([]byte, min(size, lenEnd+max16))
	from := size - int64(len(tail))
	if _, err := r.ReadAt(tail, from); err != nil && !errors.Is(err, io.EOF) {
		return directory{}, err
	}
	at := bytes.LastIndex(tail, le.AppendUint32(nil, sigEnd))
	for at >= 0 && (len(tail)-at < lenEnd || at+lenEnd+int(le.Uint16(tail[at+20:])) > len(tail)) {
		at = bytes.LastIndex(tail[:at], le.AppendUint32(nil, sigEnd)) // these bytes were in the comment
	}
	if at < 0 {
		return directory{}, invalid("it has no zip directory at its end%s", like(r))
	}
	record, end := tail[at:], from+int64(at)
	dir := directory{
		size: int64(le.Uint32(record[12:])),
		base: int64(le.Uint32(record[16:])), // its offset, until the start is known
	}
	if le.Uint16(record[10:]) == max16 || dir.size == max32 || dir.base == max32 {
		if err := findDirectory64(r, &dir, &end); err != nil {
			return directory{}, err
		}
	}
	dir.start = end - dir.size
	dir.base = dir.start - dir.base
	if dir.size < 0 || dir.start < 0 || dir.base < 0 {
		return directory{}, invalid("its zip directory does not fit the file")
	}
	return dir, nil
}

// forms are what a file may be that should be a JAR, by its beginning.
var forms = []struct{ begin, name string }{
	{"version https://git-lfs", "a pointer of Git LFS"},
	{"<", "a page of HTML or XML"},
	{"\x1f\x8b", "a gzip archive"},
	{"\x7fELF", "a program for Linux"},
	{"\xca\xfe\xba\xbe", "a single class"},
	{"dex\n", "a file of Android"},
}

// like says what a file that is not a zip begins like, or nothing.
func like(r io.ReaderAt) string {
	begin := make([]byte, 64)
	n, _ := r.ReadAt(begin, 0)
	text := strings.TrimLeft(string(begin[:n]), "\ufeff \t\r\n")
	for _, form := range forms {
		if strings.HasPrefix(text, form.begin) {
			return ", and begins like " + form.name
		}
	}
	return ""
}

// findDirectory64 reads the larger record, if there is one. A small zip may have exactly
// 65535 entries without it.
func findDirectory64(r io.ReaderAt, dir *directory, end *int64) error {
	locator := make([]byte, lenLocator)
	if *end < lenLocator {
		return nil
	}
	if _, err := r.ReadAt(locator, *end-lenLocator); err != nil {
		return err
	}
	if le.Uint32(locator) != sigLocator {
		return nil
	}
	at := int64(le.Uint64(locator[8:]))
	record := make([]byte, lenEnd64)
	if at < 0 || at > *end-lenLocator-lenEnd64 {
		return invalid("its zip64 directory does not fit the file")
	}
	if _, err := r.ReadAt(record, at); err != nil {
		return err
	}
	if le.Uint32(record) != sigEnd64 {
		return invalid("its zip64 directory is not where it should be")
	}
	dir.size, dir.base = int64(le.Uint64(record[40:])), int64(le.Uint64(record[48:]))
	*end = at
	return nil
}

// readEntry reads one entry, length bytes of the directory.
func readEntry(list *bufio.Reader) (e entry, length int64, err error) {
	var fixed [lenEntry]byte
	if _, err := io.ReadFull(list, fixed[:]); err != nil {
		return entry{}, 0, err
	}
	if le.Uint32(fixed[:]) != sigEntry {
		return entry{}, 0, invalid("its directory is damaged")
	}
	nameLen, extraLen := int(le.Uint16(fixed[28:])), int(le.Uint16(fixed[30:]))
	rest := make([]byte, nameLen+extraLen+int(le.Uint16(fixed[32:])))
	if _, err := io.ReadFull(list, rest); err != nil {
		return entry{}, 0, err
	}
	e = entry{
		name:      string(rest[:nameLen]),
		encrypted: fixed[8]&1 != 0,
		method:    le.Uint16(fixed[10:]),
		crc:       le.Uint32(fixed[16:]),
		packed:    int64(le.Uint32(fixed[20:])),
		unpacked:  int64(le.Uint32(fixed[24:])),
		header:    int64(le.Uint32(fixed[42:])),
	}
	return e, int64(lenEntry + len(rest)), e.widen(rest[nameLen : nameLen+extraLen])
}

// widen reads the sizes that do not fit into 32 bits from the extra field 1.
func (e *entry) widen(extra []byte) error {
	for len(extra) >= 4 {
		id, n := le.Uint16(extra), int(le.Uint16(extra[2:]))
		extra = extra[4:]
		if n > len(extra) {
			return nil // Java ignores a damaged extra field, too
		}
		field := extra[:n]
		extra = extra[n:]
		if id != 1 {
			continue
		}
		for _, value := range []*int64{&e.unpacked, &e.packed, &e.header} {
			if *value != max32 || len(field) < 8 {
				continue
			}
			*value, field = int64(le.Uint64(field)), field[8:]
		}
	}
	if e.unpacked < 0 || e.packed < 0 || e.header < 0 {
		return invalid("the sizes of entry %q are damaged", e.name)
	}
	return nil
}

// extraRoom is more than the usual extra field before a body.
const extraRoom = 64

// findBody returns the bytes of an entry as they are in the file. It reads the local
// header into near, and the body with it where that fits: that is one call for each of
// the many small entries of a JAR. near has at least lenLocal bytes.
func findBody(r io.ReaderAt, dir directory, e entry, near []byte) (io.Reader, error) {
	at := dir.base + e.header
	if at < 0 || at > dir.start-lenLocal {
		return nil, invalid("entry %q lies outside the file", e.name)
	}
	room := int64(len(near))
	near = near[:min(room, lenLocal+int64(len(e.name))+extraRoom+min(e.packed, room), dir.start-at)]
	if _, err := r.ReadAt(near, at); err != nil {
		return nil, cutOff(err, "entry %q lies outside the file", e.name)
	}
	if le.Uint32(near) != sigLocal {
		return nil, invalid("entry %q is not where the directory says", e.name)
	}
	begin := lenLocal + int64(le.Uint16(near[26:])) + int64(le.Uint16(near[28:]))
	switch {
	case e.packed > dir.start-at-begin:
		return nil, invalid("entry %q lies outside the file", e.name)
	case begin+e.packed <= int64(len(near)):
		return bytes.NewReader(near[begin : begin+e.packed]), nil
	}
	return io.NewSectionReader(r, at+begin, e.packed), nil
}
