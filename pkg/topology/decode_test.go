package topology_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stormhooks/stormhooks/e2e/testkit/stories"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// A body that is read as it arrives has the same objects as one that is there as a whole:
// in each step of each story, and in any order of its parts.
func TestReadIsDecode(t *testing.T) {
	all, err := stories.Folder(".")
	must(t, err)
	for _, story := range all {
		told, err := story.Tell()
		must(t, err)
		for _, step := range told {
			body, err := step.World.Request(step.Finalize)
			must(t, err)
			request, err := metacontroller.Decode(body)
			must(t, err)
			want, err := topology.Decode(request)
			must(t, err)
			for order, from := range map[string]io.Reader{
				"whole": bytes.NewReader(body), "half a buffer at a time": iotest.HalfReader(bytes.NewReader(body)),
				"the parent first": parentFirst(t, body),
			} {
				got, err := topology.Read(from)
				must(t, err)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s, %s, %s (-decoded +read):\n%s", story.Name, step.Name, order, diff)
				}
			}
		}
	}
}

// parentFirst is the order of Metacontroller.
func parentFirst(t *testing.T, body []byte) io.Reader {
	t.Helper()
	var parts map[string]json.RawMessage
	must(t, json.Unmarshal(body, &parts))
	var text strings.Builder
	fmt.Fprintf(&text, `{"parent":%s`, parts["parent"])
	for _, key := range []string{"children", "related", "finalizing"} {
		if parts[key] != nil {
			fmt.Fprintf(&text, `,%q:%s`, key, parts[key])
		}
	}
	return strings.NewReader(text.String() + "}")
}

// manyPods is a body with many pods of 10 KiB each: those with an even number have ended,
// each is a second younger than the one before, and some are
// of another step, which is not looked at.
func manyPods(many int, from func(i int) int) io.Reader {
	body, to := io.Pipe()
	go func() {
		_, _ = io.WriteString(to, `{"parent":{"metadata":{"name":"t","namespace":"n"},"spec":{}},"children":{},"related":{"Pod.v1":{`)
		for n := range many {
			i := from(n)
			phase, step, comma := "Running", "Submit", ","
			if i%2 == 0 {
				phase = "Failed"
			}
			if i%10 == 9 {
				step = "Another"
			}
			if n == 0 {
				comma = ""
			}
			at := begin.Add(time.Duration(i) * time.Second).Format(time.RFC3339)
			_, err := fmt.Fprintf(to, `%s"n/p%06d":{"metadata":{"name":"p%06d","namespace":"n","creationTimestamp":%q,"labels":{"storm.apache.org/topology":"t","storm.apache.org/step":%q}},"spec":{"containers":[{"name":"c","args":["%s"]}]},"status":{"phase":%q}}`,
				comma, i, i, at, step, strings.Repeat("x", 10<<10), phase)
			if err != nil {
				return
			}
		}
		_, _ = io.WriteString(to, `}},"finalizing":true}`)
		_ = to.Close()
	}()
	return body
}

// Of the pods that have ended, and of the others, the youngest 8 MiB are kept, in whatever
// order they come.
func TestTheYoungestPodsAreKept(t *testing.T) {
	const many = 6000
	got, err := topology.Read(manyPods(many, func(n int) int { return n }))
	must(t, err)
	backwards, err := topology.Read(manyPods(many, func(n int) int { return many - 1 - n }))
	must(t, err)
	if diff := cmp.Diff(got, backwards); diff != "" {
		t.Errorf("the order matters:\n%.1000s", diff)
	}
	counts, youngest, oldest := map[string]int{}, map[string]string{}, map[string]string{}
	for _, pod := range got.StepPods {
		phase := string(pod.Status.Phase)
		if counts[phase]++; oldest[phase] == "" {
			oldest[phase] = pod.Name
		}
		youngest[phase] = pod.Name
		if pod.Labels["storm.apache.org/step"] != "Submit" {
			t.Errorf("%s is of no step", pod.Name)
		}
	}
	for phase, last := range map[string]string{"Running": "p005997", "Failed": "p005998"} {
		if counts[phase] < 750 || counts[phase] > 820 || youngest[phase] != last {
			t.Errorf("%s: kept %d from %s to %s", phase, counts[phase], oldest[phase], youngest[phase])
		}
	}
	if !got.Finalizing || got.Parent.Name != "t" {
		t.Errorf("%+v", got)
	}
	few, err := topology.Read(manyPods(1500, func(n int) int { return n }))
	must(t, err)
	if len(few.StepPods) != 1350 {
		t.Errorf("kept %d of 1,350 pods that fit", len(few.StepPods))
	}
}
