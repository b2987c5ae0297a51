// Package topology decides what a StormTopology needs: which children should
// exist, which calls Storm should get, and what its status says.
//
// In: a hook request of Metacontroller, and what Storm says. Out: an answer.
// Called by hooks, by the simulation, and by programs that import it. It knows
// no clock, network, file or randomness: same input, same bytes out.
//
// A call goes through the files in this order, and never back: a file uses its own
// declarations and those of files below it (a test holds that).
//
//	sync.go                 the walk on one screen: start here
//	decode.go               the objects of a request, typed
//	unread.go               what of them is not decoded, since nothing reads it
//	observe.go              the world of the call, sorted once
//	storm.go                whose the topology is that Storm has, and what changes it
//	aim.go                  the revision to work towards: the target, or the way back
//	goal.go                 what a revision needs, and its children
//	attempt.go              where each step towards it stands
//	child_problem.go        what is wrong with its child
//	retry.go                how often it is repeated, and when
//	rules.go                the rules, in the order in which they are asked
//	rule_NAME.go            one file for each rule, in the same order
//	workers.go              whether the workers are up
//	deletion_submission.go  whether a submission may still come
//	deletion_storm.go       whether the topology is gone from Storm
//	deletion_orphan.go      how the topology stays in Storm
//	acting.go               what several rules do
//	build.go                the children
//	report.go               the status
//	conditions.go           its conditions
//	history.go              what it remembers of revisions
//
// The values that they hand on, and what all of them use:
//
//	two_names.go            the two names of strategy BlueGreen
//	progress.go             whether what was submitted has come up, and in time
//	fewer_workers.go        whether Storm assigns fewer workers than it could
//	components.go           what the spec says of components, and what Storm has
//	component_errors.go     the last error that a component reported
//	last_template.go        what a rollback needs of the template of then
//	inputs.go               what main reads besides spec.topology, now and at the submission
//	decision.go             Decision: what a call comes to
//	wording.go              beginnings and ends of sentences
//	world.go                Observed, Goal, Target: what the rules see
//	helper_mount.go         how pods get the helper
//	answer.go               Answer: what Storm says, sorted
//	upload.go               what a failed submission left on Nimbus
//	child.go                Child, Attempt: what exists of a step, and where it stands
//	times.go                every wait
//
//	StormTopology ─▶ Metacontroller ─POST─▶ hooks ──▶ pkg: pure ──▶ {children, status, calls to Storm}
//	      ▲ related: StormCluster, pods,          │ ▲ what Storm says (Nimbus, Thrift)
//	      │          Namespaces                   │ └ ask: cached reads
//	      │ children                              └──▶ act: kill, (de)activate, rebalance
//	      │  PVC topology-jar-<name>
//	      │  Job topology-jar-extract-<name>
//	      └─ Job topology-submit-<name> or Pod topology-<name>: runs main against a recorder, then hands over to Nimbus
//
// The musts hold in every order of events, with stale reads, repeated calls and
// lost answers. A guard in the code names the one that it is for.
//
//  1. Never two ACTIVE topologies for one StormTopology, and never a second
//     submission of a revision that runs. With strategy BlueGreen two may exist, one
//     of them INACTIVE or KILLED.
//  2. A running topology is killed only when its successor has been recorded,
//     checked by Storm's client and by Nimbus as far as Nimbus can check, and its
//     JAR is on the leader; or when its StormTopology is deleted with policy Kill.
//     What the dry run cannot prove ends in the previous revision running again,
//     at once. The same holds for a deactivation in favour of a successor, whose
//     workers are also up.
//  3. A topology that this StormTopology did not submit is never killed, changed
//     or replaced unless it has this StormTopology's fingerprint.
//  4. While Storm is unreachable, another Storm answers, or the StormCluster is
//     missing, nothing that runs is changed and nothing is deleted; a deletion
//     says what it waits for and has a documented way out.
//  5. In a fair environment every topology reaches what its spec says, and then
//     the answers stop changing: no write, no event, no hot loop.
//  6. Every state that waits says what it waits for, and what a person can do.
//  7. Upgrading Stormhooks restarts no topology and recreates no Job.
//  8. Deleting a topology, its StormCluster and its whole namespace at once ends,
//     with the topologies gone from a Storm outside that namespace. That needs no
//     new object: in a terminating namespace nothing new is requested, and sync
//     already kills (policy Kill).
//
// A StormTopology for which no child was ever requested, and whose StormCluster
// does not exist, or whose Storm does not answer, is released without asking Storm: a
// misspelt clusterRef, which cannot be changed, or misspelt seeds must not make an object
// that cannot be deleted.
package topology
