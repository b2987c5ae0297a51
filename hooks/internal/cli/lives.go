package cli

import (
	"context"
	"io"
	"slices"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/preview"
)

// lives are the live objects: those recorded, or those that kubectl may read.
type lives struct {
	kubectl  *Kubectl
	recorded []Object
	given    bool
	// seen is what kubectl found, by namespace; "" for all of them.
	seen map[string][]Object
}

func (l *lives) read(files []string, in io.Reader, namespace string) error {
	documents, err := Read(files, in)
	if err != nil {
		return err
	}
	l.given = true
	l.recorded, err = Ours(documents, namespace)
	return err
}

// of is the live object of one in a file; nil where there is none.
func (l *lives) of(ctx context.Context, object Object) (*Object, error) {
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

// known are all objects that could be read: of all namespaces, or else of one;
// nil for none, and where one is not allowed to look.
func (l *lives) known(ctx context.Context, namespace string) []Object {
	if l.given {
		return l.recorded
	}
	if all := l.list(ctx, ""); all != nil {
		return all
	}
	return l.list(ctx, namespace)
}

// list asks once. That one may not is no error: the plan then says less.
func (l *lives) list(ctx context.Context, namespace string) []Object {
	if found, asked := l.seen[namespace]; asked {
		return found
	}
	kubectl := l.kubectl.InNamespace(namespace)
	kubectl.All = namespace == ""
	found, err := kubectl.Get(ctx, "stormclusters.storm.apache.org,stormtopologies.storm.apache.org")
	switch {
	case err != nil:
		found = nil
	case found == nil: // it was allowed, and there is nothing
		found = []Object{}
	}
	if l.seen == nil {
		l.seen = map[string][]Object{}
	}
	l.seen[namespace] = found
	return found
}

// around is what is there once the files are applied; nil where nobody could look.
// A recording without any StormCluster was most likely made without asking for them.
func (l *lives) around(ctx context.Context, namespace string, files []Object) *preview.Around {
	live := l.known(ctx, namespace)
	isCluster := func(o Object) bool { return o.Kind == KindCluster }
	if live == nil || l.given && !slices.ContainsFunc(live, isCluster) {
		return nil
	}
	status, at := map[string]any{}, map[string]int{}
	var all []Object
	for _, object := range live {
		status[object.Key()], at[object.Key()] = object.Content["status"], len(all)
		all = append(all, object)
	}
	for _, object := range files {
		if object.Content = cloneWith(object.Content, "status", status[object.Key()]); object.Name == "" {
			continue
		}
		if i, again := at[object.Key()]; again {
			all[i] = object
			continue
		}
		at[object.Key()] = len(all)
		all = append(all, object)
	}
	around := &preview.Around{}
	for _, object := range all {
		if isCluster(object) {
			if cluster, err := typed[v1beta1.StormCluster](object); err == nil { // else it has been refused, or is not ours to judge
				around.Clusters = append(around.Clusters, *cluster)
			}
		} else if topology, err := typed[v1beta1.StormTopology](object); err == nil {
			around.Topologies = append(around.Topologies, *topology)
		}
	}
	return around
}
