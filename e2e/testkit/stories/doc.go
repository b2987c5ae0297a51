// Package stories follows one StormTopology, step by step, without a cluster. A story is one text file of pkg/topology/testdata:
//
//	# The Job is there, and its pod runs.
//	sync extract-active at=3s extract=active extractPod=running
//	parent: {metadata: {generation: 2}}
//	----
//	jar not ready: Extracting: The JAR is being extracted from image "apache/storm:2.8.1".
//	  attempts.step: Volume → Extract
//	again in 60s
//
// A step has a comment (why it is told), a command, and below ---- what the hook
// answers. The command is sync or finalize, then the step's name, then words:
//
//	at=3s         the time since the story's beginning
//	like=running  a world of worlds.yaml that is merged in first
//	whole         print the whole answer as YAML
//	PART=...      a part of the world, made by a builder (builders.go)
//
// Lines of YAML below the command are merged into the world (RFC 7386); null removes
// a part. The parts are parent, claim, extract and submit (the Jobs),
// extractPod, submitPod, topologyPod, givenClaim, configMap, cluster, namespace, kubeSystem,
// storm (a storm.View), green (the topology under the second name), and cached (what a cached look says, where it differs).
//
// What an answer makes is in the world of the next step, with a uid, what it
// leaves out is not, and its status is the parent's. So an answer is printed as
// its difference from the world that was asked about, and nothing in an answer
// can change without a change of the text:
//
//	RULE: PHASE: MESSAGE
//	asks Storm: ...     the looks, by the known id, unless it is the usual
//	                    one: the topology (without the list)
//	tells Storm: ...    the calls
//	+ submit (BODY)     a child that is made: its difference from that body of
//	                    pkg/internal/children/testdata
//	- submit            a child that exists, and is left out
//	  REASON: T=S ...   conditions that have the status's message
//	  T=S REASON: ...   conditions with a message of their own
//	  field: a → b      what else is new in the status; now and @3s are times
//	again in 60s        when the hook asks to be called again
//
// In: a file. Out: its steps, and the answers. Called by tests of several modules;
// it asks no Storm and writes no file.
package stories
