package topology_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"testing"
)

// unreadFields are what unread.go and metacontroller.NobodyReads leave out, as Go
// names it. Args, Command, Conditions, Ports, Resources, SecurityContext and
// Selector are missing: others have them, too.
var unreadFields = []string{
	"ManagedFields",
	"AccessModes", "Capacity", "DataSource", "DataSourceRef", "ModifyVolumeStatus",
	"Affinity", "DNSConfig", "EphemeralContainers", "HostAliases", "NodeSelector", "Tolerations", "TopologySpreadConstraints",
	"Env", "EnvFrom", "Lifecycle", "LivenessProbe", "ReadinessProbe", "StartupProbe", "TerminationMessagePath", "VolumeDevices", "VolumeMounts",
	"PodFailurePolicy", "UncountedTerminatedPods",
	"AllocatedResources", "AllocatedResourcesStatus", "ContainerID", "ImageID", "LastTerminationState", "User",
	"EphemeralContainerStatuses", "HostIPs", "PodIPs", "ResourceClaimStatuses",
}

// TestUnread holds that nothing which sees a pod or a Job reads what is not
// decoded: it would find it empty.
func TestUnread(t *testing.T) {
	for _, folder := range []string{".", "../internal/diagnose"} {
		files, err := filepath.Glob(folder + "/*.go")
		must(t, err)
		for _, file := range files {
			if match, _ := filepath.Match("*_test.go", filepath.Base(file)); match {
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
