package standin

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/record"
)

// recorder writes Kubernetes Events.
type recorder interface {
	Event(about runtime.Object, eventType, reason, message string)
}

// newRecorder writes Events in the background, as component metacontroller, and
// drops and merges them by client-go's rules with Metacontroller's rates.
func newRecorder(client dynamic.Interface, qps float32, burst int) recorder {
	broadcaster := record.NewBroadcasterWithCorrelatorOptions(record.CorrelatorOptions{QPS: qps, BurstSize: burst})
	broadcaster.StartRecordingToSink(eventSink{client.Resource(schema.GroupVersionResource{Version: "v1", Resource: "events"})})
	return broadcaster.NewRecorder(runtime.NewScheme(), corev1.EventSource{Component: "metacontroller"})
}

// eventSink writes Events through the dynamic client, so that no typed client of
// all of Kubernetes' kinds is needed.
type eventSink struct {
	client dynamic.NamespaceableResourceInterface
}

func (s eventSink) Create(event *corev1.Event) (*corev1.Event, error) {
	object, err := untyped(event)
	if err != nil {
		return nil, err
	}
	return typed(s.client.Namespace(event.Namespace).Create(context.Background(), object, metav1.CreateOptions{}))
}

func (s eventSink) Update(event *corev1.Event) (*corev1.Event, error) {
	object, err := untyped(event)
	if err != nil {
		return nil, err
	}
	return typed(s.client.Namespace(event.Namespace).Update(context.Background(), object, metav1.UpdateOptions{}))
}

func (s eventSink) Patch(event *corev1.Event, data []byte) (*corev1.Event, error) {
	return typed(s.client.Namespace(event.Namespace).Patch(context.Background(), event.Name, types.StrategicMergePatchType, data, metav1.PatchOptions{}))
}

func untyped(event *corev1.Event) (*unstructured.Unstructured, error) {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(event)
	if err != nil {
		return nil, err
	}
	content["apiVersion"], content["kind"] = "v1", "Event"
	return &unstructured.Unstructured{Object: content}, nil
}

func typed(object *unstructured.Unstructured, err error) (*corev1.Event, error) {
	if err != nil {
		return nil, err
	}
	event := &corev1.Event{}
	return event, runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, event)
}
