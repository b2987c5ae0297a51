package topology

import (
	"strings"
	"testing"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// What a status keeps of an upload is what a pod reported, and nothing that has another form
// goes to a pod.
func TestUploadInTheStatus(t *testing.T) {
	leader := storm.Leader{Host: "fd00::1", Port: 6627, Start: 1767265200}
	whole := storm.Upload{Location: "/inbox/stormjar-1.jar", Leader: leader, At: 1767268820, SHA256: strings.Repeat("ab", 32), Repeated: true}
	for _, left := range []storm.Upload{whole, {Leader: leader, At: 1767268820, Refused: true}} {
		kept := v1beta1.Attempts{Step: children.StepSubmit, Upload: keptUpload(left)}
		if got := uploadFor(kept); got != left {
			t.Errorf("%+v, want %+v", got, left)
		}
		for reason, change := range map[string]func(*v1beta1.Attempts){
			"of an extraction":       func(a *v1beta1.Attempts) { a.Step = children.StepExtract },
			"without a time":         func(a *v1beta1.Attempts) { a.Upload.Time = nil },
			"without a start":        func(a *v1beta1.Attempts) { a.Upload.LeaderStarted = nil },
			"without a port":         func(a *v1beta1.Attempts) { a.Upload.Leader = "nimbus" },
			"a host with a command":  func(a *v1beta1.Attempts) { a.Upload.Leader = "$(id):6627" },
			"a path with a command":  func(a *v1beta1.Attempts) { a.Upload.Location = "/inbox/$(id)" },
			"a path that leads away": func(a *v1beta1.Attempts) { a.Upload.Location = "/inbox/../x" },
			"no hash":                func(a *v1beta1.Attempts) { a.Upload.SHA256 = "x" },
		} {
			edited := *kept.DeepCopy()
			change(&edited)
			if got := uploadFor(edited); got != (storm.Upload{}) {
				t.Errorf("%s: %+v", reason, got)
			}
		}
	}
}
