package metacontroller

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// SyncResponse is the answer to a sync or finalize call.
type SyncResponse struct {
	// Status replaces the parent's status whole.
	Status any
	// Children that should exist; those observed and not named are deleted.
	Children []any
	// ResyncAfter asks for another call; 0 for none.
	ResyncAfter time.Duration
	// Finalized lets the parent go. Only a finalize call may say so: from a sync
	// it would strip the finalizer of a live parent.
	Finalized bool
}

// CustomizeResponse is the answer to a customize call.
type CustomizeResponse struct {
	Related []RelatedRule `json:"relatedResources"`
}

// RelatedRule names objects that a call should carry besides the children.
// Names exclude LabelSelector. Without Namespace all namespaces are meant.
type RelatedRule struct {
	APIVersion    string                `json:"apiVersion"`
	Resource      string                `json:"resource"`
	LabelSelector *metav1.LabelSelector `json:"labelSelector,omitempty"`
	Namespace     string                `json:"namespace,omitempty"`
	Names         []string              `json:"names,omitempty"`
}
