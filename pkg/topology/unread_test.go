package topology_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// unreadFields are those of the types that unread.go and metacontroller.AlwaysSkipped
// walk over. Conditions, Resources, SecurityContext and Selector are missing: others
// have them, too.
var unreadFields = []string{
	"ManagedFields", "AllocatedResources", "Capacity",
	"Affinity", "Env", "EnvFrom", "Lifecycle", "LivenessProbe", "ReadinessProbe", "StartupProbe", "Tolerations", "TopologySpreadConstraints", "VolumeMounts",
	"PodFailurePolicy", "UncountedTerminatedPods", "HostIPs", "PodIPs", "User", "Requests",
}

// TestUnread holds that nothing which sees a pod or a Job reads what is not
// decoded: it would find it empty.
func TestUnread(t *testing.T) {
	for _, folder := range []string{".", "../internal/diagnose"} {
		files, err := filepath.Glob(folder + "/*.go")
		must(t, err)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") || file == "unread.go" {
				continue
			}
			set := token.NewFileSet()
			source, err := parser.ParseFile(set, file, nil, 0)
			must(t, err)
			ast.Inspect(source, func(node ast.Node) bool {
				if selector, is := node.(*ast.SelectorExpr); is && slices.Contains(unreadFields, selector.Sel.Name) {
					t.Errorf("%s reads %s, which is not decoded: take it from the lists in unread.go", set.Position(selector.Pos()), selector.Sel.Name)
				}
				return true
			})
		}
	}
}
