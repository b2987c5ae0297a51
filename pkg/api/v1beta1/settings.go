package v1beta1

import "k8s.io/apimachinery/pkg/runtime"

// Settings are Storm settings as YAML has them: strings, numbers, booleans,
// lists and maps.
//
// A field of this type carries the markers Schemaless, Type=object and
// PreserveUnknownFields: no schema can say "any value".
//
// +kubebuilder:object:generate=false
type Settings map[string]any

// DeepCopy copies the settings. Values are those that JSON decoding yields.
func (s Settings) DeepCopy() Settings {
	if s == nil {
		return nil
	}
	return runtime.DeepCopyJSON(s)
}

// DeepCopyInto copies the settings into out.
func (s Settings) DeepCopyInto(out *Settings) { *out = s.DeepCopy() }
