package topology_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

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

func (s told) Cluster([]string, int32) (storm.ClusterView, error) {
	return storm.ClusterView{Problem: s.view.Problem, Identity: s.view.Identity, Version: s.view.Identity}, nil
}

// FuzzHooks sends any body to each hook, while Storm says anything: it is
// refused as no request, or answered, the same way each time.
func FuzzHooks(f *testing.F) {
	folders, _ := filepath.Glob("testdata/*/01-*.yaml")
	for _, file := range folders {
		if strings.HasSuffix(file, ".golden.yaml") {
			continue
		}
		body, view := bodyOf(f, file)
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

// bodyOf is the request and the view of a story's first step.
func bodyOf(t testing.TB, file string) (body, view []byte) {
	t.Helper()
	var w map[string]any
	load(t, "testdata/world.yaml", &w)
	var s step
	load(t, file, &s)
	if s.Like != "" {
		var like map[string]any
		load(t, "testdata/"+s.Like+".yaml", &like)
		merge(w, like)
	}
	merge(w, s.Set)
	view, _ = json.Marshal(w["storm"])
	return requestOf(t, w, s), view
}

// answers calls every hook with the body.
func answers(body []byte, edge told) ([]byte, error) {
	request, err := metacontroller.Decode(body)
	if err != nil {
		return nil, err
	}
	var all []byte
	result, err := topology.Sync(request, topology.Config{HelperImage: "stormhooks/stormhooks:test"}, edge, begin.Add(time.Hour))
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
