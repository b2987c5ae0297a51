package stories

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// conditionOrder is the one in which a status has them.
var conditionOrder = []string{"Ready", "Available", "JarReady", "Submitted", "TopologyErrors", "Reconciling", "Stalled"}

// sameMessage stands for a message that is the status's.
type sameMessage struct{}

// conditions prints those that are new. What follows from the rest is left out:
// a message that is the status's, the parent's generation, and a time that is the
// previous one if the condition's status is the same, or else now.
func (p *printer) conditions(w World, status map[string]any) {
	before, _ := conditionsOf(w.Status())
	now, order := conditionsOf(status)
	byRank := func(a, b string) int {
		return cmp.Compare(slices.Index(conditionOrder, a), slices.Index(conditionOrder, b))
	}
	if !slices.IsSortedFunc(order, byRank) || len(order) != len(now) {
		p.line("  conditions in this order: %s", strings.Join(order, ", "))
	}
	var reasons, others []string
	same := map[string][]string{}
	for _, kind := range order {
		c := now[kind]
		p.leaveOutUsual(w, before[kind], c)
		reason, _ := c["reason"].(string)
		switch {
		case len(c) <= 3 && reflect.DeepEqual(shown(before[kind]), c):
		case len(c) == 3 && reason != "" && c["message"] == any(sameMessage{}):
			reasons = append(reasons, reason)
			same[reason] = append(same[reason], kind+"="+p.value(c["status"]))
		default:
			others = append(others, fmt.Sprintf("  %s=%s %s: %s%s", kind, p.value(c["status"]), p.value(c["reason"]), p.text(c["message"]), p.rest(c)))
		}
	}
	for _, reason := range reasons {
		if list := same[reason]; list != nil {
			p.line("  %s: %s", p.value(reason), strings.Join(list, " "))
		}
		delete(same, reason)
	}
	for _, line := range others {
		p.line("%s", line)
	}
	for _, kind := range slices.Sorted(maps.Keys(before)) {
		if now[kind] == nil {
			p.line("  %s gone", kind)
		}
	}
}

// conditionsOf are a status's conditions by type.
func conditionsOf(status map[string]any) (conditions map[string]map[string]any, order []string) {
	conditions = map[string]map[string]any{}
	list, _ := status["conditions"].([]any)
	for _, each := range list {
		c, _ := each.(map[string]any)
		kind := fmt.Sprint(c["type"])
		conditions[kind] = map[string]any{}
		maps.Copy(conditions[kind], c)
		delete(conditions[kind], "type")
		if message, exists := status["message"]; exists && c["message"] == message {
			conditions[kind]["message"] = sameMessage{}
		}
		order = append(order, kind)
	}
	return conditions, order
}

// leaveOutUsual removes from a condition what follows from the rest.
func (p *printer) leaveOutUsual(w World, old, c map[string]any) {
	changed := any(p.now.UTC().Format(time.RFC3339))
	if old != nil && old["status"] == c["status"] {
		changed = old["lastTransitionTime"]
	}
	for key, expected := range map[string]any{"observedGeneration": w.generation(), "lastTransitionTime": changed} {
		if c[key] == expected {
			delete(c, key)
		} else if c[key] == nil {
			c[key] = nil // printed as null
		}
	}
}

// shown is a previous condition without what follows from the rest.
func shown(c map[string]any) map[string]any {
	c = maps.Clone(c)
	delete(c, "observedGeneration")
	delete(c, "lastTransitionTime")
	return c
}

// rest is what else a condition has.
func (p *printer) rest(c map[string]any) string {
	c = maps.Clone(c)
	for _, key := range []string{"status", "reason", "message"} {
		delete(c, key)
	}
	if len(c) == 0 {
		return ""
	}
	return " " + p.value(c)
}
