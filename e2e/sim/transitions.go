package sim

import (
	"maps"
	"slices"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// transitions are what storm.Next may answer to each kind of world that a handover may
// see. A full run comes by all of them, and no run by another. What an act leaves
// behind is looked at again ("look"), so only worlds that are acted in have that.
// Storm's no follows from an act too, and so never while Storm is silent.
var transitions = map[string][]storm.Do{
	"nothing":                        {storm.DoLook, storm.DoWaitShown, storm.Stop, storm.Unreachable},
	"another Storm":                  {storm.OtherStorm},
	"no topology":                    {storm.DoLook, storm.DoUpload, storm.DoDepend, storm.DoSubmit, storm.DoWaitShown, storm.Stop, storm.Rejected, storm.GiveUp, storm.JarRefused},
	"a killed topology":              {storm.DoWaitGone, storm.Stop, storm.NameConflict},
	"an unreadable topology":         {storm.NameConflict, storm.DoLook, storm.DoUpload, storm.DoDepend, storm.DoProbe, storm.DoKill, storm.Stop, storm.Rejected, storm.GiveUp, storm.JarRefused}, // all but the first: its very id is adopted
	"another owner's topology":       {storm.DoLook, storm.NameConflict, storm.DoUpload, storm.DoDepend, storm.DoProbe, storm.DoKill, storm.Stop, storm.Rejected, storm.GiveUp, storm.JarRefused},
	"our topology, this revision":    {storm.Done},
	"our topology, newer":            {storm.StepBack},
	"our topology, another revision": {storm.DoLook, storm.DoUpload, storm.DoDepend, storm.DoProbe, storm.DoKill, storm.Stop, storm.Rejected, storm.GiveUp, storm.JarRefused},
}

// seldom are transitions that take so many failures of different kinds, one after the
// other, that a run need not come by them: another topology has taken the name while a
// submission whose answer was lost may still appear.
var seldom = map[string][]storm.Do{
	"no topology":                    {storm.Unreachable},
	"a killed topology":              {storm.StepBack}, // a pod of an older generation outlives the kill of a newer one
	"an unreadable topology":         {storm.Unreachable, storm.DoWaitShown},
	"another owner's topology":       {storm.Unreachable, storm.DoWaitShown, storm.StepBack}, // the last: its very id is adopted, and a submission beside what runs finds it at its name
	"our topology, another revision": {storm.Unreachable, storm.DoWaitShown, storm.StepBack}, // the last: a submission beside what runs, whose name is taken after all
}

// missed are the rules, transitions and traps that a run did not come by.
func (c *coverage) missed(rules []string) []string {
	var missed []string
	for _, rule := range rules {
		if c.rules[rule] == 0 {
			missed = append(missed, "rule "+rule)
		}
	}
	for _, sees := range slices.Sorted(maps.Keys(transitions)) {
		for _, do := range transitions[sees] {
			if t := (transition{sees, do}); c.transitions[t] == 0 {
				missed = append(missed, t.String())
			}
		}
	}
	for _, trap := range traps {
		if c.traps[trap] == 0 {
			missed = append(missed, "trap "+trap)
		}
	}
	return missed
}

// unknown are the transitions of a run that are not in the list.
func (c *coverage) unknown() []string {
	var unknown []string
	for t := range c.transitions {
		if !slices.Contains(transitions[t.sees], t.do) && !slices.Contains(seldom[t.sees], t.do) {
			unknown = append(unknown, t.String())
		}
	}
	slices.Sort(unknown)
	return unknown
}
