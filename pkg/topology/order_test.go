package topology_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stormhooks/stormhooks/pkg/topology"
)

// walk is the order of the files in which a call goes, as doc.go has it. The rules
// stand in the order in which they are asked.
func walk(t *testing.T) []string {
	t.Helper()
	doc, err := os.ReadFile("doc.go")
	must(t, err)
	var files []string
	for _, found := range regexp.MustCompile(`(?m)^//\t(\w+\.go) {2,}`).FindAllStringSubmatch(string(doc), -1) {
		if found[1] != "rule_NAME.go" {
			files = append(files, found[1])
			continue
		}
		for _, rule := range topology.Rules() {
			files = append(files, ruleFile(rule.Name))
		}
	}
	return files
}

func ruleFile(rule string) string { return "rule_" + strings.ReplaceAll(rule, " ", "_") + ".go" }

// A call goes forward only.
func TestFilesAreUsedForwardOnly(t *testing.T) {
	order := walk(t)
	fset, files := parseAll(t)
	for name := range files {
		if name != "doc.go" && !slices.Contains(order, name) {
			t.Errorf("%s has no place in the walk", name)
		}
	}
	for _, name := range order {
		if files[name] == nil {
			t.Errorf("the walk names %s, which does not exist", name)
		}
	}
	for _, use := range backward(t, fset, files, order) {
		t.Error(use)
	}
}

// backward are the uses of declarations in files that stand before the user's.
func backward(t *testing.T, fset *token.FileSet, files map[string]*ast.File, order []string) []string {
	t.Helper()
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	list := make([]*ast.File, 0, len(files))
	for _, name := range order {
		if files[name] != nil {
			list = append(list, files[name])
		}
	}
	config := types.Config{Importer: importer.ForCompiler(fset, "gc", exportData(t))}
	pkg, err := config.Check("github.com/stormhooks/stormhooks/pkg/topology", fset, list, info)
	must(t, err)
	var found []string
	for ident, object := range info.Uses {
		if object.Pkg() != pkg || !declaredAtTop(pkg, object) {
			continue
		}
		user, used := filepath.Base(fset.Position(ident.Pos()).Filename), filepath.Base(fset.Position(object.Pos()).Filename)
		if slices.Index(order, used) < slices.Index(order, user) {
			found = append(found, fmt.Sprintf("%s uses %s of %s, which stands before it", fset.Position(ident.Pos()), object.Name(), used))
		}
	}
	slices.Sort(found)
	return found
}

// declaredAtTop says whether an object is a declaration of the package, or a method.
func declaredAtTop(pkg *types.Package, object types.Object) bool {
	if function, is := object.(*types.Func); is {
		return function.Pkg() == pkg
	}
	return object.Parent() == pkg.Scope()
}

func parseAll(t *testing.T) (*token.FileSet, map[string]*ast.File) {
	t.Helper()
	fset, files := token.NewFileSet(), map[string]*ast.File{}
	names, err := filepath.Glob("*.go")
	must(t, err)
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		must(t, err)
		files[name] = file
	}
	return fset, files
}

// exportData finds what the compiler wrote of each package that this one imports.
func exportData(t *testing.T) func(path string) (io.ReadCloser, error) {
	t.Helper()
	out, err := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Export", ".").Output()
	must(t, err)
	exports := map[string]string{}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var listed struct{ ImportPath, Export string }
		if err := decoder.Decode(&listed); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		exports[listed.ImportPath] = listed.Export
	}
	return func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
}

// The test above must be able to fail: with the order turned around it does.
func TestABackwardUseIsSeen(t *testing.T) {
	order := walk(t)
	slices.Reverse(order)
	fset, files := parseAll(t)
	if found := backward(t, fset, files, order); len(found) < 100 {
		t.Errorf("with the walk turned around only %d uses run backward", len(found))
	}
}

// Each rule is in the file of its name, under its name.
func TestEachRuleIsInItsFile(t *testing.T) {
	_, files := parseAll(t)
	for _, rule := range topology.Rules() {
		words := strings.Fields(rule.Name)
		for i := 1; i < len(words); i++ {
			words[i] = strings.ToUpper(words[i][:1]) + words[i][1:]
		}
		file, name := files[ruleFile(rule.Name)], strings.Join(words, "")
		if file == nil {
			t.Errorf("rule %q has no file %s", rule.Name, ruleFile(rule.Name))
			continue
		}
		if !slices.ContainsFunc(file.Decls, func(d ast.Decl) bool {
			function, is := d.(*ast.FuncDecl)
			return is && function.Recv == nil && function.Name.Name == name
		}) {
			t.Errorf("%s has no function %s for rule %q", ruleFile(rule.Name), name, rule.Name)
		}
		delete(files, ruleFile(rule.Name))
	}
	for name := range files {
		if strings.HasPrefix(name, "rule_") {
			t.Errorf("%s is the file of no rule", name)
		}
	}
}
