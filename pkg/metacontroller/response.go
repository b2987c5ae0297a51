package metacontroller

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// SyncResponse is the answer to a sync or finalize call.
type SyncResponse struct {
	// Status replaces the whole status of the parent.
	Status any
	// Children are the requested ones; Metacontroller deletes all others.
	Children []any
	// ResyncAfter is the time until the next call; 0 for none.
	ResyncAfter time.Duration
	// Finalized removes the finalizer. Only a finalize call may set it: in the
	// answer to a sync it would remove the finalizer of a live parent.
	Finalized bool
}

// CustomizeResponse is the answer to a customize call.
type CustomizeResponse struct {
	Related []RelatedRule `json:"relatedResources"`
}

// RelatedRule selects objects that calls get besides the children. Names and
// LabelSelector exclude each other. Without Namespace it selects in all namespaces.
type RelatedRule struct {
	APIVersion    string                `json:"apiVersion"`
	Resource      string                `json:"resource"`
	LabelSelector *metav1.LabelSelector `json:"labelSelector,omitempty"`
	Namespace     string                `json:"namespace,omitempty"`
	Names         []string              `json:"names,omitempty"`
}
