package stories

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Print is what stands below ----.
func (t Told) Print() string {
	if t.whole {
		return t.Answer.YAML()
	}
	return t.print(t.Answer.Tree())
}

func (t Told) print(tree map[string]any) string {
	p := printer{now: t.Now}
	status, is := tree["status"].(map[string]any)
	if !is {
		p.line("status: %s", p.value(tree["status"]))
	}
	p.line("%s: %s: %s", t.Answer.Rule, p.value(status["phase"]), p.text(status["message"]))
	p.looks(t)
	for _, call := range t.Answer.Calls {
		p.line("tells Storm: %s", p.value(said(call)))
	}
	p.children(t, tree["children"])
	p.conditions(t.World, status)
	p.status(t.World, status)
	if tree["finalized"] != nil {
		p.line("finalized: %s", p.value(tree["finalized"]))
	}
	if after, there := tree["resyncAfterSeconds"]; there {
		p.line("again in %ss", p.value(after))
	}
	for _, key := range slices.Sorted(maps.Keys(tree)) {
		if !slices.Contains([]string{"status", "children", "finalized", "resyncAfterSeconds"}, key) {
			p.line("%s: %s", key, p.value(tree[key]))
		}
	}
	return p.String()
}

// said is a call without what it does not say.
func said(call any) any {
	tree := clone(map[string]any{"call": call})["call"].(map[string]any)
	maps.DeleteFunc(tree, func(_ string, value any) bool { return value == nil || value == 0.0 || value == "" })
	return tree
}

// looks prints the looks at Storm, unless it is the usual one.
func (p *printer) looks(t Told) {
	id, usual := t.World.Status()["stormId"], "the topology"
	if id == nil {
		id = ""
	}
	const where = "wordcount-container at [nimbus.storm-system.svc]"
	known := map[string]string{
		fmt.Sprintf("%s id=%q fresh=false", where, id):                  "cached",
		fmt.Sprintf("%s id=%q fresh=true", where, id):                   "fresh",
		fmt.Sprintf("%s id=%q fresh=false without the list", where, id): "the topology",
	}
	if found := t.World.View().Topology; found != nil {
		known[fmt.Sprintf("%s id=%q fresh=true", where, found.ID)] = "fresh"
	}
	var looks []string
	for _, look := range t.Answer.Asked {
		if short, is := known[look]; is {
			look = short
		}
		looks = append(looks, look)
	}
	if !slices.Equal(looks, []string{usual}) {
		p.line("asks Storm: %s", cmp.Or(strings.Join(looks, ", then "), "nothing"))
	}
}

// children prints which are made, and which of those that are there are left out.
func (p *printer) children(t Told, list any) {
	answer, is := list.([]any)
	if !is {
		p.line("children: %s", p.value(list))
		return
	}
	var kept []string
	for _, child := range answer {
		part := partOf(child)
		if body, _ := child.(map[string]any); part == "" || body["spec"] != nil || t.World[part] == nil || slices.Contains(kept, part) {
			p.made(t, child, part)
		}
		kept = append(kept, part)
	}
	if !slices.IsSortedFunc(answer, func(a, b any) int { return strings.Compare(sortKey(a), sortKey(b)) }) {
		p.line("children in this order: %s", strings.Join(kept, ", "))
	}
	for _, part := range slices.Sorted(maps.Keys(children)) {
		if t.World[part] != nil && !slices.Contains(kept, part) {
			p.line("- %s", part)
		}
	}
}

func sortKey(child any) string {
	body, _ := child.(map[string]any)
	metadata, _ := body["metadata"].(map[string]any)
	return fmt.Sprint(body["kind"], "/", metadata["namespace"], "/", metadata["name"])
}

// partOf is the part of the world that a child is by its kind and name, or empty.
func partOf(child any) string {
	kinds := map[string]string{"claim": "v1 PersistentVolumeClaim", "extract": "batch/v1 Job", "submit": "batch/v1 Job", "topologyPod": "v1 Pod"}
	body, _ := child.(map[string]any)
	metadata, _ := body["metadata"].(map[string]any)
	for part, name := range children {
		named := map[string]any{"name": name, "namespace": "storm-system"}
		is := fmt.Sprint(body["apiVersion"], " ", body["kind"]) == kinds[part] && metadata["name"] == name && metadata["namespace"] == "storm-system"
		if is && (body["spec"] != nil || len(body) == 3 && reflect.DeepEqual(metadata, named)) {
			return part
		}
	}
	return ""
}

// made prints a child that is made, by its difference from the body that is nearest.
func (p *printer) made(t Told, child any, part string) {
	best, nearest := "", ""
	for _, name := range slices.Sorted(maps.Keys(t.bodies)) {
		if nearest != "" && at(t.bodies[name], "kind") != at(child, "kind") {
			continue
		}
		text := ""
		for _, change := range diff("", t.bodies[name], child) {
			text += "    " + short.Replace(p.change(change)) + "\n"
		}
		if nearest == "" || len(text) < len(best) {
			best, nearest = text, name
		}
	}
	p.line("+ %s (%s)", cmp.Or(part, "another child"), nearest)
	p.WriteString(best)
}

// short names of the places in a child.
var short = strings.NewReplacer("metadata.annotations.storm.apache.org/", "", "spec.template.spec.", "pod.", "spec.template.metadata.", "pod.metadata.")

// status prints what else is new in the status.
func (p *printer) status(w World, status map[string]any) {
	printed := []string{"conditions", "message", "phase"}
	switch generation, there := status["observedGeneration"]; {
	case !there && status != nil:
		p.line("  observedGeneration gone")
	case generation == w.generation():
		printed = append(printed, "observedGeneration")
	}
	rest := func(of map[string]any) any {
		of = clone(of)
		maps.DeleteFunc(of, func(key string, _ any) bool { return slices.Contains(printed, key) })
		return of
	}
	var items []string
	for _, change := range diff("", rest(w.Status()), rest(status)) {
		if change.path == "lastSpec" && reflect.DeepEqual(at(change.new, "topology"), spec(w)["topology"]) {
			last := maps.Clone(change.new.(map[string]any))
			last["topology"] = asSpec{}
			change.new = last
		}
		items = append(items, p.change(change))
	}
	p.fill(items)
}

// asSpec stands for a lastSpec that is the parent's spec.topology.
type asSpec struct{}

func spec(w World) map[string]any {
	spec, _ := w["parent"].(map[string]any)["spec"].(map[string]any)
	return spec
}

func at(tree any, key string) any {
	is, _ := tree.(map[string]any)
	return is[key]
}
