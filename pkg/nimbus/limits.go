package nimbus

import (
	"time"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// The limits of a call to Nimbus, and of its answer. Everyone who can write a StormCluster
// chooses a peer, and the hook server has 256 MiB for all of them.
// TestWhichLimitIsLarger holds what each line must be smaller or larger than.

// Time. The limit of a call is absolute: bytes that arrive do not extend it.
//
//	callLimit < growingLimit
const (
	// callLimit is how long one connection attempt may take, or one call whose cost does
	// not depend on how much runs in Storm.
	callLimit = 2 * time.Second
	// growingLimit is how long a call may take whose cost grows with the Storm. A caller
	// with less time than that gives it all of its time. It is long: a list that Nimbus
	// answers too late has cost it as much, and the next one costs it again. Where one push
	// restarts fifty of 1,000 topologies, their pods read fifty lists at once.
	growingLimit = 5 * time.Minute
)

// The bytes of an answer that are read.
//
//	maxWord < maxConf, maxInfo <= maxList
//	largeAnswer <= maxWord
//
// A list, a description and a conf are read as they arrive (arriving.go). What is not used
// takes no memory, so these limits are for the time of the processor: 32 MiB take it about
// an eighth of a second.
const (
	// maxList is 400 bytes for each of 80,000 topologies: more than Nimbus can list in
	// the time that a hook server gives it.
	maxList = 32 << 20
	maxInfo = storm.DescriptionLimit
	maxConf = 16 << 20 // a conf has some 20 KB; checkSize refuses to submit a large one
	// maxWord is for a call whose answer is short or empty, or a reason. It is read whole.
	maxWord = 1 << 20
	// maxFrame is for what is passed on for main, whole, in its own pod.
	maxFrame = 16 << 20

	// largeAnswer is how much of an answer is taken in at once. Of more than that, only
	// largeAtOnce answers take in what has arrived at a time: the other processors are for
	// short answers. An answer that waits for its peer holds up none.
	largeAnswer = 1 << 20
	largeAtOnce = 1
)

// The memory for what is kept of an answer while it arrives.
//
//	keptStep < maxKept < keptAtOnce
//	keptAtOnce + what the hook server keeps of lists (hooks/internal/storms) < its memory
//	4 × longestVerdict < window
const (
	// maxKept is for one list, or one description: some 14,000 topologies, or 32,000
	// executors. To take in a longer list would hold up the others (e2e/lyingstorm).
	maxKept = 2 << 20
	// keptAtOnce is for all Storms together. The largest answer is given up first: a Storm
	// of anybody's cannot take the memory of the others.
	keptAtOnce = 48 << 20
	// keptStep is what an answer has without being counted, and by which it grows.
	keptStep = 256 << 10
	// keptEach is what a topology takes besides its id, where it is kept by name.
	keptEach = 96
	// executorKept is what an executor takes.
	executorKept = 64
	// window is the part of an answer that is in memory while it is read.
	window = 8 << 10
	// longestSetting is the longest setting of a conf that is kept, as JSON.
	longestSetting = 16 << 10
	// longestKey is the longest name of a setting that is compared with those in use.
	longestKey = 256
	// maxDepth limits how far structs and containers nest: a junk frame must not use up
	// the stack. deepest is that of a conf, which needs no stack.
	maxDepth = 64
	deepest  = 10_000
)

// The longest texts of a peer that are kept, in bytes. A message may have 400 in all; why
// a topology was rejected stands at its end.
const (
	longestWord    = 128 // a status, a version, the name of a host or a component
	longestSaid    = 256
	longestVerdict = 1 << 10
	longestName    = 206 // the longest spec.topology.name, with -green
)

// answerLimit is how many bytes of an answer are read.
func answerLimit(method string) uint32 {
	switch method {
	case "getTopologyInfoWithOpts", "getTopologyInfoByNameWithOpts":
		return maxInfo
	case "getTopologySummaries", "getClusterInfo":
		return maxList
	case "getNimbusConf", "getTopologyConf":
		return maxConf
	}
	return maxWord
}
