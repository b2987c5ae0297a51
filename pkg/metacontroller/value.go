package metacontroller

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utiljson "k8s.io/apimachinery/pkg/util/json"
)

func readByLibrary(s *scanner, into reflect.Value) error {
	raw, err := s.value(0)
	if err != nil {
		return err
	}
	return utiljson.Unmarshal(raw, into.Addr().Interface())
}

func readString(s *scanner, into reflect.Value) error {
	if s.next() == 'n' {
		return s.word("null")
	}
	value, err := s.string()
	into.SetString(value)
	return err
}

// readTime reads as metav1.Time reads itself.
func readTime(s *scanner, into reflect.Value) error {
	if s.next() == 'n' {
		return s.word("null")
	}
	text, err := s.string()
	if err != nil {
		return err
	}
	value, err := time.Parse(time.RFC3339, text)
	into.Addr().Interface().(*metav1.Time).Time = value.Local()
	return err
}

func readBool(s *scanner, into reflect.Value) error {
	switch s.next() {
	case 'n':
		return s.word("null")
	case 'f':
		return s.word("false")
	}
	into.SetBool(true)
	return s.word("true")
}

func readInt(s *scanner, into reflect.Value) error {
	if s.next() == 'n' {
		return s.word("null")
	}
	raw, err := s.value(0)
	if err != nil {
		return err
	}
	value, err := strconv.ParseInt(string(raw), 10, into.Type().Bits())
	into.SetInt(value)
	return err
}

func dictionaryOf[V any](s *scanner, into *map[string]V, unread Unread, value func(*scanner) (V, error)) error {
	if s.next() == 'n' {
		return s.word("null")
	}
	*into = map[string]V{}
	return s.object(0, func(key []byte) (err error) {
		if part, named := unread[string(key)]; named && part == nil {
			return s.skip(0)
		}
		if !isPlain(key) {
			return errOdd
		}
		(*into)[string(key)], err = value(s)
		return err
	})
}

// untyped is the value of a setting: most are strings.
func (s *scanner) untyped() (value any, err error) {
	if s.next() == '"' {
		return s.string()
	}
	err = readByLibrary(s, reflect.ValueOf(&value).Elem())
	return value, err
}

// string is the value of the string that the scanner is at.
func (s *scanner) string() (string, error) {
	raw, err := s.value(0)
	if err != nil || len(raw) < 2 || raw[0] != '"' {
		return "", errOdd
	}
	if text := raw[1 : len(raw)-1]; isPlain(text) {
		return string(text), nil
	}
	return unquoted(raw)
}

func unquoted(raw []byte) (text string, err error) {
	err = json.Unmarshal(raw, &text)
	return text, err
}

// isPlain says whether a string's value is its text as it stands.
func isPlain(text []byte) bool {
	for _, c := range text {
		switch {
		case c == '\\':
			return false
		case c >= utf8.RuneSelf:
			return utf8.Valid(text) && !bytes.ContainsRune(text, '\\')
		}
	}
	return true
}
