package revision

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// mapsTemplate names ConfigMaps, by volumes.
func mapsTemplate(names ...string) *v1beta1.PodTemplate {
	template := new(v1beta1.PodTemplate)
	for i, name := range names {
		volume := v1beta1.Volume{Name: fmt.Sprint("v", i), ConfigMap: new(corev1.ConfigMapVolumeSource)}
		volume.ConfigMap.Name = name
		template.Volumes = append(template.Volumes, volume)
	}
	return template
}

// Storm has what was submitted, as its fingerprint gives it back, whatever the names are: a
// hundred of them fit.
func TestInputsComeBackFromAFingerprint(t *testing.T) {
	var hundred []string
	hashes := map[string]string{}
	for i := range MostConfigMaps + 1 {
		name := fmt.Sprintf("%s%03d", strings.Repeat("c", 37), i)
		hundred, hashes[name] = append(hundred, name), hash(i)
	}
	for name, template := range map[string]*v1beta1.PodTemplate{
		"none":                nil,
		"one":                 mapsTemplate("a"),
		"any text and long":   mapsTemplate("a, b:c=d", strings.Repeat("x", 253)),
		"more than a hundred": mapsTemplate(hundred...),
	} {
		now := InputsOf(template, hashes)
		now.Key = now.KeyOf([]v1beta1.RestartCause{v1beta1.RestartOnTemplate, v1beta1.RestartOnConfigMaps})
		kept := storm.FingerprintOf(storm.Fingerprint{Inputs: now.String()}.Settings()).Inputs
		if kept == "" {
			t.Errorf("%s: Storm would not keep %d bytes: %.60s", name, len(now.String()), now.String())
		}
		if diff := cmp.Diff(now, ParseInputs(kept)); diff != "" {
			t.Errorf("%s (-submitted +read):\n%s", name, diff)
		}
	}
	if got := len(ConfigMapNames(mapsTemplate(hundred...))); got != MostConfigMaps {
		t.Errorf("%d ConfigMaps are watched", got)
	}
}

// A person reads the name that the spec has.
func TestInputsAreShownByTheirNames(t *testing.T) {
	template := mapsTemplate("a, b")
	names, _ := InputsOf(template, map[string]string{"a, b": "1"}).ChangedSince(ParseInputs("none"), []v1beta1.RestartCause{v1beta1.RestartOnConfigMaps})
	if got := strings.Join(Shown(names, template), "; "); got != "ConfigMap a, b" {
		t.Errorf("it shows %s", got)
	}
}

// What a user writes into a topology's conf is not believed to be more than text.
func TestParseInputsOfAnyText(t *testing.T) {
	for _, said := range []string{"", ",", ":", "a", "key", "key:", "a:b:c", "none", ",,a:,"} {
		i := ParseInputs(said)
		if again := ParseInputs(i.String()); !cmp.Equal(i, again) {
			t.Errorf("%q: %v, then %v", said, i, again)
		}
	}
}
