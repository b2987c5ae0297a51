package v1beta1

import "k8s.io/apimachinery/pkg/runtime"

// Settings are Storm settings as YAML has them: strings, numbers, booleans,
// lists and maps.
//
// +kubebuilder:object:generate=false
// +kubebuilder:validation:Type=object
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
