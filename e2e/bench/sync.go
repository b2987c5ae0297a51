package main

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/stormhooks/stormhooks/e2e/bench/figures"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
	"github.com/stormhooks/stormhooks/pkg/storm"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// The bodies are of a topology that ran on the real cluster: its objects as the
// API server gave them, in the envelope of Metacontroller 4.17.
//
//go:embed testdata
var testdata embed.FS

const everyday = "testdata/steady.json"

var bodies = []struct{ file, what string }{
	{"testdata/bare.json", "one revision, its Jobs and their pods gone"},
	{"testdata/volume.json", "image-volume: one Job and its pod"},
	{everyday, "copy: two Jobs and their pods, ten revisions in its history"},
	{"testdata/large.json", "the same with 77 settings"},
}

// syncFigure compares a whole sync, from the request's body to the answer's, with
// what cannot be avoided and with what most hooks do.
func syncFigure(rounds int) (figures.Table, error) {
	table := figures.Table{
		Title: "One sync in the hook",
		About: "From the request's body to the answer's, with Storm's answer already there: decode, decide, build, report, encode. " +
			"The floor is `Valid` of encoding/json over the same body; `unstructured` is only the decoding, as most hooks do it, without a decision. " +
			"Goals: less than `unstructured`, at most 3 × the floor.",
		After: "Where the time of the largest body goes, by a profile: decoding 55 % (13 % find the objects in the body, before they are decoded one by one), reading the spec 15 % (the hashes of three revisions, the settings, how large it is), garbage collection in the background 11 %, the answer as JSON 8 %, the report 4 %. The ratio to `Valid`, which neither allocates nor sorts, depends on the machine: 2.05 to 2.78 on one that was twice as fast, 2.9 to 4.1 on slower ones, where memory costs more. Less takes a reader of JSON made for these objects in place of a library.",
		Head:  []string{"body", "what", "time", "CPU", "× Valid", "× unstructured", "allocations", "allocated", "p50 / p99, one at a time", "p50 / p99, 16 at once", "goal"},
	}
	for _, body := range bodies {
		raw, err := testdata.ReadFile(body.file)
		if err != nil {
			return table, err
		}
		walk, err := newSteady(raw)
		if err != nil {
			return table, fmt.Errorf("%s: %w", body.file, err)
		}
		syncRows(&table, rounds, fmt.Sprintf("%s: %s", figures.Size(int64(len(raw))), body.what), raw, walk)
	}
	return table, nil
}

func syncRows(table *figures.Table, rounds int, name string, raw []byte, walk *steady) {
	contenders := []figures.Contender{
		{Name: "Valid", Do: func() { valid(raw) }},
		{Name: "unstructured", Do: func() { untyped(raw) }},
		{Name: "our decoding", Do: func() { typed(raw) }},
		{Name: "whole sync", Do: func() { walk.sync(raw) }},
	}
	costs := figures.Compare(rounds, 100*time.Millisecond, contenders...)
	floor, most := costs[0], costs[1]
	for i, cost := range costs {
		one := figures.Latencies(500, 1, contenders[i].Do)
		many := figures.Latencies(1600, 16, contenders[i].Do)
		toFloor, toMost := figures.Ratio(cost.CPU, floor.CPU), figures.Ratio(cost.CPU, most.CPU)
		goal := ""
		if cost.Name == "whole sync" {
			goal = figures.Goal("< 1 unstructured", toMost < 1) + ", " + figures.Goal("≤ 3 Valid", toFloor <= 3)
		}
		table.Row(name, cost.Name, figures.Median(cost.Wall), figures.Median(cost.CPU), toFloor, toMost, cost.Allocs,
			figures.Size(int64(cost.Bytes)), percentiles(one), percentiles(many), goal)
		name = ""
	}
}

func percentiles(sorted []time.Duration) string {
	return figures.Short(figures.Percentile(sorted, 50)) + " / " + figures.Short(figures.Percentile(sorted, 99))
}

func valid(raw []byte) {
	if !json.Valid(raw) {
		panic("the recorded body is not JSON")
	}
}

// untyped decodes as a hook does that is written with unstructured objects.
func untyped(raw []byte) {
	var request struct {
		Controller *unstructured.Unstructured                       `json:"controller"`
		Parent     *unstructured.Unstructured                       `json:"parent"`
		Children   map[string]map[string]*unstructured.Unstructured `json:"children"`
		Related    map[string]map[string]*unstructured.Unstructured `json:"related"`
		Finalizing bool                                             `json:"finalizing"`
	}
	if err := utiljson.Unmarshal(raw, &request); err != nil {
		panic(err)
	}
}

func typed(raw []byte) {
	if _, err := topology.Read(bytes.NewReader(raw)); err != nil {
		panic(err)
	}
}

// steady is a Storm, in this process, that runs the topology of a body's spec.
type steady struct {
	view storm.View
	now  time.Time
}

func (s *steady) Look(topology.Question, bool) (storm.View, error) { return s.view, nil }
func (s *steady) Act(topology.Question, storm.Call) (storm.Outcome, error) {
	panic("nothing is to be done")
}

// newSteady reads out of a body what Storm must say for it to be steady.
func newSteady(raw []byte) (*steady, error) {
	objects, err := topology.Read(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	seen := topology.Observe(objects, topology.Config{}, time.Time{})
	status := seen.Parent.Status
	s := &steady{now: status.StartTime.Add(time.Hour), view: storm.View{
		Identity: seen.Cluster.Status.Identity, Fresh: true,
		Topology: &storm.Topology{
			ID: status.StormID, Name: status.StormName, Status: storm.Active, ConfKnown: true,
			Fingerprint: seen.Target.Fingerprint, WorkersWanted: 2, Workers: 2, WorkersUp: 2,
			Executors: int(status.Executors), Tasks: int(status.Tasks), OldestUptime: 3600, Detailed: true,
		},
	}}
	result, err := topology.Respond(objects, topology.Config{}, s, s.now)
	if err != nil {
		return nil, err
	}
	if result.Decision.Says.Reason != "Active" {
		return nil, fmt.Errorf("the topology is not steady: %s: %s", result.Decision.Rule, result.Decision.Says.Message)
	}
	return s, nil
}

func (s *steady) sync(raw []byte) []byte {
	objects, err := topology.Read(bytes.NewReader(raw))
	if err != nil {
		panic(err)
	}
	result, err := topology.Respond(objects, topology.Config{}, s, s.now)
	if err != nil {
		panic(err)
	}
	answer, err := metacontroller.Encode(result.Response)
	if err != nil {
		panic(err)
	}
	return answer
}
