package thousands

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/stormhooks/stormhooks/e2e/standin"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// recorded is what main submitted. Its topology has no component: three empty maps.
var recorded = nimbus.Recorded{
	Name: "recorded", Conf: `{"topology.workers":1,"topology.message.timeout.secs":30}`,
	Topology: []byte{
		13, 0, 1, 11, 12, 0, 0, 0, 0, // spouts
		13, 0, 2, 11, 12, 0, 0, 0, 0, // bolts
		13, 0, 3, 11, 12, 0, 0, 0, 0, // state_spouts
		0,
	},
}

// submit is the handover of a submitting pod, and how its container ends.
func (w *World) submit(pod *unstructured.Unstructured) end {
	submission, err := submissionOf(pod)
	if err != nil {
		w.fail(err)
		return end{container: "submit", failed: true}
	}
	submission.Jar, submission.Seeds, submission.Port = w.jar, []string{loopback}, w.podsPort
	if submission.Free.Port == w.hookPort {
		submission.Free.Port = w.podsPort
	}
	client := nimbus.New(submission.Seeds, submission.Port, nimbus.AllowLoopback())
	defer client.Close()
	ctx, stop := context.WithCancel(w.ctx)
	defer stop()
	go w.stopWith(ctx, pod, stop)
	handed, failed := client.HandOver(ctx, recorded, submission, func(string, ...any) {})
	if failed != nil {
		w.counting.Lock()
		defer w.counting.Unlock()
		w.costs.FailedHandovers[failed.Reason]++
		return end{container: "submit", failed: true, message: jsonOf(map[string]any{"reason": failed.Reason, "message": failed.Message})}
	}
	return end{container: "submit", message: jsonOf(map[string]any{"facts": map[string]any{"stormId": handed.ID}})}
}

// stopWith stops a handover once its pod is gone.
func (w *World) stopWith(ctx context.Context, pod *unstructured.Unstructured, stop func()) {
	for ctx.Err() == nil {
		live, err := w.store.Get(ctx, standin.Pods.Resource, pod.GetNamespace(), pod.GetName())
		if err != nil || live.GetUID() != pod.GetUID() {
			stop()
		}
		sleep(ctx, time.Second)
	}
}

// sleep ends early with the context.
func sleep(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// submissionOf reads what a submitting pod was made for, as the helper does.
func submissionOf(pod *unstructured.Unstructured) (submission storm.Submission, err error) {
	containers, _, _ := unstructured.NestedSlice(pod.Object, "spec", "containers")
	if len(containers) == 0 {
		return submission, fmt.Errorf("pod %s has no container", pod.GetName())
	}
	container, _ := containers[0].(map[string]any)
	given, _, _ := unstructured.NestedStringSlice(container, "args")
	var text strings.Builder
	for _, arg := range given {
		if chunk, found := strings.CutPrefix(arg, "--submission="); found {
			text.WriteString(strings.ReplaceAll(chunk, "$$", "$"))
		}
	}
	err = json.Unmarshal([]byte(text.String()), &submission)
	return submission, err
}
