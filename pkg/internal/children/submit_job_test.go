package children

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// The helper joins the arguments and decodes the JSON.
func TestALongSubmissionArrivesWhole(t *testing.T) {
	for offset := range 4 {
		sent := storm.Submission{Name: "wordcount", Args: []string{
			strings.Repeat("x", offset), strings.Repeat("日本語", 40_000), "$HOME and $(X)"}}
		job := MakeSubmitJob(Plan{Topology: &v1beta1.StormTopology{}, Submission: sent})
		var chunks []string
		for _, arg := range job.Spec.Template.Spec.Containers[0].Args[1:] {
			chunk := strings.TrimPrefix(strings.ReplaceAll(arg, "$$", "$"), "--submission=")
			if len(chunk) > text.ArgumentLimit || !utf8.ValidString(chunk) {
				t.Errorf("offset %d: a chunk of %d bytes, cut inside a character: %v", offset, len(chunk), !utf8.ValidString(chunk))
			}
			chunks = append(chunks, chunk)
		}
		var got storm.Submission
		if err := json.Unmarshal([]byte(strings.Join(chunks, "")), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(sent, got); diff != "" || len(chunks) < 4 {
			t.Errorf("offset %d: %d chunks (-want +got):\n%.500s", offset, len(chunks), diff)
		}
		read, ok := SubmissionOf(&corev1.Pod{Spec: job.Spec.Template.Spec})
		if diff := cmp.Diff(sent, read); diff != "" || !ok {
			t.Errorf("offset %d: of the pod (-want +got):\n%.500s", offset, diff)
		}
	}
}
