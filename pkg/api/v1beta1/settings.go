package v1beta1

import "k8s.io/apimachinery/pkg/runtime"

// Settings are settings of Storm, written in YAML: strings, numbers, booleans, lists
// and maps.
//
// A field of this type has the markers Schemaless, Type=object and
// PreserveUnknownFields, since no schema can say "any value".
//
// +kubebuilder:object:generate=false
type Settings map[string]any

// DeepCopy copies the settings. Their values must be those that JSON decoding gives.
func (s Settings) DeepCopy() Settings {
	if s == nil {
		return nil
	}
	return runtime.DeepCopyJSON(s)
}

// DeepCopyInto copies the settings into out.
func (s Settings) DeepCopyInto(out *Settings) { *out = s.DeepCopy() }
