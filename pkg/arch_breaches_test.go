package pkg_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// breaches of purity in the files of one package.
func breaches(files []*ast.File) []string {
	var found []string
	state := packageVariables(files)
	for _, file := range files {
		if ast.IsGenerated(file) {
			continue
		}
		for _, path := range imports(file) {
			if slices.ContainsFunc(forbiddenImports, func(line string) bool { return covers(line, path) }) {
				found = append(found, "imports "+path)
			}
		}
		names := importNames(file)
		ast.Inspect(file, func(node ast.Node) bool {
			if breach := impureNode(node, names, state); breach != "" {
				found = append(found, breach)
			}
			return true
		})
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func impureNode(node ast.Node, names map[string]string, state variables) string {
	switch n := node.(type) {
	case *ast.GoStmt:
		return "starts a goroutine"
	case *ast.FuncDecl:
		if n.Name.Name == "init" && n.Recv == nil {
			return "has an init"
		}
	case *ast.SelectorExpr:
		base, is := n.X.(*ast.Ident)
		if is && base.Obj == nil && slices.Contains(forbiddenCalls[names[base.Name]], n.Sel.Name) {
			return "uses " + base.Name + "." + n.Sel.Name
		}
	case *ast.AssignStmt:
		if n.Tok == token.DEFINE {
			return ""
		}
		for _, left := range n.Lhs {
			if name := written(left, state); name != "" {
				return "writes the package's variable " + name
			}
		}
	case *ast.IncDecStmt:
		if name := written(n.X, state); name != "" {
			return "writes the package's variable " + name
		}
	case *ast.CallExpr:
		called, is := n.Fun.(*ast.Ident)
		if is && (called.Name == "delete" || called.Name == "clear") && len(n.Args) > 0 {
			if name := written(n.Args[0], state); name != "" {
				return "writes the package's variable " + name
			}
		}
	}
	return ""
}

// written is the name of the package's variable that an assignment to the
// expression changes, if it is one.
func written(target ast.Expr, state variables) string {
	for {
		switch t := target.(type) {
		case *ast.IndexExpr:
			target = t.X
		case *ast.SelectorExpr:
			target = t.X
		case *ast.StarExpr:
			target = t.X
		case *ast.ParenExpr:
			target = t.X
		case *ast.Ident:
			if !state.names[t.Name] {
				return ""
			}
			// A name that the parser resolved to anything but a package's
			// variable is a local one that hides it.
			if t.Obj == nil || state.specs[t.Obj.Decl] {
				return t.Name
			}
			return ""
		default:
			return ""
		}
	}
}

// variables are those of a package: their names, and where they are declared.
type variables struct {
	names map[string]bool
	specs map[any]bool
}

func packageVariables(files []*ast.File) variables {
	found := variables{map[string]bool{}, map[any]bool{}}
	for _, file := range files {
		for _, declaration := range file.Decls {
			general, is := declaration.(*ast.GenDecl)
			if !is || general.Tok != token.VAR {
				continue
			}
			for _, spec := range general.Specs {
				value := spec.(*ast.ValueSpec)
				found.specs[value] = true
				for _, name := range value.Names {
					found.names[name.Name] = true
				}
			}
		}
	}
	return found
}

func imports(file *ast.File) []string {
	var paths []string
	for _, spec := range file.Imports {
		paths = append(paths, strings.Trim(spec.Path.Value, `"`))
	}
	return paths
}

// importNames maps the name that a file uses to the import path.
func importNames(file *ast.File) map[string]string {
	names := map[string]string{}
	for _, spec := range file.Imports {
		path := strings.Trim(spec.Path.Value, `"`)
		name := path[strings.LastIndex(path, "/")+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = path
	}
	return names
}

// sources parses the files, without tests, of every package in pkg and hooks.
func sources(t *testing.T) map[string][]*ast.File {
	t.Helper()
	packages := map[string][]*ast.File{}
	files := token.NewFileSet()
	for _, root := range []string{"pkg", "hooks"} {
		err := filepath.WalkDir(filepath.Join("..", root), func(path string, entry fs.DirEntry, err error) error {
			if _, missing := os.Stat(filepath.Join(path, "go.mod")); err == nil && entry.IsDir() && missing == nil {
				return filepath.SkipDir // a module of its own, so that its weight stays out
			}
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(files, path, nil, parser.ParseComments)
			if err != nil {
				return err
			}
			folder := filepath.ToSlash(strings.TrimPrefix(filepath.Dir(path), ".."+string(filepath.Separator)))
			packages[folder] = append(packages[folder], file)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(packages["pkg/api/v1beta1"]) == 0 || len(packages["hooks"]) == 0 {
		t.Fatalf("found no sources: %v", packages)
	}
	return packages
}
