package storm_test

import (
	"fmt"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// A string is what a person would type after -c key=. For a wrong value there is a
// problem that says what it must be.
func ExampleSettings() {
	settings, problems := storm.Settings(map[string]any{
		"topology.workers":              "2",
		"topology.version":              "1.0",
		"topology.message.timeout.secs": "1m",
	})
	fmt.Printf("%#v\n", settings["topology.workers"])
	fmt.Printf("%#v\n", settings["topology.version"])
	fmt.Println(problems[0])
	// Output:
	// 2
	// "1.0"
	// spec.topology.config["topology.message.timeout.secs"] is "1m"; must be a whole number of 1 or more (seconds). Correct the value.
}

// Settings as Storm's client reads them: -Dstorm.options=….
func ExampleOptions() {
	options, err := storm.Options(map[string]any{"topology.workers": int64(2), "topology.worker.childopts": "-Xmx1g -Da=b"})
	fmt.Println(options, err)
	// Output:
	// topology.worker.childopts%3D%22-Xmx1g+-Da%3Db%22,topology.workers%3D2 <nil>
}

// The conf of a topology says for which object it was submitted: it has a fingerprint.
func ExampleFingerprint() {
	submitted := storm.Fingerprint{Cluster: "uid-of-kube-system", Owner: "storm-system/wordcount", UID: "uid-1", Revision: "7be8bbe09520"}
	conf := submitted.Settings() // among the settings of the topology
	found := storm.FingerprintOf(conf)

	wanted := submitted
	wanted.UID = "uid-2" // the object was deleted and applied again
	fmt.Println("same owner:", found.SameOwner(wanted), "same revision:", found.SameRevision(wanted))
	wanted.Revision = "55f757b8a8d9"
	fmt.Println("same owner:", found.SameOwner(wanted), "same revision:", found.SameRevision(wanted))
	// Output:
	// same owner: true same revision: true
	// same owner: true same revision: false
}

// A handover, step by step, in a Storm that runs an older revision.
func ExampleNext() {
	want := storm.Want{Name: "wordcount", Identity: "storm-1",
		Fingerprint: storm.Fingerprint{Cluster: "c", Owner: "ns/wordcount", UID: "u", Generation: 2, Revision: "new"}}
	old := want.Fingerprint
	old.Generation, old.Revision = 1, "old"
	leader := storm.Leader{Host: "nimbus-0", Port: 6627, Start: 1}
	running := &storm.Topology{ID: "wordcount-1-1767268800", Name: "wordcount", Status: storm.Active, ConfKnown: true, Fingerprint: old}

	var seen storm.Seen
	var now int64
	look := func() {
		seen = seen.Looked(storm.View{Identity: "storm-1", Listed: true, Fresh: true, Topology: running}, leader, now)
	}
	for look(); ; look() {
		step := storm.Next(seen, want)
		fmt.Println(step.Do)
		if step.Ends() {
			return
		}
		now += max(step.Pause, 1)
		upload := storm.Upload{}
		switch step.Do {
		case storm.DoUpload:
			upload = storm.Upload{Location: "inbox/stormjar.jar", Leader: leader, At: now}
		case storm.DoKill: // Storm drains it at once
			running = nil
		case storm.DoSubmit:
			running = &storm.Topology{ID: "wordcount-2-1767268900", Name: "wordcount", Status: storm.Active, ConfKnown: true, Fingerprint: want.Fingerprint}
		}
		seen = seen.After(step, storm.Result{Answer: storm.Taken, Upload: upload, At: now})
	}
	// Output:
	// upload
	// probe
	// kill
	// submit
	// done
}
