package testkit

import (
	"strings"
	"testing"
)

func TestForm(t *testing.T) {
	for message, want := range map[string]struct {
		act    bool
		faults string
	}{
		`Image "mycompany/x:1" has no /app/topology.jar. It has /app/my-topology-1.2.jar: set spec.topology.jar.container.path to it.`: {act: true},
		`spec.killWaitSeconds must be a whole number; it is the text "30". Remove the quotes.`:                                         {act: true},
		`Revision 8d1f keeps running. Fix main, or its settings. Any change of the spec tries again.`:                                  {act: true},
		"2 of 3 workers are up.": {},
		"If Storm does not answer, the topology keeps running, and Stormhooks waits.":                     {},
		`The topology is not Stormhooks'. To adopt it: kubectl annotate stormtopology a -n b x/adopt=a-1`: {act: true},
		"Main failed. Fix main. Last output: a, it is a mess " + strings.Repeat("x", 500):                 {act: true},
		`Component "count" reported: java.lang.RuntimeException: x`:                                       {},
		"image \"x\" is missing.":                                      {faults: "capital"},
		"2 workers, no errors":                                         {faults: "full stop"},
		"The Job was refused, it is tried again.":                      {faults: "comma"},
		"Nothing is left to wait for.":                                 {faults: "no object"},
		"Main of the topology failed three times.":                     {act: true, faults: "no step"},
		"Fix main. The JAR is fine. It was checked. So was the image.": {act: true, faults: "no step"},
		"The topology " + strings.Repeat("x", MessageLimit) + ".":      {faults: "bytes"},
	} {
		got := strings.Join(Form(message, want.act), "; ")
		if (got == "") != (want.faults == "") || !strings.Contains(got, want.faults) {
			t.Errorf("%.120q: found %q, want %q", message, got, want.faults)
		}
	}
}
