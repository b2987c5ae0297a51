package nimbus

import (
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// What a submission gives to Storm comes back as it was: what did not would look like another
// revision, and restart it.
func TestEachPartOfAFingerprintIsRead(t *testing.T) {
	want := storm.Fingerprint{Generation: 7, Cheap: strings.Repeat("c", 8<<10), Inputs: strings.Repeat("i", 8<<10)}
	for i, fields := 0, reflect.ValueOf(&want).Elem(); i < fields.NumField(); i++ {
		if field := fields.Field(i); field.Kind() == reflect.String && field.String() == "" {
			field.SetString(strings.ToLower(fields.Type().Field(i).Name))
		}
	}
	text, err := json.Marshal(want.Settings())
	if err != nil {
		t.Fatal(err)
	}
	conf, err := decodeConf("getTopologyConf", strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, storm.FingerprintOf(conf)); diff != "" {
		t.Errorf("(-submitted +read):\n%.500s", diff)
	}
}

// Storm 3.1 returns asterisks for each setting whose name looks like that of a secret.
func TestNoSettingIsReadThatStormMasks(t *testing.T) {
	masked := regexp.MustCompile(`(?i)pass(word|phrase|wd)|secret|token|credential|payload|private|\bkey`)
	for _, key := range slices.Concat(settingsRead, fingerprintKeys) {
		if masked.MatchString(key) {
			t.Errorf("%s is read, and Storm may mask it", key)
		}
	}
}
