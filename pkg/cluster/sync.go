package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

const kindTopology = "StormTopology." + v1beta1.Group + "/" + v1beta1.Version

// Edge is the only access to Storm. An error means that there is no answer at all:
// the call ends, and Metacontroller repeats it.
type Edge interface {
	Cluster(seeds []string, port int32, tls *v1beta1.NimbusTLS) (storm.ClusterView, error)
}

// Observed is everything that one call knows.
type Observed struct {
	Parent     *v1beta1.StormCluster
	Finalizing bool
	// Users of this StormCluster; requested only once it is being deleted.
	Users Users
	Storm storm.ClusterView
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
	// Users of this StormCluster, if customize requested them.
	Users Users
}

// Users are the StormTopologies that use a StormCluster. They may be thousands, so only
// what a message needs is kept.
type Users struct {
	// First are the names that a message has, sorted.
	First []string
	Count int
}

// Add counts one more.
func (u *Users) Add(name string) {
	u.Count++
	at, _ := slices.BinarySearch(u.First, name)
	u.First = slices.Insert(u.First, at, name)
	u.First = u.First[:min(len(u.First), namedInMessage)]
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
		if seen.Storm, err = edge.Cluster(seen.Parent.SeedHosts(), seen.Parent.Port(), seen.Parent.Spec.Nimbus.TLS); err != nil {
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
	parent, err := parentOf(request.Parent)
	if err != nil {
		return Objects{}, err
	}
	objects := Objects{Parent: parent, Finalizing: request.Finalizing}
	for _, raw := range request.Related.Of(kindTopology) {
		if err := objects.add(raw); err != nil {
			return Objects{}, err
		}
	}
	return objects, nil
}

// Read is Decode for the body of a call, as it arrives: its memory does not grow with the
// number of StormTopologies. The error is of metacontroller.Stream. The bytes are the
// parent.
func Read(body io.Reader) (Objects, json.RawMessage, error) {
	var objects Objects
	var raw json.RawMessage
	finalizing, err := metacontroller.Stream(body, func(part metacontroller.Part) (err error) {
		switch {
		case part.Parent:
			raw = slices.Clone(part.Raw)
			objects.Parent, err = parentOf(raw)
			return err
		case objects.Parent == nil:
			return errors.New("an object is before the parent")
		case part.Related && part.Kind == kindTopology:
			return objects.add(part.Raw)
		}
		return nil
	})
	objects.Finalizing = finalizing
	return objects, raw, err
}

func parentOf(raw json.RawMessage) (*v1beta1.StormCluster, error) {
	parent := &v1beta1.StormCluster{}
	if err := metacontroller.DecodeObject(raw, parent, metacontroller.AlwaysSkipped); err != nil {
		return nil, err
	}
	if parent.Name == "" || parent.Namespace == "" {
		return nil, fmt.Errorf("%w: the parent has no name or no namespace", metacontroller.ErrBadRequest)
	}
	return parent, nil
}

// user is what is read of a StormTopology.
type user struct {
	Metadata struct {
		Namespace string `json:"namespace"`
		Name      string `json:"name"`
	} `json:"metadata"`
	Spec struct {
		ClusterRef string `json:"clusterRef"`
	} `json:"spec"`
}

func (o *Objects) add(raw json.RawMessage) error {
	var topology user
	if err := metacontroller.DecodeObject(raw, &topology, metacontroller.AlwaysSkipped); err != nil {
		return fmt.Errorf("%s: %w", kindTopology, err)
	}
	if topology.Metadata.Namespace == o.Parent.Namespace && topology.Spec.ClusterRef == o.Parent.Name {
		o.Users.Add(topology.Metadata.Name)
	}
	return nil
}

// Observe sorts the objects of a call.
func Observe(objects Objects) Observed {
	return Observed{Parent: objects.Parent, Finalizing: objects.Finalizing, Users: objects.Users}
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
