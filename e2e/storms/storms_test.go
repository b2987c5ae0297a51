package storms

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stormhooks/stormhooks/pkg/storm"
)

// TestStorms runs the versions that STORMHOOKS_STORMS has, and the homes that
// STORM_HOME_* have.
func TestStorms(t *testing.T) {
	homes := homesOf(t, "STORMHOOKS_STORMS")
	if len(homes) == 0 {
		t.Skip("no version is given. Run make storms")
	}
	logs, err := cached("logs")
	if err != nil {
		t.Fatal(err)
	}
	jars := map[version]string{}
	for _, h := range homes {
		if jars[h.version], err = topologyJar(t.Context(), h, t.TempDir()); err != nil {
			t.Fatal(err)
		}
	}
	var rows []row
	for _, h := range homes {
		t.Run(string(h.version), func(t *testing.T) {
			began := time.Now()
			of, err := startLeading(context.Background(), h, filepath.Join(logs, string(h.version)), setup{})
			if err != nil {
				t.Fatal(err)
			}
			defer of.stop()
			t.Logf("ZooKeeper and Nimbus on Java %d: %.1f s", h.major, time.Since(began).Seconds())
			rows = append(rows, newTrial(h, jars[h.version], of).run(t, row{key: string(h.version), java: h.javas()}, all))
			if err := newTrial(h, jars[h.version], of).isToldOfMissingJars(t.Context(), t.TempDir()); err != nil {
				t.Error(err)
			}
			for _, client := range callersOf(h, homes) {
				key, steps := "image "+string(client.version)+", Nimbus "+string(h.version), crossed
				if storm.OtherMajor(string(client.version), string(h.version)) {
					steps = refused
				}
				rows = append(rows, newTrial(client, jars[client.version], of).run(t, row{key: key, java: client.javas()}, steps))
			}
		})
	}
	compareRows(t, rows)
}

// callersOf are the other versions whose client is tried with a Nimbus. homes are in order.
// The lowest and the highest of a major version are tried with each other, and the highest
// of each major version with the highest of the others.
func callersOf(h home, homes []home) (callers []home) {
	ends := map[string][2]home{} // the lowest and the highest of a major version
	for _, other := range homes {
		major, _, _ := strings.Cut(string(other.version), ".")
		if _, found := ends[major]; !found {
			ends[major] = [2]home{other, other}
		}
		ends[major] = [2]home{ends[major][0], other}
	}
	major, _, _ := strings.Cut(string(h.version), ".")
	own := ends[major]
	for _, other := range homes {
		its, _, _ := strings.Cut(string(other.version), ".")
		switch {
		case other == h:
		case its == major && (h == own[0] && other == own[1] || h == own[1] && other == own[0]),
			its != major && h == own[1] && other == ends[its][1]:
			callers = append(callers, other)
		}
	}
	return callers
}

func TestCallersOf(t *testing.T) {
	var homes []home
	for _, v := range []version{"2.0.0", "2.4.0", "2.8.3", "3.0.0", "3.1.0"} {
		homes = append(homes, home{version: v})
	}
	for nimbus, want := range map[version][]version{
		"2.0.0": {"2.8.3"}, "2.4.0": nil, "2.8.3": {"2.0.0", "3.1.0"}, "3.0.0": {"3.1.0"}, "3.1.0": {"2.8.3", "3.0.0"},
	} {
		var got []version
		for _, caller := range callersOf(home{version: nimbus}, homes) {
			got = append(got, caller.version)
		}
		if !slices.Equal(got, want) {
			t.Errorf("with a Nimbus of %s the clients of %v are tried, want %v", nimbus, got, want)
		}
	}
}

// compareRows holds the document to what was run.
func compareRows(t *testing.T, rows []row) {
	for _, r := range rows {
		t.Log(r.line())
	}
	faults, err := check(rows)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range faults {
		t.Error(fault)
	}
}

// run takes the steps, and says what each came to. The first fault is the last step.
func (t *trial) run(test *testing.T, r row, steps []step) row {
	defer t.calls.Close()
	for _, s := range steps {
		if test.Failed() {
			r.cells = append(r.cells, "not run")
			continue
		}
		began, cell := time.Now(), "yes"
		if err := s.do(t, test.Context()); err != nil {
			cell = "no"
			test.Errorf("%s: %s: %v\n%s", r.key, s.name, err, t.log)
		}
		test.Logf("%s: %s: %s, %.1f s", r.key, s.name, cell, time.Since(began).Seconds())
		r.cells = append(r.cells, cell)
	}
	return r
}

// homesOf are those of a variable's versions that can run here, in order.
func homesOf(t *testing.T, versions string) (homes []home) {
	for _, v := range strings.Fields(os.Getenv(versions)) {
		if major, _ := java(version(v)); major == 0 {
			t.Logf("SKIPPED: Storm %s needs Java %v, and this machine has none of them (STORMHOOKS_JAVAS)", v, javasOf(version(v)))
			continue
		}
		began := time.Now()
		h, err := published(t.Context(), version(v))
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("the JARs of Storm %s: %.1f s", v, time.Since(began).Seconds())
		homes = append(homes, h)
	}
	for _, variable := range os.Environ() {
		if key, path, _ := strings.Cut(variable, "="); strings.HasPrefix(key, "STORM_HOME_") && path != "" {
			h, err := given(path)
			if err != nil {
				t.Fatal(err)
			}
			if h.major == 0 {
				t.Logf("SKIPPED: Storm %s needs Java %v, and this machine has none of them (STORMHOOKS_JAVAS)", h.version, javasOf(h.version))
				continue
			}
			homes = append(homes, h)
		}
	}
	slices.SortFunc(homes, func(a, b home) int { return compare(a.version, b.version) })
	return homes
}

func TestVersions(t *testing.T) {
	for v, want := range map[version][]int{
		"2.0.0": {11, 8}, "2.2.1": {11, 8}, "2.3.0": {11, 17}, "2.7.1": {11, 17}, "2.8.1": {17, 21}, "2.10.0": {17, 21}, "3.0.0-SNAPSHOT": {25},
	} {
		if got := javasOf(v); !slices.Equal(got, want) {
			t.Errorf("%s runs on Java %v, want %v", v, got, want)
		}
	}
	if compare("2.10.0", "2.9.1") <= 0 || compare("2.0.0", "3.0.0-SNAPSHOT") >= 0 {
		t.Error("versions are not compared by number")
	}
}
