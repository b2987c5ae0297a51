package nimbus

import (
	"regexp"
	"slices"
	"testing"
)

// Storm 3.1 returns asterisks for each setting whose name looks like that of a secret.
func TestNoSettingIsReadThatStormMasks(t *testing.T) {
	masked := regexp.MustCompile(`(?i)pass(word|phrase|wd)|secret|token|credential|payload|private|\bkey`)
	for _, key := range slices.Concat(settingsRead, fingerprintKeys) {
		if masked.MatchString(key) {
			t.Errorf("%s is read, and Storm may mask it", key)
		}
	}
}
