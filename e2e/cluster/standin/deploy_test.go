package standin

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	loop "github.com/stormhooks/stormhooks/e2e/standin"
)

// TestPermissions holds the ClusterRole of the Deployment against the manifests
// that we ship: every parent and child that they name, with the verbs that the
// loop uses on it, and no wildcard.
func TestPermissions(t *testing.T) {
	role := clusterRole(t)
	for _, rule := range role.Rules {
		if slices.Contains(rule.Verbs, "*") || slices.Contains(rule.Resources, "*") || slices.Contains(rule.APIGroups, "*") {
			t.Errorf("a wildcard: %v", rule)
		}
	}
	for _, name := range []string{"stormtopology", "stormcluster"} {
		text, err := os.ReadFile("../../../manifests/install/" + name + "-controller.yaml")
		if err != nil {
			t.Fatal(err)
		}
		controllers, err := loop.Load(text)
		if err != nil {
			t.Fatal(err)
		}
		spec := controllers[0].Spec
		allowed(t, role, spec.ParentResource.ResourceRule, "", "get", "list", "watch", "update")
		allowed(t, role, spec.ParentResource.ResourceRule, "/status", "update")
		for _, child := range spec.ChildResources {
			allowed(t, role, child.ResourceRule, "", "get", "list", "watch", "create", "update", "delete")
		}
	}
	allowed(t, role, loop.ResourceRule{APIVersion: "v1", Resource: "namespaces"}, "", "list", "watch")
	allowed(t, role, loop.ResourceRule{APIVersion: "v1", Resource: "secrets"}, "", "get")
	allowed(t, role, loop.ResourceRule{APIVersion: "v1", Resource: "events"}, "", "create", "patch")
}

func allowed(t *testing.T, role rbacv1.ClusterRole, resource loop.ResourceRule, sub string, verbs ...string) {
	t.Helper()
	group, _, found := strings.Cut(resource.APIVersion, "/")
	if !found {
		group = ""
	}
	for _, verb := range verbs {
		if !slices.ContainsFunc(role.Rules, func(rule rbacv1.PolicyRule) bool {
			return slices.Contains(rule.APIGroups, group) && slices.Contains(rule.Resources, resource.Resource+sub) && slices.Contains(rule.Verbs, verb)
		}) {
			t.Errorf("deploy.yaml does not allow %s on %s of group %q", verb, resource.Resource+sub, group)
		}
	}
}

func clusterRole(t *testing.T) rbacv1.ClusterRole {
	t.Helper()
	text, err := os.ReadFile("../cmd/standin/deploy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, document := range bytes.Split(text, []byte("\n---\n")) {
		var role rbacv1.ClusterRole
		if err := yaml.Unmarshal(document, &role); err != nil {
			t.Fatal(fmt.Errorf("deploy.yaml: %w", err))
		}
		if role.Kind == "ClusterRole" {
			return role
		}
	}
	t.Fatal("deploy.yaml has no ClusterRole")
	return rbacv1.ClusterRole{}
}
