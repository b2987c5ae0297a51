package conditions

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestSetCarriesTheTimeOver(t *testing.T) {
	first := time.Date(2026, 1, 2, 3, 4, 5, 678, time.UTC)
	later := first.Add(time.Hour)
	before := Set(nil, []Typed{{"Ready", False("Extracting", "a")}, {"Stalled", True("X", "")}}, 1, first)
	after := Set(before, []Typed{{"Ready", False("Submitting", "b")}, {"Available", True("Active", "")}}, 2, later)
	want := []metav1.Condition{
		{Type: "Ready", Status: "False", Reason: "Submitting", Message: "b", ObservedGeneration: 2,
			LastTransitionTime: metav1.NewTime(first.Truncate(time.Second))},
		{Type: "Available", Status: "True", Reason: "Active", ObservedGeneration: 2,
			LastTransitionTime: metav1.NewTime(later.Truncate(time.Second))},
	}
	if diff := cmp.Diff(want, after); diff != "" {
		t.Errorf("a change of the reason is not a transition, and a type that is not set is removed (-want +got)\n%s", diff)
	}
}

func TestSetCutsMessages(t *testing.T) {
	got := Set(nil, []Typed{{"Ready", False("X", strings.Repeat("ö", messageLimit))}}, 1, time.Unix(0, 0))
	if n := len(got[0].Message); n > messageLimit || !strings.HasSuffix(got[0].Message, "ö") {
		t.Errorf("message of %d bytes; the schema accepts %d, in whole characters", n, messageLimit)
	}
}
