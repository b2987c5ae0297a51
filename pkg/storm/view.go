package storm

// The status of a topology, as Storm spells it.
const (
	Active      = "ACTIVE"
	Inactive    = "INACTIVE"
	Killed      = "KILLED"
	Rebalancing = "REBALANCING"
)

// View is what Storm said of one topology name, in one look.
type View struct {
	// Problem says why Storm did not answer; empty if it did. It has no time and no
	// countdown, so that a status stays the same.
	Problem string
	// TooOld: Storm answers, and lacks what Stormhooks needs. Lasting: the problem stays
	// until a person changes something, so nothing is gained by a wait.
	TooOld, Lasting bool
	// Identity identifies the Storm (IdentityOf).
	Identity string
	// Scheduler is the class that assigns slots to topologies (storm.scheduler in the
	// conf of Nimbus); empty for the default.
	Scheduler string
	// Listed: this look used the list of topologies, which alone proves that a
	// topology is absent. A look by id that found its topology does not need it.
	Listed bool
	// Denied: the Nimbus that leads has no topology of the name. That does not prove it.
	Denied bool
	// Leader is the Nimbus that led when the list was read that has nothing under the name,
	// and for minutes before (Seen.ProvesAbsence); zero if that is not known.
	Leader Leader
	// Fresh: nothing in it comes from an earlier call. Only fresh views justify a call
	// that changes something.
	Fresh bool
	// ImpossibleID: the list has the name with an id that Storm cannot make (ValidID).
	// That topology belongs to no one, and counts as absent.
	ImpossibleID bool
	// Topology is what Storm has under the name; nil if nothing, which is proof only
	// if Listed.
	Topology *Topology
	// Other is what Storm has under a second name, in the same look; nil if that was not
	// asked. It has the same Identity, Scheduler and Fresh, and no Other.
	Other *View `json:",omitempty"`
}

// Answered says whether Storm answered at all.
func (v View) Answered() bool { return v.Problem == "" }

// Gone says whether Storm certainly has no topology under the name.
func (v View) Gone() bool { return v.Answered() && v.Listed && v.Topology == nil }

// Proves says whether the view justifies what needs a proof: it is fresh, and what it does
// not have, Storm does not have. Of two names, it proves both.
func (v View) Proves() bool {
	return v.Fresh && (v.Listed || v.Topology != nil) && (v.Other == nil || v.Other.Proves())
}

// With is a view of two names. Where one of them was not answered, neither was.
func (v View) With(other View) View {
	if !other.Answered() {
		return other
	}
	v.Fresh = v.Fresh && other.Fresh
	other.Fresh = v.Fresh
	v.Other = &other
	return v
}

// Swapped is the same look with the second name first. Only for one with an Other.
func (v View) Swapped() View {
	first := *v.Other
	v.Other = nil
	first.Other = &v
	return first
}

// resourceAware is the scheduler that assigns slots by resources alone (v2.8.1).
const resourceAware = "org.apache.storm.scheduler.resource.ResourceAwareScheduler"

// IgnoresWorkers says whether the scheduler ignores topology.workers.
func (v View) IgnoresWorkers() bool { return v.Scheduler == resourceAware }

// DescriptionLimit is how many bytes are read of Nimbus's description of one topology. A
// topology with a thousand executors and statistics needs about five million.
const DescriptionLimit = 32 << 20

// Topology is one topology in Storm.
type Topology struct {
	ID, Name string
	// Status is Active, Inactive, Killed or Rebalancing.
	Status string
	// Fingerprint is what its conf says. ConfKnown is false if the conf could not be
	// read (ConfProblem says why); then its owner is unknown.
	Fingerprint Fingerprint
	ConfKnown   bool
	ConfProblem string
	// WorkersWanted is topology.workers of its conf; 0 if unknown.
	WorkersWanted int
	// MessageTimeout is topology.message.timeout.secs of its conf; 0 if unknown.
	MessageTimeout int
	// Workers is how many distinct (host, port) have executors assigned. WorkersUp is
	// how many of them have an executor that sent a heartbeat.
	Workers, WorkersUp int
	Executors, Tasks   int
	// Components are those with executors that are assigned, Storm's own among them, sorted
	// by name; nil if they are not known.
	Components []Component
	// OldestUptime is the longest uptime of an executor, in seconds, as last reported.
	OldestUptime int
	// YoungestUptime is the uptime of the youngest worker that is assigned, in seconds, as
	// last reported: 0 if one has not reported. A worker reports it once a minute, and one
	// that crashed keeps what it reported last until another one reports in its place.
	YoungestUptime int
	// Uptime is for how long Nimbus has had the topology, in seconds, by Nimbus's clock.
	Uptime int
	// Detailed: workers and executors come from getTopologyInfoWithOpts, not from the
	// list, which does not know heartbeats.
	Detailed bool
	// TooLarge: getTopologyInfoWithOpts has more bytes than are read (DescriptionLimit), or
	// than arrive in the time of the call.
	// Undescribed: Nimbus fails in it. In both cases the numbers are those of the list,
	// and each assigned worker counts as up.
	TooLarge, Undescribed bool
	// SchedStatus is the text of the scheduler, often empty.
	SchedStatus string
	// LastError is the newest error that a component reported; nil if none did.
	LastError *ComponentError
}

// Counted says whether WorkersUp is known.
func (t *Topology) Counted() bool { return t.Detailed || t.TooLarge || t.Undescribed }

// Alive says whether it counts as running. A killed topology never does, whatever its
// fingerprint.
func (t *Topology) Alive() bool { return t != nil && t.Status != Killed }

// ComponentError is an error that a component reported to Storm.
type ComponentError struct {
	Component, Message, Host string
	// Time is in seconds since 1970.
	Time int64
}

// ClusterView is what Storm said of itself.
type ClusterView struct {
	// Problem says why Storm did not answer; empty if it did. TooOld: it did, and lacks
	// what Stormhooks needs.
	Problem string
	TooOld  bool
	// Identity identifies the Storm (IdentityOf).
	Identity string
	// Version is that of the leader, Leader its host:port.
	Version, Leader string
	// RunsOthers: it may accept topologies of another major version. AuthorizesNames: only a
	// caller with a name may read and kill a topology (AuthorizesNames).
	RunsOthers, AuthorizesNames bool
	Supervisors                 int
	SlotsTotal                  int
	SlotsUsed                   int
	Topologies                  int
}

// Answered says whether Storm answered at all.
func (v ClusterView) Answered() bool { return v.Problem == "" }

// Verb is a call that changes something in Storm.
type Verb string

// The calls that the hook server makes. It does not submit: the submitting pod does.
const (
	Kill       Verb = "kill"
	Activate   Verb = "activate"
	Deactivate Verb = "deactivate"
	Rebalance  Verb = "rebalance"
	// Forget deletes dependencies that no topology uses.
	Forget Verb = "forget"
)

// Call is one call to make. Storm acts by name; ID is the topology that had the name
// when the call was decided.
type Call struct {
	Verb     Verb
	Name, ID string
	// WaitSeconds of a kill or a rebalance; nil is Storm's default (MessageTimeout).
	WaitSeconds *int32
	// Workers, Executors (by component) and Overrides of a rebalance; 0 workers keeps their
	// number. Nimbus does not look for the components, and does not check overrides, and a wrong one puts it into a crash loop (Nimbus.java,
	// v2.8.1): they are Cheap settings of the type that Nimbus needs.
	Workers   int32
	Executors map[string]int32 `json:",omitempty"`
	Overrides map[string]any
	// Mark is in the keys of the blobs that Forget deletes.
	Mark string `json:",omitempty"`
}

// Outcome is the result of a call; Problem is empty if Storm accepted it.
type Outcome struct {
	Call    Call
	Problem string
}
