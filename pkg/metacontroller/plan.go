package metacontroller

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Plans say how types are read. They follow encoding/json's rules for Go's types;
// the library reads what they have no rule for.
type Plans map[planned]*plan

// planned is a type, and the address of what is unread of it.
type planned struct {
	of     reflect.Type
	unread uintptr
}

// plan is how a type is read; read is nil while it is worked out.
type plan struct {
	read   readFunc
	unread Unread // so that its address stays its own
}

// value is how a value of a type is read. A type that holds itself is met again
// while it is worked out.
func (p Plans) value(t reflect.Type, unread Unread) readFunc {
	at := planned{t, reflect.ValueOf(unread).Pointer()}
	known, met := p[at]
	if !met {
		known = &plan{unread: unread}
		p[at] = known
		known.read = p.worked(t, unread)
	}
	if known.read == nil {
		return func(s *scanner, into reflect.Value) error { return known.read(s, into) }
	}
	return known.read
}

// readsItself says whether a type has a way of its own to be read. No type of
// k8s.io/api has (v0.37.2), and asking each would be most of what a plan costs.
func readsItself(t reflect.Type) bool {
	if strings.HasPrefix(t.PkgPath(), "k8s.io/api/") || t.PkgPath() == "" && t.Kind() != reflect.Struct {
		return false
	}
	pointer := reflect.PointerTo(t)
	return pointer.Implements(reflect.TypeFor[json.Unmarshaler]()) || pointer.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

func (p Plans) worked(t reflect.Type, unread Unread) readFunc {
	switch {
	case t == reflect.TypeFor[metav1.Time]():
		return readTime
	case readsItself(t):
		return readByLibrary
	}
	switch t.Kind() {
	case reflect.String:
		return readString
	case reflect.Bool:
		return readBool
	case reflect.Int, reflect.Int32, reflect.Int64:
		return readInt
	case reflect.Pointer:
		return p.pointer(t, unread)
	case reflect.Slice:
		return p.list(t, unread)
	case reflect.Map:
		return dictionary(t, unread)
	case reflect.Struct:
		return p.object(t, unread)
	}
	return readByLibrary
}

func (p Plans) pointer(t reflect.Type, unread Unread) readFunc {
	read := p.value(t.Elem(), unread)
	return func(s *scanner, into reflect.Value) error {
		if s.next() == 'n' {
			return s.word("null")
		}
		into.Set(reflect.New(t.Elem()))
		return read(s, into.Elem())
	}
}

func (p Plans) list(t reflect.Type, unread Unread) readFunc {
	if t.Elem().Kind() == reflect.Uint8 {
		return readByLibrary
	}
	read := p.value(t.Elem(), unread)
	return func(s *scanner, into reflect.Value) error {
		if s.next() == 'n' {
			return s.word("null")
		}
		more, err := s.opened('[', ']', 0)
		if !more {
			into.Set(reflect.MakeSlice(t, 0, 0))
		}
		for n := 0; more && err == nil; n++ {
			into.Grow(1)
			into.SetLen(n + 1)
			if err = read(s, into.Index(n)); err == nil {
				more, err = s.another(']')
			}
		}
		return err
	}
}

// dictionary reads labels and settings; maps of anything else are few and small.
func dictionary(t reflect.Type, unread Unread) readFunc {
	switch texts, settings := reflect.TypeFor[map[string]string](), reflect.TypeFor[map[string]any](); {
	case t == texts:
		return func(s *scanner, into reflect.Value) error {
			return dictionaryOf(s, into.Addr().Interface().(*map[string]string), unread, (*scanner).string)
		}
	case t.ConvertibleTo(settings):
		return func(s *scanner, into reflect.Value) error {
			return dictionaryOf(s, into.Addr().Convert(reflect.PointerTo(settings)).Interface().(*map[string]any), unread, (*scanner).untyped)
		}
	}
	return readByLibrary
}

// member of an object: which field of the struct it is, and how it is read.
type member struct {
	read   readFunc
	index  []int
	number int
}

func (p Plans) object(t reflect.Type, unread Unread) readFunc {
	members := map[string]member{}
	if !p.members(t, nil, unread, members) || len(members) > 64 {
		return readByLibrary
	}
	return func(s *scanner, into reflect.Value) error {
		if s.next() == 'n' {
			return s.word("null")
		}
		more, err := s.opened('{', '}', 0)
		for seen := uint64(0); more && err == nil; {
			var key []byte
			if key, err = s.key(); err != nil {
				break
			}
			m, known := members[string(key)]
			switch {
			case !known && isPlain(key):
				err = s.skip(0)
			case !known || seen&(1<<m.number) != 0: // written oddly, or twice
				err = errOdd
			default:
				seen |= 1 << m.number
				err = m.read(s, into.FieldByIndex(m.index))
			}
			if err == nil {
				more, err = s.another('}')
			}
		}
		return err
	}
}

// members gathers those of a struct and of the structs that it embeds; false where
// encoding/json has a rule for them that is not kept here.
func (p Plans) members(t reflect.Type, above []int, unread Unread, all map[string]member) bool {
	for i := range t.NumField() {
		f := t.Field(i)
		index := append(above[:len(above):len(above)], i)
		tag := f.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		if f.Anonymous && name == "" {
			if f.Type.Kind() != reflect.Struct || !p.members(f.Type, index, unread, all) {
				return false
			}
			continue
		}
		if name == "" {
			name = f.Name
		}
		part, named := unread[name]
		if tag == "-" || !f.IsExported() || named && part == nil {
			continue
		}
		if _, twice := all[name]; twice || strings.Contains(options, "string") {
			return false
		}
		all[name] = member{p.value(f.Type, part), index, len(all)}
	}
	return true
}
