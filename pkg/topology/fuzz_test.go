package topology_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stormhooks/stormhooks/e2e/testkit/stories"
	"github.com/stormhooks/stormhooks/pkg/api/v1beta1"
	"github.com/stormhooks/stormhooks/pkg/cluster"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// told is a Storm that says what the fuzzer wants.
type told struct{ view storm.View }

func (s told) Look(_ topology.Question, fresh bool) (storm.View, error) {
	s.view.Fresh = fresh
	return s.view, nil
}

func (s told) Act(_ topology.Question, call storm.Call) (storm.Outcome, error) {
	return storm.Outcome{Call: call}, nil
}

func (s told) Cluster([]string, int32, *v1beta1.NimbusTLS) (storm.ClusterView, error) {
	return storm.ClusterView{Problem: s.view.Problem, Identity: s.view.Identity, Version: s.view.Identity}, nil
}

// FuzzHooks sends any body to each hook, while Storm says anything: it is
// refused as no request, or answered, the same way each time.
func FuzzHooks(f *testing.F) {
	all, err := stories.Folder(".")
	must(f, err)
	for _, story := range all {
		told, err := story.Tell()
		must(f, err)
		body, err := told[0].World.Request(told[0].Finalize)
		must(f, err)
		view, err := json.Marshal(told[0].World.View())
		must(f, err)
		f.Add(body, view)
	}
	f.Fuzz(func(t *testing.T, body, said []byte) {
		var view storm.View
		_ = json.Unmarshal(said, &view)
		first, err := answers(body, told{view})
		if err != nil && !errors.Is(err, metacontroller.ErrBadRequest) {
			t.Fatalf("neither answered nor refused: %v", err)
		}
		again, _ := answers(body, told{view})
		if !bytes.Equal(first, again) {
			t.Fatalf("called twice, other bytes:\n%s\n%s", first, again)
		}
	})
}

// answers calls every hook with the body.
func answers(body []byte, edge told) ([]byte, error) {
	request, err := metacontroller.Decode(body)
	if err != nil {
		return nil, err
	}
	var all []byte
	result, err := topology.Sync(request, topology.Config{HelperImage: stories.HelperImage}, edge, begin.Add(time.Hour))
	if err == nil {
		all, err = metacontroller.Encode(result.Response)
	}
	if err != nil {
		return nil, err
	}
	if _, err := topology.Customize(request); err != nil {
		return all, err
	}
	of, err := cluster.Sync(request, edge, begin.Add(time.Hour))
	if err == nil {
		var more []byte
		more, err = metacontroller.Encode(of.Response)
		all = append(all, more...)
	}
	if err == nil {
		_, err = cluster.Customize(request)
	}
	return all, err
}
