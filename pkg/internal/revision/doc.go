// Package revision says which revision of a topology a spec requests: a hash of
// all that makes a resubmission necessary, and one of what makes an extraction
// necessary.
//
// In: a StormTopology. Out: hashes. Called by pkg/topology.
//
// A field equal to its default counts as absent, so that a later release's new
// field or default restarts nothing (Must 7). The hashes are pinned by a golden
// test: when it moves, topologies of users restart. Stop and think.
package revision
