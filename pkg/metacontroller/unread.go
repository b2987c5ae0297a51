package metacontroller

import (
	"encoding/json"
	"maps"
)

// Unread are parts of an object that nothing reads, by key: they are walked over
// and not decoded. A nil part is left out whole; a list's elements are each left
// without the same.
type Unread map[string]Unread

// NobodyReads is what no hook of ours reads in any object: half of a steady
// topology's request.
var NobodyReads = Unread{"metadata": {
	"managedFields": nil,
	"annotations": {
		"kubectl.kubernetes.io/last-applied-configuration": nil,
		"metacontroller.k8s.io/last-applied-configuration": nil,
	},
}}

// And is both.
func (u Unread) And(more Unread) Unread {
	both := maps.Clone(u)
	for key, part := range more {
		if own, there := both[key]; there && own != nil && part != nil {
			part = own.And(part)
		}
		both[key] = part
	}
	return both
}

// leftOut is the object without what is unread. What is no JSON is left for the
// decoder to say so.
func (u Unread) leftOut(raw json.RawMessage) json.RawMessage {
	s := scanner{text: raw}
	lean, err := s.lean(make([]byte, 0, len(raw)), u, 0)
	if err != nil || s.end() != nil {
		return raw
	}
	return lean
}

// lean walks over a value and appends it without what is unread.
func (s *scanner) lean(to []byte, unread Unread, depth int) ([]byte, error) {
	switch {
	case unread == nil:
	case s.next() == '{':
		return s.leanObject(to, unread, depth)
	case s.next() == '[':
		return s.leanArray(to, unread, depth)
	}
	value, err := s.value(depth)
	return append(to, value...), err
}

func (s *scanner) leanObject(to []byte, unread Unread, depth int) ([]byte, error) {
	to = append(to, '{')
	empty := len(to)
	err := s.object(depth, func(key []byte) error {
		part, named := unread[string(key)]
		if named && part == nil {
			return s.skip(depth + 1)
		}
		if len(to) > empty {
			to = append(to, ',')
		}
		to = append(append(append(to, '"'), key...), `":`...)
		var err error
		to, err = s.lean(to, part, depth+1)
		return err
	})
	return append(to, '}'), err
}

func (s *scanner) leanArray(to []byte, unread Unread, depth int) ([]byte, error) {
	to = append(to, '[')
	empty := len(to)
	err := s.array(depth, func() error {
		if len(to) > empty {
			to = append(to, ',')
		}
		var err error
		to, err = s.lean(to, unread, depth+1)
		return err
	})
	return append(to, ']'), err
}
