package storms

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

//go:embed settings/Validate.java
var validate []byte

// TestSettings holds the table of settings of pkg/storm to each version: which settings the
// version declares, and that its own validation accepts every value that the table accepts.
func TestSettings(t *testing.T) {
	homes := homesOf(t, "STORMHOOKS_STORMS")
	if len(homes) == 0 {
		t.Skip("no version is given. Run make storms")
	}
	for _, h := range homes {
		t.Run(string(h.version), func(t *testing.T) {
			said, err := askValidation(t.Context(), h, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			for _, key := range slices.Sorted(maps.Keys(said.declares)) {
				if !storm.Declares(key, string(h.version)) {
					t.Errorf("Storm %s declares %s, and the table does not", h.version, key)
				}
			}
			for _, key := range storm.Keys() {
				if storm.Declares(key, string(h.version)) && !said.constants[key] {
					t.Errorf("Storm %s does not declare %s, and the table does", h.version, key)
				}
			}
			for _, key := range slices.Sorted(maps.Keys(said.rejected)) {
				if !h.version.before(2, stricterBefore[key]) {
					t.Errorf("Storm %s rejects values of %s that the table accepts: %s", h.version, key, said.rejected[key])
				}
			}
			for key, minor := range stricterBefore {
				if h.version.before(2, minor) && len(said.rejected[key]) == 0 {
					t.Errorf("Storm %s accepts every value of %s: remove it from the test, and from docs/compatibility.md", h.version, key)
				}
			}
			t.Logf("%d settings, %d values", len(said.declares), said.values)
		})
	}
}

// candidates are values of every kind.
var candidates = []any{
	true, "true", "yes", 0, 1, -1, 2147483647, 2147483648, 20, 0.5, 1.5, 2.0, "2", "2.5", "", "a.B", "NONE", "S0", "distributed",
	[]any{}, []any{"a.B"}, []any{1}, []any{[]any{"a", "b"}}, []any{map[string]any{"a.B": "a.C"}},
	[]any{map[string]any{"class": "a.B"}}, []any{map[string]any{"class": "a.B", "parallelism.hint": 1}},
	map[string]any{}, map[string]any{"a": "b"}, map[string]any{"a": 1}, map[string]any{"a": []any{"b"}},
	map[string]any{"a": map[string]any{"localname": "b", "uncompress": true}},
	map[string]any{"a": map[string]any{"hosts": []any{"*"}, "groups": []any{"*"}}},
	map[string]any{"a": map[string]any{"maxNodeCoLocationCnt": 1, "incompatibleComponents": []any{"b"}}},
}

// stricterBefore are settings. A Storm 2 below their minor version rejects values that newer
// ones accept (docs/compatibility.md, "Limits of old versions").
var stricterBefore = map[string]int{
	"storm.metrics.reporters": 3,
	"topology.groups":         2, "topology.ras.constraints": 2, "topology.readonly.groups": 2, "topology.readonly.users": 2, "topology.users": 2,
}

// classes are the settings whose class Storm loads when it validates them.
var classes = map[string]any{
	"nimbus.local.assignments.backend.class": "org.apache.storm.assignments.InMemoryAssignmentBackend",
	"storm.network.topography.plugin":        "org.apache.storm.networktopography.DefaultRackDNSToSwitchMapping",
}

// validated is what a Storm says of the settings. declares are those that it validates,
// constants those whose names it has.
type validated struct {
	declares, constants map[string]bool
	values              int
	rejected            map[string][]string // values that the table accepts, by their setting
}

// askValidation gives Storm's validation every value that pkg/storm accepts.
func askValidation(ctx context.Context, h home, dir string) (*validated, error) {
	file := filepath.Join(dir, "Validate.java")
	if err := os.WriteFile(file, validate, 0o644); err != nil {
		return nil, err
	}
	compiler := exec.CommandContext(ctx, h.compiler(), "-J-XX:TieredStopAtLevel=1", "-Xlint:-options", "--release", "8", "-cp", h.clientJars(), "-d", dir, file)
	if said, err := compiler.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("javac against Storm %s: %w: %s", h.version, err, said)
	}
	questions, accepted, err := acceptedValues(string(h.version))
	if err != nil {
		return nil, err
	}
	asked := exec.CommandContext(ctx, filepath.Join(h.java, "bin", "java"), "-XX:TieredStopAtLevel=1", "-cp", h.clientJars()+":"+dir, "storms.Validate")
	var log bytes.Buffer
	asked.Stdin, asked.Stderr = questions, &log
	answers, err := asked.Output()
	if err != nil {
		return nil, fmt.Errorf("asking Storm %s: %w: %s", h.version, err, log.Bytes())
	}
	said := &validated{declares: map[string]bool{}, constants: map[string]bool{}, rejected: map[string][]string{}}
	lines := bufio.NewScanner(bytes.NewReader(answers))
	for lines.Scan() {
		switch parts := strings.Split(lines.Text(), "\t"); {
		case len(parts) == 2 && parts[0] == "declared":
			said.declares[parts[1]] = true
		case len(parts) == 2 && parts[0] == "constant":
			said.constants[parts[1]] = true
		case len(parts) == 3 && parts[0] == "values":
			for _, answer := range strings.Fields(parts[2]) {
				number, is, _ := strings.Cut(answer, "=")
				value, there := accepted[parts[1]][number]
				if !there {
					return nil, fmt.Errorf("storm %s answered about another value: %s", h.version, lines.Text())
				}
				said.values++
				if is != "yes" {
					said.rejected[parts[1]] = append(said.rejected[parts[1]], value)
				}
			}
		}
	}
	return said, lines.Err()
}

// acceptedValues are the candidates that pkg/storm accepts for each setting, as a submitting
// pod gives them to Storm's client, and what they are, by their number.
func acceptedValues(version string) (questions *bytes.Buffer, accepted map[string]map[string]string, err error) {
	questions, accepted = &bytes.Buffer{}, map[string]map[string]string{}
	for _, key := range storm.Keys() {
		values, texts := map[string]any{}, map[string]string{}
		tried := candidates
		if class, loaded := classes[key]; loaded {
			tried = []any{class}
		}
		if !storm.Declares(key, version) {
			continue
		}
		for i, candidate := range tried {
			settings, problems := storm.SettingsIn(version, map[string]any{key: candidate})
			if len(problems) > 0 {
				continue
			}
			text, err := json.Marshal(settings[key])
			if err != nil {
				return nil, nil, err
			}
			number := fmt.Sprintf("%02d", i)
			values[number], texts[number] = settings[key], string(text)
		}
		if len(values) == 0 {
			continue // Stormhooks sets it
		}
		options, err := storm.Options(values)
		if err != nil {
			return nil, nil, err
		}
		fmt.Fprintf(questions, "%s\t%s\n", key, options)
		accepted[key] = texts
	}
	return questions, accepted, nil
}
