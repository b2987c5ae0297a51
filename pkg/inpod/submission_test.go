package inpod

import (
	"encoding/json"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	"pgregory.net/rapid"

	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/internal/children"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// A submission of any text reaches the pod as it is: through the Job, the answer of the
// hook, another program's JSON, and the arguments of the helper.
func TestAnySubmissionArrives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"$(HOME)", "$$(X)", "$", "\u2028<&>", "\x00\x1b[31m", "\ufffd", "日本語", "👩‍👩‍👧", "é\u0301", `"\`}))
		long := rapid.Custom(func(t *rapid.T) string {
			return strings.Repeat("x", rapid.IntRange(0, 5).Draw(t, "offset")) + strings.Repeat(word.Draw(t, "word"), rapid.SampledFrom([]int{0, 1, 9_000}).Draw(t, "times"))
		})
		settings := rapid.MapOfN(word, rapid.OneOf(rapid.Map(long, asAny[string]), rapid.Map(rapid.Int64(), asAny[int64]), rapid.Map(rapid.Bool(), asAny[bool]),
			rapid.Map(rapid.SliceOfN(word, 0, 3), asAny[[]string])), 0, 4)
		sent := storm.Submission{
			Name: "n" + word.Draw(t, "name"), MainClass: "M" + word.Draw(t, "main"), Jar: "/j" + word.Draw(t, "jar"),
			Args: rapid.SliceOfN(long, 0, 4).Draw(t, "args"), Seeds: []string{"nimbus"}, Port: 6627, Identity: word.Draw(t, "identity"),
			Settings: settings.Draw(t, "settings"), ClientSettings: settings.Draw(t, "client settings"), MainTimeoutSeconds: 9,
		}
		job := children.MakeSubmitJob(children.Plan{Topology: &v1beta1.StormTopology{}, Submission: sent})
		got, err := decodeSubmission(argumentsOf(t, job))
		if err != nil {
			t.Fatal(err)
		}
		want, err := json.Marshal(sent)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := json.Marshal(got); err != nil || string(text) != string(want) {
			t.Fatalf("%v\nsent %.300q\n got %.300q", err, want, text)
		}
	})
}

func asAny[T any](value T) any { return value }

// argumentsOf are the submission's arguments as the kubelet passes them.
func argumentsOf(t *rapid.T, job *batchv1.Job) (chunks []string) {
	body, err := metacontroller.Encode(metacontroller.SyncResponse{Children: []any{job}})
	if err != nil {
		t.Fatal(err)
	}
	var any any
	if err := json.Unmarshal(body, &any); err != nil { // Metacontroller's, which writes it again
		t.Fatal(err)
	}
	if body, err = json.Marshal(any); err != nil {
		t.Fatal(err)
	}
	var answer struct{ Children []batchv1.Job }
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatal(err)
	}
	for _, arg := range answer.Children[0].Spec.Template.Spec.Containers[0].Args[1:] {
		chunks = append(chunks, strings.TrimPrefix(strings.ReplaceAll(arg, "$$", "$"), "--submission="))
	}
	return chunks
}
