package cli

import (
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

func TestFluxRemarks(t *testing.T) {
	for why, tc := range map[string]struct {
		spec string // of the topology; mainClass is that of Flux
		says []string
	}{
		"files of the image":          {"topology: {args: [--remote, crawler.flux], jar: {container: {files: [/app/crawler.flux]}}}", nil},
		"by a wildcard":               {"topology: {args: [--remote, --filter, dev.properties, crawler.flux], jar: {container: {files: ['/app/*.flux', '/app/conf/*']}}}", nil},
		"in a folder":                 {"topology: {args: [conf/flux/crawler.flux], jar: {container: {files: [/app/conf]}}}", nil},
		"below a wildcard":            {"topology: {args: [flux/crawler.flux], jar: {container: {files: ['/app/conf/*']}}}", nil},
		"a ConfigMap":                 {"topology: {args: [-r, /flux/crawler.flux]}\ntemplate: {volumeMounts: [{name: x, mountPath: /flux/}]}", nil},
		"a resource of the JAR":       {"topology: {args: [--remote, --resource, --env-filter, /crawler.flux]}", nil},
		"a variable":                  {"topology: {args: ['$(DEFINITION)']}", nil},
		"a joined value":              {"topology: {args: [--filter=dev.properties, crawler.flux], jar: {container: {files: ['/app/*']}}}", nil},
		"the default argument":        {"topology: {}", []string{"spec.topology.args is missing"}},
		"no argument":                 {"topology: {args: []}", []string{"names no definition of Flux"}},
		"only options":                {"topology: {args: [--remote, -e]}", []string{"names no definition of Flux"}},
		"two definitions":             {"topology: {args: [a.flux, b.flux], jar: {container: {files: ['/app/*']}}}", []string{"names several definitions (a.flux, b.flux)"}},
		"a filter without a file":     {"topology: {args: [crawler.flux, --filter], jar: {container: {files: ['/app/*']}}}", []string{"has --filter without a value"}},
		"a file that is not given":    {"topology: {args: [--remote, crawler.flux]}", []string{"has the definition crawler.flux, and nothing gives that file to main. Add it to spec.topology.jar.container.files"}},
		"a path of the image":         {"topology: {args: [--remote, /app/crawler.flux], jar: {container: {files: [/app/crawler.flux]}}}", []string{"has the definition /app/crawler.flux, and nothing gives that file"}},
		"properties that are not":     {"topology: {args: [--resource, /x.flux, --filter, dev.properties]}", []string{"has --filter dev.properties, and nothing gives that file to main. Add it to"}},
		"local, inactive and dry run": {"topology: {args: [-l, -i, --dry-run, x], jar: {container: {files: [/x]}}}", []string{"has --local", "has --dry-run or --help", "has --inactive"}},
		"another class":               {"topology: {mainClass: com.mycompany.Main, args: [-l]}", nil},
	} {
		var spec map[string]any
		if err := yaml.Unmarshal([]byte(tc.spec), &spec); err != nil {
			t.Fatal(err)
		}
		if topology := spec["topology"].(map[string]any); topology["mainClass"] == nil {
			topology["mainClass"] = fluxClass
		}
		remarks := onFlux(spec)
		if len(remarks) != len(tc.says) {
			t.Errorf("%s: %v", why, remarks)
			continue
		}
		for i, says := range tc.says {
			if !strings.Contains(remarks[i].Message, says) || remarks[i].Field != "spec.topology.args" {
				t.Errorf("%s: %+v, want %q", why, remarks[i], says)
			}
		}
	}
}
