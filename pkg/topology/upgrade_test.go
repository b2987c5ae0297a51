package topology_test

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/stormhooks/stormhooks/e2e/testkit/stories"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// recorded is a hook call of an earlier build.
type recorded struct {
	State, Rule string
	Now         time.Time
	Looks       []struct {
		Fresh bool
		View  storm.View
	}
	Calls  []any
	Body   json.RawMessage
	Answer judged
}

// judged is of an answer what an upgrade must not change.
type judged struct {
	// Children are their annotations, by kind and name.
	Children map[string]map[string]string
	// Made are the children that the answer makes where they are not there.
	Made                             []string
	Revision, TargetRevision, Change string
	Finalized                        bool
}

// TestUpgrade (Must 7): each call of an earlier build is answered with the same
// children, revisions and calls by this one, whose helper image is another, however pods get
// it.
func TestUpgrade(t *testing.T) {
	files, err := filepath.Glob("testdata/*.recorded/*.jsonl.gz")
	if err != nil || len(files) == 0 {
		t.Fatalf("nothing recorded: %v", err)
	}
	for _, file := range files {
		for i, call := range callsOf(t, file) {
			name := fmt.Sprintf("%s/%02d %s, %s", strings.TrimSuffix(filepath.Base(file), ".jsonl.gz"), i, call.State, call.Rule)
			for _, mount := range []topology.HelperMount{topology.HelperMountAuto, topology.HelperMountImageVolume, topology.HelperMountInitContainer} {
				t.Run(name+", "+string(mount), func(t *testing.T) { call.answeredAlike(t, mount) })
			}
		}
	}
}

// A status with the old name of requestedAt is answered as one with the new name, which
// the answer has: in every step of every story.
func TestTheOldNameOfRequestedAt(t *testing.T) {
	all, err := stories.Folder(".")
	must(t, err)
	renamed := 0
	for _, story := range all {
		told, err := story.Tell()
		must(t, err)
		for _, step := range told {
			old := step.World.Clone()
			attempts, _ := old.Status()["attempts"].(map[string]any)
			if attempts["requestedAt"] == nil {
				continue
			}
			attempts["namedAt"] = attempts["requestedAt"]
			delete(attempts, "requestedAt")
			answer, err := step.Call(old)
			must(t, err)
			if diff := cmp.Diff(string(step.Answer.Body), string(answer.Body)); diff != "" {
				t.Errorf("%s/%s (-requestedAt +namedAt):\n%s", story.Name, step.Name, diff)
			}
			renamed++
		}
	}
	if renamed < 20 {
		t.Errorf("only %d steps have a time of a request", renamed)
	}
}

func (r recorded) answeredAlike(t *testing.T, mount topology.HelperMount) {
	request, err := metacontroller.Decode(r.Body)
	must(t, err)
	edge := &replay{t: t, recorded: r}
	result, err := topology.Sync(request, topology.Config{HelperImage: "stormhooks/stormhooks:upgraded", HelperMount: mount}, edge, r.Now)
	must(t, err)
	body, err := metacontroller.Encode(result.Response)
	must(t, err)
	now := judge(t, body).without(r.Answer)
	now.Finalized = now.Finalized || r.Answer.Finalized // that the finalizer is removed may take longer
	diff := cmp.Diff(r.Answer, now)
	if diff != "" && r.continues() {
		if len(edge.called) > 0 || len(now.Made) > 0 && !strings.HasPrefix(now.Made[0], "Job/topology-submit-") {
			t.Errorf("makes %v, tells Storm %v, and should submit", now.Made, edge.called)
		}
		return
	}
	if diff != "" {
		t.Errorf("the upgrade changes what is requested (-before +now):\n%s", diff)
	}
	if diff := cmp.Diff(r.Calls, edge.called); diff != "" {
		t.Errorf("the upgrade changes what Storm is told (-before +now):\n%s", diff)
	}
	if own := result.Observed.Storm.View.Topology; own != nil && own.Fingerprint.Revision == r.Answer.TargetRevision {
		for key, value := range own.Fingerprint.Settings() { // generations pass, what is requested does not
			if now := result.Observed.Target.Fingerprint.Settings()[key]; key != storm.KeyGeneration && now != value {
				t.Errorf("the fingerprint's %s is %v, Storm has %v", key, now, value)
			}
		}
	}
}

func judge(t *testing.T, body []byte) judged {
	t.Helper()
	var answer struct {
		Status struct {
			Revision, TargetRevision string
			Change                   struct{ Kind string }
		}
		Children []struct {
			Kind     string
			Metadata struct {
				Name        string
				Annotations map[string]string
			}
			Spec json.RawMessage
		}
		Finalized bool
	}
	must(t, json.Unmarshal(body, &answer))
	is := judged{
		Children: map[string]map[string]string{}, Made: []string{},
		Revision: answer.Status.Revision, TargetRevision: answer.Status.TargetRevision, Change: answer.Status.Change.Kind,
		Finalized: answer.Finalized,
	}
	for _, child := range answer.Children {
		key := child.Kind + "/" + child.Metadata.Name
		is.Children[key] = map[string]string{}
		for name, value := range child.Metadata.Annotations {
			is.Children[key][name] = value
		}
		if child.Spec != nil {
			is.Made = append(is.Made, key)
		}
	}
	return is
}

// without leaves out what only this build notes on a child that it makes: the
// earlier one made none, so none is made again for it.
func (j judged) without(earlier judged) judged {
	for _, made := range j.Made {
		maps.DeleteFunc(j.Children[made], func(name, _ string) bool {
			_, noted := earlier.Children[made][name]
			return !noted
		})
	}
	return j
}

// continues says whether this build continues where the earlier one still waited:
// the container of a pod had ended well, and its phase or its Job did not say so yet.
func (r recorded) continues() bool {
	if r.Rule != "jar not ready" && r.Rule != "submit" {
		return false
	}
	var seen struct {
		Children, Related struct {
			Pods map[string]corev1.Pod `json:"Pod.v1"`
		}
	}
	if json.Unmarshal(r.Body, &seen) != nil {
		return false
	}
	for _, pods := range []map[string]corev1.Pod{seen.Children.Pods, seen.Related.Pods} {
		for _, pod := range pods {
			for _, status := range pod.Status.ContainerStatuses {
				if end := status.State.Terminated; end != nil && end.ExitCode == 0 {
					return true
				}
			}
		}
	}
	return false
}

// replay answers as Storm did.
type replay struct {
	t *testing.T
	recorded
	called []any // as JSON has them
}

func (e *replay) Look(q topology.Question, fresh bool) (storm.View, error) {
	for _, look := range e.Looks {
		switch {
		case q.NoList: // the earlier build read the list
			look.View.Listed, look.View.Fresh = false, false
			return look.View, nil
		case look.Fresh == fresh || e.continues():
			return look.View, nil
		}
	}
	e.t.Errorf("looks at Storm (fresh: %v), which the earlier build did not", fresh)
	return storm.View{Problem: "not recorded"}, nil
}

func (e *replay) Act(_ topology.Question, call storm.Call) (storm.Outcome, error) {
	raw, err := json.Marshal(call)
	must(e.t, err)
	var told any
	must(e.t, json.Unmarshal(raw, &told))
	e.called = append(e.called, told)
	return storm.Outcome{Call: call}, nil
}

func callsOf(t *testing.T, file string) []recorded {
	t.Helper()
	raw, err := os.Open(file)
	must(t, err)
	defer raw.Close()
	text, err := gzip.NewReader(raw)
	must(t, err)
	var calls []recorded
	for decoder := json.NewDecoder(text); ; {
		var call recorded
		if err := decoder.Decode(&call); errors.Is(err, io.EOF) {
			return calls
		} else if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		calls = append(calls, call)
	}
}
