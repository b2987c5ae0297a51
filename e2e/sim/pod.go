package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// process is what runs in a pod.
type process struct {
	submission storm.Submission
	seen       storm.Seen
	next       time.Time
	killUntil  time.Time // when the kubelet ends it hard; zero while it was not told to end
}

// kubelet does one pod's next act.
func (w *World) kubelet(pod *unstructured.Unstructured) {
	phase, _, _ := unstructured.NestedString(pod.Object, "status", "phase")
	if phase == "Succeeded" || phase == "Failed" {
		if pod.GetDeletionTimestamp() != nil {
			w.removePod(pod)
		}
		return
	}
	p := w.processes[pod.GetUID()]
	switch {
	case pod.GetDeletionTimestamp() != nil && p == nil:
		w.removePod(pod)
	case p == nil:
		w.startPod(pod)
	default:
		if pod.GetDeletionTimestamp() != nil && p.killUntil.IsZero() {
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

func (w *World) startPod(pod *unstructured.Unstructured) {
	p := &process{next: w.now}
	w.processes[pod.GetUID()] = p
	if pod.GetLabels()["storm.apache.org/step"] == "Submit" {
		p.submission = submissionOf(pod)
		p.seen = storm.Seen{Now: w.now.Unix()}
	}
	w.editPod(pod, func(status map[string]any) {
		status["phase"], status["startTime"] = "Running", w.stamp()
	})
}

func (w *World) runPod(pod *unstructured.Unstructured, p *process) {
	if pod.GetLabels()["storm.apache.org/step"] != "Submit" {
		if p.seen.Terminated {
			w.endPod(pod, "Failed", "")
		} else {
			w.endPod(pod, "Succeeded", "")
		}
		return
	}
	if p.submission.MainClass == badClass {
		w.endPod(pod, "Failed", failure(v1beta1.MainFailed, "main failed. Mend it."))
		return
	}
	if w.now.Before(p.next) {
		return
	}
	p.seen.Now = w.now.Unix()
	want := storm.Want{Name: p.submission.Name, Identity: p.submission.Identity, Fingerprint: p.submission.Fingerprint}
	step := storm.Next(p.seen, want)
	w.seen.transitions[transition{sees(p.seen, want), step.Do}]++
	p.next = w.now.Add(time.Duration(step.Pause) * time.Second)
	w.note("pod %s: %s %s", pod.GetName(), step.Do, step.ID)
	w.handOver(pod, p, step)
}

// handOver carries one step out. Storm's answer to a kill or a submission may be lost.
func (w *World) handOver(pod *unstructured.Unstructured, p *process, step storm.Step) {
	leader := storm.Leader{Host: "nimbus-0", Port: 6627, Start: 1}
	now, name := w.now.Unix(), p.submission.Name
	switch step.Do {
	case storm.DoLook, storm.DoWaitGone, storm.DoWaitShown:
		p.seen = p.seen.Looked(w.storm.List(name), leader, now)
	case storm.DoUpload:
		p.seen = p.seen.After(step, w.reached(storm.Taken), "silent", storm.Upload{Location: "inbox/1", Leader: leader, At: now}, now)
	case storm.DoProbe:
		p.seen = p.seen.After(step, w.reached(storm.Taken), "silent", storm.Upload{}, now)
	case storm.DoKill:
		answer := w.reached(storm.Taken)
		if answer == storm.Taken {
			w.podKills(p, step.ID)
			answer = w.maybeLost(answer)
		}
		p.seen = p.seen.After(step, answer, "lost", storm.Upload{}, now)
	case storm.DoSubmit:
		answer := w.reached(storm.Taken)
		if answer == storm.Taken {
			status := storm.Active
			if p.submission.Inactive {
				status = storm.Inactive
			}
			if _, err := w.storm.Submit(name, p.submission.Fingerprint, status); err != nil {
				answer = storm.Moved
			}
			answer = w.maybeLost(answer)
		}
		p.seen = p.seen.After(step, answer, "lost", storm.Upload{}, now)
	case storm.Done:
		w.endPod(pod, "Succeeded", "")
	default:
		w.endPod(pod, "Failed", failure(reasonOf(step.Do), fmt.Sprintf("%s. %s", step.Do, step.Why)))
	}
}

func reasonOf(end storm.Do) string {
	switch end {
	case storm.NameConflict:
		return v1beta1.NameConflict
	case storm.StepBack:
		return v1beta1.Superseded
	case storm.OtherStorm:
		return v1beta1.ClusterChanged
	case storm.Unreachable, storm.Stop:
		return v1beta1.ClusterUnreachable
	case storm.Rejected:
		return v1beta1.SubmissionRejected
	}
	return v1beta1.SubmissionFailed
}

func (w *World) endPod(pod *unstructured.Unstructured, phase, message string) {
	delete(w.processes, pod.GetUID())
	container := "extract"
	if pod.GetLabels()["storm.apache.org/step"] == "Submit" {
		container = "submit"
	}
	code := int64(0)
	if phase == "Failed" {
		code = 1
	}
	w.editPod(pod, func(status map[string]any) {
		status["phase"] = phase
		status["containerStatuses"] = []any{map[string]any{
			"name":  container,
			"state": map[string]any{"terminated": map[string]any{"exitCode": code, "message": message, "finishedAt": w.stamp()}},
		}}
	})
	w.ended[pod.GetUID()] = true
	if pod.GetDeletionTimestamp() != nil {
		w.removePod(pod)
	}
}

func (w *World) removePod(pod *unstructured.Unstructured) {
	delete(w.processes, pod.GetUID())
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
func failure(reason, message string) string {
	text, err := json.Marshal(map[string]string{"reason": reason, "message": message})
	if err != nil {
		panic(err)
	}
	return string(text)
}
