package cli

import (
	"context"
	"io"
	"slices"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/preview"
)

// liveObjects are the live objects: those recorded, or those that kubectl may read.
type liveObjects struct {
	kubectl  *Kubectl
	recorded []Object
	given    bool
	// seen is what kubectl found, by namespace; "" is all of them.
	seen map[string][]Object
}

func (l *liveObjects) read(files []string, in io.Reader, namespace string) error {
	documents, err := Read(files, in)
	if err != nil {
		return err
	}
	l.given = true
	l.recorded, err = Objects(documents, namespace)
	return err
}

// of is the live object of an object in a file; nil if it does not exist.
func (l *liveObjects) of(ctx context.Context, object Object) (*Object, error) {
	candidates := l.recorded
	if !l.given {
		var err error
		if candidates, err = l.kubectl.InNamespace(object.Namespace).Get(ctx, "stormtopologies.storm.apache.org", object.Name); err != nil {
			return nil, err
		}
	}
	for i := range candidates {
		if c := &candidates[i]; c.Key() == object.Key() {
			return c, nil
		}
	}
	return nil, nil
}

// known are all objects that can be read: those of all namespaces, otherwise those of one.
// They are nil if reading is not allowed.
func (l *liveObjects) known(ctx context.Context, namespace string) []Object {
	if l.given {
		return l.recorded
	}
	if all := l.list(ctx, ""); all != nil {
		return all
	}
	return l.list(ctx, namespace)
}

// list calls kubectl once. If reading is not allowed, the plan says less.
func (l *liveObjects) list(ctx context.Context, namespace string) []Object {
	if found, known := l.seen[namespace]; known {
		return found
	}
	kubectl := l.kubectl.InNamespace(namespace)
	kubectl.All = namespace == ""
	found, err := kubectl.Get(ctx, "stormclusters.storm.apache.org,stormtopologies.storm.apache.org")
	switch {
	case err != nil:
		found = nil
	case found == nil: // reading is allowed, and nothing exists
		found = []Object{}
	}
	if l.seen == nil {
		l.seen = map[string][]Object{}
	}
	l.seen[namespace] = found
	return found
}

// surroundings are the objects after the files are applied; nil if they cannot be read. A
// recording without any StormCluster was most likely made without reading them.
func (l *liveObjects) surroundings(ctx context.Context, namespace string, files []Object) *preview.Surroundings {
	live := l.known(ctx, namespace)
	isCluster := func(o Object) bool { return o.Kind == KindCluster }
	if live == nil || l.given && !slices.ContainsFunc(live, isCluster) {
		return nil
	}
	status, at := map[string]any{}, map[string]int{}
	var merged []Object
	for _, object := range live {
		status[object.Key()], at[object.Key()] = object.Content["status"], len(merged)
		merged = append(merged, object)
	}
	for _, object := range files {
		if object.Content = cloneWith(object.Content, "status", status[object.Key()]); object.Name == "" {
			continue
		}
		if i, again := at[object.Key()]; again {
			merged[i] = object
			continue
		}
		at[object.Key()] = len(merged)
		merged = append(merged, object)
	}
	all := &preview.Surroundings{}
	for _, object := range merged {
		if isCluster(object) {
			if cluster, err := typed[v1beta1.StormCluster](object); err == nil { // otherwise it is refused already, or not in a file
				all.Clusters = append(all.Clusters, *cluster)
			}
		} else if topology, err := typed[v1beta1.StormTopology](object); err == nil {
			all.Topologies = append(all.Topologies, *topology)
		}
	}
	return all
}
