package sim

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// removedVariable says which guard the mutated product runs without: its number, from 1 on.
const removedVariable = "SIM_REMOVED_GUARD"

// mutated is one test binary with all mutants in it. Each function with a guard is there as
// it is, and once for each of its guards without that one:
//
//	func next(seen Seen) Step {
//		switch removedGuard {
//		case 7:
//			return next_without7(seen)
//		}
//		return next_whole(seen)
//	}
//
// So the product is built once, and not for each mutant.
type mutated struct{ root, binary string }

// buildMutated builds the binary: go build lays the changed files over the real ones.
func buildMutated(t *testing.T, root string) mutated {
	t.Helper()
	folder := t.TempDir()
	replace, count := map[string]string{}, 0
	lay := func(file, text string) {
		count++
		laid := filepath.Join(folder, fmt.Sprintf("laid%d.go", count))
		if err := os.WriteFile(laid, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		replace[file] = laid
	}
	guards := map[string][]int{} // by file
	for i, m := range mutants {
		file, _ := m.source(t, root)
		guards[file] = append(guards[file], i)
	}
	if t.Failed() {
		t.FailNow()
	}
	for file, of := range guards {
		name, text := withoutGuards(t, file, of)
		lay(file, text)
		lay(filepath.Join(filepath.Dir(file), "removed_guard.go"), fmt.Sprintf("package %s\n\nimport (\n\t\"os\"\n\t\"strconv\"\n)\n\n"+
			"var removedGuard, _ = strconv.Atoi(os.Getenv(%q))\n", name, removedVariable))
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	overlayFile := filepath.Join(folder, "overlay.json")
	if err := os.WriteFile(overlayFile, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	built := mutated{root, filepath.Join(folder, "mutated.test")}
	command := exec.Command("go", "test", "-vet=off", "-c", "-o", built.binary, "-overlay="+overlayFile, "./e2e/sim")
	command.Dir = root
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("the mutants do not compile: %v\n%s", err, tail(string(out)))
	}
	if out, failed := built.run(-1, directedWorlds); failed {
		t.Fatalf("the directed worlds fail with all guards:\n%s", tail(out))
	}
	return built
}

// run tests the simulation without one guard, or with all of them (-1), and says whether a test failed.
func (b mutated) run(guard int, tests string, more ...string) (string, bool) {
	command := exec.Command(b.binary, append([]string{"-test.run=" + tests, "-test.timeout=60m"}, more...)...)
	command.Dir = filepath.Join(b.root, "e2e/sim")
	command.Env = append(os.Environ(), "MUTANTS=", removedVariable+"="+strconv.Itoa(guard+1))
	out, err := command.CombinedOutput()
	return string(out), err != nil
}

// withoutGuards gives a file's package, and its text with the functions without guards.
func withoutGuards(t *testing.T, file string, guards []int) (name, text string) {
	t.Helper()
	read, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text = string(read)
	parsed, err := parser.ParseFile(token.NewFileSet(), file, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	of := map[*ast.FuncDecl][]int{}
	for _, i := range guards {
		at := token.Pos(strings.Index(text, mutants[i].old)) + parsed.FileStart
		f := functionAt(parsed, at)
		if f == nil || f.Type.TypeParams != nil {
			t.Fatalf("%s: %q is in no function that can be copied", mutants[i].file, mutants[i].old)
		}
		of[f] = append(of[f], i)
	}
	for _, decl := range slices.Backward(parsed.Decls) { // so that the offsets of those before stay right
		f, isFunction := decl.(*ast.FuncDecl)
		if !isFunction || of[f] == nil {
			continue
		}
		begin, end := f.Pos()-parsed.FileStart, f.End()-parsed.FileStart
		text = text[:begin] + copies(f, string(read), parsed.FileStart, of[f]) + text[end:]
	}
	return parsed.Name.Name, text
}

func functionAt(file *ast.File, at token.Pos) *ast.FuncDecl {
	for _, decl := range file.Decls {
		if f, isFunction := decl.(*ast.FuncDecl); isFunction && f.Pos() <= at && at < f.End() {
			return f
		}
	}
	return nil
}

// copies are a function that chooses, the whole one, and one without each guard.
func copies(f *ast.FuncDecl, text string, start token.Pos, guards []int) string {
	cut := func(from, to token.Pos) string { return text[from-start : to-start] }
	whole := cut(f.Pos(), f.End())
	renamed := func(body, suffix string) string {
		at := f.Name.End() - f.Pos()
		return body[:at] + suffix + body[at:]
	}
	call := "("
	for i, field := range f.Type.Params.List {
		for j, param := range field.Names {
			if call += param.Name; i < len(f.Type.Params.List)-1 || j < len(field.Names)-1 {
				call += ", "
			}
		}
		if _, variadic := field.Type.(*ast.Ellipsis); variadic {
			call += "..."
		}
	}
	call += ")"
	name := f.Name.Name
	if f.Recv != nil {
		name = f.Recv.List[0].Names[0].Name + "." + name
	}
	give, end := "return ", ""
	if f.Type.Results == nil {
		give, end = "", "\n\t\treturn"
	}
	chooses, without := cut(f.Pos(), f.Body.Lbrace)+"{\n\tswitch removedGuard {\n", ""
	for _, i := range guards {
		suffix := fmt.Sprintf("_without%d", i+1)
		chooses += fmt.Sprintf("\tcase %d:\n\t\t%s%s%s%s%s\n", i+1, give, name, suffix, call, end)
		without += "\n\n" + renamed(strings.Replace(whole, mutants[i].old, mutants[i].new, 1), suffix)
	}
	return chooses + "\t}\n\t" + give + name + "_whole" + call + "\n}\n\n" + renamed(whole, "_whole") + without
}
