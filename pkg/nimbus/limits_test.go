package nimbus

import "testing"

// Limits that one would have to change together.
func TestWhichLimitIsLarger(t *testing.T) {
	const (
		lists  = 32 << 20  // keptBytes in hooks/internal/storms
		server = 220 << 20 // GOMEMLIMIT in manifests/install/deployment.yaml
	)
	for _, holds := range []struct {
		smaller, larger int64
		why             string
	}{
		{int64(callLimit), int64(growingLimit), "a call whose cost grows has more time"},
		{maxWord, maxConf, "a conf is longer than a reason"},
		{maxWord, maxInfo, "so is a description"},
		{maxConf, maxList + 1, "a list is the longest answer"},
		{maxInfo, maxList + 1, "a list is the longest answer"},
		{longestConf, maxConf, "Nimbus adds its own conf to what is submitted"},
		{largeAnswer, maxWord + 1, "an answer that is read whole takes no turn"},
		{keptStep, maxKept, "one answer is counted in steps"},
		{maxKept, keptAtOnce, "an honest list is not given up for one that lies"},
		{2*keptAtOnce + lists, server, "what is given up is free a moment later, and all else needs memory too"},
		{4*longestVerdict + 1, window, "the longest text is in memory at once"},
		{longestName + 50, window, ""},
		{longestKey, longestSetting, ""},
	} {
		if holds.smaller >= holds.larger {
			t.Errorf("%d is not smaller than %d: %s", holds.smaller, holds.larger, holds.why)
		}
	}
}
