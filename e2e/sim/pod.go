package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// process is what runs in a pod.
type process struct {
	submission storm.Submission
	storm      *Storm // that it last looked at
	seen       storm.Seen
	recorded   bool // main has submitted to the recorder
	sawOthers  bool // another owner's topology, at any look
	deceived   bool // the last look had nothing, and the name was in use
	deadline   time.Time
	next       time.Time
	failures   int   // submissions that the leader failed at, with their JAR in place, since the kill
	failedAt   int64 // the leader
	parts      int   // of its JAR, that a full disk of this leader was left with
	keys       storm.DependencyKeys
	killUntil  time.Time // when the kubelet ends it hard; zero while it was not told to end
}

// kubelet does one pod's next act. On a lost node the process keeps running,
// and no one is told.
func (w *World) kubelet(pod *unstructured.Unstructured) {
	p, node := w.processes[pod.GetUID()], w.faults.nodes[pod.GetUID()]
	if node != nil {
		if p != nil && w.now.After(p.deadline) {
			w.endPod(pod, "Failed", "")
		} else if p != nil {
			w.runPod(pod, p)
		}
		return
	}
	phase := nested(pod, "status", "phase")
	switch {
	case phase == "Succeeded" || phase == "Failed":
		if terminating(pod) {
			w.removePod(pod)
		}
	case terminating(pod) && p == nil:
		w.removePod(pod)
	case w.outlived(pod): // only its deletion ends it
	case phaseDue(pod) != "":
		w.editPod(pod, func(status map[string]any) { status["phase"] = phaseDue(pod) })
	case p == nil && w.ended[pod.GetUID()]: // the node lost its process
		w.endPod(pod, "Failed", "")
	case p == nil:
		w.startPod(pod)
	default:
		if terminating(pod) && p.killUntil.IsZero() {
			p.seen.Terminated = true
			p.killUntil = w.now.Add(graceOf(pod))
		}
		if !p.killUntil.IsZero() && w.now.After(p.killUntil) {
			w.endPod(pod, "Failed", "")
			return
		}
		w.runPod(pod, p)
	}
}

// podsToDo are the pods that a kubelet has something to do with.
func (w *World) podsToDo() []*unstructured.Unstructured {
	var list []*unstructured.Unstructured
	for _, pod := range w.memory.List(pods.Resource, namespace) {
		if w.toDo(pod) {
			list = append(list, pod)
		}
	}
	return list
}

func (w *World) toDo(pod *unstructured.Unstructured) bool {
	p := w.processes[pod.GetUID()]
	phase := nested(pod, "status", "phase")
	switch {
	case w.faults.nodes[pod.GetUID()] != nil:
		return p != nil && (!w.now.Before(p.next) || w.now.After(p.deadline))
	case phase == "Succeeded" || phase == "Failed", w.outlived(pod):
		return terminating(pod)
	case p == nil || terminating(pod) && p.killUntil.IsZero():
		return true
	}
	return !w.now.Before(p.next) || !p.killUntil.IsZero() && w.now.After(p.killUntil)
}

func (w *World) startPod(pod *unstructured.Unstructured) {
	if w.faults.noexec && mountsHelper(pod) {
		w.notStarted(pod)
		return
	}
	p := &process{next: w.now, storm: w.storm, deadline: w.now.Add(deadlineOf(pod))}
	w.processes[pod.GetUID()] = p
	if pod.GetLabels()["storm.apache.org/step"] == "Submit" {
		p.submission = submissionOf(pod)
		p.seen = w.leftFor(p.submission)
		p.seen.Free = p.submission.Free
		w.begins(p)
	}
	w.maybeLies(pod.GetUID(), p)
	if nested(pod, "spec", "nodeName") == "" { // of Metacontroller's making
		_ = w.memory.Edit(pods.Resource, pod.GetNamespace(), pod.GetName(), func(o *unstructured.Unstructured) {
			_ = unstructured.SetNestedField(o.Object, "node", "spec", "nodeName")
		})
	}
	w.editPod(pod, func(status map[string]any) {
		status["phase"], status["startTime"] = "Running", w.stamp()
		if w.faults.beside {
			status["containerStatuses"] = []any{map[string]any{"name": "proxy", "state": map[string]any{"running": map[string]any{"startedAt": w.stamp()}}}}
		}
	})
}

func (w *World) runPod(pod *unstructured.Unstructured, p *process) {
	if pod.GetLabels()["storm.apache.org/step"] != "Submit" {
		switch {
		case p.seen.Terminated:
			w.endPod(pod, "Failed", "")
		case imageOf(pod) == badImage:
			w.endPod(pod, "Failed", failure(v1beta1.JarInvalid, "It is not a JAR. Fix it."))
		default:
			w.endPod(pod, "Succeeded", "")
		}
		return
	}
	if p.submission.MainClass == badClass || imageOf(pod) == badImage {
		w.endPod(pod, "Failed", failure(v1beta1.MainFailed, "Main failed. Fix it."))
		return
	}
	if problems := storm.ComponentProblems(p.submission.Components, scaled(p.submission.Components, 2), 2); len(problems) > 0 {
		w.endPod(pod, "Failed", failure(v1beta1.InvalidSpec, strings.Join(problems, " ")))
		return
	}
	if w.now.Before(p.next) {
		return
	}
	if w.faults.away && !p.recorded {
		w.fell = true
		w.endPod(pod, "Failed", failure(v1beta1.MainFailed, "Main failed: Connection refused. See its log."))
		return
	}
	p.recorded = true
	p.seen.Now = w.now.Unix()
	want := p.want()
	step := storm.Next(p.seen, want)
	w.seen.transitions[transition{sees(p.seen, want), step.Do}]++
	p.next = w.now.Add(time.Duration(step.Pause) * time.Second)
	w.last = step.Do
	w.note("pod %s: %s %s", pod.GetName(), step.Do, step.ID)
	w.handOver(pod, p, step)
}

func (p *process) want() storm.Want {
	return storm.Want{Name: p.submission.Name, Identity: p.submission.Identity, Fingerprint: p.submission.Fingerprint, Adopt: p.submission.Adopt, NeverKills: p.submission.NeverKills, Dependencies: dependent(p.submission)}
}

// handOver carries one step out. Storm's answer to a kill or a submission may be lost.
func (w *World) handOver(pod *unstructured.Unstructured, p *process, step storm.Step) {
	now := w.now.Unix()
	w.arrivals()
	w.nimbus += callsOf[step.Do]
	switch step.Do {
	case storm.DoLook, storm.DoWaitGone, storm.DoWaitShown:
		p.storm = w.led(p)
		if p.seen.Leader != w.leader(p.storm) {
			p.parts = 0
		}
		view := w.podLooks(p)
		if step.Do == storm.DoWaitShown && view.Answered() && w.deniesName(view) {
			view = storm.View{}
		}
		p.sawOthers = p.sawOthers || view.Topology != nil && view.Topology.Fingerprint.Owner == othersOwner && view.Topology.ID != p.submission.Adopt
		p.seen = p.seen.Looked(view, w.leader(p.storm), now)
	case storm.DoUpload:
		p.seen = p.seen.After(step, w.upload(p))
	case storm.DoDepend:
		p.seen = p.seen.After(step, w.depend(p))
	case storm.DoProbe:
		answer := w.reached(p)
		if answer == storm.Taken && p.submission.MainClass == askedClass {
			answer = storm.Refused
		}
		p.seen = p.seen.After(step, storm.Result{Answer: answer, Words: "refused", At: now})
	case storm.DoKill:
		answer := w.reached(p)
		if answer == storm.Taken {
			w.podKills(p, step.ID)
			answer = w.maybeLost(answer)
		}
		p.seen = p.seen.After(step, storm.Result{Answer: answer, Words: "lost", At: now})
	case storm.DoSubmit:
		p.seen = p.seen.After(step, storm.Result{Answer: w.submit(pod.GetUID(), p), Words: "lost", At: now})
	case storm.Done:
		w.forget(p)
		w.endPod(pod, "Succeeded", "")
	default:
		w.forget(p)
		facts := map[string]any{}
		if p.seen.Killed != "" {
			facts["killed"], w.fell = p.seen.Killed, true
		}
		if step.Do == storm.JarRefused {
			facts["jarRefused"] = true
		}
		if left := p.seen.Left(); left != (storm.Upload{}) {
			facts["upload"] = left
		}
		w.endPod(pod, "Failed", failureWith(reasonOf(step.Do), fmt.Sprintf("%s. %s", step.Do, step.Why), facts))
	}
}

// stepOf is the container that does the work of a pod.
func stepOf(pod *unstructured.Unstructured) string {
	if pod.GetLabels()["storm.apache.org/step"] == "Submit" {
		return "submit"
	}
	return "extract"
}

// deniesName says whether Nimbus answers a look at a name with a no. One that has just
// begun to lead may, although it has the topology; one before Storm 2.3 does not know the
// call, and then the pod reads the list.
func (w *World) deniesName(view storm.View) bool {
	if view.Topology != nil {
		return w.lost(3)
	}
	return w.choose(2) == 0
}

// callsOf are the calls to Nimbus of a handover's steps; a JAR of 300 KiB goes in
// one chunk.
var callsOf = map[storm.Do]int{
	storm.DoLook: 4, storm.DoWaitShown: 5, // getLeader twice, the list or a topology by its id, a conf; before it a name
	storm.DoWaitGone: 1, // a topology by its id
	storm.DoUpload:   3, storm.DoDepend: 4, storm.DoProbe: 2, storm.DoKill: 1, storm.DoSubmit: 1,
}

// led is the Storm that a pod's seeds lead to.
func (w *World) led(p *process) *Storm {
	if s := w.route[first(p.submission.Seeds)]; s != nil {
		return s
	}
	return w.storm
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// submit calls submitTopologyWithOpts. An answer that is lost may mean that it was
// done, that it is done in a while, or that it never is.
func (w *World) submit(uid types.UID, p *process) storm.Answer {
	answer := w.reached(p)
	w.faults.noJar = w.faults.noJar || w.directs(jarGone)
	switch {
	case answer != storm.Taken:
		return answer
	case w.faults.noJar, !p.seen.Upload.Leader.Same(w.leader(p.storm)), p.seen.Upload.Location != inboxJar:
		return storm.Failed // its JAR lies elsewhere, or nowhere
	case p.submission.MainClass == lateClass || p.submission.MainClass == askedClass:
		return storm.Refused
	case w.faults.behind || p.submission.MainClass == behindClass:
		w.uploads.submissions++
		p.storm.blobs.doom(w.uses(p), w.now)
		w.failsBehind(p)
		return storm.Failed
	}
	if p.deceived && p.storm.topologies[p.submission.Name] != nil {
		w.violate("Must 1: a pod submits a second topology of the name, which Nimbus accepts")
	}
	of := submittedBy(p)
	of.dependencies = w.uses(p)
	w.podSubmits(uid, p)
	if w.lost(4) {
		if w.choose(3) > 0 {
			w.faults.late = append(w.faults.late, lateSubmission{uid, p.storm, w.now.Add(time.Duration(1+w.choose(60)) * time.Second), of})
		}
		return storm.Lost
	}
	if w.unlisted(uid, p, of) {
		return storm.Taken
	}
	if _, err := p.storm.Submit(of); err != nil {
		answer = storm.Moved
		// The name is in use: Nimbus says so before it begins (nimbus/Nimbus.java,
		// submitTopologyWithOpts, assertTopologyActive).
		for _, key := range of.dependencies {
			delete(p.storm.blobs.begun, key)
		}
	}
	return w.maybeLost(answer)
}

// submittedBy is what a pod submits.
func submittedBy(p *process) submitted {
	of := submitted{name: p.submission.Name, status: storm.Active, fingerprint: p.submission.Fingerprint, scales: p.submission.Components, crashes: p.submission.MainClass == crashClass}
	if p.submission.Inactive {
		of.status = storm.Inactive
	}
	if workers, set := p.submission.Settings[storm.Workers].(float64); set {
		of.workers = int(workers)
	}
	return of
}

// reached says whether a call gets to a Nimbus that works.
func (w *World) reached(p *process) storm.Answer {
	switch {
	case p.storm.Down:
		return storm.Unsent
	case w.faults.failing:
		return storm.Failed
	}
	return storm.Taken
}

func (w *World) maybeLost(answer storm.Answer) storm.Answer {
	if w.lost(6) {
		return storm.Lost
	}
	return answer
}

func reasonOf(end storm.Do) string {
	switch end {
	case storm.NameConflict:
		return v1beta1.NameConflict
	case storm.StepBack:
		return v1beta1.Superseded
	case storm.OtherStorm:
		return v1beta1.ClusterChanged
	case storm.Unreachable, storm.JarRefused, storm.Stop:
		return v1beta1.ClusterUnreachable
	case storm.Rejected:
		return v1beta1.SubmissionRejected
	}
	return v1beta1.SubmissionFailed
}

func (w *World) endPod(pod *unstructured.Unstructured, phase, message string) {
	p := w.processes[pod.GetUID()]
	delete(w.processes, pod.GetUID())
	if w.faults.ghosts[pod.GetUID()] != nil {
		w.unreported()
		w.podEnds(pod.GetUID()) // no one is told how it ended
		return
	}
	if node := w.faults.nodes[pod.GetUID()]; node != nil {
		node.phase, node.message = phase, message
		return
	}
	code := int64(0)
	switch {
	case phase == "Failed" && message == "":
		code = 137 // whoever ends by itself writes a word
	case phase == "Failed":
		code = 1
	}
	written := w.written(pod.GetUID(), p, code, message)
	if written != message || message == "" || pod.GetDeletionTimestamp() != nil {
		w.unreported()
	}
	message = written
	w.editPod(pod, func(status map[string]any) { // its phase follows, unless another container keeps running
		statuses, _ := status["containerStatuses"].([]any)
		status["containerStatuses"] = append([]any{map[string]any{
			"name":  stepOf(pod),
			"state": map[string]any{"terminated": map[string]any{"exitCode": code, "message": message, "finishedAt": w.now.Add(w.faults.skew).UTC().Format(time.RFC3339)}},
		}}, statuses...)
	})
	w.ended[pod.GetUID()] = true
	if pod.GetDeletionTimestamp() != nil {
		w.removePod(pod)
	}
}

// phaseDue is the phase that a pod comes to whose containers have ended; empty while
// one has not.
func phaseDue(pod *unstructured.Unstructured) (phase string) {
	statuses, _, _ := unstructured.NestedSlice(pod.Object, "status", "containerStatuses")
	for _, status := range statuses {
		code, ended, _ := unstructured.NestedInt64(status.(map[string]any), "state", "terminated", "exitCode")
		switch {
		case !ended:
			return ""
		case code == 0:
			phase = "Succeeded"
		default:
			phase = "Failed"
		}
	}
	return phase
}

// outlived says whether another component's container is all that runs in a pod.
func (w *World) outlived(pod *unstructured.Unstructured) bool {
	return w.ended[pod.GetUID()] && w.processes[pod.GetUID()] == nil && nested(pod, "status", "phase") == "Running" && phaseDue(pod) == "" && !w.unheard(pod)
}

// unheard says whether the end of a pod's container has not been reported.
func (w *World) unheard(pod *unstructured.Unstructured) bool {
	statuses, _, _ := unstructured.NestedSlice(pod.Object, "status", "containerStatuses")
	return !slices.ContainsFunc(statuses, func(s any) bool {
		_, ended, _ := unstructured.NestedInt64(s.(map[string]any), "state", "terminated", "exitCode")
		return ended
	})
}

func (w *World) removePod(pod *unstructured.Unstructured) {
	w.podEnds(pod.GetUID())
	_ = w.memory.Delete(context.Background(), pods.Resource, pod.GetNamespace(), pod.GetName(), metav1.DeleteOptions{GracePeriodSeconds: new(int64(0))})
}

func (w *World) editPod(pod *unstructured.Unstructured, change func(map[string]any)) {
	_ = w.memory.EditStatus(pods.Resource, pod.GetNamespace(), pod.GetName(), change)
}

func graceOf(pod *unstructured.Unstructured) time.Duration {
	seconds, found, _ := unstructured.NestedInt64(pod.Object, "spec", "terminationGracePeriodSeconds")
	if !found {
		seconds = 30
	}
	return time.Duration(seconds) * time.Second
}

func deadlineOf(pod *unstructured.Unstructured) time.Duration {
	seconds, _, _ := unstructured.NestedInt64(pod.Object, "spec", "activeDeadlineSeconds")
	return time.Duration(seconds) * time.Second
}

// imageOf is the image that the JAR comes from, where the pod extracts it.
func imageOf(pod *unstructured.Unstructured) string {
	spec, _ := pod.Object["spec"].(map[string]any)
	for _, field := range []string{"initContainers", "containers"} {
		list, _ := spec[field].([]any)
		for _, container := range list {
			if c := container.(map[string]any); c["name"] == "extract" {
				return c["image"].(string)
			}
		}
	}
	return ""
}

func nested(object *unstructured.Unstructured, path ...string) string {
	if object == nil {
		return ""
	}
	text, _, _ := unstructured.NestedString(object.Object, path...)
	return text
}

// submissionOf reads what the pod was made for, as the helper does.
func submissionOf(pod *unstructured.Unstructured) storm.Submission {
	containers, _, _ := unstructured.NestedSlice(pod.Object, "spec", "containers")
	args, _, _ := unstructured.NestedStringSlice(containers[0].(map[string]any), "args")
	var text strings.Builder
	for _, arg := range args {
		if chunk, found := strings.CutPrefix(arg, "--submission="); found {
			text.WriteString(strings.ReplaceAll(chunk, "$$", "$"))
		}
	}
	var submission storm.Submission
	if err := json.Unmarshal([]byte(text.String()), &submission); err != nil {
		panic(fmt.Sprintf("a submission that cannot be read: %v", err))
	}
	return submission
}

// failure is a termination message as the helper writes it.
func failure(reason, message string) string { return failureWith(reason, message, nil) }

func failureWith(reason, message string, facts map[string]any) string {
	text, err := json.Marshal(map[string]any{"reason": reason, "message": message, "facts": facts})
	if err != nil {
		panic(err)
	}
	return string(text)
}
