package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/preview"
)

// liveObjects are the live objects: those recorded, or those that kubectl may read.
type liveObjects struct {
	kubectl  *Kubectl
	recorded []Object
	given    bool
	files    []string
	// wanted are the objects in the files. fetched has what kubectl found of them.
	wanted  []Object
	fetched map[string]fetched
	// seen is what kubectl found, by namespace; "" is all of them.
	seen map[string][]Object
}

// record is the command that records what plan needs.
const record = "kubectl get stormclusters,stormtopologies -A --show-managed-fields -o json > live.json"

// read reads recorded objects. What has none is not a recording: it most likely failed.
func (l *liveObjects) read(files []string, in io.Reader, namespace string) error {
	l.given, l.files = true, files
	for _, file := range files {
		documents, err := Read([]string{file}, in)
		if err != nil {
			return err
		}
		name := preview.Line(file)
		if len(documents) == 0 {
			return unread(fmt.Errorf("%s is empty, so it says nothing of what exists. Record it again: %s", name, record))
		}
		objects, err := Objects(documents, namespace)
		if err != nil {
			return unread(fmt.Errorf("%w. Record it again: %s", err, record))
		}
		if len(objects) == 0 && !emptyList(documents) {
			return unread(fmt.Errorf("%s has no StormCluster and no StormTopology, so it says nothing of what exists. Record it again: %s", name, record))
		}
		l.recorded = append(l.recorded, objects...)
	}
	return nil
}

// emptyList says whether a recording is a List without items, which kubectl writes if
// nothing exists.
func emptyList(documents []Document) bool {
	content, err := Decode(documents[0].Text)
	items, is := content["items"].([]any)
	kind, _ := content["kind"].(string)
	return err == nil && len(documents) == 1 && is && len(items) == 0 && strings.HasSuffix(kind, "List")
}

// covers says whether a recording has any object of a namespace.
func (l *liveObjects) covers(namespace string) bool {
	return !l.given || slices.ContainsFunc(l.recorded, func(o Object) bool { return o.Namespace == namespace })
}

// of is the live object of an object in a file; nil if it does not exist.
func (l *liveObjects) of(ctx context.Context, object Object) (*Object, error) {
	candidates := l.recorded
	if !l.given {
		var err error
		if candidates, err = l.likeIt(ctx, object); err != nil {
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

// fetched is the answer to one call of kubectl.
type fetched struct {
	objects []Object
	err     error
}

// likeIt are the live objects of all objects in the files of the same kind and namespace:
// kubectl is called once for them. A name that Kubernetes does not accept is left out:
// kubectl could take it as a flag.
func (l *liveObjects) likeIt(ctx context.Context, object Object) ([]Object, error) {
	kind := object.Kind + "/" + object.Namespace
	if of, known := l.fetched[kind]; known {
		return of.objects, of.err
	}
	var names []string
	for _, o := range l.wanted {
		if o.Kind == object.Kind && o.Namespace == object.Namespace && len(validation.IsDNS1123Subdomain(o.Name)) == 0 && !slices.Contains(names, o.Name) {
			names = append(names, o.Name)
		}
	}
	var of fetched
	if len(names) > 0 {
		args := append(append([]string{resources[object.Kind]}, names...), "--show-managed-fields")
		of.objects, of.err = l.kubectl.InNamespace(object.Namespace).Get(ctx, args...)
	}
	if l.fetched == nil {
		l.fetched = map[string]fetched{}
	}
	l.fetched[kind] = of
	return of.objects, of.err
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

// surroundings are the objects after the files are applied. Where StormClusters could not
// be read, and in a recording without any, which was most likely made without reading
// them, none is known.
func (l *liveObjects) surroundings(ctx context.Context, namespace string, files []Object) *preview.Surroundings {
	live := l.known(ctx, namespace)
	isCluster := func(o Object) bool { return o.Kind == KindCluster }
	all := &preview.Surroundings{}
	if live != nil && (!l.given || slices.ContainsFunc(live, isCluster)) {
		all.Clusters = []v1beta1.StormCluster{}
	}
	known, at := map[string]Object{}, map[string]int{}
	var merged []Object
	for _, object := range live {
		known[object.Key()], at[object.Key()] = object, len(merged)
		merged = append(merged, object)
	}
	for _, object := range files {
		if object.Content = asLive(object.Content, known[object.Key()].Content); object.Name == "" {
			continue
		}
		if i, again := at[object.Key()]; again {
			merged[i] = object
			continue
		}
		at[object.Key()] = len(merged)
		merged = append(merged, object)
	}
	for _, object := range merged {
		if isCluster(object) {
			if all.Clusters == nil {
				continue
			}
			if cluster, err := typed[v1beta1.StormCluster](object); err == nil { // otherwise it is refused already, or not in a file
				all.Clusters = append(all.Clusters, *cluster)
			}
		} else if topology, err := typed[v1beta1.StormTopology](object); err == nil {
			all.Topologies = append(all.Topologies, *topology)
		}
	}
	return all
}

// asLive is the content of a file with what Kubernetes wrote into the live object.
func asLive(content, live map[string]any) map[string]any {
	content = cloneWith(content, "status", live["status"])
	metadata, _ := content["metadata"].(map[string]any)
	written, _ := live["metadata"].(map[string]any)
	for _, key := range []string{"uid", "deletionTimestamp"} {
		metadata = cloneWith(metadata, key, written[key])
	}
	content["metadata"] = metadata
	return content
}
