package metacontroller_test

import (
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stormhooks/stormhooks/pkg/metacontroller"
)

// From the body of a call to the body of its answer: without empty parts, sorted,
// never null, so that the same answer is always the same bytes.
func Example() {
	request, err := metacontroller.Decode([]byte(`{"parent": {"metadata": {"name": "a"}}, "children": {"Pod.v1": {}}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	var parent metav1.PartialObjectMetadata
	if err := metacontroller.DecodeObject(request.Parent, &parent, metacontroller.AlwaysSkipped); err != nil {
		fmt.Println(err)
		return
	}
	body, err := metacontroller.Encode(metacontroller.SyncResponse{
		Status:      map[string]any{"phase": "Pending"},
		ResyncAfter: 2 * time.Second,
		Children: []any{&corev1.Pod{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
			ObjectMeta: metav1.ObjectMeta{Name: parent.Name},
			Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "busybox"}}},
		}},
	})
	fmt.Println(string(body), err)

	_, err = metacontroller.Decode([]byte(`{"children": {}}`))
	fmt.Println(errors.Is(err, metacontroller.ErrBadRequest))
	// Output:
	// {"status":{"phase":"Pending"},"children":[{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"image":"busybox","name":"main"}]}}],"resyncAfterSeconds":2} <nil>
	// true
}
