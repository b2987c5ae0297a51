package standin

import (
	"context"
	gojson "encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/json"
	kjson "sigs.k8s.io/json"
)

// syncRequest is the body of sync and finalize, hooks version v2.
type syncRequest struct {
	Controller gojson.RawMessage          `json:"controller"`
	Parent     *unstructured.Unstructured `json:"parent"`
	Children   wireObjects                `json:"children"`
	Related    wireObjects                `json:"related"`
	Finalizing bool                       `json:"finalizing"`
}

// syncResponse is their answer.
type syncResponse struct {
	Status             map[string]any               `json:"status"`
	Children           []*unstructured.Unstructured `json:"children"`
	ResyncAfterSeconds float64                      `json:"resyncAfterSeconds"`
	Finalized          bool                         `json:"finalized"`
}

// tooManyRequests is a 429: look again after, without a failure.
type tooManyRequests struct{ after time.Duration }

func (t *tooManyRequests) Error() string {
	return fmt.Sprintf("the hook answered 429: again after %s", t.after)
}

// callSyncOrFinalize calls finalize, if there is one, for a parent that is being
// deleted (again and again, while other finalizers keep it), else sync.
func (c *Controller) callSyncOrFinalize(ctx context.Context, parent *unstructured.Unstructured, observed, related objects) (*syncResponse, error) {
	kind, hook := Sync, c.cc.Spec.Hooks.Sync
	if c.cc.Spec.Hooks.Finalize != nil && parent.GetDeletionTimestamp() != nil {
		kind, hook = Finalize, c.cc.Spec.Hooks.Finalize
	}
	if answer, answered, err := c.direct(ctx, kind, parent, observed, related); answered || err != nil {
		return answer, err
	}
	answer := &syncResponse{}
	err := c.call(ctx, kind, hook, parent, syncRequest{
		Controller: c.sent,
		Parent:     parent,
		Children:   onWire(observed),
		Related:    onWire(related),
		Finalizing: kind == Finalize,
	}, answer)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", kind, err)
	}
	return answer, nil
}

// direct asks Options.Direct, which may pass the call on.
func (c *Controller) direct(ctx context.Context, kind HookKind, parent *unstructured.Unstructured, observed, related objects) (*syncResponse, bool, error) {
	if c.opts.Direct == nil {
		return nil, false, nil
	}
	answer, answered, err := c.opts.Direct(ctx, DirectRequest{
		Controller: c.cc.Name, Hook: kind, Parent: parent, Children: onWire(observed), Related: onWire(related),
	})
	if err != nil {
		return nil, false, fmt.Errorf("%s: %w", kind, err)
	}
	response := syncResponse(answer)
	response.Status = maps.Clone(answer.Status)
	return &response, answered, nil
}

// call posts one request and decodes the answer strictly: unknown keys, whatever
// their case, and duplicate keys are errors, except inside an object of children.
func (c *Controller) call(ctx context.Context, kind HookKind, hook *Hook, parent *unstructured.Unstructured, request, answer any) error {
	url, err := hook.url()
	if err != nil {
		return err
	}
	body, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("encoding the request: %w", err)
	}
	response, err := c.hooks.Call(ctx, HookRequest{
		Controller: c.cc.Name, Hook: kind, Parent: keyOf(parent), URL: url, Timeout: hook.timeout(), Body: body,
	})
	if err != nil {
		return fmt.Errorf("http: %w", err)
	}
	if response.Code == http.StatusTooManyRequests { // before any other status
		return &tooManyRequests{after: retryAfter(response.Header.Get("Retry-After"), c.opts.Now())}
	}
	if response.Code != http.StatusOK { // 201, 202, 204 fail as 500 does
		return fmt.Errorf("unsupported status code %d, body: %s", response.Code, response.Body)
	}
	strict, err := kjson.UnmarshalStrict(response.Body, answer)
	if err != nil {
		return fmt.Errorf("can't decode the answer: %w", err)
	}
	if len(strict) > 0 {
		return fmt.Errorf("strict decoding of the answer: %w", errors.Join(strict...))
	}
	return nil
}

// retryAfter reads seconds or a date; anything else, or a time that has passed,
// is at once.
func retryAfter(header string, now time.Time) time.Duration {
	if at, err := time.Parse(time.RFC1123, header); err == nil {
		return time.Duration(math.Ceil(at.Sub(now).Seconds())) * time.Second
	}
	seconds, err := strconv.Atoi(header)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// wireObjects is how objects are sent: "Kind.version" or "Kind.group/version",
// then "namespace/name", or "name" for a cluster-scoped object.
type wireObjects = map[string]map[string]*unstructured.Unstructured

func onWire(grouped objects) wireObjects {
	wire := wireObjects{}
	for gvk, group := range grouped {
		wire[wireKind(gvk)] = group
	}
	return wire
}

func wireKind(gvk schema.GroupVersionKind) string {
	if gvk.Group == "" {
		return gvk.Kind + "." + gvk.Version
	}
	return gvk.Kind + "." + gvk.Group + "/" + gvk.Version
}
