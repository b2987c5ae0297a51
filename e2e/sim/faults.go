package sim

import (
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/stormhooks/stormhooks/e2e/standin"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// faults are what is wrong in a world for a while.
type faults struct {
	failing    bool   // Nimbus fails at what it is called for, without a type
	behind     bool   // Nimbus fails at submissions behind the JAR, where no dry run arrives
	full       bool   // Nimbus fails at uploads: its disk is full
	noJar      bool   // the JAR that a pod has sent is gone from the leader's disk
	away       bool   // a service that each main needs is away
	beside     bool   // another component puts a container that never ends into each pod
	unreadable string // why a topology's conf is not given; empty where it is
	answers    answers
	leader     int64 // how often another Nimbus became the leader
	// names is until when that one may lack names, settles until when the hook server does
	// not rely on it.
	names, settles time.Time
	quota          bool // the API server takes no pod
	aware          bool // Storm's scheduler is the Resource Aware one
	noexec         bool // the nodes run no program of a mounted image
	// skew is how far the nodes' clocks are ahead.
	skew time.Duration
	// returning is another owner's topology that was killed and is submitted again.
	returning comeback
	// steppedBack: the clocks of the hook servers did.
	steppedBack bool
	// late are submissions whose answer was lost and that Nimbus is still at.
	late []lateSubmission
	// nodes that are lost, by the pod that was on them.
	nodes map[types.UID]*lostNode
	// ghosts are pods that were deleted by force, and whose process keeps running.
	ghosts map[types.UID]*unstructured.Unstructured
	// lies are what main, or the image, writes into a pod's termination message.
	lies map[types.UID]string
	// directed are traps that spring at their next occasion, in a directed world.
	directed []string
}

// comeback is when and where another owner submits its topology again that was killed;
// zero where none was.
type comeback struct {
	at time.Time
	to *Storm
}

// lateSubmission outlives the process that waits for it, and ends with the pod's
// object: once that is gone nothing tells that there may be one.
type lateSubmission struct {
	pod types.UID
	to  *Storm
	at  time.Time
	submitted
}

// lostNode is a node that the API server does not hear from: its pod's phase stays,
// and its process keeps running or is gone. The node reports the result when it is back.
type lostNode struct {
	phase, message string
}

// otherIdentity is the Storm elsewhere.
const otherIdentity = "storm-2"

func (w *World) identity(s *Storm) string {
	switch s {
	case w.storms[0]:
		return stormIdentity
	case w.storms[1]:
		return otherIdentity
	}
	for seed, at := range w.route {
		if at == s {
			return "storm of " + seed
		}
	}
	return ""
}

// home is the Storm that the StormCluster stands for.
func (w *World) home() *Storm {
	if w.clusterIdentity() == otherIdentity {
		return w.storms[1]
	}
	return w.storms[0]
}

// shown is a view of the Storm that the seeds lead to.
func (w *World) shown(s *Storm, view storm.View) storm.View {
	if !view.Answered() {
		return view
	}
	view.Identity = w.identity(s)
	if w.faults.aware {
		view.Scheduler = "org.apache.storm.scheduler.resource.ResourceAwareScheduler"
	}
	if w.faults.unreadable != "" && view.Topology != nil {
		hidden := *view.Topology
		hidden.ConfKnown, hidden.ConfProblem, hidden.Fingerprint = false, w.faults.unreadable, storm.Fingerprint{}
		view.Topology = &hidden
	}
	return w.described(view)
}

// leader is the Nimbus that leads a Storm.
func (w *World) leader(s *Storm) storm.Leader {
	if s != w.storms[0] {
		return storm.Leader{Host: "nimbus-elsewhere", Port: 6627, Start: 1}
	}
	return storm.Leader{Host: "nimbus-0", Port: 6627, Start: 1 + 100*w.faults.leader}
}

func (w *World) anotherLeads() {
	w.faults.leader++
	w.faults.names, w.faults.settles = w.now.Add(namesWithin), w.now.Add(leaderSettles)
	w.note("nimbus: another one leads")
}

const (
	// namesWithin is how long a Nimbus that begins to lead may lack what its predecessor
	// accepted.
	namesWithin = 2 * time.Minute
	// leaderSettles is that of hooks/internal/storms.
	leaderSettles = 5 * time.Minute
)

// arrivals are the late submissions that Nimbus has come to the end of.
func (w *World) arrivals() {
	if back := w.faults.returning; back.to != nil && !w.now.Before(back.at) {
		w.faults.returning = comeback{}
		w.othersSubmit(back.to)
	}
	w.faults.late = slices.DeleteFunc(w.faults.late, func(l lateSubmission) bool {
		if w.now.Before(l.at) {
			return false
		}
		if id, err := l.to.Submit(l.submitted); err == nil {
			w.note("nimbus: a submission of a while ago is there, as %s", id)
		}
		return true
	})
}

// podEnds: nothing is left of a pod, and it does nothing more.
func (w *World) podEnds(uid types.UID) {
	delete(w.processes, uid)
	delete(w.faults.nodes, uid)
	delete(w.faults.ghosts, uid)
	delete(w.faults.lies, uid)
	w.faults.late = slices.DeleteFunc(w.faults.late, func(l lateSubmission) bool { return l.pod == uid })
}

// end: nothing is wrong any more.
func (w *World) endFaults() {
	w.storms[0].Down, w.storms[1].Down = false, false
	w.storms[0].lacks, w.storms[1].lacks = false, false
	w.endCrashes()
	w.storm = w.home()
	w.faults.returning = comeback{}
	w.faults.failing, w.faults.behind, w.faults.full = false, false, false
	w.faults.unreadable, w.faults.quota, w.faults.aware, w.faults.noexec = "", false, false, false
	w.faults.answers.list = "" // a topology stays as large as it is
	for _, uid := range w.lostNodes() {
		w.nodeReturns(uid)
	}
}

// lostNodes are the pods on lost nodes, in a fixed order.
func (w *World) lostNodes() []types.UID { return slices.Sorted(maps.Keys(w.faults.nodes)) }

func (w *World) nodeReturns(uid types.UID) {
	node := w.faults.nodes[uid]
	delete(w.faults.nodes, uid)
	for _, pod := range w.memory.List(pods.Resource, namespace) {
		if pod.GetUID() != uid {
			continue
		}
		w.note("node: that of pod %s is back %s", pod.GetName(), node.phase)
		if node.phase != "" {
			w.endPod(pod, node.phase, node.message)
		}
	}
}

// faulty are the moves by which something goes wrong.
func (w *World) faulty() []move {
	always := func() bool { return true }
	return []move{
		{"Nimbus goes or comes", 2, always, func() {
			w.storm.Down = !w.storm.Down
			w.note("nimbus: down %v", w.storm.Down)
		}},
		{"Nimbus fails or works", 1, always, func() {
			w.faults.failing = !w.faults.failing
			w.note("nimbus: fails at each call %v", w.faults.failing)
		}},
		{"Nimbus fails behind the JAR or works", 2, always, func() {
			w.faults.behind = !w.faults.behind
			w.note("nimbus: fails behind the JAR %v", w.faults.behind)
		}},
		{"Nimbus fails behind the JAR at what a pod is about to submit", 6, func() bool { return len(w.aboutToAct()) > 0 }, func() {
			w.faults.behind = true
			w.note("nimbus: fails behind the JAR %v", w.faults.behind)
		}},
		{"Nimbus's disk is full or not", 1, always, func() {
			w.faults.full = !w.faults.full
			w.note("nimbus: its disk is full %v", w.faults.full)
		}},
		{"a service that main needs is away or back", 1, always, func() {
			w.faults.away = !w.faults.away
			w.note("main: a service that it needs is away %v", w.faults.away)
		}},
		{"pods get a container that never ends, or none", 1, always, func() {
			w.faults.beside = !w.faults.beside
			w.note("pods: get a container that never ends %v", w.faults.beside)
		}},
		{"Nimbus fails for two minutes", 1, always, w.nimbusFails},
		{"Nimbus fails for two minutes before what is adopted is replaced", 8, w.replacesAdopted, w.nimbusFails},
		{"Nimbus's disk is full before what is adopted is replaced", 8, w.replacesAdopted, func() {
			w.faults.full = true
			w.note("nimbus: its disk is full")
		}},
		{"another Nimbus leads", 1, always, func() {
			w.anotherLeads()
		}},
		{"confs are kept or given", 1, always, func() {
			w.faults.unreadable = oneMoreOf(w, w.faults.unreadable, confsKept)
			w.note("nimbus: keeps confs to itself: %s", w.faults.unreadable)
		}},
		{"the list of topologies is too large, too slow or right", 2, always, func() {
			w.faults.answers.list = oneMoreOf(w, w.faults.answers.list, listsLost)
			w.note("nimbus: its list: %s", w.faults.answers.list)
		}},
		{"descriptions of topologies are too large or right", 1, always, func() {
			w.faults.answers.undescribed = !w.faults.answers.undescribed
			w.note("nimbus: its descriptions are too large %v", w.faults.answers.undescribed)
		}},
		{"a rebalance by hand to fewer workers", 6, w.hasWorkersToLose, w.rebalancesByHand},
		{"the seeds lead elsewhere or back", 1, w.identityKnown, func() {
			if w.storm == w.storms[0] {
				w.storm = w.storms[1]
			} else {
				w.storm = w.storms[0]
			}
			w.note("seeds: lead to %s", w.identity(w.storm))
		}},
		{"pods are refused or taken", 1, always, func() {
			w.faults.quota = !w.faults.quota
			w.note("quota: takes no pod %v", w.faults.quota)
		}},
		{"nodes run no program of a mounted image, or do", 1, always, func() {
			w.faults.noexec = !w.faults.noexec
			w.note("nodes: run no program of a mounted image %v", w.faults.noexec)
		}},
		{"Storm's scheduler is another", 1, always, func() {
			w.faults.aware = !w.faults.aware
			w.note("nimbus: the scheduler is resource aware %v", w.faults.aware)
		}},
		{"the nodes' clocks are ahead, behind or right", 1, always, func() {
			w.faults.skew = []time.Duration{0, 3 * time.Hour, -3 * time.Hour}[w.choose(3)]
			w.note("nodes: their clocks are ahead by %s", w.faults.skew)
		}},
		{"the hook servers' clocks step back", 1, func() bool { return !w.faults.steppedBack }, w.clocksStepBack},
		{"a node is lost", 8, func() bool { return len(w.onNodes()) > 0 }, func() { w.loses(w.onNodes()) }},
		{"a lost node comes back", 3, func() bool { return len(w.faults.nodes) > 0 }, func() {
			lost := w.lostNodes()
			w.nodeReturns(lost[w.choose(len(lost))])
		}},
		{"another hook server answers", 4, always, func() {
			w.serving = 1 - w.serving
			w.note("stormhooks: server %d answers from now on", w.serving)
		}},
		{"Metacontroller restarts", 1, always, func() {
			w.note("metacontroller: restarts")
			w.startControllers()
		}},
		{"Stormhooks is upgraded", 1, always, func() {
			w.config = []topology.Config{
				{HelperImage: "helper:1"},
				{HelperImage: "helper:2"},
				{HelperImage: "helper:2", HelperMount: topology.HelperMountImageVolume},
				{HelperImage: "helper:2", HelperMount: topology.HelperMountInitContainer},
			}[w.choose(4)]
			w.note("stormhooks: now with %s, mounted %s", w.config.HelperImage, w.config.HelperMount)
		}},
		{"a pod is deleted by force", 6, func() bool { return len(w.forceable()) > 0 }, w.deleteByForce},
		{"a pod hangs", 8, func() bool { return len(w.onNodes()) > 0 }, func() {
			uids := w.onNodes()
			uid := uids[w.choose(len(uids))]
			w.processes[uid].next = w.now.Add(time.Duration(w.choose(60)) * time.Second)
			w.note("pod %s: hangs", uid)
		}},
		{"a pod crashes", 4, func() bool { return len(w.onNodes()) > 0 }, func() { w.crashes(w.onNodes()) }},
	}
}

// nimbusFails: the pods keep running for two minutes, and Nimbus fails at each call.
func (w *World) nimbusFails() {
	w.note("nimbus: fails at each call for two minutes")
	failed := w.faults.failing
	w.faults.failing = true
	for range 40 {
		for _, pod := range w.memory.List(pods.Resource, namespace) {
			w.kubelet(pod)
		}
		w.passes(3 * time.Second)
	}
	w.faults.failing = failed
}

// replacesAdopted says whether a pod is about to replace what its object adopted.
func (w *World) replacesAdopted() bool {
	return slices.ContainsFunc(w.onNodes(), func(uid types.UID) bool {
		p := w.processes[uid]
		return p.seen.View.Topology != nil && p.seen.View.Topology.ID == p.submission.Adopt
	})
}

// onNodes are the pods that run, on nodes that are not lost.
func (w *World) onNodes() []types.UID {
	var uids []types.UID
	for _, pod := range w.memory.List(pods.Resource, namespace) {
		if uid := pod.GetUID(); w.processes[uid] != nil && w.faults.nodes[uid] == nil {
			uids = append(uids, uid)
		}
	}
	return uids
}

// wrongs are the fixes of all that is wrong, one for each. Without them most of
// a schedule would pass in a world in which nothing can work.
func (w *World) wrongs() []func() {
	var fixes []func()
	fix := func(wrong bool, what string, do func()) {
		if wrong {
			fixes = append(fixes, func() { w.note("fixed: %s", what); do() })
		}
	}
	fix(w.storm.Down, "Nimbus is up", func() { w.storm.Down = false })
	fix(w.faults.failing, "Nimbus works", func() { w.faults.failing = false })
	fix(w.faults.behind, "Nimbus works behind the JAR", func() { w.faults.behind = false })
	fix(w.faults.full, "Nimbus's disk has room", func() { w.faults.full = false })
	fix(w.faults.away, "the service that main needs is back", func() { w.faults.away = false })
	fix(w.faults.unreadable != "", "confs are given", func() { w.faults.unreadable = "" })
	fix(w.faults.answers.list != "", "the list is read", func() { w.faults.answers.list = "" })
	fix(w.storm.lacks, "Storm has slots", func() { w.storm.lacks = false })
	fix(w.faults.noexec, "nodes run programs of mounted images", func() { w.faults.noexec = false })
	fix(w.faults.quota, "pods are taken", func() { w.faults.quota = false })
	fix(w.storm != w.home(), "the seeds lead home", func() { w.storm = w.home() })
	parent := w.parent()
	fix(parent != nil && parent.GetAnnotations()[v1beta1.AnnotationPaused] == "true", "it is not paused", func() { w.annotate(v1beta1.AnnotationPaused, "false") })
	return fixes
}

// moments are the moves of moments that matter: a pod has looked, is about to kill or
// to submit, and does not see what changes from here on; or Nimbus is at a submission
// whose answer was lost.
func (w *World) moments() []move {
	return []move{
		{"a pod hangs before it acts", 2, func() bool { return len(w.aboutToAct()) > 0 }, w.hangsBeforeItActs},
		{"a node is lost before its pod acts", 1, func() bool { return len(w.aboutToAct()) > 0 }, func() {
			w.losesBeforeItActs(w.aboutToAct())
			w.maybeDeletes()
		}},
		{"another owner submits and is killed, while a pod is about to act", 1, func() bool {
			return len(w.aboutToAct()) > 0 && w.storm.topologies[stormName] == nil && !w.storm.Down
		}, func() {
			w.othersSubmit(w.storm)
			w.killByHand()
		}},
		{"a pod crashes between kill and submission, and the topology is suspended", 2, func() bool { return len(w.halfDone()) > 0 }, func() {
			w.crashes(w.halfDone())
			w.suspend(true)
		}},
		{"a pod crashes while Nimbus is at its submission", 1, func() bool { return len(w.waitingForNimbus()) > 0 }, func() {
			w.crashes(w.waitingForNimbus())
			w.maybeDeletes()
		}},
	}
}

// matters says whether it is a moment that matters.
func (w *World) matters() bool {
	for _, p := range w.processes {
		if p.aboutToAct(w.now) {
			return true
		}
	}
	return len(w.halfDone()) > 0 || len(w.faults.late) > 0
}

// losesBeforeItActs: what cuts a node off may keep its pod from Nimbus for a while, too.
func (w *World) losesBeforeItActs(uids []types.UID) {
	uid := uids[w.choose(len(uids))]
	w.processes[uid].next = w.now.Add([]time.Duration{0, 15 * time.Second, time.Minute}[w.choose(3)])
	w.loses([]types.UID{uid})
}

func (w *World) maybeDeletes() {
	if parent := w.parent(); parent != nil && !terminating(parent) && w.choose(3) > 0 {
		w.deleteParent()
	}
}

// waitingForNimbus are the pods of submissions that Nimbus is still at.
func (w *World) waitingForNimbus() []types.UID {
	if len(w.faults.late) == 0 {
		return nil
	}
	return slices.DeleteFunc(w.onNodes(), func(uid types.UID) bool {
		return !slices.ContainsFunc(w.faults.late, func(l lateSubmission) bool { return l.pod == uid })
	})
}

// halfDone are the pods between their kill and their submission.
func (w *World) halfDone() []types.UID {
	return slices.DeleteFunc(w.onNodes(), func(uid types.UID) bool { return w.processes[uid].seen.Killed == "" })
}

func (w *World) aboutToAct() []types.UID {
	return slices.DeleteFunc(w.onNodes(), func(uid types.UID) bool { return !w.processes[uid].aboutToAct(w.now) })
}

func (p *process) aboutToAct(now time.Time) bool {
	if p.seen.Upload.Location == "" || now.Before(p.next) {
		return false
	}
	do := storm.Next(p.seen, p.want()).Do
	return do == storm.DoKill || do == storm.DoSubmit
}

func (w *World) hangsBeforeItActs() {
	uids := w.aboutToAct()
	uid := uids[w.choose(len(uids))]
	seconds := []int{1, 3, 3 + w.choose(60)}[w.choose(3)]
	w.processes[uid].next = w.now.Add(time.Duration(seconds) * time.Second)
	w.note("pod %s: hangs between its look and its act", uid)
	if w.wantsAnother() && w.choose(3) > 0 {
		w.revertsSpec()
	}
}

func (w *World) loses(uids []types.UID) {
	uid := uids[w.choose(len(uids))]
	node := &lostNode{}
	if w.choose(2) == 0 {
		node.phase = "Failed"
		delete(w.processes, uid)
	}
	w.faults.nodes[uid] = node
	w.note("node: that of pod %s is lost, the process keeps running: %v", uid, node.phase == "")
}

// identityKnown: those who would act know which Storm is theirs.
func (w *World) identityKnown() bool {
	seen := w.memory.Cache(standin.Clusters.Resource).Get(namespace, "storm")
	return seen != nil && nested(seen, "status", "identity") != "" && w.clusterIdentity() == nested(seen, "status", "identity")
}

func (w *World) clusterIdentity() string {
	return nested(w.object(standin.Clusters, "storm"), "status", "identity")
}
