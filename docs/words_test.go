package docs_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/stormhooks/stormhooks/e2e/testkit"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

var quoted = regexp.MustCompile("`([^`\n]+)`")

// prose is a page without its blocks and marks.
func prose(t *testing.T, page string) string {
	return regexp.MustCompile("(?s)```.*?```|<!--.*?-->").ReplaceAllString(read(t, page), "")
}

// A page names only fields that a CRD has.
func TestFieldsAreThere(t *testing.T) {
	known := map[string]bool{}
	for _, kind := range []string{"stormtopologies", "stormclusters"} {
		var crd struct {
			Spec struct {
				Versions []struct {
					Schema struct{ OpenAPIV3Schema map[string]any }
				}
			}
		}
		if err := yaml.Unmarshal([]byte(read(t, "../manifests/crds/storm.apache.org_"+kind+".yaml")), &crd); err != nil {
			t.Fatal(err)
		}
		fields(crd.Spec.Versions[0].Schema.OpenAPIV3Schema, "", known)
	}
	// A path is written whole, or from one of these on.
	path := regexp.MustCompile(`^(spec|status|topology\.jar|jar|container|update|storage|retry|template)\.[a-z][A-Za-z0-9.]+$`)
	seen := 0
	for _, page := range allPages(t) {
		for _, word := range quoted.FindAllStringSubmatch(prose(t, page), -1) {
			if !path.MatchString(word[1]) {
				continue
			}
			seen++
			if !known[word[1]] {
				t.Errorf("%s names the field %s, which no CRD has", page, word[1])
			}
		}
	}
	if seen < 30 {
		t.Errorf("found only %d fields", seen)
	}
}

// fields notes every path of a schema, and every ending of a path.
func fields(schema map[string]any, path string, known map[string]bool) {
	if items, is := schema["items"].(map[string]any); is {
		fields(items, path, known)
	}
	if values, is := schema["additionalProperties"].(map[string]any); is {
		for _, name := range []string{"memory", "cpu"} { // of resources.limits and requests
			note(path+"."+name, known)
		}
		fields(values, path+".NAME", known)
	}
	properties, _ := schema["properties"].(map[string]any)
	for name, value := range properties {
		at := strings.TrimPrefix(path+"."+name, ".")
		note(at, known)
		fields(value.(map[string]any), at, known)
	}
}

func note(path string, known map[string]bool) {
	for rest, more := path, true; more; _, rest, more = strings.Cut(rest, ".") {
		known[rest] = true
	}
}

// A page names only reasons, phases and conditions that the code has. Such a word
// looks like JarNotFound. The other words of that form are listed here.
func TestReasonsAreThere(t *testing.T) {
	known := map[string]bool{}
	for _, file := range []string{"reasons.go", "topology_status.go", "topology_types.go", "pod_types.go"} {
		for _, text := range regexp.MustCompile(`"([A-Z][A-Za-z]+)"|Enum=([A-Za-z;]+)`).FindAllStringSubmatch(read(t, "../pkg/api/v1beta1/"+file), -1) {
			for _, word := range append(strings.Split(text[2], ";"), text[1]) {
				known[word] = true
			}
		}
	}
	others := strings.Fields(`StormTopology StormTopologies StormCluster StormClusters StormSubmitter WordCountTopology
		ExclamationTopology MyTopology CompositeController CompositeControllers CustomResourceDefinition
		CustomResourceDefinitions HorizontalPodAutoscaler PersistentVolumeClaim PersistentVolumeClaims NetworkPolicy
		NetworkPolicies ResourceQuota StorageClass OnDelete ZooKeeper ConfigMap StatefulSet ControllerRevision
		LocalCluster NotAlive GitOps CycloneDX SimpleTransport ImageVolume OpenShift LimitRange LimitRanges ClusterRole ClusterRoles ClusterRoleBinding
		RoleBinding PriorityClass RuntimeClass ConfigMaps GitHub PodDisruptionBudget ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding
		SharedArchiveFile TieredStopAtLevel`)
	for _, page := range allPages(t) {
		if elsewhere[filepath.Base(page)] != "" {
			continue
		}
		words := map[string]bool{}
		for _, word := range regexp.MustCompile(`\b(?:[A-Z][a-z0-9]+){2,}\b`).FindAllString(prose(t, page), -1) {
			words[word] = true
		}
		for _, word := range slices.Sorted(maps.Keys(words)) {
			aTest := strings.HasPrefix(word, "Test") || strings.HasPrefix(word, "Fuzz") // TestSecurityIsHeld looks for those
			if !known[word] && !aTest && !slices.Contains(others, word) {
				t.Errorf("%s names %s, which is not a reason, phase or condition", page, word)
			}
		}
	}
}

// elsewhere are pages with many words of other projects.
var elsewhere = map[string]string{
	"monitoring.md":  "Prometheus' and Grafana's words",
	"gitops.md":      "Argo CD's and Flux's words",
	"helm-values.md": "names of the kinds of Prometheus' operator",
}

// A page names only annotations and labels of Stormhooks that the code has.
func TestAnnotationsAreThere(t *testing.T) {
	code := read(t, "../pkg/api/v1beta1/annotations.go") + read(t, "../pkg/internal/children/meta.go")
	for _, page := range allPages(t) {
		for _, name := range regexp.MustCompile(`[^.]storm\.apache\.org(/[a-z][A-Za-z]*(?:-[a-z]+)*)`).FindAllStringSubmatch(read(t, page), -1) {
			if name[1] != "/v" && !strings.Contains(code, `"`+name[1]+`"`) { // v1beta1
				t.Errorf("%s names storm.apache.org%s, which nothing reads", page, name[1])
			}
		}
	}
}

// A page names only options of Stormhooks that exist, and known options of other
// programs.
func TestFlagsAreThere(t *testing.T) {
	files, err := filepath.Glob("../hooks/stormhooks/*.go")
	if err != nil {
		t.Fatal(err)
	}
	own := ""
	for _, file := range files {
		own += read(t, file)
	}
	others := strings.Fields(`--client-go-qps --client-go-burst
		--all --all-namespaces --force --overwrite --recursive --replicas --timeout --for --wait --namespace --watch --cascade
		--docker-server --docker-username --docker-password --ignore-not-found --dry-run --from-literal --sort-by
		--chmod --from --build-arg --context --selector --patch --type --server-side --force-conflicts --template --tail
		--create-namespace --from-file --no-headers --output --as --insecure --region --verbose --jars --artifacts --filter --env-filter --resource --local --zookeeper --inactive --no-adopt --cert --key --set --version --name --clusterrole --serviceaccount --strict --include-resources --from-backup --certificate-identity --certificate-oidc-issuer --bundle --kubeconfig`)
	for _, page := range allPages(t) {
		if filepath.Base(page) == "cli.md" || elsewhere[filepath.Base(page)] != "" {
			continue // run as a whole
		}
		for _, flag := range regexp.MustCompile(`(?:^|[\s`+"`"+`(])(--[a-z][a-z-]+)`).FindAllStringSubmatch(read(t, page), -1) {
			if !slices.Contains(others, flag[1]) && !strings.Contains(own, `"`+strings.TrimPrefix(flag[1], "--")+`"`) {
				t.Errorf("%s names the option %s, which no program of Stormhooks has", page, flag[1])
			}
		}
	}
}

// The design page has the rules in their order and the musts in their words.
func TestTheDesignIsTheCode(t *testing.T) {
	page := read(t, "design.md")
	table := ""
	for i, rule := range topology.Rules() {
		table += fmt.Sprintf("| %d | %s | %s |\n", i+1, rule.Name, rule.Why)
	}
	const head = "| | rule | why it stands there |\n|---|---|---|\n"
	before, rest, found := strings.Cut(page, head)
	shown, after, _ := strings.Cut(rest, "\n\n")
	switch {
	case !found:
		t.Fatal("design.md has no table of the rules")
	case shown+"\n" == table:
	case testkit.Update():
		page = before + head + table + "\n" + after
		if err := os.WriteFile("design.md", []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("design.md does not have the rules as they are; make golden rewrites them:\n%s", table)
	}
	musts := regexp.MustCompile(`(?m)^//  (\d\. .+(?:\n//     .+)*)`).FindAllStringSubmatch(read(t, "../pkg/topology/doc.go"), -1)
	if len(musts) < 8 {
		t.Fatalf("found only %d musts", len(musts))
	}
	for _, must := range musts {
		if line := strings.ReplaceAll(must[1], "\n//     ", " "); !strings.Contains(page, line+"\n") {
			t.Errorf("design.md does not have the must as it is:\n%s", line)
		}
	}
}
