package stories

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/jsonpath"
	"sigs.k8s.io/yaml"
)

// kinds are the objects that stories speak of, as kubectl spells them.
var kinds = map[string]schema.GroupVersionResource{
	"stormtopology": {Group: "storm.apache.org", Version: "v1beta1", Resource: "stormtopologies"},
	"stormcluster":  {Group: "storm.apache.org", Version: "v1beta1", Resource: "stormclusters"},
	"job":           {Group: "batch", Version: "v1", Resource: "jobs"},
	"pod":           {Version: "v1", Resource: "pods"},
	"pvc":           {Version: "v1", Resource: "persistentvolumeclaims"},
	"namespace":     {Version: "v1", Resource: "namespaces"},
	"deployment":    {Group: "apps", Version: "v1", Resource: "deployments"},
	"statefulset":   {Group: "apps", Version: "v1", Resource: "statefulsets"},
}

// objects watches objects of the cluster.
type objects struct{ client dynamic.Interface }

func newObjects(kubeconfig string) (*objects, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	config.QPS, config.Burst = 100, 200
	client, err := dynamic.NewForConfig(config)
	return &objects{client}, err
}

// follow calls see with the object as it is now (nil: there is none) and with
// each later state, until see says that it has seen enough or the context ends.
func (o *objects) follow(ctx context.Context, namespace, object string, see func(*unstructured.Unstructured) (enough bool)) error {
	kind, name, found := strings.Cut(object, "/")
	resource, known := kinds[kind]
	if !found || !known {
		return fmt.Errorf("%q is not a KIND/NAME of a kind that stories know", object)
	}
	client := o.client.Resource(resource).Namespace(namespace)
	if kind == "namespace" {
		client = o.client.Resource(resource).Namespace("")
	}
	only := metav1.ListOptions{FieldSelector: "metadata.name=" + name}
	for ctx.Err() == nil {
		list, err := client.List(ctx, only)
		if err != nil {
			return err
		}
		var now *unstructured.Unstructured
		if len(list.Items) > 0 {
			now = &list.Items[0]
		}
		if see(now) {
			return nil
		}
		watching, err := client.Watch(ctx, metav1.ListOptions{FieldSelector: only.FieldSelector, ResourceVersion: list.GetResourceVersion()})
		if err != nil {
			return err
		}
		for event := range watching.ResultChan() {
			u, ok := event.Object.(*unstructured.Unstructured)
			if !ok || event.Type == "ERROR" {
				break // for example a version that is too old: list again
			}
			if event.Type == "DELETED" {
				u = nil
			}
			if see(u) {
				watching.Stop()
				return nil
			}
		}
		watching.Stop()
	}
	return ctx.Err()
}

// holds tells whether all conditions hold of an object, and which does not.
func holds(object *unstructured.Unstructured, conditions []string) (bool, string, error) {
	for _, condition := range conditions {
		ok, is, err := holdsOne(object, condition)
		if err != nil || !ok {
			return false, condition + ": it is " + is, err
		}
	}
	return true, "", nil
}

var ofCondition = regexp.MustCompile(`^([A-Za-z]+)=([A-Za-z]+)(?:/([A-Za-z]+))?$`)

func holdsOne(object *unstructured.Unstructured, condition string) (ok bool, is string, err error) {
	switch {
	case condition == "gone":
		return object == nil, "there", nil
	case object == nil:
		return false, "gone", nil
	case condition == "exists":
		return true, "", nil
	case condition == "current":
		observed, _, _ := unstructured.NestedInt64(object.Object, "status", "observedGeneration")
		return observed == object.GetGeneration(), fmt.Sprintf("of generation %d", observed), nil
	case strings.HasPrefix(condition, "{"):
		return holdsPath(object, condition)
	}
	match := ofCondition.FindStringSubmatch(condition)
	if match == nil {
		return false, "", fmt.Errorf("%q is not a condition: exists, gone, {JSONPATH}=VALUE, {JSONPATH}~REGEXP, TYPE=STATUS, TYPE=STATUS/REASON", condition)
	}
	list, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	for _, item := range list {
		if c, _ := item.(map[string]any); c["type"] == match[1] {
			is = fmt.Sprintf("%v/%v: %v", c["status"], c["reason"], c["message"])
			return c["status"] == match[2] && (match[3] == "" || c["reason"] == match[3]), is, nil
		}
	}
	return false, "not among the conditions", nil
}

func holdsPath(object *unstructured.Unstructured, condition string) (ok bool, is string, err error) {
	end := strings.LastIndex(condition, "}") + 1
	// A regular expression may hold brackets: the path ends before its = or ~.
	if at := regexp.MustCompile(`\}[=~]`).FindStringIndex(condition); at != nil {
		end = at[0] + 1
	}
	if end == len(condition) || end == 0 {
		return false, "", fmt.Errorf("%q is a path without =VALUE or ~REGEXP", condition)
	}
	path := jsonpath.New("condition").AllowMissingKeys(true)
	if err := path.Parse(condition[:end]); err != nil {
		return false, "", fmt.Errorf("%q: %w", condition, err)
	}
	var out bytes.Buffer
	if err := path.Execute(&out, object.Object); err != nil {
		return false, err.Error(), nil
	}
	is, want := out.String(), condition[end+1:]
	if condition[end] == '=' {
		return is == want, fmt.Sprintf("%q", is), nil
	}
	matched, err := regexp.MatchString(want, is)
	return matched, fmt.Sprintf("%q", is), err
}

// history is what a story saw of an object, for its log.
type history struct {
	began time.Time
	lines []string
	last  string
}

func (h *history) note(object *unstructured.Unstructured) {
	line := "there is none"
	if object != nil {
		phase, _, _ := unstructured.NestedString(object.Object, "status", "phase")
		message, _, _ := unstructured.NestedString(object.Object, "status", "message")
		line = strings.TrimSpace(phase + " " + message)
		if object.GetDeletionTimestamp() != nil {
			line = "(being deleted) " + line
		}
	}
	if line != h.last || len(h.lines) == 0 {
		h.lines = append(h.lines, fmt.Sprintf("  %5.1fs %s", time.Since(h.began).Seconds(), line))
		h.last = line
	}
}

func (h *history) String() string { return strings.Join(h.lines, "\n") }

func statusOf(object *unstructured.Unstructured) string {
	if object == nil {
		return "(there is none)"
	}
	text, _ := yaml.Marshal(object.Object["status"])
	return string(text)
}
