package storm

import "testing"

// A look at two names proves what neither of them has only where it proves that of both: one
// that is denied by a Nimbus that may not lead may exist.
func TestAViewOfTwoNamesProvesBoth(t *testing.T) {
	there, listed, denied := View{Fresh: true, Topology: &Topology{ID: "a-1-1"}}, View{Fresh: true, Listed: true}, View{Fresh: true, Denied: true}
	for name, test := range map[string]struct {
		view  View
		other View
		want  bool
	}{
		"both are there":                            {there, there, true},
		"one is there, the list lacks the other":    {there, listed, true},
		"one is there, the other is denied":         {there, denied, false},
		"one is denied, the other is there":         {denied, there, false},
		"the second look was made from a cache":     {there, View{Listed: true}, false},
		"the list has neither":                      {listed, listed, true},
		"Storm does not answer for the second name": {there, View{Problem: "silent"}, false},
	} {
		view := test.view.With(test.other)
		if got := view.Proves(); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
		if view.Other != nil && view.Swapped().Proves() != test.want {
			t.Errorf("%s: the other way round it is not so", name)
		}
	}
}
