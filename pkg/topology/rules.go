package topology

// Rule claims a topology and decides for it, or passes it on.
type Rule struct {
	Name   string
	decide func(Observed) (Decision, bool)
	// Why says why the rule stands at its place.
	Why string
}

// rules are asked from top to bottom; the first that claims the topology decides
// for it. Reading this list is reading the product's behaviour. Each rule is in the
// file of its name.
var rules = []Rule{
	{"deleting", deleting, "first: nothing but Storm itself may hold a deletion"},
	{"paused", paused, "a person's hand is on it: no rule below may act"},
	{"invalid spec", invalidSpec, "a wrong spec must not reach Storm; what runs keeps running"},
	{"cluster missing", clusterMissing, "from here on Storm's answer is needed"},
	{"storm unreachable", stormUnreachable, "Must 4: without an answer nothing may change"},
	{"another storm", anotherStorm, "Must 4: nor by the answer of another Storm"},
	{"name conflict", nameConflict, "Must 3: before anything could replace a topology that this object did not submit"},
	{"two active", twoActive, "Must 1: before anything is decided for the one that counts"},
	{"rebalancing", rebalancing, "Storm accepts no call but a kill until it is done"},
	{"switch over", switchOver, "the aim is in Storm beside what runs: it takes over, before what runs is activated again"},
	{"previous", previous, "the aim runs: the one beside it goes, unless it is the way back"},
	{"running", running, "the fixed point: the target revision runs, nothing more is requested"},
	{"activity", activity, "another revision runs: spec.suspend stops or resumes it"},
	{"workers ignored", workersIgnored, "nothing below could make the target run as it says; what runs so already is left alone above"},
	{"rebalance", rebalance, "the cheapest change, before anything is extracted for a restart"},
	{"surplus", surplus, "a restart: what is beside and not the aim makes room"},
	{"killed", killed, "the target revision drains: it still holds the name"},
	{"held", held, "suspended, or its cluster is being deleted, and nothing runs: nothing is extracted or submitted"},
	{"missing", missing, "it ran and is gone: look twice before it is resubmitted"},
	{"rollback", rollback, "the target failed, and the way back has ended; on the way the rules below work"},
	{"failed", failed, "as many attempts have failed as follow soon: one follows later, or the spec must change"},
	{"unset names", unsetNames, "from here on a submission is prepared; what runs, and a rebalance, do not need its variables"},
	{"jar not ready", jarNotReady, "a submission needs its JAR"},
	{"second name", secondName, "a submission beside what runs needs a free name"},
	{"submit", submit, "its Job also replaces the revision that runs"},
}

// Rules are the rules in their order, for documents, metrics and tests.
func Rules() []Rule { return rules }

// Decide asks the rules. The last of them claims whatever is left.
func Decide(seen Observed) Decision {
	for _, rule := range rules {
		if decision, claimed := rule.decide(seen); claimed {
			decision.Rule = rule.Name
			if seen.mustRemember() && (seen.Target.Runs || seen.twoNames()) {
				decision.Calls = nil // the way back may be a rebalance, or a switch
			}
			return decision
		}
	}
	panic("no rule claims the topology: the last one must")
}
