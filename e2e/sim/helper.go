package sim

import (
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// notStarted is a pod whose runtime may not run the helper: nothing of it has run.
func (w *World) notStarted(pod *unstructured.Unstructured) {
	w.fell, w.ended[pod.GetUID()] = true, true
	w.editPod(pod, func(status map[string]any) {
		status["containerStatuses"] = []any{map[string]any{"name": stepOf(pod), "state": map[string]any{"terminated": map[string]any{
			"reason": "StartError", "exitCode": int64(128), "finishedAt": w.stamp(),
			"message": `error during container init: exec: "/stormhooks/bin/stormhooks": permission denied`}}}}
	})
}

// mountsHelper says whether a pod gets the helper as an image volume.
func mountsHelper(pod *unstructured.Unstructured) bool {
	volumes, _, _ := unstructured.NestedSlice(pod.Object, "spec", "volumes")
	return slices.ContainsFunc(volumes, func(v any) bool {
		volume := v.(map[string]any)
		return volume["name"] == "helper" && volume["image"] != nil
	})
}
