package storm

// Status of a topology, as Storm spells it.
const (
	Active      = "ACTIVE"
	Inactive    = "INACTIVE"
	Killed      = "KILLED"
	Rebalancing = "REBALANCING"
)

// View is what a Storm said of one topology name, in one look.
type View struct {
	// Problem says in plain words why Storm gave no answer; empty when it did.
	// Nothing in it moves (no time, no countdown), so that a status stays the same.
	Problem string
	// Identity is the hash that tells one Storm from another (IdentityOf).
	Identity string
	// Scheduler is the class that gives topologies their slots (storm.scheduler of
	// Nimbus's conf), empty for Storm's own.
	Scheduler string
	// Listed: the list of topologies stood behind this look, so that absence
	// can be believed. A look by id that found its topology has no need of it.
	Listed bool
	// Fresh: nothing in it was kept from an earlier call. Calls are made on
	// fresh views only.
	Fresh bool
	// Topology is what Storm has under the name; nil where it has none
	// (believe that only where Listed).
	Topology *Topology
}

// Answered says whether Storm answered at all.
func (v View) Answered() bool { return v.Problem == "" }

// Gone says whether Storm surely has no topology under the name.
func (v View) Gone() bool { return v.Answered() && v.Listed && v.Topology == nil }

// resourceAware is the scheduler that gives slots by resources alone
// (org.apache.storm.scheduler.resource.ResourceAwareScheduler, v2.8.1).
const resourceAware = "org.apache.storm.scheduler.resource.ResourceAwareScheduler"

// IgnoresWorkers says whether its scheduler pays no heed to topology.workers.
func (v View) IgnoresWorkers() bool { return v.Scheduler == resourceAware }

// Topology is one topology in Storm.
type Topology struct {
	ID, Name string
	// Status is Active, Inactive, Killed or Rebalancing.
	Status string
	// Fingerprint is what its conf says; ConfKnown is false where the conf was
	// not to be had (ConfProblem says why), and then nobody knows whose it is.
	Fingerprint Fingerprint
	ConfKnown   bool
	ConfProblem string
	// WorkersWanted is topology.workers of its conf, 0 when unknown.
	WorkersWanted int
	// Workers are the distinct (host, port) that executors are assigned to,
	// WorkersUp those of them with an executor that has sent a heartbeat.
	Workers, WorkersUp int
	Executors, Tasks   int
	// OldestUptime is that of the executor that has run longest, in seconds, as it
	// reported last.
	OldestUptime int
	// Detailed: workers and executors were read by getTopologyInfoWithOpts,
	// and not from the list, which knows no heartbeats.
	Detailed bool
	// SchedStatus is the scheduler's own word, often empty.
	SchedStatus string
	// LastError is the newest error that a component reported; nil when none.
	LastError *ComponentError
}

// Alive says whether it counts as running: a killed topology never does,
// whatever its fingerprint.
func (t *Topology) Alive() bool { return t != nil && t.Status != Killed }

// ComponentError is an error that a component reported to Storm.
type ComponentError struct {
	Component, Message, Host string
	// Time is in seconds since 1970.
	Time int64
}

// ClusterView is what a Storm said of itself.
type ClusterView struct {
	// Problem says in plain words why Storm gave no answer; empty when it did.
	Problem string
	// Identity is the hash that tells one Storm from another.
	Identity string
	// Version as the leader says it, Leader its host:port.
	Version, Leader string
	Supervisors     int
	SlotsTotal      int
	SlotsUsed       int
	Topologies      int
}

// Answered says whether Storm answered at all.
func (v ClusterView) Answered() bool { return v.Problem == "" }

// Verb is a call that changes something in Storm.
type Verb string

// The calls that the hook server makes. It submits nothing: that is the
// submitting pod's.
const (
	Kill       Verb = "kill"
	Activate   Verb = "activate"
	Deactivate Verb = "deactivate"
	Rebalance  Verb = "rebalance"
)

// Call is one call to be made. Storm acts by name; ID is what the name stood
// for when the call was decided.
type Call struct {
	Verb     Verb
	Name, ID string
	// WaitSeconds of a kill or a rebalance; nil is Storm's own
	// (topology.message.timeout.secs).
	WaitSeconds *int32
	// Workers and Overrides of a rebalance; 0 workers leaves their number alone.
	// Nimbus does not check overrides, and a wrong one stops it in a crash loop
	// (Nimbus.java, v2.8.1): they are Cheap settings of the type that it wants.
	Workers   int32
	Overrides map[string]any
}

// Outcome is what became of a call; Problem is empty when Storm took it.
type Outcome struct {
	Call    Call
	Problem string
}
