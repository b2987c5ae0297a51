package storms

import (
	"errors"
	"time"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
)

// The limits of this package. Each line says what it must be shorter or longer than;
// TestLimits holds that. Limits of one call to Nimbus are in pkg/nimbus, those of the
// HTTP server in hooks/server.go.
const (
	// One call of Metacontroller.
	//
	//	patience < slowAct < lookLimit;  lookLimit + patience = Longest
	//	Longest < the server's callTime (9 s) < the timeout in manifests/install (10 s)

	// patience is how long a call may wait without a slot. A Nimbus answers in
	// milliseconds.
	patience = 80 * time.Millisecond
	// slowAct is how long a call that changes something may take without being slow:
	// Nimbus writes to ZooKeeper before it answers.
	slowAct = time.Second
	// lookLimit is how long a look, or a call that changes something, may take.
	lookLimit = 6 * time.Second

	// Slow Storms.
	//
	//	2 × slotsAtOnce < the five workers of Metacontroller
	//	patience < trialEvery;  minRetry <= maxRetry;  maxRetry < ticketFor

	// slotsAtOnce of each kind: looks, StormClusters, and calls that change something.
	slotsAtOnce = 2
	// slowAfter is how many slow answers in a row make a Storm slow: a busy node makes
	// any Storm slow for a moment.
	slowAfter = 3
	// trialEvery is how often a slow Storm is called although no slot is free.
	trialEvery = 2 * time.Second
	// Calls that are turned away come back after minRetry to maxRetry: the more of
	// them, the later, since each costs Metacontroller a read of the API server.
	minRetry, maxRetry = 2 * time.Second, 30 * time.Second
	// rejectionWindow is how long rejections are counted together.
	rejectionWindow = 10 * time.Second
	// silentFor is how long a Storm that did not answer is not called again: each
	// attempt takes the time of a call that waits. It is shorter than the 10 s after
	// which a StormCluster looks again (pkg/cluster), so that each of those looks calls.
	silentFor = 3 * time.Second

	// What is kept.
	//
	//	keepFor < 10 s, the time between the two looks after which pkg/topology believes
	//	that a topology is gone;  longestPause <= keepFor;  longestPause < ticketFor
	//	lookLimit < listLimit;  loadLimit < lookLimit;  shortPause < patience < listPatience < lookLimit

	// keepFor is how long the list, the leader and the figures of a Storm are used.
	keepFor = 5 * time.Second
	// loadLimit is how long it may take to find the leader and to read Nimbus's conf.
	loadLimit = 5 * time.Second
	// listLimit is how long the list and getClusterInfo may take. Calls that are turned away
	// meanwhile find the answer when they come back.
	listLimit = 30 * time.Second
	// The list is read again listPause after its end: longestPause in a Storm with 250
	// topologies or more, and in a smaller one pauseEach for each, or four times as long as
	// it took beyond quickList.
	pauseEach    = 20 * time.Millisecond
	quickList    = 50 * time.Millisecond
	longestPause = 5 * time.Second
	// listPatience is how long a call waits for them, and for no list that will probably
	// take longer: a call that waits occupies one of Metacontroller's five workers, and no
	// other topology gets on meanwhile.
	listPatience = 2 * time.Second
	// shortPause is what a call waits for; for more it is turned away.
	shortPause = 40 * time.Millisecond
	// ticketFor is how long a request that was turned away may take to come back.
	ticketFor = time.Minute
	// againFor is ticketFor of a request for which the list is read again: each time that
	// it comes back, it may wait first for the list of its look, and that for the one which
	// is loaded already.
	againFor = 3 * time.Minute
	// keptBytes is the memory for the lists of all Storms together. The largest go
	// first: a Storm of anybody's cannot take the memory of the others.
	keptBytes = 32 << 20
	// leaderSettles is how long a Nimbus must have led until its memory of names counts
	// (storm.Seen.ProvesAbsence): longer than its predecessor may still be at a submission
	// (topology.max.replication.wait.time.sec 60, and the call itself).
	leaderSettles = 5 * time.Minute
	// idleFor is when an unused Storm's connections are closed. It is longer than the
	// default of pollSeconds, 30.
	idleFor = 2 * time.Minute
)

// Longest is how long a Look, a Cluster or an Act may take.
const Longest = lookLimit + patience

// listPause is how long after the end of a list the next one may begin.
func listPause(topologies int, took time.Duration) time.Duration {
	return min(max(time.Duration(topologies)*pauseEach, 4*(took-quickList)), longestPause)
}

// failurePause is how long after the end of a list that failed the next one may begin. A
// list that is too large or too slow, or no list at all, has cost as much as another one,
// and would cost it again for each topology that needs it. Where no Nimbus answered, it
// has cost nothing; such a Storm is silent (silentFor).
func failurePause(err error) time.Duration {
	var unreachable *nimbus.UnreachableError
	if errors.As(err, &unreachable) && !unreachable.Answered && !unreachable.Lasting && !unreachable.Busy {
		return 0
	}
	return longestPause
}
