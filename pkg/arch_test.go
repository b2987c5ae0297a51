// Package pkg_test holds the house to its plan: the import order, and what pure
// packages may do. The packages are in the folders below; start at pkg/topology.
package pkg_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The policy is what follows, up to the tests. It is not to be edited to get
// green: a package that needs what it forbids stands in the wrong room.

const module = "github.com/stormhooks/stormhooks/"

// order: a package imports only packages of lines above its own.
var order = [][]string{
	{"pkg/internal/text", "pkg/internal/address"},
	{"pkg/api/v1beta1", "pkg/storm"},
	{"pkg/internal/problem", "pkg/internal/image"},
	{"pkg/metacontroller", "pkg/internal/conditions", "pkg/internal/termination"},
	{"pkg/internal/children", "pkg/internal/revision"},
	{"pkg/internal/diagnose"},
	{"pkg/topology", "pkg/cluster"},
	{"pkg/preview"},
	{"hooks/internal/storms"},
	{"hooks"},
	{"hooks/internal/cli"},
	{"hooks/stormhooks"},
}

// impure packages touch the world. They take no decision, and nothing pure
// imports them; the value is what they may import of this module.
var impure = map[string][]string{
	"pkg/internal/thrift/storm": {},
	"pkg/nimbus":                {"pkg/api/v1beta1", "pkg/storm", "pkg/internal/problem", "pkg/internal/text", "pkg/internal/address", "pkg/internal/thrift/storm"},
	"pkg/internal/jar":          {"pkg/api/v1beta1", "pkg/internal/problem"}, // it unpacks side by side
	"pkg/inpod":                 {"pkg/api/v1beta1", "pkg/storm", "pkg/internal/jar", "pkg/internal/problem", "pkg/internal/termination", "pkg/internal/text", "pkg/nimbus"},
}

// throughTheEdge: what hooks may import beside the pure packages.
var throughTheEdge = map[string][]string{
	"hooks/internal/storms": {"pkg/nimbus"},
	"hooks":                 {"pkg/nimbus"},
	"hooks/stormhooks":      {"pkg/nimbus", "pkg/inpod"},
}

// forbiddenImports of pure packages. A line ending in / forbids all below it.
var forbiddenImports = []string{
	"os", "os/", "net", "net/http", "net/http/", "log", "log/", "syscall", "unsafe",
	"math/rand", "math/rand/", "crypto/rand", "sync", "sync/", "testing",
}

// forbiddenCalls of pure packages, by import path and name.
var forbiddenCalls = map[string][]string{
	"time":                                 {"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"},
	"k8s.io/apimachinery/pkg/apis/meta/v1": {"Now", "NowMicro"},
	"k8s.io/apimachinery/pkg/api/meta":     {"SetStatusCondition"},
	"k8s.io/apimachinery/pkg/util/rand":    {"Int", "Intn", "String", "Perm"},
	"k8s.io/apimachinery/pkg/util/uuid":    {"NewUUID"},
	"k8s.io/apimachinery/pkg/util/wait":    {"Jitter", "Poll", "Until"},
}

// libraries that the main module may use, and where. Whoever imports pkg
// inherits them. A line ending in / means all below it.
var libraries = map[string][]string{
	"k8s.io/api/":                          {"pkg/", "hooks"},
	"k8s.io/apimachinery/":                 {"pkg/", "hooks", "hooks/internal/cli"},
	"sigs.k8s.io/yaml":                     {"pkg/", "hooks", "hooks/internal/cli"},
	"github.com/apache/thrift/":            {"pkg/nimbus", "pkg/internal/thrift/"},
	"github.com/go-chi/chi/":               {"hooks"},
	"github.com/go-json-experiment/json":   {"pkg/metacontroller"},
	"github.com/go-json-experiment/json/":  {"pkg/metacontroller"},
	"github.com/klauspost/compress/":       {"pkg/internal/jar"},
	"github.com/prometheus/client_golang/": {"hooks"},
	"github.com/spf13/cobra":               {"hooks/stormhooks", "hooks/internal/cli"},
	"github.com/spf13/pflag":               {"hooks/internal/cli"},
	"golang.org/x/sync/":                   {"hooks/internal/storms"},
}

func TestPackagesHaveTheirPlace(t *testing.T) {
	for folder := range sources(t) {
		if _, known := impure[folder]; !known && level(folder) < 0 {
			t.Errorf("%s has no place in the import order: add it to order, or to impure", folder)
		}
	}
}

func TestImportOrder(t *testing.T) {
	for folder, files := range sources(t) {
		for _, file := range files {
			for _, path := range imports(file) {
				if why := misplaced(folder, path); why != "" {
					t.Errorf("%s imports %s: %s", folder, path, why)
				}
			}
		}
	}
}

func TestPurePackagesArePure(t *testing.T) {
	for folder, files := range sources(t) {
		if !strings.HasPrefix(folder, "pkg/") {
			continue
		}
		if _, excused := impure[folder]; excused {
			continue
		}
		for _, breach := range breaches(files) {
			t.Errorf("%s: %s", folder, breach)
		}
	}
}

// misplaced says why a package may not import a path, or nothing.
func misplaced(folder, path string) string {
	own, ours := strings.CutPrefix(path, module)
	if !ours {
		return foreign(folder, path)
	}
	if allowed, is := impure[folder]; is {
		if slices.Contains(allowed, own) {
			return ""
		}
		return "not on its list in impure"
	}
	if _, is := impure[own]; is {
		if slices.Contains(throughTheEdge[folder], own) {
			return ""
		}
		return "it touches the world, and pure packages do not"
	}
	if level(own) < 0 || level(own) >= level(folder) {
		return "it is not above in the import order"
	}
	return ""
}

func foreign(folder, path string) string {
	first, _, _ := strings.Cut(path, "/")
	if !strings.Contains(first, ".") {
		return "" // Go's own
	}
	for library, users := range libraries {
		if covers(library, path) {
			if slices.ContainsFunc(users, func(user string) bool { return covers(user, folder) }) {
				return ""
			}
			return fmt.Sprintf("it is for %s only", strings.Join(users, ", "))
		}
	}
	return "the main module does not use this library"
}

// covers says whether a line of the policy means the name: itself, or all below
// it where the line ends in /.
func covers(line, name string) bool {
	return name == line || strings.HasSuffix(line, "/") && strings.HasPrefix(name, line)
}

func level(folder string) int {
	return slices.IndexFunc(order, func(line []string) bool { return slices.Contains(line, folder) })
}
