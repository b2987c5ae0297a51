package metacontroller

import "maps"

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
