// Package stories runs the text files beside it on the real cluster: each is a
// story that a person can read, in a namespace of its own, several at once.
//
//	make e2e                    all of them
//	make e2e STORY=guide-copy   one
//	make e2e-core               those marked "# core", which make test runs
//
// A story is a testscript (github.com/rogpeppe/go-internal/testscript): its
// comments are the steps that a failure names, `! command` must fail, and
// stdout, cmp, cp, env are testscript's own. A check of stdout or stderr stands right
// after the command that printed it; a command that prints nothing leaves both empty.
// The rest:
//
//	kubectl ARGS              in the story's namespace, $NS
//	apply [FLAG…] FILE…       kubectl apply, with $NS and the like replaced in the file
//	guide N FILE              writes the N-th yaml example of docs/guide.md
//	until OBJECT COND… TIME   watches OBJECT (kind/name) until all of COND hold
//	hold TIME OBJECT COND…    watches that COND hold all the while
//	storm list                what Nimbus lists
//	storm wait NAME COND… TIME, storm hold TIME NAME COND…
//	storm kill NAME [WAIT]    by hand, past our hooks
//	storm deactivate NAME, storm activate NAME, storm rebalance NAME WORKERS [COMPONENT=EXECUTORS]…
//	storm id NAME VAR, storm conf NAME KEY
//	storm blob KEY            creates a blob that belongs to no topology
//	storm blobs PART N TIME   waits until N keys of Storm's blobs contain PART
//	sample NAME               looks at a topology in Storm ten times a second
//	sampled NAME [after LOG REGEXP]   ends that, and prints what was seen and the
//	                          gap between a topology and its successor; the first
//	                          one was ACTIVE until LOG had a line REGEXP
//	gaps NAME WAIT            median and worst gap of all its samples, beyond WAIT
//	storm own [CLASS] [KEY=VALUE…]   a Storm and a StormCluster `own` in $NS, for stories
//	                          that break Storm; KEY is a setting of its daemons, CLASS
//	                          its nimbus.topology.validator. Again: with other settings
//	storm pair [KEY=VALUE…]   the same Storm with two Nimbuses
//	storm tls                 a Storm whose Nimbus has TLS only, and requires a client
//	                          certificate; its authority is ca.crt, another one other.crt
//	                          and $OTHER
//	certificate NAME VALID    NAME.crt and NAME.key of that authority, valid so long from
//	                          now; below zero, expired
//	identity NAME             the hook server shows them to a Nimbus, until the story ends
//	identity renew NAME       the same Secret with others
//	storm leader VAR          sets VAR to the pod of the Nimbus that leads
//	storm backup, storm restore   what that Storm's Nimbus and ZooKeeper keep, while
//	                          neither runs; restore without a backup empties it
//	obey OBJECT               carries out the kubectl command that OBJECT's message ends with
//	read OBJECT JSONPATH VAR  sets the variable VAR
//	upgrade                   a later release of Stormhooks, until the story ends
//	option FLAG…              the hook server with more options, until the story ends; again:
//	                          with these instead
//	release make FOLDER       make release of the checkout's last commit
//	release install FOLDER    its image, by install.yaml, until the story ends
//	door close                hooks by TLS, token and client certificate, until the story ends
//	door knock                what those get who show only a part of it
//	storm model N LENGTH SEED N random sequences of calls, to the Storm at $NIMBUS and
//	                          to the simulation's model of it, compared call by call
//	repeat N FILE             the commands of FILE N times, with $ROUND from 1
//	figures start, figures    hook calls and API writes since the start, of the whole cluster
//	told NAME REASON [REGEXP] TIME   Ready says REASON; the log has a line
//	                          "figure:" with the seconds since it was applied
//	fixed NAME…               counts told's seconds from here on
//	logs-tell NAME [LOG]      kubectl logs job/topology-jar-extract-NAME (or LOG)
//	                          prints what the object's message begins with
//	until-log LOG REGEXP TIME   waits until kubectl logs LOG has a line REGEXP
//	until-kubectl REGEXP TIME ARGS   waits until kubectl ARGS prints a line REGEXP,
//	                          or fails with one
//	guide-jar N BASE FILE     the topology of BASE with the guide's N-th example as its jar
//	shown PAGE LABEL [WORD=VALUE]…   runs what a document shows (e2e/pages), with
//	                          its placeholders, and its times where this machine may be
//	                          slower, replaced
//	inline PAGE [WORD=VALUE]…   runs the commands in a document's sentences that only look
//	registry up|down          a registry of this story's own, registry.$NS.example
//	volume NAME SIZE CLASS    a PersistentVolume with no more room than SIZE
//	kubelet stop|start        the node's
//	prometheus start, prometheus answers TIME   each query of manifests/monitoring
//	                          is asked of a real one, until it was answered
//
// COND of an object is exists, gone, current (the status is of the spec as it is
// now), {JSONPATH}=VALUE, {JSONPATH}~REGEXP, or
// TYPE=STATUS or TYPE=STATUS/REASON of one of its conditions. COND of a topology
// is gone, ACTIVE (or another status), workers=N, up (each worker has an
// executor that reports), flows (tuples are emitted), executors:COMPONENT=N, tasks:COMPONENT=N, id=ID, id!=ID, left=ID
// (gone, or another one).
//
// Each namespace has a StormCluster test-cluster that leads to the Storm in
// storm-system, which all share: names of topologies begin with $NS. With a home of
// another Storm (STORM_HOME_3=PATH, and STORM_JAVA=PATH for its Java) they share that one,
// in the namespace storm-given, which stays. $STORM is the namespace. Nothing
// sleeps; whatever takes time is watched, with a limit that a slow machine keeps.
package stories
