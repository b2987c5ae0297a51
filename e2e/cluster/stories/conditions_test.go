package stories

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestConditions(t *testing.T) {
	object := &unstructured.Unstructured{Object: map[string]any{
		"status": map[string]any{
			"phase":      "Running",
			"conditions": []any{map[string]any{"type": "Ready", "status": "False", "reason": "Suspended"}},
		},
	}}
	for condition, test := range map[string]struct {
		object *unstructured.Unstructured
		want   bool
	}{
		"exists":                       {object, true},
		"gone":                         {nil, true},
		"{.status.phase}=Running":      {object, true},
		"{.status.phase}=Run":          {object, false},
		"{.status.phase}~^Run":         {object, true},
		"{.status.missing}=":           {object, true},
		"Ready=False":                  {object, true},
		"Ready=False/Suspended":        {object, true},
		"Ready=False/Active":           {object, false},
		"Available=True":               {object, false},
		`{.status.phase}~^[A-Z]\w{6}$`: {object, true},
		`{.status.conditions[?(@.type=="Ready")].reason}=Suspended`: {object, true},
	} {
		if got, is, err := holdsOne(test.object, condition); err != nil || got != test.want {
			t.Errorf("%s: got %v (%s, %v), want %v", condition, got, is, err, test.want)
		}
	}
	if _, _, err := holdsOne(object, "Ready"); err == nil {
		t.Error("a word that is not a condition must not pass for one that does not hold yet")
	}
}
