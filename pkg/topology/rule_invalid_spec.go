package topology

import "strings"

// invalidSpec claims a spec that cannot be carried out. What runs keeps running.
func invalidSpec(seen Observed) (Decision, bool) {
	if len(seen.Target.Problems) == 0 {
		return pass()
	}
	return seen.refuse(strings.Join(seen.Target.Problems, " ")), true
}
