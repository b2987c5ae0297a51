package storms

import (
	"testing"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
)

// Limits that one would have to change together.
func TestLimits(t *testing.T) {
	const (
		workers    = 5                // of Metacontroller, for each controller
		secondLook = 10 * time.Second // pkg/topology/times.go
		poll       = v1beta1.DefaultPollSeconds * time.Second
	)
	for _, holds := range []struct {
		shorter, longer time.Duration
		why             string
	}{
		{patience, slowAct, "a call that changes something takes longer than a look"},
		{slowAct, lookLimit, "slow is not yet too slow"},
		{patience, trialEvery, "at most one trial call waits at a time"},
		{lookLimit, listLimit, "a list that takes longer than a call is found by the next one"},
		{loadLimit, lookLimit, "the words for a Nimbus that does not answer come from the load, not from the look"},
		{silentFor, 10 * time.Second, "each look of a StormCluster whose Storm is silent calls it (pkg/cluster whileSilent)"},
		{keepFor, secondLook, "the two looks that believe an absence rest on two lists"},
		{longestPause, keepFor + 1, "a list that is too old may be loaded"},
		{longestPause, ticketFor, "a request still has its ticket when the list may be loaded"},
		{maxRetry, ticketFor, "a request that was turned away comes back with its ticket"},
		{listLimit, ticketFor, "and finds the list that was being loaded"},
		{ticketFor + 3*(listLimit+longestPause), againFor, "two lists for the look and one more do not outlast the ticket of what needs it"},
		{minRetry, keepFor, "a look that waits for a load finds it"},
		{minRetry, maxRetry, ""},
		{patience, listPatience, "a list that is read quickly is waited for"},
		{listPatience, lookLimit, "a call that waits for a list does not count as one that Storm does not answer"},
		{shortPause, patience, "who waits for the list's turn is not slow"},
		{poll, idleFor, "connections last from one check to the next"},
	} {
		if holds.shorter >= holds.longer {
			t.Errorf("%s is not shorter than %s: %s", holds.shorter, holds.longer, holds.why)
		}
	}
	if slotsAtOnce+slotsAtOnce >= workers {
		t.Error("slow looks and slow calls together take all workers")
	}
}

func TestListPause(t *testing.T) {
	for _, c := range []struct {
		topologies  int
		took, pause time.Duration
	}{
		{3, 10 * time.Millisecond, 60 * time.Millisecond},
		{100, 10 * time.Millisecond, 2 * time.Second},
		{100, time.Second, 3800 * time.Millisecond},
		{250, 10 * time.Millisecond, longestPause},
		{5000, 20 * time.Second, longestPause},
	} {
		if got := listPause(c.topologies, c.took); got != c.pause {
			t.Errorf("after a list of %d in %s: %s, want %s", c.topologies, c.took, got, c.pause)
		}
	}
}
