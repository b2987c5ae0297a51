package docs_test

import (
	"regexp"
	"strings"
	"testing"
)

// Each number of limits.md is the one in the code.
func TestTheLimitsAreThoseOfTheCode(t *testing.T) {
	page := read(t, "limits.md")
	topology, cluster := "../manifests/crds/storm.apache.org_stormtopologies.yaml", "../manifests/crds/storm.apache.org_stormclusters.yaml"
	for _, limit := range []struct{ says, file, pattern string }{
		{"at most 2,000,000 entries", "../pkg/internal/jar/check.go", `maxEntries += 2_000_000\b`},
		{"8 GiB unpacked", "../pkg/internal/jar/check.go", `maxUnpacked += 8 << 30\b`},
		{"main has 300 s", "../pkg/api/v1beta1/topology_types.go", `may take until it has submitted, in seconds\. Default: 300`},
		{"up to 86400", topology, `maximum: 86400`},
		{"at most 42 characters", topology, `\{0,40\}`},
		{"up to 200 characters", topology, `maxLength: 200\b`},
		{"300 dependencies", "../pkg/inpod/beside.go", `maxDependencies += 300\b`},
		{"2000 files", "../pkg/inpod/beside.go", `maxFiles += 2000\b`},
		{"with 256 MiB", "../pkg/inpod/beside.go", `maxFilesSize += 256 << 20\b`},
		{"an extraction 300 s", "../pkg/api/v1beta1/defaults.go", `DefaultExtractionTimeout = 300 \* time\.Second`},
		{"100 components", topology, `maxProperties: 100\b`},
		{"500 settings", topology, `maxProperties: 500\b`},
		{"200 arguments", topology, `maxItems: 200\b`},
		{"16 seeds", cluster, `maxItems: 16\b`},
		{"224 KiB", "../pkg/internal/children/size.go", `largestSpec = 224 << 10\b`},
		{"`args` or `command`: 65536 characters", topology, `maxLength: 65536\b`},
		{"127 KiB", "../pkg/internal/children/size.go", `longestArgument = 127 << 10\b`},
		{"the youngest 8 MiB of those", "../pkg/topology/decode.go", `mostOfPods = 8 << 20\b`},
		{"topologies: 32 MiB", "../pkg/nimbus/limits.go", `maxList += 32 << 20\b`},
		{"what is kept of it, 2 MiB", "../pkg/nimbus/limits.go", `maxKept += 2 << 20\b`},
		{"the description of a topology: 32 MiB", "../pkg/storm/view.go", `DescriptionLimit = 32 << 20\b`},
		{"the conf of a topology: 3 MiB", "../pkg/nimbus/submit.go", `longestConf = 3 << 20\b`},
		{"16 MiB when it is read", "../pkg/nimbus/limits.go", `maxConf += 16 << 20\b`},
		{"a call to Nimbus: 2 s", "../pkg/nimbus/limits.go", `callLimit = 2 \* time\.Second`},
	} {
		if !strings.Contains(page, limit.says) {
			t.Errorf("limits.md does not say %q", limit.says)
		}
		if !regexp.MustCompile(limit.pattern).MatchString(read(t, limit.file)) {
			t.Errorf("limits.md says %q, but %s has nothing of the form %s", limit.says, limit.file, limit.pattern)
		}
	}
}

// The table of the retries has each reason that counts against the limit of attempts, in the
// row of what a retry can do about it.
func TestTheRetriesAreThoseOfTheCode(t *testing.T) {
	_, table, _ := strings.Cut(read(t, "topologies.md"), "\n## Retries\n")
	verdicts := regexp.MustCompile(`\{v1beta1\.(\w+), (mayPass|certain),`).FindAllStringSubmatch(read(t, "../pkg/internal/problem/counts.go"), -1)
	if len(verdicts) < 10 {
		t.Fatalf("counts.go has only %v", verdicts)
	}
	for prospect, begins := range map[string]string{"mayPass": "its cause may lie outside the spec", "certain": "only a change can fix it"} {
		row := regexp.MustCompile(`(?m)^\| ` + begins + ` \| ([^|]*) \|`).FindStringSubmatch(table)
		if row == nil {
			t.Fatalf("topologies.md has no row %q", begins)
		}
		for _, verdict := range verdicts {
			if named := regexp.MustCompile(`\b` + verdict[1] + `\b`).MatchString(row[1]); named != (verdict[2] == prospect) {
				t.Errorf("the row %q names %s: %v; counts.go says %s", begins, verdict[1], named, verdict[2])
			}
		}
	}
}

// The README's first screen names the versions that the pages name.
func TestTheReadmeNamesTheVersions(t *testing.T) {
	readme, install := read(t, "../README.md"), read(t, "install.md")
	for kind, row := range map[string]string{"Kubernetes": `(?m)^\| Kubernetes \| ([^|]+) \|`, "Metacontroller": `(?m)^\| Metacontroller \| ([^|]+) \|`} {
		versions := regexp.MustCompile(row).FindStringSubmatch(install)
		if versions == nil || !strings.Contains(readme, "· "+kind+" "+versions[1]+" ·") {
			t.Errorf("install.md says %s %v, README.md does not", kind, versions)
		}
	}
	chart := regexp.MustCompile(`(?m)^appVersion: (\S+)`).FindStringSubmatch(read(t, "../manifests/charts/stormhooks/Chart.yaml"))
	if chart == nil || !strings.Contains(readme, "\n"+chart[1]+" ") {
		t.Errorf("the chart has the version %v, README.md does not", chart)
	}
}

// The versions that limits.md says were tested are those that the tests use.
func TestTheTestedVersionsAreThoseOfTheTests(t *testing.T) {
	page := read(t, "limits.md")
	for program, source := range map[string]struct{ file, pattern string }{
		"Kubernetes":     {"../e2e/cluster/build/go.mod", `k8s\.io/kubernetes v([0-9.]+)`},
		"containerd":     {"../e2e/cluster/build/go.mod", `containerd/v2 v([0-9.]+)`},
		"Storm":          {"../e2e/cluster/images/storm.go", `stormVersion = "([0-9.]+)"`},
		"Metacontroller": {"../e2e/standin/doc.go", `Metacontroller ([0-9.]+)\)`},
		"Helm":           {"../e2e/packages/go.mod", `helm\.sh/helm/v4 v([0-9.]+)`},
		"Flux CD":        {"../e2e/packages/go.mod", `sigs\.k8s\.io/cli-utils v([0-9.]+)`},
		"Java":           {"../e2e/cluster/parts/tools.go", `Install Java ([0-9]+):`},
	} {
		used := regexp.MustCompile(source.pattern).FindStringSubmatch(read(t, source.file))
		if used == nil {
			t.Errorf("%s: %s has nothing of the form %s", program, source.file, source.pattern)
			continue
		}
		row := regexp.MustCompile(`(?m)^\| ` + program + ` \| [^|]* \| ([^|]*) \|`).FindStringSubmatch(page)
		if row == nil || row[1] != used[1] {
			t.Errorf("%s: the tests use %s, limits.md has %q", program, used[1], row)
		}
	}
}
