package stories

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// object is a part of a world, as JSON has it.
type object = map[string]any

// built is the merge patch of one word such as extractPod=exited(0): what the word
// does not say is as usual.
//
//	PART=gone           it is not there
//	claim=Bound         the claim, in this phase
//	extract=active      the Job, whose pod is not done; it is made where it is not there
//	extract=complete    since this step; complete(8s): since 8 s
//	extract=failed      since this step; failed(8s): since 8 s
//	extractPod=running  the Job's pod. Its container still runs
//	extractPod=exited(0, {"facts":{}})  has ended, which the pod's phase does not say yet
//	extractPod=failed(137, OOMKilled)   has ended, with a reason or a message
//	extractPod=succeeded({"facts":{}})  has ended well
//	extractPod=waiting(ErrImagePull, pull access denied)
//	storm=ACTIVE        Storm has the topology, with all its workers
//	storm=KILLED(0/2)   0 of 2 workers are up
//	storm=ACTIVE(2/2, wordcount-container-2-1767268875)  under another id
//	storm=empty         Storm has no topology
//	green=INACTIVE(2/2, wordcount-container-green-2-1767268900)  what has the second name
//	storm=silent        Storm does not answer
func (w World) built(b build, at time.Duration) (patch any, err error) {
	word, rest, _ := strings.Cut(strings.TrimSuffix(b.words, ")"), "(")
	first, second, _ := strings.Cut(rest, ", ")
	switch {
	case word == "gone" || b.part == "storm" && word == "empty":
		return nil, nil
	case b.part == "claim":
		return claim(word), nil
	case b.part == "extract" || b.part == "submit":
		return w.job(b.part, word, first, at)
	case b.part == "extractPod" || b.part == "submitPod":
		return w.pod(strings.TrimSuffix(b.part, "Pod"), word, rest)
	case b.part == "storm" && word == "silent":
		return silent(), nil
	case b.part == "storm":
		return view(word, first, second)
	case b.part == "green":
		made, err := view(word, first, second)
		if err != nil {
			return nil, err
		}
		topology, _ := made["Topology"].(object)
		topology["Name"] = "wordcount-container-green"
		return topology, nil
	}
	return nil, fmt.Errorf("no builder makes %s=%s", b.part, b.words)
}

// Every story is about the guide's example.
const (
	revision    = "d99eda8c74ab"
	jarRevision = "1324bae48605"
	stormImage  = "apache/storm:2.8.1"
)

// silent is the view of a Storm that does not answer.
func silent() object {
	return object{"Problem": "Storm cannot be reached at nimbus:6627", "Listed": false, "Topology": nil, "Identity": ""}
}

func claim(phase string) object {
	return object{
		"apiVersion": "v1", "kind": "PersistentVolumeClaim",
		"metadata": object{"name": children["claim"], "namespace": "storm-system", "uid": "claim-uid"},
		"spec":     object{}, "status": object{"phase": phase},
	}
}

// job is a Job in a state, or the state alone where the Job is there.
func (w World) job(part, state, since string, at time.Duration) (object, error) {
	if since != "" {
		var err error
		if at, err = time.ParseDuration(since); err != nil {
			return nil, err
		}
	}
	status := object{"startTime": stamp(0), "active": nil, "conditions": nil}
	switch state {
	case "active":
		status["active"] = 1
	case "complete":
		status["conditions"] = []any{object{"type": "Complete", "status": "True", "lastTransitionTime": stamp(at)}}
	case "failed":
		status["conditions"] = []any{object{"type": "Failed", "status": "True", "lastTransitionTime": stamp(at)}}
	default:
		return nil, fmt.Errorf("a Job is active, complete or failed, not %s", state)
	}
	if w[part] != nil {
		return object{"status": status}, nil
	}
	const group = "storm.apache.org/"
	return object{
		"apiVersion": "batch/v1", "kind": "Job",
		"metadata": object{
			"name": children[part], "namespace": "storm-system", "uid": part + "-job", "creationTimestamp": stamp(0),
			"annotations": object{group + "revision": revision, group + "jar-revision": jarRevision,
				group + "claim-uid": "claim-uid", group + "attempt": "1", group + "failures": "0"},
		},
		"spec":   object{"template": object{"spec": object{"containers": []any{object{"name": part, "image": stormImage}}}}},
		"status": status,
	}, nil
}

// pod is the pod of a Job.
func (w World) pod(job, state, rest string) (object, error) {
	status := object{"startTime": stamp(0)}
	container := func(state string, says object) {
		status["containerStatuses"] = []any{object{"name": job, "state": object{state: says}}}
	}
	code, says, _ := strings.Cut(rest, ", ")
	switch state {
	case "running":
		status["phase"] = "Running"
	case "waiting":
		status["phase"] = "Pending"
		container("waiting", object{"reason": code, "message": says})
	case "exited", "failed":
		exit, err := strconv.Atoi(code)
		if err != nil {
			return nil, fmt.Errorf("the exit code: %w", err)
		}
		status["phase"] = map[string]string{"exited": "Running", "failed": "Failed"}[state]
		container("terminated", ended(exit, says))
	case "succeeded":
		status["phase"] = "Succeeded"
		container("terminated", ended(0, rest))
	default:
		return nil, fmt.Errorf("a pod is running, waiting, exited, failed or succeeded, not %s", state)
	}
	uid := any(job + "-job")
	if of, there := w[job].(map[string]any); there {
		uid = of["metadata"].(map[string]any)["uid"]
	}
	return object{
		"metadata": object{
			"name": children[job] + "-x1", "namespace": "storm-system", "uid": job + "-pod", "creationTimestamp": stamp(0),
			"labels":          object{"storm.apache.org/topology": "wordcount", "storm.apache.org/step": strings.ToUpper(job[:1]) + job[1:]},
			"ownerReferences": []any{object{"apiVersion": "batch/v1", "kind": "Job", "name": children[job], "uid": uid, "controller": true}},
		},
		"spec":   object{"nodeName": "node", "activeDeadlineSeconds": 1500, "containers": []any{object{"name": job, "image": stormImage}}},
		"status": status,
	}, nil
}

// ended is a container's end: its message is JSON, and all else is a reason.
func ended(exit int, says string) object {
	end := object{"exitCode": exit}
	switch {
	case strings.HasPrefix(says, "{"):
		end["message"] = says
	case says != "":
		end["reason"] = says
	}
	return end
}

// view is a storm.View with the topology.
func view(status, workers, id string) (object, error) {
	up, assigned := 2, 2
	if workers != "" {
		if _, err := fmt.Sscanf(workers, "%d/%d", &up, &assigned); err != nil {
			return nil, fmt.Errorf("workers are up/assigned, not %s: %w", workers, err)
		}
	}
	if id == "" {
		id = "wordcount-container-1-1767268830"
	}
	return object{
		"Problem": "", "Identity": "storm-1", "Listed": true,
		"Topology": object{
			"ID": id, "Name": "wordcount-container", "Status": status, "Detailed": true,
			"WorkersWanted": 2, "Workers": assigned, "WorkersUp": up, "Executors": 27, "Tasks": 27,
			"ConfKnown": true, "Fingerprint": object{"cluster": "kube-uid", "owner": "storm-system/wordcount", "uid": "uid-1",
				"generation": 1, "revision": revision, "jar": jarRevision, "inputs": "none"},
		},
	}, nil
}

func stamp(at time.Duration) string { return begin.Add(at).Format(time.RFC3339) }
