package nimbus

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

var errJSON = errors.New("this is not a JSON object")

// eachMember reads a JSON object as it arrives. It calls member with each value whose key
// is wanted; with nil if the value is longer than longestSetting. Everything else is
// skipped, and takes no memory: strings have their ends and brackets their pairs, and more
// is not checked.
func eachMember(from io.Reader, wanted func(key string) bool, member func(key string, value []byte)) error {
	s := &scanner{in: bufio.NewReader(from)}
	if s.next() != '{' {
		return errJSON
	}
	first := true
	for b := s.next(); b != '}'; b = s.next() {
		if !first {
			if b != ',' {
				return errJSON
			}
			b = s.next()
		}
		if b != '"' {
			return errJSON
		}
		first = false
		key := s.key()
		if s.next() != ':' {
			return errJSON
		}
		value, is := s.value(wanted(key))
		if s.err != nil {
			return s.err
		}
		if is {
			member(key, value)
		}
	}
	return s.err
}

// scanner reads JSON, and keeps the bytes of what is wanted.
type scanner struct {
	in   *bufio.Reader
	err  error
	open []byte // the brackets that are open

	limit int // of what is kept; 0 keeps nothing
	kept  []byte
	long  bool // there was more than limit
}

// byte is the next byte; 0 after the end.
func (s *scanner) byte() byte {
	b, err := s.in.ReadByte()
	switch {
	case err != nil:
		s.err = io.ErrUnexpectedEOF
		return 0
	case len(s.kept) < s.limit:
		s.kept = append(s.kept, b)
	case s.limit > 0:
		s.long = true
	}
	return b
}

// next is the next byte that is not white space.
func (s *scanner) next() byte {
	b := s.byte()
	for b == ' ' || b == '\t' || b == '\n' || b == '\r' {
		b = s.byte()
	}
	return b
}

// keep keeps at most limit bytes from here on.
func (s *scanner) keep(limit int, first ...byte) {
	s.limit, s.kept, s.long = limit, append(s.kept[:0], first...), false
}

// end is what was kept, until the next is; nil if there was more.
func (s *scanner) end() []byte {
	if s.limit = 0; s.long {
		return nil
	}
	return s.kept
}

// key is a key up to its end; empty if it is longer than any that is in use.
func (s *scanner) key() (key string) {
	s.keep(longestKey, '"')
	s.string()
	quoted := s.end()
	switch {
	case s.err != nil || quoted == nil:
	case !bytes.ContainsRune(quoted, '\\'):
		return string(quoted[1 : len(quoted)-1])
	case json.Unmarshal(quoted, &key) != nil:
		s.err = errJSON
	}
	return key
}

// string reads a string to its end, after its first quote.
func (s *scanner) string() {
	for b := s.byte(); b != '"' && s.err == nil; b = s.byte() {
		switch {
		case b == '\\':
			s.byte()
		case b < ' ':
			s.err = errJSON
		}
	}
}

// value reads a value, and returns it if it is wanted; nil if it is too long.
func (s *scanner) value(wanted bool) ([]byte, bool) {
	b := s.next()
	if wanted {
		s.keep(longestSetting, b)
	}
	switch b {
	case '"':
		s.string()
	case '{', '[':
		s.nested(b)
	default:
		s.literal(b)
	}
	if !wanted {
		return nil, false
	}
	return s.end(), true
}

// nested reads an object or an array to its end, after its first bracket.
func (s *scanner) nested(b byte) {
	for s.open = append(s.open[:0], b); len(s.open) > 0 && s.err == nil; {
		switch b := s.byte(); b {
		case '"':
			s.string()
		case '{', '[':
			if s.open = append(s.open, b); len(s.open) > deepest {
				s.err = errJSON
			}
		case '}', ']':
			if last := len(s.open) - 1; s.open[last] == b-2 { // in ASCII
				s.open = s.open[:last]
			} else {
				s.err = errJSON
			}
		}
	}
}

// literal reads a number, true, false or null, up to what follows it.
func (s *scanner) literal(b byte) {
	if !strings.ContainsRune("-0123456789tfn", rune(b)) {
		s.err = errJSON
	}
	for s.err == nil {
		following, err := s.in.Peek(1)
		if err != nil || strings.ContainsRune(" \t\n\r,}", rune(following[0])) {
			return // the end is noticed there
		}
		s.byte()
	}
}
