package jar

import "encoding/binary"

// className is the name that a class file gives itself, with slashes; empty if the file is
// not a class (the Java Virtual Machine Specification, 4.1 and 4.4). Java loads a class only
// from the entry of this name.
func className(class []byte) string {
	r := classReader{rest: class}
	if r.u4() != 0xCAFEBABE {
		return ""
	}
	r.skip(4) // the version
	count := r.u2()
	names, classes := map[int]string{}, map[int]int{}
	for i := 1; i < count && !r.short; i++ {
		switch tag := r.u1(); tag {
		case 1: // Utf8
			names[i] = string(r.take(r.u2()))
		case 7: // Class
			classes[i] = r.u2()
		case 8, 16, 19, 20:
			r.skip(2)
		case 15:
			r.skip(3)
		case 3, 4, 9, 10, 11, 12, 17, 18:
			r.skip(4)
		case 5, 6: // Long and Double have two numbers
			r.skip(8)
			i++
		default:
			return ""
		}
	}
	r.skip(2) // the access flags
	return names[classes[r.u2()]]
}

// classReader reads the parts of a class file. After its end it reads zeros, and short is
// true.
type classReader struct {
	rest  []byte
	short bool
}

func (r *classReader) take(n int) []byte {
	if n > len(r.rest) {
		r.short, r.rest = true, nil
		return make([]byte, min(n, 4))
	}
	part := r.rest[:n]
	r.rest = r.rest[n:]
	return part
}

func (r *classReader) skip(n int) { r.take(n) }
func (r *classReader) u1() int    { return int(r.take(1)[0]) }
func (r *classReader) u2() int    { return int(binary.BigEndian.Uint16(r.take(2))) }
func (r *classReader) u4() uint32 { return binary.BigEndian.Uint32(r.take(4)) }
