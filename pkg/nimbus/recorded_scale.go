package nimbus

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/internal/text"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

const (
	keyTasks    = "topology.tasks"
	keyMaxTasks = "topology.max.task.parallelism"
)

// scaled is the recorded topology with the executors and tasks of spec.topology.components.
// why says why the topology cannot have them; empty if it can. conf is the offer's, nimbus
// is Nimbus's own.
func (r Recorded) scaled(conf string, sub storm.Submission, nimbus map[string]any) (topology []byte, why string, err error) {
	if len(sub.Components) == 0 {
		return r.Topology, "", nil
	}
	decoder := json.NewDecoder(strings.NewReader(conf))
	decoder.UseNumber()
	var decoded map[string]any
	if err := decoder.Decode(&decoded); err != nil {
		return nil, "", fmt.Errorf("the conf of the topology cannot be read: %w", err)
	}
	confs := layers{decoded, nimbus}
	workers, set := confs.integer(storm.Workers)
	if !set {
		workers = 1
	}
	scaling := scaling{sub.Components, workers}
	if topology, err = scaling.topology(r.Topology); err != nil {
		return nil, "", err
	}
	return topology, scaling.refused(topology, confs), nil
}

// scaling are the executors and tasks that a topology with so many workers gets.
type scaling struct {
	scales  map[string]storm.Scale
	workers int
}

// refused says why Storm would not give the components of a topology what it has now.
func (s scaling) refused(topology []byte, confs layers) string {
	parts, _ := partsOf(topology)
	var components []storm.Component
	var problems []string
	left := maps.Clone(s.scales)
	for _, p := range parts {
		c := storm.Component{Name: p.id, Executors: p.executors, Tasks: p.executors}
		own := append(layers{decodedConf(p.conf)}, confs...)
		if tasks, set := own.integer(keyTasks); set {
			c.Tasks = tasks
		}
		if most, set := own.integer(keyMaxTasks); set && most < c.Tasks {
			if scale, scales := s.scales[p.id]; scales && int(max(scale.Tasks, scale.For(s.workers))) > most {
				problems = append(problems, fmt.Sprintf("spec.topology.components[%q] needs %d tasks, and the setting %s allows %d. Raise that setting, or reduce executors and tasks.",
					text.Cut(text.Clean(p.id), 63), c.Tasks, keyMaxTasks, most))
				delete(left, p.id)
			}
			c.Tasks = most
		}
		components = append(components, c)
	}
	return strings.Join(append(problems, storm.ComponentProblems(left, components, s.workers)...), " ")
}

// topology rewrites a struct StormTopology. Everything else of it keeps its bytes.
func (s scaling) topology(topology []byte) ([]byte, error) {
	c, w := &cursor{frame: topology}, &writer{}
	for _, f := range c.fields(0) {
		inner := &cursor{frame: f.raw}
		if f.id < 1 || f.id > 3 || f.kind != typeMap { // spouts, bolts, state_spouts
			w.raw(f.all)
			continue
		}
		w.field(f.kind, f.id)
		if err := s.components(w, inner); err != nil {
			return nil, err
		}
	}
	w.stop()
	if c.err != nil {
		return nil, fmt.Errorf("the topology that main submitted cannot be read: %w", c.err)
	}
	return w.bytes, nil
}

// components rewrites a map from names to structs that have a ComponentCommon as field 2.
func (s scaling) components(w *writer, c *cursor) error {
	key, value, count := c.byte(), c.byte(), c.i32()
	if c.err != nil {
		return fmt.Errorf("the topology that main submitted cannot be read: %w", c.err)
	}
	if key != typeString || value != typeStruct {
		w.raw(c.frame)
		return nil
	}
	w.raw(c.frame[:c.at])
	for ; count > 0 && c.err == nil; count-- {
		start := c.at
		id := c.string()
		begins := c.at
		fields := c.fields(0)
		if c.err != nil {
			break
		}
		scale, scales := s.scales[id]
		if !scales {
			w.raw(c.frame[start:c.at])
			continue
		}
		w.raw(c.frame[start:begins])
		if err := s.component(w, fields, scale); err != nil {
			return fmt.Errorf("the configuration of component %q: %w", text.Cut(text.Clean(id), 63), err)
		}
	}
	if c.err != nil {
		return fmt.Errorf("the topology that main submitted cannot be read: %w", c.err)
	}
	return nil
}

func (s scaling) component(w *writer, fields []field, scale storm.Scale) error {
	for _, f := range fields {
		if f.id != 2 || f.kind != typeStruct {
			w.raw(f.all)
			continue
		}
		w.field(f.kind, f.id)
		if err := s.common(w, (&cursor{frame: f.raw}).fields(0), scale); err != nil {
			return err
		}
	}
	w.stop()
	return nil
}

// common rewrites a ComponentCommon: 3 is parallelism_hint, the number of executors, and 4
// is json_conf, its configuration.
func (s scaling) common(w *writer, fields []field, scale storm.Scale) error {
	executors, conf := scale.For(s.workers), ""
	for _, f := range fields {
		switch {
		case f.id == 3 && executors > 0:
		case f.id == 4 && scale.Tasks > 0:
			conf = (&cursor{frame: f.raw}).string()
		default:
			w.raw(f.all)
		}
	}
	if executors > 0 {
		w.field(typeI32, 3).i32(executors)
	}
	if scale.Tasks > 0 {
		written, err := withTasks(conf, scale.Tasks)
		if err != nil {
			return err
		}
		w.field(typeString, 4).string(written)
	}
	w.stop()
	return nil
}

func withTasks(conf string, tasks int32) (string, error) {
	settings := decodedConf(conf)
	if settings == nil {
		if strings.TrimSpace(conf) != "" {
			return "", fmt.Errorf("it is not a JSON object, so its number of tasks cannot be set. Fix main, or remove tasks from spec.topology.components")
		}
		settings = map[string]any{}
	}
	settings[keyTasks] = tasks
	return text.JSON(settings)
}

// decodedConf is a component's configuration; nil where it is not a JSON object.
func decodedConf(conf string) map[string]any {
	decoder := json.NewDecoder(strings.NewReader(conf))
	decoder.UseNumber()
	var settings map[string]any
	if decoder.Decode(&settings) != nil {
		return nil
	}
	return settings
}

// layers are configurations. Of two that have a setting, the first counts.
type layers []map[string]any

// integer reads a setting as Storm does (ObjectReader.getInt, v2.8.1): null is none, and
// text is a number, too.
func (l layers) integer(key string) (int, bool) {
	for _, conf := range l {
		value, given := conf[key]
		if !given {
			continue
		}
		n, err := strconv.Atoi(fmt.Sprint(value))
		return n, err == nil
	}
	return 0, false
}
