package metacontroller

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// scanner walks over JSON text without making anything of it. The greater part
// of a request is read by nobody, managedFields and our own controller's
// manifest first of all; walking over that costs a fraction of decoding it.
//
// It is as strict as encoding/json: it takes what json.Valid takes.
type scanner struct {
	text []byte
	at   int
}

// deepest nesting, as encoding/json has it.
const deepest = 10000

// value walks over one value, so many containers deep, and gives its text.
func (s *scanner) value(depth int) (json.RawMessage, error) {
	s.next()
	begin := s.at
	err := s.skip(depth)
	return s.text[begin:s.at:s.at], err
}

// object walks over an object. For each of its members each is called with the
// key's text between the quotes, which it may not keep, and walks over the value.
func (s *scanner) object(depth int, each func(key []byte) error) error {
	more, err := s.opened('{', '}', depth)
	for more && err == nil {
		var key []byte
		if key, err = s.key(); err != nil {
			break
		}
		if err = each(key); err != nil {
			break
		}
		more, err = s.another('}')
	}
	return err
}

// opened walks into an object or a list, and says whether it holds anything.
func (s *scanner) opened(begin, end byte, depth int) (bool, error) {
	if depth >= deepest {
		return false, fmt.Errorf("nested more than %d deep", deepest)
	}
	if err := s.take(begin); err != nil {
		return false, err
	}
	return !s.taken(end), nil
}

// another says whether a member or an element follows, and walks up to it, or out.
func (s *scanner) another(end byte) (bool, error) {
	if s.taken(end) {
		return false, nil
	}
	return true, s.take(',')
}

// key walks over a member's key, and gives its text between the quotes.
func (s *scanner) key() ([]byte, error) {
	s.next()
	begin := s.at + 1
	if err := s.quoted(); err != nil {
		return nil, err
	}
	return s.text[begin : s.at-1], s.take(':')
}

func (s *scanner) skip(depth int) error {
	switch c := s.next(); {
	case c == '"':
		return s.quoted()
	case c == '{':
		return s.skipAll('{', '}', depth)
	case c == '[':
		return s.skipAll('[', ']', depth)
	case c == '-' || isDigit(c):
		return s.number()
	case c == 't':
		return s.word("true")
	case c == 'f':
		return s.word("false")
	case c == 'n':
		return s.word("null")
	}
	return s.fail("a value")
}

// skipAll walks over an object or a list, whatever it holds.
func (s *scanner) skipAll(begin, end byte, depth int) error {
	more, err := s.opened(begin, end, depth)
	for more && err == nil {
		if begin == '{' {
			if _, err = s.key(); err != nil {
				break
			}
		}
		if err = s.skip(depth + 1); err == nil {
			more, err = s.another(end)
		}
	}
	return err
}

// unmarked are the bytes that stand for themselves in a string.
var unmarked = func() (table [256]bool) {
	for c := range table {
		table[c] = c >= ' ' && c != '"' && c != '\\'
	}
	return table
}()

// escapable are the bytes that may follow a backslash.
var escapable = [256]bool{'"': true, '\\': true, '/': true, 'b': true, 'f': true, 'n': true, 'r': true, 't': true, 'u': true}

func (s *scanner) quoted() error {
	if err := s.take('"'); err != nil {
		return err
	}
	for {
		text, at := s.text, s.at
		for at < len(text) && unmarked[text[at]] {
			at++
		}
		if s.at = at; at == len(text) {
			return s.fail(`'"'`)
		}
		switch text[at] {
		case '"':
			s.at++
			return nil
		case '\\':
			if err := s.escape(); err != nil {
				return err
			}
		default:
			return s.fail("an escape")
		}
	}
}

func (s *scanner) escape() error {
	s.at++
	if s.at == len(s.text) || !escapable[s.text[s.at]] {
		return s.fail("an escape")
	}
	digits := 0
	if s.text[s.at] == 'u' {
		digits = 4
	}
	s.at++
	for ; digits > 0; digits-- {
		if s.at == len(s.text) || !isHex(s.text[s.at]) {
			return s.fail("a hexadecimal digit")
		}
		s.at++
	}
	return nil
}

func (s *scanner) number() error {
	s.one('-')
	if !s.one('0') && !s.digits() {
		return s.fail("a digit")
	}
	if s.one('.') && !s.digits() {
		return s.fail("a digit")
	}
	if s.one('e') || s.one('E') {
		_ = s.one('+') || s.one('-')
		if !s.digits() {
			return s.fail("a digit")
		}
	}
	return nil
}

func (s *scanner) digits() bool {
	begin := s.at
	for s.at < len(s.text) && isDigit(s.text[s.at]) {
		s.at++
	}
	return s.at > begin
}

func (s *scanner) word(word string) error {
	if !bytes.HasPrefix(s.text[s.at:], []byte(word)) {
		return s.fail(word)
	}
	s.at += len(word)
	return nil
}

// next is the next byte that is no space, 0 at the end.
func (s *scanner) next() byte {
	for ; s.at < len(s.text); s.at++ {
		if c := s.text[s.at]; c > ' ' || c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return c
		}
	}
	return 0
}

// end fails where anything but space follows.
func (s *scanner) end() error {
	if s.next(); s.at < len(s.text) {
		return s.fail("the end")
	}
	return nil
}

// one takes the very next byte if it is this one.
func (s *scanner) one(c byte) bool {
	if s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

// taken takes the next byte that is no space if it is this one.
func (s *scanner) taken(c byte) bool {
	s.next()
	return s.one(c)
}

func (s *scanner) take(c byte) error {
	if !s.taken(c) {
		return s.fail(fmt.Sprintf("%q", c))
	}
	return nil
}

func (s *scanner) fail(wanted string) error {
	if s.at >= len(s.text) {
		return fmt.Errorf("it ends where %s is due", wanted)
	}
	return fmt.Errorf("%q at byte %d, where %s is due", s.text[s.at], s.at, wanted)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }
