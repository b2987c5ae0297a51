package stories

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
)

// TestSampler: a gap begins with the last look that saw the old one active, and
// what merely changes its status back is not another topology.
func TestSampler(t *testing.T) {
	s := &sampler{name: "a"}
	began := time.Unix(1795510306, 0)
	for i, is := range []string{"a-1 ACTIVE", "a-1 ACTIVE", "a-1 KILLED", "", "a-2 ACTIVE", "a-2 INACTIVE", "a-2 ACTIVE"} {
		list := []nimbus.Summary{{Name: "other", ID: "other-1", Status: "ACTIVE"}}
		if is != "" {
			list = append(list, nimbus.Summary{Name: "a", ID: is[:3], Status: is[4:]})
		}
		at := began.Add(time.Duration(i) * time.Second)
		s.note(list, at, at)
	}
	want := `   0.0s ACTIVE a-1
   2.0s KILLED a-1
   3.0s gone 
   4.0s ACTIVE a-2
   5.0s INACTIVE a-2
   6.0s ACTIVE a-2
figure: gap 3.0s from the last look that saw it active to the first that saw its successor
looked at 7 times, at most 1000 ms apart
`
	if diff := cmp.Diff(want, s.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if left, ever := s.left(); !ever || !left.Equal(began.Add(2*time.Second)) {
		t.Errorf("left at %s, %t", left, ever)
	}
}
