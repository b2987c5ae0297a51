package pkg_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/printer"
	"go/token"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stormhooks/stormhooks/e2e/testkit"
)

// TestSurface pins what programs that import pkg can use: a line that moves in
// testdata/surface.txt is a change for them. What is not meant for them stands in
// pkg/internal, or is not exported. Generated code is left out.
func TestSurface(t *testing.T) {
	var out strings.Builder
	all := sources(t)
	for _, folder := range slices.Sorted(maps.Keys(all)) {
		if !strings.HasPrefix(folder, "pkg/") || strings.HasPrefix(folder, "pkg/internal/") {
			continue
		}
		for _, line := range surface(all[folder]) {
			fmt.Fprintf(&out, "%s: %s\n", folder, line)
		}
	}
	testkit.Golden(t, "testdata/surface.txt", []byte(out.String()))
}

// surface has a line for each exported identifier of a package, sorted: types with
// their exported fields and methods, functions with their parameters.
func surface(files []*ast.File) []string {
	var lines []string
	for _, file := range files {
		if ast.IsGenerated(file) {
			continue
		}
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if line := function(d); line != "" {
					lines = append(lines, line)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					lines = append(lines, declared(d.Tok, spec)...)
				}
			}
		}
	}
	slices.Sort(lines)
	return lines
}

// function is a function's line, or empty if other packages cannot call it.
func function(d *ast.FuncDecl) string {
	if !d.Name.IsExported() {
		return ""
	}
	name := d.Name.Name
	if d.Recv != nil {
		receiver := source(d.Recv.List[0].Type)
		if !ast.IsExported(strings.TrimPrefix(receiver, "*")) {
			return ""
		}
		name = "(" + receiver + ") " + name
	}
	parameters := ""
	if d.Type.TypeParams != nil {
		parameters = "[" + fieldList(d.Type.TypeParams) + "]"
	}
	signature := *d.Type
	signature.TypeParams = nil
	return "func " + name + parameters + strings.TrimPrefix(source(&signature), "func")
}

// declared are the lines of a type, or of constants and variables.
func declared(token token.Token, spec ast.Spec) (lines []string) {
	switch s := spec.(type) {
	case *ast.ValueSpec:
		for _, name := range s.Names {
			if name.IsExported() {
				lines = append(lines, token.String()+" "+name.Name)
			}
		}
	case *ast.TypeSpec:
		if !s.Name.IsExported() {
			return nil
		}
		head := "type " + s.Name.Name
		switch of := s.Type.(type) {
		case *ast.StructType:
			lines = append(lines, head+" struct")
			lines = append(lines, members(head, of.Fields)...)
		case *ast.InterfaceType:
			lines = append(lines, head+" interface")
			lines = append(lines, members(head, of.Methods)...)
		default:
			lines = append(lines, head+" "+source(of))
		}
	}
	return lines
}

func members(head string, list *ast.FieldList) (lines []string) {
	for _, member := range list.List {
		if len(member.Names) == 0 {
			lines = append(lines, head+", "+source(member.Type))
		}
		for _, name := range member.Names {
			if name.IsExported() {
				lines = append(lines, head+", "+name.Name+" "+source(member.Type))
			}
		}
	}
	return lines
}

func fieldList(list *ast.FieldList) string {
	var parts []string
	for _, field := range list.List {
		for _, name := range field.Names {
			parts = append(parts, name.Name+" "+source(field.Type))
		}
	}
	return strings.Join(parts, ", ")
}

// source is a node as Go has it, on one line.
func source(node ast.Node) string {
	var out bytes.Buffer
	if err := printer.Fprint(&out, token.NewFileSet(), node); err != nil {
		return err.Error()
	}
	return strings.Join(strings.Fields(out.String()), " ")
}
