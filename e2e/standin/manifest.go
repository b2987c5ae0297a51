package standin

import (
	"bytes"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"
)

// CompositeController is a manifest that the loop can run: what it needs of the
// spec, and the whole object as the hooks are sent it.
type CompositeController struct {
	Name   string
	Spec   Spec
	Object *unstructured.Unstructured
}

// Spec holds the fields of a CompositeController that this loop implements.
// Decoding is strict, so that every other field is an error and no manifest is
// run differently from how the real controller would run it.
type Spec struct {
	ParentResource   ParentResourceRule  `json:"parentResource"`
	ChildResources   []ChildResourceRule `json:"childResources,omitempty"`
	GenerateSelector *bool               `json:"generateSelector,omitempty"`
	EndpointConfigs  []EndpointConfig    `json:"endpointConfigs,omitempty"`
	Hooks            SpecHooks           `json:"hooks"`
}

// EndpointConfig is how a host of webhooks is called: whose certificate it has to
// show, and what it is shown. It is the Hooks' business, not the loop's.
type EndpointConfig struct {
	Host          string         `json:"host"`
	CABundle      *FromSecret    `json:"caBundle,omitempty"`
	ClientTLS     *ClientTLS     `json:"clientTLS,omitempty"`
	Authorization *Authorization `json:"authorization,omitempty"`
}

// Authorization is a header; the CRD's default of its type is Bearer.
type Authorization struct {
	Type       string `json:"type,omitempty"`
	FromSecret `json:",inline"`
}

// ClientTLS is a certificate; the CRD's defaults of its keys are tls.crt and tls.key.
type ClientTLS struct {
	CertKey       string `json:"certKey,omitempty"`
	PrivateKeyKey string `json:"privateKeyKey,omitempty"`
	FromSecret    `json:",inline"`
}

// FromSecret is a value that a Secret holds.
type FromSecret struct {
	SecretRef SecretRef `json:"secretRef"`
}

// SecretRef names a Secret and, but for clientTLS, its key.
type SecretRef struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
	Key       string `json:"key,omitempty"`
}

// ResourceRule names a resource.
type ResourceRule struct {
	APIVersion string `json:"apiVersion"`
	Resource   string `json:"resource"`
}

// ParentResourceRule names the parent resource.
type ParentResourceRule struct {
	ResourceRule `json:",inline"`
	// IgnoreStatusChanges skips a parent's update that changes neither generation
	// nor labels nor annotations, unless the parent is being deleted.
	IgnoreStatusChanges *bool `json:"ignoreStatusChanges,omitempty"`
}

// ChildResourceRule names a child resource and how it is updated.
type ChildResourceRule struct {
	ResourceRule   `json:",inline"`
	UpdateStrategy *UpdateStrategy `json:"updateStrategy,omitempty"`
}

// UpdateStrategy is OnDelete or absent, which is the same.
type UpdateStrategy struct {
	Method string `json:"method,omitempty"`
}

// SpecHooks are the hooks to call.
type SpecHooks struct {
	Customize *Hook `json:"customize,omitempty"`
	Sync      *Hook `json:"sync,omitempty"`
	Finalize  *Hook `json:"finalize,omitempty"`
}

// Hook is one webhook, version v2.
type Hook struct {
	Version string   `json:"version,omitempty"`
	Webhook *Webhook `json:"webhook,omitempty"`
}

// Webhook is where a hook is.
type Webhook struct {
	URL                    string           `json:"url,omitempty"`
	Timeout                *metav1.Duration `json:"timeout,omitempty"`
	Path                   string           `json:"path,omitempty"`
	Service                *Service         `json:"service,omitempty"`
	ResponseUnMarshallMode string           `json:"responseUnMarshallMode,omitempty"`
}

// Service is a Kubernetes Service that serves a hook.
type Service struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
	Port      *int32 `json:"port,omitempty"`
	Protocol  string `json:"protocol,omitempty"`
}

const manifestAPIVersion = "metacontroller.k8s.io/v1alpha1"

// Load reads the CompositeControllers of a YAML text, which may hold other
// objects too; those are passed over.
func Load(text []byte) ([]*CompositeController, error) {
	var all []*CompositeController
	for i, document := range bytes.Split(append([]byte("\n"), text...), []byte("\n---")) {
		content := map[string]any{}
		raw, err := yaml.YAMLToJSON(document)
		if err == nil {
			err = json.Unmarshal(raw, &content)
		}
		if err != nil {
			return nil, fmt.Errorf("manifest, document %d: %w", i+1, err)
		}
		object := &unstructured.Unstructured{Object: content}
		if object.GetKind() != "CompositeController" || object.GetAPIVersion() != manifestAPIVersion {
			continue
		}
		controller, err := FromObject(object)
		if err != nil {
			return nil, err
		}
		all = append(all, controller)
	}
	return all, nil
}

// FromObject reads one CompositeController, and refuses what the loop does not do.
func FromObject(object *unstructured.Unstructured) (*CompositeController, error) {
	controller := &CompositeController{Name: object.GetName(), Object: object.DeepCopy()}
	raw, err := json.Marshal(object.Object["spec"])
	if err == nil {
		err = yaml.UnmarshalStrict(raw, &controller.Spec)
	}
	if err != nil {
		return nil, fmt.Errorf("CompositeController %q: spec: %w. The stand-in runs only what our manifests use", controller.Name, err)
	}
	if problem := unsupported(controller.Spec); problem != "" {
		return nil, fmt.Errorf("CompositeController %q: %s", controller.Name, problem)
	}
	asSent(controller.Object.Object)
	return controller, nil
}

// asSent adds what the real controller's typed object prints and the stored one
// lacks: structs without a pointer, which omitempty does not omit
// (metacontroller/metacontroller: pkg/apis/metacontroller/v1alpha1/types.go, 4.17.2).
func asSent(content map[string]any) {
	content["status"] = map[string]any{}
	children, _, _ := unstructured.NestedSlice(content, "spec", "childResources")
	if len(children) == 0 {
		return
	}
	for _, child := range children {
		if strategy, ok := child.(map[string]any)["updateStrategy"].(map[string]any); ok {
			strategy["statusChecks"] = map[string]any{}
		}
	}
	content["spec"].(map[string]any)["childResources"] = children
}

// unsupported says what in a spec this loop would not run as the real one does.
func unsupported(spec Spec) string {
	if spec.ParentResource.APIVersion == "" || spec.ParentResource.Resource == "" {
		return "spec.parentResource needs apiVersion and resource."
	}
	if spec.GenerateSelector == nil || !*spec.GenerateSelector {
		return "spec.generateSelector is not true. The stand-in knows no selector but the generated one."
	}
	for i, child := range spec.ChildResources {
		if child.APIVersion == "" || child.Resource == "" {
			return fmt.Sprintf("spec.childResources[%d] needs apiVersion and resource.", i)
		}
		if s := child.UpdateStrategy; s != nil && s.Method != "" && s.Method != "OnDelete" {
			return fmt.Sprintf("spec.childResources[%d].updateStrategy.method is %s. The stand-in knows only OnDelete.", i, s.Method)
		}
	}
	if spec.Hooks.Sync == nil {
		return "spec.hooks.sync is missing. Name the sync hook."
	}
	for kind, hook := range map[HookKind]*Hook{Customize: spec.Hooks.Customize, Sync: spec.Hooks.Sync, Finalize: spec.Hooks.Finalize} {
		if problem := unsupportedHook(hook); problem != "" {
			return fmt.Sprintf("spec.hooks.%s.%s", kind, problem)
		}
	}
	return ""
}

func unsupportedHook(hook *Hook) string {
	switch {
	case hook == nil:
		return ""
	case hook.Version != "v2":
		return "version is not v2 (unset means v1). The stand-in speaks only v2."
	case hook.Webhook == nil:
		return "webhook is missing. Give its url."
	case hook.Webhook.ResponseUnMarshallMode == "loose":
		return "webhook.responseUnMarshallMode is loose. The stand-in decodes strictly, as v2 does by default."
	}
	if _, err := hook.url(); err != nil {
		return "webhook: " + err.Error() + "."
	}
	return ""
}

// url is the hook's address: url wins over service and path.
func (h *Hook) url() (string, error) {
	w := h.Webhook
	if w.URL != "" {
		return w.URL, nil
	}
	if w.Service == nil || w.Service.Name == "" || w.Service.Namespace == "" || w.Path == "" {
		return "", fmt.Errorf("give url, or path and service with name and namespace")
	}
	port, protocol := int32(80), "http"
	if w.Service.Port != nil {
		port = *w.Service.Port
	}
	if w.Service.Protocol != "" {
		protocol = w.Service.Protocol
	}
	return fmt.Sprintf("%s://%s.%s:%d%s", protocol, w.Service.Name, w.Service.Namespace, port, w.Path), nil
}

// timeout is the hook's; none, zero and less mean ten seconds.
func (h *Hook) timeout() time.Duration {
	if t := h.Webhook.Timeout; t != nil && t.Duration > 0 {
		return t.Duration
	}
	return 10 * time.Second
}
