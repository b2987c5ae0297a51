// Command supply lists the modules of a program, from what the Go linker wrote into
// it: `supply sbom PROGRAM` writes a CycloneDX document, `supply licences PROGRAM` the
// licences of its modules. The same program gives the same bytes.
package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "supply:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	if len(args) != 2 {
		return fmt.Errorf("usage: supply sbom|licences PROGRAM")
	}
	info, err := buildinfo.ReadFile(args[1])
	if err != nil {
		return err
	}
	slices.SortFunc(info.Deps, func(a, b *debug.Module) int { return strings.Compare(a.Path, b.Path) })
	switch args[0] {
	case "sbom":
		return sbom(args[1], info, out)
	case "licences":
		return licences(info, out)
	}
	return fmt.Errorf("there is no %q", args[0])
}

// component is a component of CycloneDX 1.6 (ECMA-424), with the fields used here.
type component struct {
	Type     string    `json:"type"`
	Ref      string    `json:"bom-ref,omitempty"`
	Name     string    `json:"name"`
	Version  string    `json:"version,omitempty"`
	PURL     string    `json:"purl,omitempty"`
	Hashes   []hash    `json:"hashes,omitempty"`
	Licences []licence `json:"licenses,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type licence struct {
	Expression string `json:"expression"`
}

func sbom(program string, info *debug.BuildInfo, out io.Writer) error {
	content, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	components := []component{{Type: "library", Ref: "std", Name: "std", Version: info.GoVersion, PURL: "pkg:golang/std@" + strings.TrimPrefix(info.GoVersion, "go"), Licences: []licence{{"BSD-3-Clause"}}}}
	for _, module := range info.Deps {
		id, _, err := licenceOf(module)
		if err != nil {
			return err
		}
		purl := "pkg:golang/" + module.Path + "@" + module.Version
		components = append(components, component{Type: "library", Ref: purl, Name: module.Path, Version: module.Version, PURL: purl, Licences: []licence{{id}}})
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", " ")
	return encoder.Encode(map[string]any{
		"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
		"metadata": map[string]any{"component": component{
			Type: "application", Ref: info.Main.Path, Name: info.Main.Path, PURL: "pkg:golang/" + info.Main.Path,
			Hashes:   []hash{{"SHA-256", hex.EncodeToString(sum[:])}},
			Licences: []licence{{"Apache-2.0"}},
		}},
		"components": components,
	})
}
