package cluster

import (
	"fmt"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

const kindTopology = "StormTopology." + v1beta1.Group + "/" + v1beta1.Version

// Edge is the only access to Storm. An error means that there is no answer at all:
// the call ends, and Metacontroller repeats it.
type Edge interface {
	Cluster(seeds []string, port int32) (storm.ClusterView, error)
}

// Observed is everything that one call knows.
type Observed struct {
	Parent     *v1beta1.StormCluster
	Finalizing bool
	// Topologies that use this StormCluster; requested only once it is being deleted.
	Topologies []v1beta1.StormTopology
	Storm      storm.ClusterView
}

// Result is an answer, and the decision behind it.
type Result struct {
	Response metacontroller.SyncResponse
	Status   v1beta1.StormClusterStatus
	Reason   string
}

// Objects are the decoded objects of a call, read only.
type Objects struct {
	Parent     *v1beta1.StormCluster
	Finalizing bool
	// Topologies of the namespace, if customize requested them.
	Topologies []v1beta1.StormTopology
}

// Sync answers a sync or finalize call. An error that wraps
// metacontroller.ErrBadRequest means that the body is not a request for a
// StormCluster; any other error is of the edge.
func Sync(request metacontroller.Request, edge Edge, now time.Time) (Result, error) {
	objects, err := Decode(request)
	if err != nil {
		return Result{}, err
	}
	return Respond(objects, edge, now)
}

// Respond is Sync for objects that are decoded already.
func Respond(objects Objects, edge Edge, now time.Time) (Result, error) {
	seen := Observe(objects)
	if !seen.Finalizing {
		var err error
		if seen.Storm, err = edge.Cluster(seen.Parent.SeedHosts(), seen.Parent.Port()); err != nil {
			return Result{}, err
		}
	}
	decision := Decide(seen, now)
	status := Report(seen, decision, now)
	return Result{
		Response: metacontroller.SyncResponse{Status: status, ResyncAfter: decision.LookAgain, Finalized: decision.Finalized},
		Status:   status,
		Reason:   decision.Ready.Reason,
	}, nil
}

// Decode decodes the objects of a request. The error wraps metacontroller.ErrBadRequest.
func Decode(request metacontroller.Request) (Objects, error) {
	objects := Objects{Parent: &v1beta1.StormCluster{}, Finalizing: request.Finalizing}
	if err := metacontroller.DecodeObject(request.Parent, objects.Parent, metacontroller.AlwaysSkipped); err != nil {
		return Objects{}, err
	}
	if objects.Parent.Name == "" || objects.Parent.Namespace == "" {
		return Objects{}, fmt.Errorf("%w: the parent has no name or no namespace", metacontroller.ErrBadRequest)
	}
	var err error
	objects.Topologies, err = metacontroller.DecodeAll[v1beta1.StormTopology](request.Related, kindTopology, metacontroller.AlwaysSkipped)
	return objects, err
}

// Observe sorts the objects of a call.
func Observe(objects Objects) Observed {
	seen := Observed{Parent: objects.Parent, Finalizing: objects.Finalizing}
	for _, topology := range objects.Topologies {
		if topology.Namespace == seen.Parent.Namespace && topology.Spec.ClusterRef == seen.Parent.Name {
			seen.Topologies = append(seen.Topologies, topology)
		}
	}
	return seen
}

// Customize requests the StormTopologies of the namespace once the StormCluster is
// being deleted. Before that, each change of one would trigger a needless call.
func Customize(request metacontroller.Request) (metacontroller.CustomizeResponse, error) {
	var parent v1beta1.StormCluster
	if err := metacontroller.DecodeObject(request.Parent, &parent, metacontroller.AlwaysSkipped); err != nil {
		return metacontroller.CustomizeResponse{}, err
	}
	if parent.DeletionTimestamp == nil {
		return metacontroller.CustomizeResponse{}, nil
	}
	return metacontroller.CustomizeResponse{Related: []metacontroller.RelatedRule{
		{APIVersion: v1beta1.GroupVersion.String(), Resource: "stormtopologies", Namespace: parent.Namespace},
	}}, nil
}
